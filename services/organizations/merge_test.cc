// Two records of one organization that count as one, and what takes that back.
#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/organizations_fixture.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using v1::Activity;
using v1::Organization;

auto IsNotFound() { return StatusIs(absl::StatusCode::kNotFound); }
auto IsRefused(const char* reason) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasReason(reason));
}

class MergeTest : public OrganizationsTest {
 protected:
  void SetUp() override {
    OrganizationsTest::SetUp();
    Update("a", "legal_name: 'Fondatsia Zornitsa' internal_note: 'of a'");
    Update("b", "legal_name: 'Sdruzhenie Topola' internal_note: 'of b'");
    for (const char* parent : {"a", "b"}) {
      ASSERT_THAT(Create<Activity>(absl::StrCat("organizations/", parent), "x",
                                   R"(sector { label: "Legal aid" }
                                      place { country_code: "BG" }
                                      start_date { year: 2026 month: 1 day: 2 }
                                      target_groups: REFUGEES)"),
                  IsOk());
    }
  }

  void Update(const std::string& id, const std::string& text) {
    ASSERT_THAT(service::ServiceTest::Update<Organization>("organizations/" + id, text), IsOk());
  }
  absl::StatusOr<Organization> Get(const std::string& id,
                                   const call::Caller& caller = Administrator()) {
    return Do<Organization>("Get", "organizations/" + id, caller);
  }
  std::string NameOf(const std::string& id, const call::Caller& caller = Administrator()) {
    const auto found = Get(id, caller);
    return found.ok() ? found->name() : std::string(found.status().message());
  }
  absl::StatusOr<Organization> Merge(const std::string& id, const std::string& into,
                                     const std::string& more = "",
                                     const call::Caller& caller = Administrator()) {
    return Call<Organization>(
        "MergeOrganization",
        absl::StrCat("name: 'organizations/", id, "' into: 'organizations/", into, "' ", more),
        caller);
  }
  absl::StatusOr<Organization> Unmerge(const std::string& id, const std::string& more = "",
                                       const call::Caller& caller = Administrator()) {
    return Call<Organization>("UnmergeOrganization",
                              absl::StrCat("name: 'organizations/", id, "' ", more), caller);
  }
  std::vector<std::string> All(const call::Caller& caller = Administrator()) {
    return Sorted(List<Organization>("", "", caller));
  }
  std::vector<std::string> Below(const std::string& parent,
                                 const call::Caller& caller = Administrator()) {
    return Sorted(List<Activity>("organizations/" + parent, "", caller));
  }
  std::vector<std::string> Find(const std::string& words, const std::string& filter = "",
                                const call::Caller& caller = Administrator()) {
    const auto found = Call<v1::SearchOrganizationsResponse>(
        "SearchOrganizations", absl::StrCat("query: '", words, "' filter: '", filter, "'"), caller);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> names;
    if (!found.ok()) return names;
    EXPECT_EQ(found->total_size(), found->results_size());
    for (const auto& result : found->results()) names.push_back(result.organization().name());
    return names;
  }
  static std::vector<std::string> Sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
  }

  // Every value of every table, but of those that only ever grow.
  std::map<std::string, std::vector<std::string>> Dump() {
    const auto columns = database().Columns();
    EXPECT_THAT(columns, IsOk());
    std::map<std::string, std::vector<std::string>> names;
    for (const auto& column : *columns) {
      const std::string& table = column.table;
      const bool grows = absl::StartsWith(table, "change_") || absl::StartsWith(table, "seal") ||
                         absl::StrContains(table, "idempotency") ||
                         absl::StartsWith(table, "access") || absl::StrContains(table, "_fts");
      // PostgreSQL's index of words, of a type of its own.
      if (!grows && column.name == "terms") names[table].push_back("CAST(terms AS TEXT)");
      if (!grows && column.name != "terms") names[table].push_back(column.name);
    }
    std::map<std::string, std::vector<std::string>> dump;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, IsOk());
    for (const auto& [table, of] : names) {
      std::vector<std::string>& rows = dump[table];
      EXPECT_THAT(
          (*reader)->Query(absl::StrCat("SELECT ", absl::StrJoin(of, ", "), " FROM ", table), {},
                           [&](const sql::Row& row) {
                             std::string line;
                             for (size_t i = 0; i < of.size(); ++i) {
                               absl::StrAppend(&line, of[i], "=", Shown(row, i), " ");
                             }
                             rows.push_back(line);
                             return true;
                           }),
          IsOk())
          << table;
      std::sort(rows.begin(), rows.end());
    }
    return dump;
  }
  static std::string Shown(const sql::Row& row, size_t i) {
    const sql::Value value = row.Get(static_cast<int>(i));
    if (const auto* text = std::get_if<std::string>(&value)) return absl::CEscape(*text);
    if (const auto* blob = std::get_if<sql::Blob>(&value))
      return absl::BytesToHexString(blob->bytes);
    if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
    if (const auto* real = std::get_if<double>(&value)) return absl::StrCat(*real);
    return "NULL";
  }
  // "MERGED organizations/a organizations/b", the last entries of the log.
  std::vector<std::string> LastChanges(int count) {
    const auto log =
        Call<changes::v1::ListChangesResponse>("ListChanges", "page_size: 1000", Program());
    EXPECT_THAT(log, IsOk());
    std::vector<std::string> last;
    if (!log.ok()) return last;
    for (int i = std::max(0, log->changes_size() - count); i < log->changes_size(); ++i) {
      Organization organization;
      log->changes(i).resource().UnpackTo(&organization);
      last.push_back(absl::StrCat(changes::v1::Kind_Name(log->changes(i).kind()), " ",
                                  log->changes(i).resource_name(), " ",
                                  organization.merged_into()));
    }
    return last;
  }
  static call::Caller Program() { return call::Program("services/funding"); }
};
INSTANTIATE_ON_BOTH_ENGINES(MergeTest);

