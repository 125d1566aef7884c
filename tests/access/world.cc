#include "tests/access/world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/service/directory.h"
#include "libs/testing/matchers.h"
#include "services/coalitions/definition.h"
#include "services/funding/definition.h"
#include "services/identity/definition.h"
#include "services/organizations/definition.h"
#include "services/trainings/definition.h"

namespace mostove::access {
namespace {

using google::protobuf::Message;
using ::mostove::testing::IsOk;

std::string PublicationOf(Case which) {
  if (which == Case::kShared) return "SHARED";
  return which == Case::kPublic ? "PUBLISHED" : "DRAFT";
}

std::string StateOf(Case which) {
  if (which == Case::kShared) return "ARCHIVED";
  return which == Case::kPublic ? "LISTED" : "DRAFT";
}

std::string Filled(const std::string& text, Case which) {
  return absl::StrReplaceAll(text, {{"$c", IdOf(which)},
                                    {"$u", UuidOf(which)},
                                    {"$p", PublicationOf(which)},
                                    {"$s", StateOf(which)}});
}

const resource::Type& TypeOf(const Kind& kind) { return *resource::TypeOf(kind.descriptor); }

std::vector<Kind> MakeKinds() {
  std::vector<Kind> kinds = {
      {"Organization", "Organizations", "",
       R"(legal_name: "Sdruzhenie $c" kind: LOCAL state: $s seat { country_code: "BG" })",
       // So short a name is like no other.
       R"(legal_name: "Nov" kind: LOCAL state: $s)", R"(legal_name: "Sdruzhenie $c, again")"},
      {"Activity", "Organizations", "Organization",
       R"(sector { scheme: "DAC-5" code: "72010" } description { texts { key: "en" value: "Food" } }
          place { country_code: "BG" } start_date { year: 2026 month: 3 day: 1 })",
       "", R"(description { texts { key: "en" value: "Clothes" } })"},
      {"CapacityFramework", "Organizations", "",
       R"(code: "$c" version: 1 title { texts { key: "en" value: "Safety" } } state: IN_USE
          domains { code: "x" title { texts { key: "en" value: "X" } }
            criteria { code: "x" title { texts { key: "en" value: "X" } }
              levels { texts { key: "en" value: "1" } } levels { texts { key: "en" value: "2" } }
              levels { texts { key: "en" value: "3" } } levels { texts { key: "en" value: "4" } } } })",
       "", R"(source_note: "Ours.")"},
      {"Assessment", "Organizations", "Organization",
       R"(framework: "capacityFrameworks/opi-1" kind: SELF publication: $p
          assess_date { year: 2026 month: 3 day: 1 } answers { criterion: "results" level: 2 })",
       "", R"(note: "With all.")"},
      {"Plan", "Organizations", "Organization",
       R"(title { texts { key: "en" value: "Plan" } } publication: $p
          goals { code: "x" statement { texts { key: "en" value: "More" } } })",
       "", R"(note: "With all.")"},
      {"ComplianceRule", "Organizations", "",
       R"(title { texts { key: "en" value: "Report" } } source_note: "A law" country_code: "BG"
          schedule: YEARLY due_month: 9 due_day: 30 years_after: 1)",
       "", R"(source_note: "Another law")"},
      {"WorkCalendar", "Organizations", "", R"(country_code: "BG" year: 2040)", "",
       R"(source_note: "A law")"},
      {"Obligation", "Organizations", "Organization",
       R"(rule: "complianceRules/public" year: 2026)",
       R"(rule: "complianceRules/public" year: 2025)", R"(note: "Soon.")"},
      {"Topic", "Trainings", "", R"(title { texts { key: "en" value: "Topic" } } ordinal: 10)", "",
       "ordinal: 11"},
      {"Program", "Trainings", "",
       R"(title { texts { key: "en" value: "Academy" } } kind: ACADEMY publication: $p
          organizers: "organizations/$c" start_date { year: 2027 month: 2 day: 1 })",
       "", R"(internal_note: "Later.")"},
      {"Session", "Trainings", "Program",
       R"(topic: "topics/public" language: "bg" state: PUBLISHED time_zone: "Europe/Sofia"
          start_time { seconds: 1802000000 } end_time { seconds: 1802009000 }
          join_link: "https://meet.example.org/x")",
       "", "seats: 26"},
      {"Donor", "Funding", "",
       R"(title: "Donor" type: PRIVATE_SECTOR organization: "organizations/$c" publication: $p)",
       "", R"(website: "https://example.org/")"},
      {"Grant", "Funding", "",
       R"(title { texts { key: "en" value: "Help" } } recipient: "organizations/$c" publication: $p
          mechanism: PROJECT_GRANT status: PIPELINE donor: "donors/$c"
          budget { amount { currency_code: "EUR" units: 20000 } })",
       "", R"(internal_note: "Report in June.")"},
      {"Project", "Funding", "",
       R"(title { texts { key: "en" value: "Rooms" } } organization: "organizations/$c"
          publication: $p start_date { year: 2026 month: 11 day: 1 } status: PIPELINE)",
       "", R"(title { texts { key: "en" value: "Warm rooms" } })"},
      {"Coalition", "Coalitions", "",
       R"(title { texts { key: "en" value: "A roof" } } conveners: "organizations/$c" purpose { texts { key: "en" value: "A home." } }
          publication: $p start_date { year: 2026 month: 9 day: 1 })",
       "", R"(website: "https://example.org/")"},
      {"Member", "Coalitions", "Coalition",
       R"(organization: "organizations/$c" role: MEMBER start_date { year: 2020 month: 1 day: 1 }
          end_date { year: 2021 month: 1 day: 1 })",
       R"(organization: "organizations/public" role: MEMBER start_date { year: 2026 month: 9 day: 1 })",
       R"(note: "Left.")"},
      {"PolicyProcess", "Coalitions", "",
       R"(title { texts { key: "en" value: "Bill" } } recorded_by: "organizations/$c"
          institution { texts { key: "en" value: "Ministry" } } level: NATIONAL kind: BILL
          publication: $p)",
       "", R"(website: "https://example.org/")"},
      {"User", "Identity", "", R"(email: "$c@example.org" display_name: "Ana")", "",
       R"(language: "bg")", true},
      {"ApiClient", "Identity", "", R"(display_name: "App" organization: "organizations/$c")", "",
       R"(display_name: "The app")"},
      {"RoleGrant", "Identity", "",
       R"(member: "users/$u" role: ORGANIZATION_READER resource: "organizations/$c")", "", "",
       true},
      {"Invitation", "Identity", "",
       R"(organization: "organizations/$c" role: ORGANIZATION_READER email: "x@example.org")", "",
       "", true},
      {"FeedKey", "Identity", "", R"(owner: "users/$u" display_name: "Excel")", "", "", true},
  };
  for (Kind& kind : kinds) {
    std::string package = kind.service;
    package[0] = static_cast<char>(package[0] - 'A' + 'a');
    kind.descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("mostove.", package, ".v1.", kind.type));
    if (kind.create.empty()) kind.create = kind.row;
  }
  return kinds;
}

