// Random writers and readers: what was acknowledged is never read older again by
// who says its position, whichever copy answers, nor by anybody of the process
// that wrote it.
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using ::testing::HasSubstr;

constexpr int kOrganizations = 5;
constexpr int kWriters = 4;
constexpr int kReaders = 6;
constexpr int kReads = 2000;  // of each reader
constexpr absl::Duration kLimit = absl::Seconds(60);

// The latest of one organization that a writer was told.
struct Acknowledged {
  int64_t revision = 0;
  std::string position;
};

int64_t RevisionOf(const v1::Organization& organization) {
  absl::string_view etag = organization.etag();
  int64_t revision = 0;
  EXPECT_TRUE(absl::ConsumePrefix(&etag, "\"") && absl::ConsumeSuffix(&etag, "\"") &&
              absl::SimpleAtoi(etag, &revision))
      << organization.etag();
  return revision;
}

std::string NameOf(int number) { return absl::StrCat("organizations/number-", number); }

class Checker {
 public:
  enum class Readers { kWithPosition, kWithout };

  Checker(const System& system, Readers readers)
      : system_(system), with_position_(readers == Readers::kWithPosition) {
    const auto client = system_.NewClient();
    for (int i = 0; i < kOrganizations; ++i) {
      Keep(i, Ask(*client, "POST", absl::StrCat("/v1/organizations?organizationId=number-", i),
                  R"({"legalName": "x"})"));
    }
  }

  // Until all readers have read.
  void Run() {
    std::vector<std::thread> writers, readers;
    for (int i = 0; i < kWriters; ++i) writers.emplace_back([this, i] { Write(i); });
    for (int i = 0; i < kReaders; ++i) readers.emplace_back([this, i] { Read(i); });
    for (std::thread& reader : readers) reader.join();
    stopping_ = true;
    for (std::thread& writer : writers) writer.join();
  }

  Acknowledged Latest(int number) {
    const std::lock_guard lock(mutex_);
    return latest_[number];
  }
  int writes() const { return writes_; }

 private:
  void Write(int seed) {
    std::mt19937 random(seed);
    const auto client = system_.NewClient();
    while (!stopping_) {
      const int number = static_cast<int>(random() % kOrganizations);
      Keep(number, Ask(*client, "PATCH", "/v1/" + NameOf(number),
                       absl::StrCat(R"({"legalName": ")", seed, " ", ++writes_, R"("})")));
    }
  }

  void Keep(int number, const http::ClientResponse& response) {
    ASSERT_EQ(response.status, 200) << response.body;
    const int64_t revision = RevisionOf(As<v1::Organization>(response));
    const std::string position(response.Header("Change-Position"));
    ASSERT_NE(position, "");
    const std::lock_guard lock(mutex_);
    if (revision > latest_[number].revision) latest_[number] = {revision, position};
  }

  void Read(int seed) {
    std::mt19937 random(1000 + seed);
    const auto client = system_.NewClient();
    for (int i = 0; i < kReads; ++i) {
      const int number = static_cast<int>(random() % kOrganizations);
      const Acknowledged before = Latest(number);
      http::HeaderList headers;
      if (with_position_) headers.emplace_back("Change-Position", before.position);
      const int64_t read = random() % 4 == 0 ? ReadInList(*client, number, headers)
                                             : ReadOne(*client, number, headers);
      ASSERT_GE(read, before.revision) << NameOf(number) << " was read older than acknowledged";
    }
  }

  static int64_t ReadOne(http::Client& client, int number, const http::HeaderList& headers) {
    return RevisionOf(
        As<v1::Organization>(Ask(client, "GET", "/v1/" + NameOf(number), "", headers)));
  }

  static int64_t ReadInList(http::Client& client, int number, const http::HeaderList& headers) {
    const auto page =
        As<v1::ListOrganizationsResponse>(Ask(client, "GET", "/v1/organizations", "", headers));
    for (const v1::Organization& organization : page.organizations()) {
      if (organization.name() == NameOf(number)) return RevisionOf(organization);
    }
    return 0;
  }

  const System& system_;
  const bool with_position_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> writes_ = 0;
  std::mutex mutex_;
  Acknowledged latest_[kOrganizations];  // guarded by mutex_
};

// One process of each service: every reader is of the writing process.
class PositionJourney : public JourneyTest {};
INSTANTIATE_IN_BOTH_HOMES(PositionJourney);

TEST_P(PositionJourney, NobodyReadsOlderThanAcknowledgedFromTheProcessThatWrote) {
  Checker checker(*system_, Checker::Readers::kWithout);
  checker.Run();
  EXPECT_GT(checker.writes(), 0);
}

class CopiesJourney : public JourneyTest {
 protected:
  CopiesJourney() : JourneyTest(/*copies=*/2) {}
};
INSTANTIATE_TEST_SUITE_P(In, CopiesJourney, ::testing::Values(Home::kSeparate), HomeName);

TEST_P(CopiesJourney, ThePositionOfAWriteIsReadFromAnyCopyAndEverythingInTheEnd) {
  Checker checker(*system_, Checker::Readers::kWithPosition);
  checker.Run();
  EXPECT_GT(checker.writes(), 0);
  RecordProperty("writes", checker.writes());

  // Without a position: every copy comes to know it.
  for (int number = 0; number < kOrganizations; ++number) {
    int in_a_row = 0;  // more than there are copies
    for (const absl::Time limit = absl::Now() + kLimit; in_a_row < 10;) {
      ASSERT_LT(absl::Now(), limit) << "an old revision is read for ever";
      const int64_t read = RevisionOf(As<v1::Organization>(Ask("GET", "/v1/" + NameOf(number))));
      in_a_row = read >= checker.Latest(number).revision ? in_a_row + 1 : 0;
    }
  }

  // Both took part.
  EXPECT_EQ(system_->Stop(), 0);
  for (const char* copy : {"mostove-organizations.log", "mostove-organizations-2.log"}) {
    EXPECT_THAT(ReadFile(system_->folder() / copy), HasSubstr("/UpdateOrganization")) << copy;
  }
}

}  // namespace
}  // namespace mostove::journeys