TEST_P(MergeTest, WhoeverAsksForTheMergedOneIsAnsweredWithTheOther) {
  const auto answer = Merge("a", "b");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->name(), "organizations/b");
  EXPECT_EQ(NameOf("a"), "organizations/b");
  EXPECT_EQ(NameOf("b"), "organizations/b");
  const auto both = Call<v1::BatchGetOrganizationsResponse>(
      "BatchGetOrganizations", "names: 'organizations/a' names: 'organizations/c'");
  ASSERT_THAT(both, IsOk());
  EXPECT_EQ(both->organizations(0).name(), "organizations/b");
  Update("a", "network_note: 'by the old name'");
  EXPECT_EQ(Get("b")->network_note(), "by the old name");
}

TEST_P(MergeTest, ListsShowOneAndWhatStandsBelowBoth) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_THAT(All(), ElementsAre("organizations/b", "organizations/c"));
  EXPECT_THAT(All(Anonymous()), ElementsAre("organizations/b", "organizations/c"));
  const auto deleted =
      Call<v1::ListOrganizationsResponse>("ListOrganizations", "show_deleted: true");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(deleted->organizations_size(), 2);
  for (const char* name : {"a", "b"}) {
    for (const call::Caller& caller : {Administrator(), owner_, other_, Anonymous()}) {
      EXPECT_THAT(Below(name, caller),
                  ElementsAre("organizations/a/activities/x", "organizations/b/activities/x"));
    }
  }
  const auto page = Call<v1::ListActivitiesResponse>(
      "ListActivities", "parent: 'organizations/b' page_size: 1 show_total_size: true");
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->activities_size(), 1);
  EXPECT_EQ(page->total_size(), 2);
  const auto next = Call<v1::ListActivitiesResponse>(
      "ListActivities", absl::StrCat("parent: 'organizations/b' page_size: 1 page_token: '",
                                     page->next_page_token(), "' show_total_size: true"));
  ASSERT_THAT(next, IsOk());
  ASSERT_EQ(next->activities_size(), 1);
  EXPECT_NE(next->activities(0).name(), page->activities(0).name());
}

TEST_P(MergeTest, WhatIsCreatedBelowTheOldNameStandsBelowTheOther) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  const auto created = Create<Activity>("organizations/a", "y", R"(sector { label: "Housing" }
      place { country_code: "BG" } start_date { year: 2026 } target_groups: REFUGEES)");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "organizations/b/activities/y");
}

