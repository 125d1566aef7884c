#include "services/cli/audit_verb.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "libs/audit/access_log.h"
#include "libs/changelog/changelog.h"
#include "libs/seal/seal.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::cli {
namespace {

using ::mostove::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Time kNever = absl::InfiniteFuture();

class AuditVerbTest : public testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_THAT(changelog::Install(database()), IsOk());
    ASSERT_THAT(audit::Install(database()), IsOk());
    ASSERT_THAT(seal::Install(database()), IsOk());
    for (int i = 1; i <= 3; ++i) Append(absl::StrCat("organizations/o", i));
    Seal();
  }

  void Append(const std::string& name) {
    changelog::Entry entry;
    entry.name = name;
    entry.payload = std::string("\0\xff", 2);
    ASSERT_THAT(database().Write(kNever,
                                 [&](sql::Transaction& transaction) {
                                   return changelog::Append(transaction, entry, 0).status();
                                 }),
                IsOk());
  }

  void Seal() {
    ASSERT_THAT(seal::SealNext(database(), changelog::SealedLog(), absl::Now()), IsOk());
  }

  void Script(const std::string& statements) {
    ASSERT_THAT(database().Write(kNever,
                                 [&](sql::Transaction& transaction) {
                                   return transaction.connection().Script(statements);
                                 }),
                IsOk());
  }

  struct Run {
    int code;
    std::string text;
  };
  Run Verify(const std::vector<std::string>& heads = {}) { return Verify({{url()}, heads}); }
  static Run Verify(const AuditArguments& arguments) {
    char* data = nullptr;
    size_t size = 0;
    FILE* file = open_memstream(&data, &size);
    Session session;
    session.out = session.err = file;
    Run run = {RunAuditVerify(session, arguments), ""};
    fclose(file);
    run.text.assign(data, size);
    free(data);
    return run;
  }

  static std::string HeadIn(const std::string& text) {
    const std::vector<std::string> parts = absl::StrSplit(text, absl::ByString("head "));
    return parts.size() < 2 ? "" : parts[1].substr(0, 64);
  }
};
INSTANTIATE_ON_BOTH_ENGINES(AuditVerbTest);

TEST_P(AuditVerbTest, LogsThatNobodyTouchedAreAsSealed) {
  const Run run = Verify();
  EXPECT_EQ(run.code, kOk);
  EXPECT_THAT(run.text, AllOf(HasSubstr("change_log"), HasSubstr("3 rows in 1 seals"),
                              HasSubstr("All logs are as they were sealed.")));
  EXPECT_EQ(Verify({HeadIn(run.text)}).code, kOk);
}

TEST_P(AuditVerbTest, AChangedRowIsNamed) {
  Script("UPDATE change_log SET caller = 'users/nobody' WHERE name = 'organizations/o2'");
  const Run run = Verify();
  EXPECT_EQ(run.code, kRefused);
  EXPECT_THAT(run.text, AllOf(HasSubstr("was changed (seal 1)"), HasSubstr("1 differences")));
}

TEST_P(AuditVerbTest, ARemovedRowIsNamed) {
  Script("DELETE FROM change_log WHERE name = 'organizations/o1'");
  EXPECT_THAT(Verify().text, HasSubstr("was removed (seal 1)"));
}

TEST_P(AuditVerbTest, ARemovedTableOfSealsIsNoProof) {
  Script("DROP TABLE log_seal");
  const Run run = Verify();
  EXPECT_EQ(run.code, kRefused);
  EXPECT_THAT(run.text, HasSubstr("has no seals"));
}

TEST_P(AuditVerbTest, AnEndThatWasCutOffLacksItsHead) {
  Append("organizations/o4");
  Seal();
  const std::string head = HeadIn(Verify().text);
  Script(
      "DELETE FROM log_seal WHERE ordinal = 2;"
      "DELETE FROM change_log WHERE name = 'organizations/o4'");
  EXPECT_EQ(Verify().code, kOk);
  const Run run = Verify({head});
  EXPECT_EQ(run.code, kRefused);
  EXPECT_THAT(run.text, HasSubstr(absl::StrCat("No log has the head ", head)));
}

TEST_P(AuditVerbTest, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(Verify({"nonsense"}).code, kUsage);
  EXPECT_EQ(Verify(AuditArguments{{"/nowhere/at/all"}, {}}).code, kUsage);
  const Run run = Verify(AuditArguments{{"postgresql://me:secret@/gone?host=/nowhere"}, {}});
  EXPECT_EQ(run.code, kNotReachable);
  EXPECT_THAT(run.text, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace mostove::cli
