// SearchOrganizations, on both engines.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/service/service_fixture.h"
#include "libs/store/collection.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/organizations/v1/organization_search.pb.h"
#include "services/organizations/definition.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using v1::Organization;

constexpr char kListed[] = "state: LISTED";

class SearchTest : public service::ServiceTest {
 protected:
  void SetUp() override { service::ServiceTest::Open(Define()); }

  // Past the look for duplicates: these are alike on purpose.
  void Add(const std::string& id, const std::string& legal_name,
           const std::string& more = kListed) {
    Organization organization;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat("legal_name: '", legal_name, "' ", more), &organization));
    call::Call call;
    call.caller = Administrator();
    ASSERT_THAT(service()
                    .store()
                    .ByDescriptor(Organization::descriptor())
                    ->Create(call, {.id = id, .resource = &organization}, false),
                IsOk());
  }

  absl::StatusOr<v1::SearchOrganizationsResponse> Ask(
      const v1::SearchOrganizationsRequest& request,
      const call::Caller& caller = Administrator()) const {
    const rpc::Method* method = service().table().Find("SearchOrganizations");
    if (method == nullptr) return absl::InternalError("no such method");
    call::Call call;
    call.caller = caller;
    call.deadline = absl::Now() + absl::Minutes(10);
    auto answer = service().table().Run(*method, std::move(call),
                                        std::make_unique<v1::SearchOrganizationsRequest>(request));
    if (!answer.ok()) return answer.status();
    return static_cast<const v1::SearchOrganizationsResponse&>(**answer);
  }
  absl::StatusOr<v1::SearchOrganizationsResponse> Ask(const std::string& query,
                                                      const call::Caller& caller = Administrator(),
                                                      const std::string& filter = "") const {
    v1::SearchOrganizationsRequest request;
    request.set_query(query);
    request.set_filter(filter);
    return Ask(request, caller);
  }

  // Ids, the best first.
  std::vector<std::string> Found(const std::string& query,
                                 const call::Caller& caller = Administrator(),
                                 const std::string& filter = "") const {
    const auto answer = Ask(query, caller, filter);
    EXPECT_THAT(answer, IsOk()) << query;
    std::vector<std::string> ids;
    if (!answer.ok()) return ids;
    for (const auto& result : answer->results()) {
      ids.push_back(result.organization().name().substr(14));
    }
    return ids;
  }
};
INSTANTIATE_ON_BOTH_ENGINES(SearchTest);

TEST_P(SearchTest, OneNameInEveryWritingFindsTheSame) {
  Add("help", "Фондация Помощ София");
  Add("latin", "Sofia Relief");
  Add("varna", "Сдружение Варна");
  for (const char* query : {"Sofia", "София", "софия", "Sofiya", "sofja", "СОФИЯ", "Sofi"}) {
    EXPECT_THAT(Found(query), UnorderedElementsAre("help", "latin")) << query;
  }
}

TEST_P(SearchTest, UkrainianNamesAreFoundByBothTransliterations) {
  Add("hromada", "Українська громада Чернігів");
  for (const char* query : {"Hromada Chernihiv", "Gromada Chernigiv", "громада",
                            "Ukrainska hromada", "Чернігів", "Українська громада"}) {
    EXPECT_THAT(Found(query), ElementsAre("hromada")) << query;
  }
}

TEST_P(SearchTest, TyposPrefixesNumbersAndDescriptionsAreFound) {
  Add("hope", "Сдружение Надежда Видин",
      "state: LISTED identifiers { scheme: 'BG-EIK' value: '204853663' } "
      "description { texts { key: 'bg' value: 'Правна помощ за търсещи закрила' } } "
      "display_name { source_language: 'bg' texts { key: 'en' value: 'Hope' } texts { key: 'bg' "
      "value: 'Надежда' } }");
  Add("other", "Фондация Бъдеще Русе");
  for (const char* query :
       {"Надежда", "надежад видни", "nadejda", "hope", "Сдружение Надеж", "204853663", "2048",
        "закрила", "правна помощ", "видин надежда", "Надежда Враца"}) {
    EXPECT_THAT(Found(query), ElementsAre("hope")) << query;
  }
  EXPECT_THAT(Found("Плевен"), IsEmpty());
}