std::string FieldOf(const Kind& kind) {
  std::string field;
  for (const char letter : TypeOf(kind).singular()) {
    if (letter >= 'A' && letter <= 'Z') absl::StrAppend(&field, "_");
    field += static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  }
  return field;
}

std::string ParentField(const Kind& kind, Case which) {
  return kind.parent.empty() ? "" : absl::StrCat("parent: \"", ParentOf(kind, which), "\" ");
}

std::string CreateText(const Kind& kind, const std::string& text, Case which) {
  return absl::StrCat(ParentField(kind, which), FieldOf(kind), " { ", Filled(text, which), " } ");
}

std::string RequestText(const Rule& rule, const Kind& kind, Case which) {
  const std::string name = NameOf(kind, which);
  const std::string tries = "validate_only: true";
  if (rule.what == "get" || rule.what == "history") return absl::StrCat("name: \"", name, "\"");
  if (rule.what == "batch_get") {
    return absl::StrCat(ParentField(kind, which), "names: \"", name, "\"");
  }
  if (rule.what == "list") return absl::StrCat(ParentField(kind, which), "page_size: 1000");
  if (rule.what == "create") return absl::StrCat(CreateText(kind, kind.create, which), tries);
  if (rule.what == "batch_create") {
    return absl::StrCat(ParentField(kind, which), "requests { ",
                        CreateText(kind, kind.create, which), "} ", tries);
  }
  if (rule.what == "update") {
    return absl::StrCat(FieldOf(kind), " { name: \"", name, "\" ", Filled(kind.update, which),
                        " } ", tries);
  }
  if (rule.what == "delete" || rule.what == "undelete") {
    return absl::StrCat("name: \"", name, "\" ", tries);
  }
  if (rule.what == "check") return absl::StrCat("names: \"", name, "\"");
  if (rule.what == "referrers") return "name: \"organizations/own\"";
  return "";  // log, watch
}