TEST_P(MergeTest, UndoRestoresEveryByte) {
  const auto before = Dump();
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_NE(Dump(), before);
  const auto restored = Unmerge("a");
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->name(), "organizations/a");
  const auto after = Dump();
  for (const auto& [table, rows] : before) EXPECT_EQ(after.at(table), rows) << table;
  EXPECT_EQ(NameOf("a"), "organizations/a");
  EXPECT_THAT(All(), ElementsAre("organizations/a", "organizations/b", "organizations/c"));
  EXPECT_THAT(Below("a"), ElementsAre("organizations/a/activities/x"));
  EXPECT_THAT(Below("b"), ElementsAre("organizations/b/activities/x"));
  EXPECT_THAT(Unmerge("a"), IsRefused("NOT_MERGED"));
}

TEST_P(MergeTest, ANewProcessKnowsOfIt) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  const auto merged = Dump();
  Restart(Define());
  EXPECT_EQ(Dump(), merged);
  EXPECT_EQ(NameOf("a"), "organizations/b");
  EXPECT_THAT(Find("zornitsa"), ElementsAre("organizations/b"));
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_EQ(NameOf("a"), "organizations/a");
  EXPECT_THAT(Find("zornitsa"), ElementsAre("organizations/a"));
}

TEST_P(MergeTest, TheLogTellsOfIt) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_THAT(LastChanges(2),
              ElementsAre("MERGED organizations/a organizations/b", "UNMERGED organizations/a "));
}

TEST_P(MergeTest, ARoleOnOneIsARoleOnBoth) {
  EXPECT_EQ(Get("b", owner_)->internal_note(), "");
  EXPECT_THAT(
      service::ServiceTest::Update<Organization>("organizations/b", "network_note: 'x'", owner_),
      StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(Merge("a", "b"), IsOk());
  for (const call::Caller& caller : {owner_, other_}) {
    EXPECT_EQ(Get("a", caller)->internal_note(), "of b");
    EXPECT_THAT(service::ServiceTest::Update<Organization>(
                    "organizations/b", absl::StrCat("network_note: 'x", caller.name, "'"), caller),
                IsOk());
    EXPECT_THAT(service::ServiceTest::Update<Activity>("organizations/a/activities/x",
                                                       "phase: INTEGRATION", caller),
                IsOk());
  }
  EXPECT_EQ(Get("a", Anonymous())->internal_note(), "");
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_EQ(Get("b", owner_)->internal_note(), "");
}

TEST_P(MergeTest, OnlyAdministratorsMerge) {
  for (const call::Caller& caller :
       {owner_, other_, MemberOf({"organizations/a", "organizations/b"})}) {
    EXPECT_THAT(Merge("a", "b", "", caller), StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(Unmerge("a", "", caller), StatusIs(absl::StatusCode::kPermissionDenied));
  }
}

TEST_P(MergeTest, SearchesFindTheOneThatStaysByBothNames) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_THAT(Find("zornitsa"), ElementsAre("organizations/b"));
  EXPECT_THAT(Find("zornica"), ElementsAre("organizations/b"));
  EXPECT_THAT(Find("topola"), ElementsAre("organizations/b"));
  EXPECT_THAT(Find("zornitsa", "kind = LOCAL"), ElementsAre("organizations/b"));
  Update("b", "kind: NATIONAL_NETWORK");
  EXPECT_THAT(Find("zornitsa", "kind = LOCAL"), IsEmpty());
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_THAT(Find("zornitsa"), ElementsAre("organizations/a"));
}

TEST_P(MergeTest, ACreateIsToldOfTheOneThatStays) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  const auto created = Create<Organization>("", "d", "legal_name: 'Фондация Зорница'");
  EXPECT_THAT(created, IsRefused("POSSIBLE_DUPLICATE"));
  EXPECT_TRUE(absl::StrContains(created.status().message(), "organizations/b")) << created.status();
}

