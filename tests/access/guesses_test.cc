// What somebody learns who guesses the names of another organization's private
// records: every answer about one has the bytes of the answer about a name that
// nobody ever used.
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/status.pb.h"
#include "libs/resource/visibility.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "mostove/trainings/v1/trainings_service.pb.h"
#include "tests/access/world.h"

namespace mostove::access {
namespace {

using google::protobuf::Message;
using ::mostove::testing::IsOk;

// Ids of one length, so that lengths tell nothing but what they should.
constexpr Case kHidden = Case::kForeign;
constexpr Case kMissing = Case::kMissing;

// One request; $id, or $u where there are UUIDs, is the id that is guessed.
struct Guess {
  std::string rpc;  // "Funding.GetGrant"
  std::string text;
  std::string key;  // idempotency key
};

const google::protobuf::MethodDescriptor* MethodOf(const Guess& guess) {
  const size_t dot = guess.rpc.find('.');
  return MethodOf(Rule{guess.rpc.substr(0, dot), guess.rpc.substr(dot + 1), "", "", {}});
}

std::string PluralOf(const Kind& kind) {
  std::string plural = resource::TypeOf(kind.descriptor)->plural();
  plural[0] = static_cast<char>(plural[0] - 'a' + 'A');
  return plural;
}

std::string FieldOf(const Kind& kind) {
  return MethodOf(Rule{kind.service, "Create" + kind.type, "", "", {}})
      ->input_type()
      ->FindFieldByNumber(2)
      ->name();
}

// Values that the hidden records have, for filters over their columns.
std::vector<std::string> FiltersOf(const Kind& kind) {
  std::vector<std::string> filters;
  for (const resource::ColumnInfo& column : resource::TypeOf(kind.descriptor)->columns()) {
    if (column.leaf()->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    const std::string value = "organizations/$id";
    if (column.repeated) {
      filters.push_back(absl::StrCat(column.path, ":\\\"", value, "\\\""));
      continue;
    }
    for (const char* shape : {"$0 = $1", "NOT $0 != $1", "$0 = $1 OR $0 = nothing"}) {
      filters.push_back(absl::StrReplaceAll(
          shape, {{"$0", column.path}, {"$1", absl::StrCat("\\\"", value, "\\\"")}}));
    }
  }
  return filters;
}

void AddReads(const Kind& kind, const std::string& name, const std::string& parent,
              std::vector<Guess>& guesses) {
  const std::string get = absl::StrCat(kind.service, ".Get", kind.type);
  guesses.push_back({get, absl::StrCat("name: '", name, "'")});
  const std::string batch = absl::StrCat(kind.service, ".BatchGet", PluralOf(kind));
  const std::string any_parent =
      parent.empty() ? "" : absl::StrCat("parent: '", parent.substr(0, parent.find('/')), "/-' ");
  guesses.push_back({batch, absl::StrCat(any_parent, "names: '", name, "'")});
  guesses.push_back({batch, absl::StrCat(any_parent, "names: '", NameOf(kind, Case::kPublic),
                                         "' names: '", name, "'")});
  guesses.push_back({kind.service + ".ListHistory", absl::StrCat("name: '", name, "'")});
  guesses.push_back({kind.service + ".CheckReferences", absl::StrCat("names: '", name, "'")});
  guesses.push_back({kind.service + ".ListReferrers", absl::StrCat("name: '", name, "'")});
  guesses.push_back({kind.service + ".ListChanges", ""});
}

void AddLists(const Kind& kind, const std::string& parent, std::vector<Guess>& guesses) {
  const std::string list = absl::StrCat(kind.service, ".List", PluralOf(kind));
  std::vector<std::string> parents = {""};
  if (!parent.empty()) {
    parents = {absl::StrCat("parent: '", parent, "' "),
               absl::StrCat("parent: '", parent.substr(0, parent.find('/')), "/-' ")};
  }
  for (const std::string& below : parents) {
    for (const char* more : {"", "show_deleted: true", "show_total_size: true", "page_size: 1",
                             "order_by: 'create_time desc'", "page_token: 'x'"}) {
      guesses.push_back({list, absl::StrCat(below, more)});
    }
    for (const std::string& filter : FiltersOf(kind)) {
      guesses.push_back(
          {list, absl::StrCat(below, "show_total_size: true filter: \"", filter, "\"")});
    }
  }
}

void AddWrites(const Kind& kind, const std::string& name, const std::string& parent,
               std::vector<Guess>& guesses) {
  const std::string field = FieldOf(kind);
  const std::string update = absl::StrCat(kind.service, ".Update", kind.type);
  const auto patch = [&](const std::string& inside, const std::string& beside) {
    guesses.push_back(
        {update, absl::StrCat(field, " { name: '", name, "' ", inside, " } ", beside)});
  };
  patch("", "");
  patch(kind.update, "");
  patch(kind.update, "validate_only: true");
  patch(kind.update, "allow_missing: true");
  patch(kind.update + " etag: '\"1\"'", "");
  patch(kind.update + " etag: '\"2\"'", "");
  patch(kind.update + " etag: '\"1\"'", "allow_missing: true");
  // Of the caller's own.
  patch(
      absl::StrReplaceAll(
          kind.row, {{"$c", "own"}, {"$u", UuidOf(Case::kOwn)}, {"$p", "DRAFT"}, {"$s", "DRAFT"}}),
      "allow_missing: true update_mask { paths: '*' }");
  guesses.push_back(
      {update, absl::StrCat(field, " { name: '", name, "' ", kind.update, " }"), "key-of-another"});
  for (const char* verb : {".Delete", ".Undelete"}) {
    const std::string rpc = absl::StrCat(kind.service, verb, kind.type);
    for (const char* more : {"", "etag: '\"1\"'", "etag: '\"2\"'", "validate_only: true"}) {
      guesses.push_back({rpc, absl::StrCat("name: '", name, "' ", more)});
    }
    if (std::string(verb) == ".Delete") {
      guesses.push_back({rpc, absl::StrCat("name: '", name, "' allow_missing: true")});
    }
  }
  // Its id for one of the caller's own, and one below or about it.
  const std::string create = absl::StrCat(kind.service, ".Create", kind.type);
  const auto of = [&](const std::string& id) {
    return absl::StrReplaceAll(
        kind.create, {{"$c", id}, {"$u", UuidOf(Case::kOwn)}, {"$p", "DRAFT"}, {"$s", "DRAFT"}});
  };
  const auto below = [&](const std::string& id) {
    return parent.empty()
               ? ""
               : absl::StrCat("parent: '", parent.substr(0, parent.rfind('/') + 1), id, "' ");
  };
  // Who knows a whole UUID may learn that it is taken: libs/store, Decisions.
  if (!kind.uuids) {
    guesses.push_back({create, absl::StrCat(below("own"), field, " { ", of("own"), " } ", field,
                                            "_id: '", "$id", "' validate_only: true")});
  }
  guesses.push_back(
      {create, absl::StrCat(below("$id"), field, " { ", of("own"), " } ", "validate_only: true")});
  guesses.push_back(
      {create, absl::StrCat(below("own"), field, " { ", of("$id"), " } ", "validate_only: true")});
  guesses.push_back({absl::StrCat(kind.service, ".BatchCreate", PluralOf(kind)),
                     absl::StrCat(below("$id"), "requests { ", below("$id"), field, " { ",
                                  of("own"), " } ", field, "_id: '$id' } validate_only: true")});
}

// References of the caller's own records to hidden ones.
std::vector<Guess> References() {
  const Kind& project = *FindKind("Project");
  const Kind& grant = *FindKind("Grant");
  const auto own = [](const Kind& kind) {
    return absl::StrReplaceAll(kind.create, {{"$c", "own"}, {"$p", "DRAFT"}});
  };
  return {
      {"Funding.CreateProject",
       absl::StrCat("project { ", own(project), " partners: 'organizations/$id' }")},
      {"Funding.CreateProject",
       absl::StrCat("project { ", own(project), " grants: 'grants/$id' }")},
      {"Funding.UpdateProject", "project { name: 'projects/own' grants: 'grants/$id' }"},
      {"Funding.UpdateProject", "project { name: 'projects/own' partners: 'organizations/$id' }"},
      {"Funding.UpdateGrant", "grant { name: 'grants/own' parent_grant: 'grants/$id' }"},
      {"Funding.UpdateGrant", "grant { name: 'grants/own' donor: 'donors/$id' }"},
      {"Funding.CreateGrant",
       absl::StrCat("grant { ", own(grant), " parent_grant: 'grants/$id' }")},
      {"Trainings.UpdateProgram",
       "program { name: 'programs/own' organizers: 'organizations/own' "
       "organizers: 'organizations/$id' }"},
      {"Coalitions.UpdateCoalition",
       "coalition { name: 'coalitions/own' conveners: 'organizations/own' "
       "conveners: 'organizations/$id' }"},
      {"Coalitions.CreateMember",
       "parent: 'coalitions/own' member { organization: 'organizations/$id' role: MEMBER "
       "start_date { year: 2026 month: 9 day: 1 } }"}};
}

bool Exists(const Guess& guess) { return MethodOf(guess) != nullptr; }

std::vector<Guess> Guesses() {
  std::vector<Guess> guesses = References();
  for (const Kind& kind : Kinds()) {
    if (IsCommon(kind.type)) continue;  // everybody sees them
    const auto guessed = [](const std::string& name) {
      return absl::StrReplaceAll(name, {{IdOf(kHidden), "$id"}, {UuidOf(kHidden), "$u"}});
    };
    const std::string name = guessed(NameOf(kind, Case::kForeign));
    const std::string parent = guessed(ParentOf(kind, Case::kForeign));
    AddReads(kind, name, parent, guesses);
    AddLists(kind, parent, guesses);
    AddWrites(kind, name, parent, guesses);
  }
  // A draft below a program that everybody sees.
  const Kind& session = *FindKind("Session");
  AddReads(session, "programs/public/sessions/$id", "programs/public", guesses);
  AddWrites(session, "programs/public/sessions/$id", "programs/public", guesses);
  // Not every resource has every method.
  std::erase_if(guesses, [](const Guess& guess) { return !Exists(guess); });
  return guesses;
}

std::string TextOf(const Message& message) { return message.ShortDebugString(); }

// The whole answer in text, as bytes would say it.
std::string Answered(const World& world, const Guess& guess, const call::Caller& caller,
                     Case which) {
  const auto* method = MethodOf(guess);
  call::MessagePtr request(google::protobuf::MessageFactory::generated_factory()
                               ->GetPrototype(method->input_type())
                               ->New());
  const std::string text =
      absl::StrReplaceAll(guess.text, {{"$id", IdOf(which)}, {"$u", UuidOf(which)}});
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  const auto answer = world.Run(method, caller, *request, guess.key);
  const std::string said =
      answer.ok() ? TextOf(**answer) : TextOf(status::ToProto(answer.status()));
  static const std::regex kMadeId("[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f-]{21}");
  return std::regex_replace(
      absl::StrReplaceAll(said, {{IdOf(which), "$id"}, {UuidOf(which), "$u"}}), kMadeId, "made");
}

// Below a program that everybody sees.
void AddHiddenDraft(const World& world) {
  trainings::v1::CreateSessionRequest creation;
  creation.set_parent("programs/public");
  creation.mutable_session()->set_topic("topics/public");
  creation.set_session_id(IdOf(kHidden));
  world.Add(creation);
}

class GuessesTest : public ::testing::TestWithParam<sql::Engine> {};
INSTANTIATE_ON_BOTH_ENGINES(GuessesTest);

TEST_P(GuessesTest, NothingIsLearnedOfRecordsThatAreHidden) {
  const auto world = World::Make(GetParam());
  ASSERT_NE(world, nullptr);
  AddHiddenDraft(*world);
  const std::vector<Guess> guesses = Guesses();
  EXPECT_GE(guesses.size(), 500u);
  int asked = 0;
  for (const Person& person : People()) {
    if (person.role == "administrator" || person.role == "program") continue;  // see everything
    for (const Guess& guess : guesses) {
      EXPECT_EQ(Answered(*world, guess, person.caller, kHidden),
                Answered(*world, guess, person.caller, kMissing))
          << guess.rpc << " { " << guess.text << " } by " << person.title;
      ++asked;
    }
  }
  RecordProperty("guesses", asked);
}

// The followers of change logs and the sealer of logs run theirs at any time.
bool IsOfTheCall(const std::string& statement) {
  for (const char* table : {"change_log", "change_epoch", "log_readers", "log_seal"}) {
    if (absl::StrContains(statement, table)) return false;
  }
  return true;
}

// So that the time tells no more than the answer: access_hidden_bench prints it.
TEST_P(GuessesTest, TheDatabaseDoesTheSame) {
  Statements statements;
  const auto world = World::Make(GetParam(), &statements);
  ASSERT_NE(world, nullptr);
  AddHiddenDraft(*world);
  const auto run = [&](const Guess& guess, const Person& person, Case which) {
    statements.Take();
    Answered(*world, guess, person.caller, which);
    std::vector<std::string> texts = statements.Take();
    std::erase_if(texts, [](const std::string& text) { return !IsOfTheCall(text); });
    return texts;
  };
  int tried = 0;
  for (const Person& person : People()) {
    if (person.role == "administrator" || person.role == "program") continue;
    for (const Guess& guess : Guesses()) {
      // Once to fill what is kept in memory; and readers of logs may come
      // between two of the others, but not each time.
      std::vector<std::string> hidden, missing;
      for (int attempt = 0; attempt < 6 && (attempt == 0 || hidden != missing); ++attempt) {
        hidden = run(guess, person, kHidden);
        missing = run(guess, person, kMissing);
      }
      EXPECT_EQ(hidden, missing) << guess.rpc << " { " << guess.text << " } by " << person.title;
      ++tried;
    }
  }
  EXPECT_GT(tried, 500);
}

// What a guesser might change without being told.
TEST_P(GuessesTest, NothingIsChangedEither) {
  const auto world = World::Make(GetParam());
  ASSERT_NE(world, nullptr);
  const auto all = [&] {
    std::string text;
    for (const Kind& kind : Kinds()) {
      const Rule get{kind.service, "Get" + kind.type, "get", kind.type, {}};
      const auto answer = world->Run(MethodOf(get), call::LocalAdministrator(),
                                     *RequestOf(get, kind, Case::kForeign));
      EXPECT_THAT(answer, IsOk());
      if (answer.ok()) absl::StrAppend(&text, TextOf(**answer), "\n");
    }
    return text;
  };
  const std::string before = all();
  for (const Person& person : People()) {
    if (person.role == "administrator" || person.role == "program") continue;
    for (const Guess& guess : Guesses()) Answered(*world, guess, person.caller, kHidden);
  }
  EXPECT_EQ(all(), before);
}

}  // namespace
}  // namespace mostove::access