call::MessagePtr Parsed(const google::protobuf::Descriptor* descriptor, const std::string& text) {
  call::MessagePtr message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
  return message;
}

call::Call CallBy(const call::Caller& caller) {
  call::Call call;
  call.caller = caller;
  call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
  call.request_id = "test-request";
  call.clock = [] { return absl::FromUnixSeconds(1'796'000'000); };
  return call;
}

}  // namespace

const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>(MakeKinds());
  return kinds;
}

const Kind* FindKind(const std::string& type) {
  for (const Kind& kind : Kinds()) {
    if (kind.type == type) return &kind;
  }
  return nullptr;
}

std::string ParentOf(const Kind& kind, Case which) {
  return kind.parent.empty() ? "" : NameOf(*FindKind(kind.parent), which);
}

std::string NameOf(const Kind& kind, Case which) {
  return resource::JoinName(ParentOf(kind, which), TypeOf(kind).plural(),
                            kind.uuids ? UuidOf(which) : IdOf(which));
}

const google::protobuf::MethodDescriptor* MethodOf(const Rule& rule) {
  std::string package = rule.service;
  package[0] = static_cast<char>(package[0] - 'A' + 'a');
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("mostove.", package, ".v1.", rule.service, "Service.", rule.rpc));
}

call::MessagePtr RequestOf(const Rule& rule, const Kind& kind, Case which) {
  return Parsed(MethodOf(rule)->input_type(), RequestText(rule, kind, which));
}

call::MessagePtr CreationOf(const Kind& kind, Case which) {
  const Rule create{kind.service, "Create" + kind.type, "create", kind.type, {}};
  return Parsed(MethodOf(create)->input_type(),
                absl::StrCat(CreateText(kind, kind.row, which), FieldOf(kind), "_id: '",
                             kind.uuids ? UuidOf(which) : IdOf(which), "'"));
}

// The types of resources that the rule is tried on.
std::vector<const Kind*> KindsOf(const Rule& rule) {
  std::vector<const Kind*> kinds;
  for (const Kind& kind : Kinds()) {
    const bool named = rule.type == kind.type;
    const bool of_service = rule.type == "*" && rule.service == kind.service;
    if (named || of_service) kinds.push_back(&kind);
  }
  if (rule.type == "-") kinds.push_back(&Kinds().front());  // whichever
  return kinds;
}

