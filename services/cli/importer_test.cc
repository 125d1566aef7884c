#include "services/cli/importer.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/fake_gateway.h"
#include "services/cli/import_file.h"

namespace mostove::cli {
namespace {

using organizations::v1::Organization;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImporterTest : public testing::Test {
 protected:
  // Five organizations with two activities each.
  static std::string File() {
    std::string text = "#org,#sector,#country\n";
    for (const char* name : {"A", "B", "C", "D", "E"}) {
      absl::StrAppend(&text, name, ",Health,Bulgaria\n", name, ",Food,Ukraine\n");
    }
    return text;
  }

  ImportReport Run(absl::string_view file, ImportOptions options = {}) {
    auto set = ReadImportFile(file, catalog_, {.source = "a test"});
    EXPECT_TRUE(set.ok()) << set.status();
    EXPECT_THAT(set->refusals, IsEmpty());
    if (options.run_id.empty()) options.run_id = absl::StrCat("run ", ++runs_);
    options.parallel = 4;
    return Import(set->records, gateway_.ApiMaker(), options);
  }

  static void ExpectCounts(const ImportCounts& counts, const ImportCounts& expected) {
    EXPECT_EQ(counts.created, expected.created);
    EXPECT_EQ(counts.unchanged, expected.unchanged);
    EXPECT_EQ(counts.updated, expected.updated);
    EXPECT_EQ(counts.differs, expected.differs);
    EXPECT_EQ(counts.refused, expected.refused);
  }

  const Catalog catalog_ = Catalog::FromLinkedDescriptors();
  FakeGateway gateway_{catalog_};
  int runs_ = 0;
};

TEST_F(ImporterTest, SecondImportChangesNothing) {
  ImportReport first = Run(File());
  ExpectCounts(first.counts["organizations"], {.created = 5});
  ExpectCounts(first.counts["activities"], {.created = 10});
  EXPECT_EQ(gateway_.writes, 15);

  ImportReport second = Run(File());
  ExpectCounts(second.counts["organizations"], {.unchanged = 5});
  ExpectCounts(second.counts["activities"], {.unchanged = 10});
  EXPECT_EQ(gateway_.writes, 15);
}

TEST_F(ImporterTest, StoppedImportGoesOnWhereItStopped) {
  gateway_.interfere =
      [&](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    if (gateway_.writes < 7) return std::nullopt;
    return status::Make(absl::StatusCode::kUnavailable, "NOT_REACHABLE", "gone");
  };
  EXPECT_TRUE(IsNotReachable(Run(File()).stopped));
  EXPECT_EQ(gateway_.writes, 7);

  gateway_.interfere = nullptr;
  ImportReport report = Run(File());
  EXPECT_TRUE(report.stopped.ok());
  EXPECT_EQ(gateway_.writes, 15);
  EXPECT_THAT(gateway_.resources, SizeIs(15));
}

TEST_F(ImporterTest, DryRunSaysWhatWouldHappenAndChangesNothing) {
  ImportReport report = Run(File(), {.dry_run = true});
  ExpectCounts(report.counts["organizations"], {.created = 5});
  ExpectCounts(report.counts["activities"], {.created = 10});
  EXPECT_EQ(report.checked_here, 10);
  EXPECT_THAT(gateway_.resources, IsEmpty());

  Run(File());
  report = Run(File(), {.dry_run = true});
  ExpectCounts(report.counts["activities"], {.unchanged = 10});
  EXPECT_EQ(report.checked_here, 0);
}

TEST_F(ImporterTest, DryRunChecksChildrenOfNewParentsByTheirLimits) {
  const std::string file = absl::StrCat("#org,#sector\nA,", std::string(201, 'x'), "\n");
  const ImportReport report = Run(file, {.dry_run = true});
  ASSERT_THAT(report.refusals, SizeIs(1));
  EXPECT_EQ(report.refusals[0].row, 2);
  EXPECT_THAT(report.refusals[0].field, HasSubstr("sector.label"));
}

TEST_F(ImporterTest, WhatDiffersIsReportedAndChangedOnlyWhenAskedTo) {
  constexpr char kFile[] =
      "{\"name\":\"organizations/a\",\"legalName\":\"A\",\"website\":\"https://a\"}";
  auto present = std::make_unique<Organization>();
  present->set_legal_name("A");
  present->set_website("https://old");
  present->set_internal_note("kept");
  gateway_.resources["organizations/a"] = std::move(present);

  ImportReport report = Run(kFile);
  ExpectCounts(report.counts["organizations"], {.differs = 1});
  ASSERT_THAT(report.differences, SizeIs(1));
  EXPECT_EQ(report.differences[0].field, "website");
  EXPECT_EQ(gateway_.writes, 0);

  report = Run(kFile, {.update = true});
  ExpectCounts(report.counts["organizations"], {.updated = 1});
  const auto& after = static_cast<const Organization&>(*gateway_.resources["organizations/a"]);
  EXPECT_EQ(after.website(), "https://a");
  EXPECT_EQ(after.internal_note(), "kept");
  report = Run(kFile, {.update = true});
  ExpectCounts(report.counts["organizations"], {.unchanged = 1});
}

TEST_F(ImporterTest, RefusedOrganizationRefusesItsActivitiesWithoutAsking) {
  const std::string name(60, 'x');
  const ImportReport report = Run(absl::StrCat("#org,#sector\n", name, ",Health\nA,Health\n"));
  ASSERT_THAT(report.refusals, SizeIs(2));
  EXPECT_EQ(report.refusals[0].field, "legalName");
  EXPECT_EQ(report.refusals[0].reason, "is too long");
  EXPECT_THAT(report.refusals[1].reason, HasSubstr("what it belongs to was refused"));
  EXPECT_THAT(gateway_.resources, SizeIs(2));
  EXPECT_THAT(gateway_.requests, SizeIs(3));
}

TEST_F(ImporterTest, TakenNameThatIsNotToBeSeenIsSaid) {
  gateway_.interfere = [](const http::ClientRequest& request)
      -> std::optional<absl::StatusOr<http::ClientResponse>> {
    if (request.method != "POST") return std::nullopt;
    return FakeGateway::Problem(409, "ALREADY_EXISTS", "it exists");
  };
  const ImportReport report = Run("{\"name\":\"organizations/a\",\"legalName\":\"A\"}");
  ASSERT_THAT(report.refusals, SizeIs(1));
  EXPECT_THAT(report.refusals[0].reason, HasSubstr("undelete"));
}

TEST_F(ImporterTest, WhatIsDeletedThereStaysDeleted) {
  auto present = std::make_unique<Organization>();
  present->set_legal_name("A");
  present->mutable_delete_time()->set_seconds(1);
  gateway_.resources["organizations/a"] = std::move(present);
  const ImportReport report =
      Run("{\"name\":\"organizations/a\",\"legalName\":\"A\"}", {.update = true});
  ASSERT_THAT(report.refusals, SizeIs(1));
  EXPECT_THAT(report.refusals[0].reason, HasSubstr("is deleted there"));
  EXPECT_EQ(gateway_.writes, 0);
}

TEST_F(ImporterTest, BusyServerIsAskedAgainWithTheSameKey) {
  int asked = 0;
  gateway_.interfere =
      [&](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    if (++asked % 2 == 0) return std::nullopt;
    return FakeGateway::Problem(503, "UNAVAILABLE", "queue is full", ",\"retryAfter\":1");
  };
  ImportReport report = Run("{\"name\":\"organizations/a\",\"legalName\":\"A\"}");
  ExpectCounts(report.counts["organizations"], {.created = 1});
  const auto key = [](const http::ClientRequest& request) {
    for (const auto& [name, value] : request.headers) {
      if (name == "Idempotency-Key") return value;
    }
    return std::string();
  };
  ASSERT_THAT(gateway_.requests, SizeIs(2));
  EXPECT_FALSE(key(gateway_.requests[0]).empty());
  EXPECT_EQ(key(gateway_.requests[0]), key(gateway_.requests[1]));
}

TEST_F(ImporterTest, EveryRecordHasAKeyOfItsOwnAndEveryRunToo) {
  Run(File(), {.dry_run = true});
  Run(File());
  Run(File());
  std::set<std::string> keys;
  size_t posts = 0;
  for (const auto& request : gateway_.requests) {
    posts += request.method == "POST";
    for (const auto& [name, value] : request.headers) {
      if (name == "Idempotency-Key") keys.insert(value);
    }
  }
  EXPECT_EQ(keys.size(), posts);
}

// Names that the file itself brings count in a dry run as they do in an import;
// a circle can be created by neither.
TEST_F(ImporterTest, DryRunKnowsTheNamesOfTheFile) {
  const auto line = [](const std::string& id, const std::string& attested_by) {
    return absl::StrCat("{\"name\":\"organizations/", id, "\",\"legalName\":\"", id, "\"",
                        attested_by.empty() ? ""
                                            : absl::StrCat(",\"refugeeLeadership\":{\"attestedBy\":"
                                                           "\"organizations/",
                                                           attested_by, "\"}"),
                        "}\n");
  };
  const std::string lines = absl::StrCat(line("a", "b"), line("b", "c"), line("c", ""),
                                         line("d", "nobody"), line("e", "f"), line("f", "e"));
  gateway_.interfere = [&](const http::ClientRequest& request)
      -> std::optional<absl::StatusOr<http::ClientResponse>> {
    Organization sent;
    if (!transcoding::ReadJson(request.body, sent).ok()) return std::nullopt;
    const std::string& by = sent.refugee_leadership().attested_by();
    if (by.empty() || gateway_.resources.count(by)) return std::nullopt;
    return FakeGateway::Problem(
        400, "INVALID_ARGUMENT", "1 field is wrong",
        ",\"fieldViolations\":[{\"field\":\"organization.refugeeLeadership.attestedBy\",\"reason\":"
        "\"REFERENCE_NOT_FOUND\",\"description\":\"there is no such organization\"}]");
  };
  const auto refused = [](const ImportReport& report) {
    std::vector<std::string> names;
    for (const Refusal& refusal : report.refusals) names.push_back(refusal.name);
    return names;
  };
  ImportReport dry = Run(lines, {.dry_run = true});
  EXPECT_THAT(refused(dry), ElementsAre("organizations/d", "organizations/e", "organizations/f"));
  ExpectCounts(dry.counts["organizations"], {.created = 3, .refused = 3});
  EXPECT_EQ(gateway_.writes, 0);

  ImportReport real = Run(lines);
  EXPECT_EQ(refused(real), refused(dry));
  ExpectCounts(real.counts["organizations"], {.created = 3, .refused = 3});
}

TEST_F(ImporterTest, WhatLooksLikeAnotherIsCreatedAndTold) {
  gateway_.interfere = [&](const http::ClientRequest& request)
      -> std::optional<absl::StatusOr<http::ClientResponse>> {
    const bool lookalike =
        request.target.find("=b&") != std::string::npos || absl::EndsWith(request.target, "=b");
    if (!lookalike || absl::StrContains(request.target, "duplicatesToken=t-1")) return std::nullopt;
    return http::ClientResponse{
        .status = 400,
        .headers = {},
        .body =
            R"({"status":400,"code":"FAILED_PRECONDITION","reason":"POSSIBLE_DUPLICATE",)"
            R"("detail":"may be organizations/a","metadata":{"candidates":"organizations/a","duplicates_token":"t-1"}})"};
  };
  const ImportReport report =
      Run("{\"name\":\"organizations/a\",\"legalName\":\"A\"}\n"
          "{\"name\":\"organizations/b\",\"legalName\":\"B\"}\n");
  EXPECT_THAT(report.refusals, IsEmpty());
  ASSERT_EQ(report.alike.size(), 1u);
  EXPECT_EQ(report.alike[0].name, "organizations/b");
  EXPECT_EQ(report.alike[0].reason, "organizations/a");
  EXPECT_EQ(gateway_.resources.count("organizations/b"), 1u);
}

}  // namespace
}  // namespace mostove::cli