TEST_P(MergeTest, AnAliasSaysNothingOfWhatIsHidden) {
  Update("b", "state: DRAFT");
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_THAT(Get("a", Anonymous()), IsNotFound());
  EXPECT_EQ(absl::StrContains(Get("a", Anonymous()).status().message(), "organizations/b"), false);
  EXPECT_THAT(All(Anonymous()), ElementsAre("organizations/c"));
  EXPECT_THAT(Find("zornitsa", "", Anonymous()), IsEmpty());
  EXPECT_THAT(Do<Activity>("Get", "organizations/a/activities/x", Anonymous()), IsNotFound());
  EXPECT_THAT(List<Activity>("organizations/-", "", Anonymous()), IsEmpty());
  Update("b", "state: LISTED");
  EXPECT_THAT(Below("a", Anonymous()),
              ElementsAre("organizations/a/activities/x", "organizations/b/activities/x"));
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_THAT(Below("a", Anonymous()), ElementsAre("organizations/a/activities/x"));
}

TEST_P(MergeTest, WhatWasHiddenDoesNotComeToLight) {
  Update("a", "state: DRAFT");
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_THAT(Below("b", Anonymous()), ElementsAre("organizations/b/activities/x"));
  Update("b", "state: DRAFT");
  Update("b", "state: LISTED");
  EXPECT_THAT(Below("b", Anonymous()), ElementsAre("organizations/b/activities/x"));
}

TEST_P(MergeTest, ChainsLeadToTheLastOneAndCannotGoInACircle) {
  const auto before = Dump();
  ASSERT_THAT(Merge("a", "b"), IsOk());
  EXPECT_THAT(Merge("a", "c"), IsRefused("ALREADY_MERGED"));
  EXPECT_THAT(Merge("b", "a"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("into", "SAME")));
  EXPECT_THAT(Merge("c", "c"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("into", "SAME")));
  ASSERT_THAT(Merge("b", "c"), IsOk());
  EXPECT_EQ(NameOf("a"), "organizations/c");
  EXPECT_THAT(All(), ElementsAre("organizations/c"));
  EXPECT_THAT(Below("c", Anonymous()),
              ElementsAre("organizations/a/activities/x", "organizations/b/activities/x"));
  Update("c", "state: DRAFT");
  EXPECT_THAT(List<Activity>("organizations/-", "", Anonymous()), IsEmpty());
  Update("c", "state: LISTED");
  ASSERT_THAT(Unmerge("b"), IsOk());
  EXPECT_EQ(NameOf("a"), "organizations/b");
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_EQ(Dump().at("activities"), before.at("activities"));
}

TEST_P(MergeTest, IntoAMergedOneIsIntoWhatItStandsFor) {
  ASSERT_THAT(Merge("b", "c"), IsOk());
  const auto answer = Merge("a", "b");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->name(), "organizations/c");
  ASSERT_THAT(Unmerge("b"), IsOk());
  EXPECT_EQ(NameOf("a"), "organizations/c");
}

TEST_P(MergeTest, DeletedOnesAreNotMerged) {
  ASSERT_THAT(Do<Organization>("Delete", "organizations/a"), IsOk());
  EXPECT_THAT(Merge("a", "b"), IsRefused("RESOURCE_DELETED"));
  EXPECT_THAT(Merge("b", "a"), IsRefused("RESOURCE_DELETED"));
  EXPECT_THAT(Merge("missing", "b"), IsNotFound());
  EXPECT_THAT(Merge("b", "missing"), IsNotFound());
  EXPECT_THAT(Unmerge("b"), IsRefused("NOT_MERGED"));
}

TEST_P(MergeTest, TheOneThatStaysIsDeletedUnderBothNames) {
  ASSERT_THAT(Merge("a", "b"), IsOk());
  ASSERT_THAT(Do<Organization>("Delete", "organizations/a"), IsOk());
  EXPECT_THAT(All(), ElementsAre("organizations/c"));
  EXPECT_THAT(Get("a", Anonymous()), IsNotFound());
  EXPECT_THAT(Do<Activity>("Get", "organizations/a/activities/x", Anonymous()), IsNotFound());
  ASSERT_THAT(Unmerge("a"), IsOk());
  EXPECT_THAT(All(), ElementsAre("organizations/a", "organizations/c"));
  EXPECT_THAT(Below("a", Anonymous()), ElementsAre("organizations/a/activities/x"));
}