Answer AnswerOf(const Rule& rule, absl::StatusCode code, const std::string& reason) {
  if (code == absl::StatusCode::kOk) return Answer::kAllowed;
  if (rule.what == "read" || rule.what == "write" || rule.what == "question") {
    for (const char* denied : {"ROLE_REQUIRED", "ADMINISTRATOR_REQUIRED", "INSUFFICIENT_SCOPE",
                               "PROGRAM_NOT_ALLOWED", "MEMBERSHIP_REQUIRED"}) {
      if (reason == denied) return Answer::kDenied;
    }
    return reason == "SIGN_IN_REQUIRED" ? Answer::kSignIn : Answer::kAllowed;  // it went on
  }
  // The record as it is does not allow it: so far only those come who may.
  if (rule.what == "undelete" && reason == "NOT_DELETED") return Answer::kAllowed;
  if (rule.what == "delete" && reason == "REFERENCED") return Answer::kAllowed;
  switch (code) {
    case absl::StatusCode::kUnauthenticated:
      return Answer::kSignIn;
    case absl::StatusCode::kPermissionDenied:
      return Answer::kDenied;
    case absl::StatusCode::kNotFound:
      return Answer::kNotFound;
    default:
      return Answer::kInvalid;
  }
}

std::unique_ptr<World> World::Make(sql::Engine engine, Statements* statements) {
  std::unique_ptr<World> world(new World());
  auto folder = testing::TemporaryFolder::Make("access");
  EXPECT_THAT(folder, IsOk());
  if (!folder.ok()) return nullptr;
  world->folder_ = std::make_unique<testing::TemporaryFolder>(*std::move(folder));
  identity::Options accounts;
  accounts.key_file = (world->folder_->path() / "identity.key").string();
  service::Definition organizations = organizations::Define();
  organizations.worker = nullptr;  // nothing is made beside what the cases name
  auto host = service::Host::Open(
      {.definitions = {std::move(organizations), trainings::Define(), funding::Define(),
                       coalitions::Define(), identity::Define(accounts)},
       .open_database =
           [&](const std::string& name) -> absl::StatusOr<std::unique_ptr<sql::Database>> {
         auto fresh = testing::FreshDatabase::Make(engine);
         if (!fresh.ok()) return fresh.status();
         world->databases_[name] = *std::move(fresh);
         auto database = sql::Database::Open({.url = world->databases_[name]->url()});
         if (!database.ok() || statements == nullptr) return database;
         return Recorded(*std::move(database), statements);
       }});
  EXPECT_THAT(host, IsOk());
  if (!host.ok()) return nullptr;
  world->host_ = *std::move(host);
  for (const Kind& kind : Kinds()) {
    for (const Case which : kCases) {
      if (which != Case::kMissing) world->Add(*CreationOf(kind, which));
    }
  }
  return world;
}

World::~World() { host_.reset(); }

const rpc::ServiceTable& World::TableOf(const google::protobuf::ServiceDescriptor* service) const {
  for (const auto& each : host_->services()) {
    if (each->table().descriptor() == service) return each->table();
  }
  ADD_FAILURE() << "no service " << service->full_name();
  std::abort();
}

absl::StatusOr<call::MessagePtr> World::Run(const google::protobuf::MethodDescriptor* method,
                                            const call::Caller& caller, const Message& request,
                                            const std::string& idempotency_key) const {
  const rpc::ServiceTable& table = TableOf(method->service());
  call::MessagePtr message(request.New());
  message->CopyFrom(request);
  call::Call call = CallBy(caller);
  call.idempotency_key = idempotency_key;
  return table.Run(*table.Find(method->name()), std::move(call), std::move(message));
}

absl::Status World::Open(const google::protobuf::MethodDescriptor* method,
                         const call::Caller& caller, const Message& request) const {
  const rpc::ServiceTable& table = TableOf(method->service());
  call::MessagePtr message(request.New());
  message->CopyFrom(request);
  return table.Open(*table.Find(method->name()), CallBy(caller), std::move(message)).status();
}

void World::Add(const Message& creation) const {
  for (const service::DirectoryEntry& entry : service::Directory()) {
    for (int i = 0; i < entry.service->method_count(); ++i) {
      if (entry.service->method(i)->input_type() != creation.GetDescriptor()) continue;
      EXPECT_THAT(Run(entry.service->method(i), call::LocalAdministrator(), creation), IsOk())
          << creation.ShortDebugString();
    }
  }
}

}  // namespace mostove::access