TEST_P(SearchTest, TheBestComesFirstWithWhereItWasFound) {
  Add("exact", "Помощ");
  Add("longer", "Сдружение Помощ и приятели на Дунав");
  Add("said", "Заедно", "state: LISTED description { texts { key: 'bg' value: 'Даваме помощ' } }");
  EXPECT_THAT(Found("помощ"), ElementsAre("exact", "longer", "said"));
  const auto answer = Ask("помощ");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->results(0).rank(), 1);
  EXPECT_GT(answer->results(1).rank(), answer->results(2).rank());
  EXPECT_EQ(answer->total_size(), 3);
  const auto& highlight = answer->results(2).highlights(0);
  EXPECT_EQ(highlight.field(), "description");
  EXPECT_EQ(highlight.language(), "bg");
  EXPECT_EQ(highlight.parts(1).text(), "помощ");
  EXPECT_TRUE(highlight.parts(1).match());
}

TEST_P(SearchTest, WordsFollowEveryWrite) {
  Add("one", "Фондация Изток");
  EXPECT_THAT(Found("изток"), ElementsAre("one"));
  ASSERT_THAT(Update<Organization>("organizations/one", "legal_name: 'Фондация Запад'"), IsOk());
  EXPECT_THAT(Found("изток"), IsEmpty());
  EXPECT_THAT(Found("запад"), ElementsAre("one"));
  ASSERT_THAT(Update<Organization>("organizations/one", "website: 'https://example.org'"), IsOk());
  EXPECT_THAT(Found("запад"), ElementsAre("one"));
  ASSERT_THAT(Do<Organization>("Delete", "organizations/one"), IsOk());
  EXPECT_THAT(Found("запад"), IsEmpty());
  ASSERT_THAT(Do<Organization>("Undelete", "organizations/one"), IsOk());
  EXPECT_THAT(Found("zapad"), ElementsAre("one"));
}

TEST_P(SearchTest, OnlyWhatTheCallerSeesIsFoundAndCounted) {
  Add("public", "Общ Център");
  Add("archived", "Общ Архив", "state: ARCHIVED");
  Add("draft", "Общ Проект", "state: DRAFT");
  EXPECT_THAT(Found("общ", Anonymous()), ElementsAre("public"));
  EXPECT_EQ(Ask("общ", Anonymous())->total_size(), 1);
  EXPECT_THAT(Found("общ", MemberOf()), UnorderedElementsAre("public", "archived"));
  EXPECT_THAT(Found("общ", MemberOf({"organizations/draft"})),
              UnorderedElementsAre("public", "archived", "draft"));
  EXPECT_THAT(Found("общ"), UnorderedElementsAre("public", "archived", "draft"));
  EXPECT_THAT(Found("проект", MemberOf()), IsEmpty());
  EXPECT_THAT(Found("порект", MemberOf({"organizations/draft"})), ElementsAre("draft"));

  ASSERT_THAT(Update<Organization>("organizations/draft", "state: LISTED"), IsOk());
  EXPECT_THAT(Found("общ", Anonymous()), UnorderedElementsAre("public", "draft"));
  ASSERT_THAT(Update<Organization>("organizations/draft", "state: DRAFT"), IsOk());
  EXPECT_THAT(Found("общ", Anonymous()), ElementsAre("public"));
}

// What is answered must be the same to the last bit whether hidden records are there
// or not: results, ranks, counts and what a typo is corrected to.
TEST_P(SearchTest, HiddenRecordsChangeNothing) {
  Add("a", "Сдружение Заедно Пловдив");
  Add("b", "Фондация Заедно за Пловдив",
      "state: LISTED description { texts { key: 'bg' value: 'Заедно сме' } }");
  const std::vector<std::string> queries = {"Заедно",           "заедон пловдви", "фондация", "за",
                                            "Пловдив Скритост", "скритосд",       "zaedn"};
  const auto answers = [&] {
    std::vector<std::string> all;
    for (const call::Caller& caller : {Anonymous(), MemberOf(), MemberOf({"organizations/a"})}) {
      for (const std::string& query : queries) {
        const auto answer = Ask(query, caller);
        EXPECT_THAT(answer, IsOk());
        all.push_back(answer.ok() ? answer->SerializeAsString() : "");
      }
    }
    return all;
  };
  const std::vector<std::string> before = answers();
  // Each nearer to the typos than what is seen, and more than a word has near ones.
  for (int i = 0; i < 40; ++i) {
    const std::string letter(1, static_cast<char>('a' + i % 26));
    Add(absl::StrCat("hidden", i),
        absl::StrCat("Заедон Пловдви Скритост zaedo", letter, " plovdv", letter, i),
        "state: DRAFT");
  }
  EXPECT_EQ(answers(), before);
  EXPECT_THAT(Found("скритост"), Not(IsEmpty()));
}