TEST_P(MergeTest, EtagsOfBothHoldItBack) {
  EXPECT_THAT(Merge("a", "b", "etag: '\"1\"'"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Merge("a", "b", "into_etag: '\"1\"'"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Merge("a", "b", "etag: '\"2\"' into_etag: '\"2\"'"), IsOk());
}

TEST_P(MergeTest, OnlyTriedChangesNothing) {
  const auto before = Dump();
  EXPECT_THAT(Merge("a", "b", "validate_only: true"), IsOk());
  EXPECT_EQ(Dump(), before);
  EXPECT_EQ(NameOf("a"), "organizations/a");
}

TEST_P(MergeTest, ARepeatedRequestIsAnsweredAsTheFirst) {
  const std::string id = "request_id: '6f1c0c3e-9f3b-4e0e-8a8b-0a4f1d2c3b4a'";
  const auto first = Merge("a", "b", id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Unmerge("a"), IsOk());
  const auto again = Merge("a", "b", id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->name(), first->name());
  EXPECT_EQ(NameOf("a"), "organizations/a");  // not merged again
}

TEST_P(MergeTest, OfMergesOfTwoIntoEachOtherOneIsDone) {
  for (int round = 0; round < 20; ++round) {
    absl::Status one;
    absl::Status other;
    std::thread first([&] { one = Merge("a", "b").status(); });
    std::thread second([&] { other = Merge("b", "a").status(); });
    first.join();
    second.join();
    ASSERT_NE(one.ok(), other.ok()) << one << "\n" << other;
    EXPECT_THAT(one.ok() ? other : one, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(NameOf("a"), NameOf("b"));
    EXPECT_EQ(All().size(), 2u);
    ASSERT_THAT(Unmerge(one.ok() ? "a" : "b"), IsOk());
    EXPECT_EQ(All().size(), 3u);
  }
}

TEST_P(MergeTest, OfMergesOfOneIntoTwoOneIsDone) {
  for (int round = 0; round < 20; ++round) {
    absl::Status one;
    absl::Status other;
    std::thread first([&] { one = Merge("a", "b").status(); });
    std::thread second([&] { other = Merge("a", "c").status(); });
    first.join();
    second.join();
    ASSERT_NE(one.ok(), other.ok()) << one << "\n" << other;
    EXPECT_THAT(one.ok() ? other : one, IsRefused("ALREADY_MERGED"));
    ASSERT_THAT(Unmerge("a"), IsOk());
  }
}

TEST_P(MergeTest, UpdatesThatRaceWithAMergeAreInOneOfTheTwoOrRefused) {
  const auto children = Dump().at("activities").size();
  for (int round = 0; round < 20; ++round) {
    const std::string note = absl::StrCat("round ", round);
    absl::StatusOr<Organization> updated;
    absl::StatusOr<Activity> created;
    std::thread merge([&] { EXPECT_THAT(Merge("a", "b"), IsOk()); });
    std::thread update([&] {
      updated = service::ServiceTest::Update<Organization>(
          "organizations/a", absl::StrCat("network_note: '", note, "'"));
    });
    std::thread create([&] {
      created = Create<Activity>("organizations/a", absl::StrCat("r", round),
                                 R"(sector { label: "Housing" } place { country_code: "BG" }
                                    start_date { year: 2026 } target_groups: REFUGEES)");
    });
    merge.join();
    update.join();
    create.join();
    ASSERT_THAT(Unmerge("a"), IsOk());
    if (updated.ok()) {
      const std::string name = updated->name().substr(14);
      EXPECT_EQ(Get(name)->network_note(), note);
    } else {
      EXPECT_THAT(updated, IsNotFound());
    }
    if (created.ok()) {
      EXPECT_THAT(Do<Activity>("Get", created->name()), IsOk());
    } else {
      EXPECT_THAT(created, IsNotFound());
    }
  }
  EXPECT_GE(Dump().at("activities").size(), children);
}

}  // namespace
}  // namespace mostove::organizations