TEST_P(SearchTest, FiltersNarrowAndHideLikeLists) {
  Add("local", "Мост Изток", "state: LISTED kind: LOCAL internal_note: 'x'");
  Add("donor", "Мост Запад", "state: LISTED kind: DONOR internal_note: 'x'");
  EXPECT_THAT(Found("мост", Anonymous(), "kind = LOCAL"), ElementsAre("local"));
  EXPECT_THAT(Found("мост", Anonymous(), "NOT kind = LOCAL"), ElementsAre("donor"));
  // A field for owners restricts to what is owned.
  EXPECT_THAT(Found("мост", Anonymous(), "internal_note = x"), IsEmpty());
  EXPECT_THAT(Found("мост", MemberOf({"organizations/donor"}), "internal_note = x"),
              ElementsAre("donor"));
  EXPECT_THAT(Found("мост", MemberOf({"organizations/donor"}), "NOT internal_note = y"),
              ElementsAre("donor"));
  EXPECT_THAT(Found("мост", Administrator(), "internal_note = x"),
              UnorderedElementsAre("local", "donor"));
}

TEST_P(SearchTest, PagesJoinToTheWholeOrder) {
  for (int i = 0; i < 25; ++i) {
    Add(absl::StrCat("o", i), absl::StrCat("Мрежа ", i % 5 == 0 ? "Юг" : "Север и още думи"));
  }
  v1::SearchOrganizationsRequest request;
  request.set_query("мрежа");
  request.set_page_size(100);
  const auto all = Ask(request);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->results_size(), 25);
  EXPECT_EQ(all->next_page_token(), "");
  request.set_page_size(7);
  int at = 0;
  do {
    const auto page = Ask(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->total_size(), 25);
    for (const auto& result : page->results()) {
      ASSERT_LT(at, 25);
      EXPECT_EQ(result.organization().name(), all->results(at++).organization().name());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(at, 25);

  request.set_page_size(7);
  request.set_page_token("");
  request.set_page_token(Ask(request)->next_page_token());
  request.set_query("север");
  EXPECT_THAT(Ask(request), HasViolation("page_token", "PAGE_TOKEN"));
}

TEST_P(SearchTest, WhatIsWrongIsSaidAtOnce) {
  EXPECT_THAT(Ask("…"), HasViolation("query", "REQUIRED"));
  EXPECT_THAT(Ask(""), HasViolation("query", "REQUIRED"));
  EXPECT_THAT(Ask("x", Administrator(), "nonsense = 1"), HasViolation("filter", "FILTER"));
  EXPECT_THAT(Ask(std::string(201, 'x')), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(SearchTest, QueriesOfAnyCharactersAreAnswered) {
  Add("one", "Фондация Изток");
  for (const char* query : {"'", "\"x\" OR y", "a & b | !c", "изток*", "NEAR(изток)", "x:*", "\\",
                            "%", "terms:изток", "изток'--", "😀 изток", "-изток"}) {
    EXPECT_THAT(Ask(query, Anonymous()).status().code(),
                ::testing::AnyOf(absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument))
        << query;
  }
  EXPECT_THAT(Found("-изток*"), ElementsAre("one"));
}

// Words of rows from before the search was there, from a restore, or of a program of an
// earlier version are made at the next start.
TEST_P(SearchTest, AStartHealsWhatIsMissing) {
  Add("one", "Фондация Изток");
  Add("two", "Фондация Запад");
  ASSERT_THAT(database().Write(absl::InfiniteFuture(),
                               [](sql::Transaction& transaction) {
                                 return transaction.connection().Script(
                                     "UPDATE organizations_search SET revision = 0 WHERE name = "
                                     "'organizations/one'; UPDATE organizations_search SET name = "
                                     "'organizations/none' WHERE name = 'organizations/two'");
                               }),
              IsOk());
  service::ServiceTest::Restart(Define());
  EXPECT_THAT(Found("изток"), ElementsAre("one"));
  EXPECT_THAT(Found("запад"), ElementsAre("two"));
  EXPECT_THAT(Found("zapda"), ElementsAre("two")) << "words are known for typos after a start";
}

}  // namespace
}  // namespace mostove::organizations
