// What is kept about a person, and how it goes: values are planted wherever one may
// stand, exported, erased, and looked for in everything that the programs have.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "libs/changelog/changelog.h"
#include "libs/redis/connection.h"
#include "libs/service/directory.h"
#include "libs/testing/matchers.h"
#include "libs/testing/stored_text.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "mostove/trainings/v1/trainings_service.pb.h"
#include "tests/journeys/event_reader.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using identity::v1::Operation;
using ::mostove::testing::IsOk;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kEmail[] = "zlatoust.quagga@planted.example";
constexpr char kName[] = "Златоуст Квага-Посадени";
constexpr char kPhone[] = "+359 88 471 1471";
constexpr char kPassword[] = "seven green boats";
const std::vector<std::string>& Planted() {
  static const auto& planted = *new std::vector<std::string>{kEmail, kName, kPhone, "quagga"};
  return planted;
}

// Nothing is measured: whoever takes so long stands still.
constexpr absl::Duration kLimit = absl::Seconds(90);

class PrivacyJourney : public JourneyTest {
 protected:
  // With a key, so that the answer is kept.
  http::ClientResponse Write(const std::string& method, const std::string& target,
                             const std::string& body = "{}") {
    auto response =
        Ask(method, target, body, {{"Idempotency-Key", absl::StrCat("write-", ++writes_)}});
    EXPECT_EQ(response.status, 200) << method << " " << target << "\n" << response.body;
    return response;
  }

  static std::string Contact() {
    return absl::StrCat(R"({"title": ")", kName, R"(", "email": ")", kEmail, R"(", "phone": ")",
                        kPhone, R"(", "role": "legal aid"})");
  }

  void PlantAccount() {
    user_ = As<identity::v1::User>(Write("POST", "/v1/users",
                                         absl::StrCat(R"({"email": ")", kEmail,
                                                      R"(", "displayName": ")", kName, "\"}")))
                .name();
    Write("POST", absl::StrCat("/v1/", user_, ":setPassword"),
          absl::StrCat(R"({"newPassword": ")", kPassword, "\"}"));
    EXPECT_EQ(SignIn("wrong green boats"), 400);
    EXPECT_EQ(SignIn("wrong blue boats"), 400);
    EXPECT_EQ(SignIn(kPassword), 200);
  }

  int SignIn(const std::string& password) {
    const auto response = system_->NewClient("")->Send(
        {"POST",
         "/oauth2/token",
         {{"Content-Type", "application/x-www-form-urlencoded"}},
         absl::StrCat("grant_type=password&username=", kEmail,
                      "&password=", absl::StrReplaceAll(password, {{" ", "+"}}))});
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->status : 0;
  }

  // A contact of one that lives, of one that is deleted, and one that was replaced.
  void PlantOrganizations() {
    Write("POST", "/v1/organizations?organizationId=help",
          absl::StrCat(R"({"legalName": "Help", "state": "LISTED", "contacts": [)", Contact(),
                       R"(, {"title": "Desk", "email": "desk@example.org"}], "locations": [
                         {"addresses": [{"city": "Vidin", "attention": ")",
                       kName, R"("}]}]})"));
    Write("POST", "/v1/organizations?organizationId=gone",
          absl::StrCat(R"({"legalName": "Gone", "contacts": [)", Contact(), "]}"));
    Write("DELETE", "/v1/organizations/gone", "");
    Write("POST", "/v1/organizations?organizationId=changed",
          absl::StrCat(R"({"legalName": "Changed", "contacts": [)", Contact(), "]}"));
    Write("PATCH", "/v1/organizations/changed", R"({"contacts": [{"title": "Desk"}]})");
    Write("POST", "/v1/invitations",
          absl::StrCat(R"({"organization": "organizations/help", "role": "ORGANIZATION_READER",
                         "email": ")",
                       kEmail, "\"}"));
  }

  // So many sessions that the person teaches.
  void PlantTrainings(int sessions) {
    Write("POST", "/v1/topics?topicId=goals",
          R"({"title": {"texts": {"en": "Goals"}}, "ordinal": 1})");
    Write("POST", "/v1/programs?programId=academy", R"({
      "title": {"sourceLanguage": "en", "texts": {"en": "Academy"}}, "kind": "ACADEMY",
      "organizers": ["organizations/help"], "topics": ["topics/goals"],
      "publication": "PUBLISHED", "startDate": {"year": 2026, "month": 1},
      "endDate": {"year": 2026, "month": 12}})");
    std::vector<std::string> requests;
    for (int i = 0; i < sessions; ++i) {
      requests.push_back(absl::StrCat(
          R"({"parent": "programs/academy", "sessionId": ")", SessionId(i), R"(", "session": {
            "topic": "topics/goals", "startTime": "2026-03-02T08:00:00Z",
            "endTime": "2026-03-02T12:00:00Z", "timeZone": "Europe/Sofia", "language": "bg",
            "state": "PUBLISHED", "joinLink": "https://meet.example.org/x", "trainers": [{"displayName": ")",
          kName, R"(", "email": ")", kEmail, R"("}, {"displayName": "Ivan"}]}})"));
    }
    Write("POST", "/v1/programs/academy/sessions:batchCreate",
          absl::StrCat(R"({"requests": [)", absl::StrJoin(requests, ","), "]}"));
  }
  static std::string SessionId(int i) { return absl::StrCat("s", 1000 + i); }
  static std::string SessionTarget(int i) {
    return absl::StrCat("/v1/programs/academy/sessions/", SessionId(i));
  }

  Operation Begin(const std::string& verb) {
    return As<Operation>(Write("POST", absl::StrCat("/v1/", user_, ":", verb)));
  }
  // Reads it until it is done.
  Operation Await(const std::string& name) {
    const absl::Time limit = absl::Now() + kLimit;
    while (true) {
      auto operation = As<Operation>(Ask("GET", "/v1/" + name));
      if (operation.done()) return operation;
      if (operation.name().empty() || absl::Now() > limit) {
        ADD_FAILURE() << "not done: " << operation.ShortDebugString();
        return operation;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  static std::vector<std::string> ServicesOf(const Operation& operation) {
    std::vector<std::string> services;
    for (const auto& part : operation.parts()) services.push_back(part.service());
    std::sort(services.begin(), services.end());
    return services;
  }
  static std::vector<std::string> AllServices() {
    std::vector<std::string> services;
    for (const auto& entry : service::Directory()) services.push_back(entry.name);
    std::sort(services.begin(), services.end());
    return services;
  }

  // How many there are of each, deleted ones too.
  std::map<std::string, int> Counts() {
    std::map<std::string, int> counts;
    for (const char* collection :
         {"users", "organizations", "invitations", "sessions", "programs/academy/sessions"}) {
      const auto response =
          Ask("GET",
              absl::StrCat("/v1/", collection, "?pageSize=1&showTotalSize=true&showDeleted=true"));
      google::protobuf::Struct page;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &page).ok());
      const auto total = page.fields().find("totalSize");
      EXPECT_NE(total, page.fields().end()) << response.body;
      if (total == page.fields().end()) continue;
      counts[collection] = static_cast<int>(total->second.number_value());
    }
    return counts;
  }

  // Where the planted values stand: files of the programs, among them SQLite's
  // with their logs; tables; Redis. SQLite's tables only after Stop.
  std::vector<std::string> Places(bool stopped) {
    std::vector<std::string> places;
    for (const auto& file : std::filesystem::recursive_directory_iterator(system_->folder())) {
      if (!file.is_regular_file()) continue;
      const std::string bytes = ReadFile(file.path());
      for (const std::string& text : Planted()) {
        if (absl::StrContains(bytes, text)) {
          places.push_back(absl::StrCat(text, " in ", file.path().filename().string()));
        }
      }
    }
    for (const std::string& url : system_->database_urls()) {
      if (absl::StartsWith(url, "sqlite:") && !stopped) continue;
      const auto database = sql::Database::Open({.url = url});
      EXPECT_THAT(database, IsOk());
      if (!database.ok()) continue;
      for (const std::string& text : Planted()) {
        for (const std::string& place : testing::PlacesOf(**database, text)) {
          places.push_back(absl::StrCat(text, " in ", place));
        }
      }
    }
    if (system_->redis() != nullptr) AddPlacesInRedis(places);
    return places;
  }

  void AddPlacesInRedis(std::vector<std::string>& places) {
    const auto address = redis::Address::Parse(system_->redis()->address());
    ASSERT_THAT(address, IsOk());
    const auto connection = redis::Connection::Open(*address, absl::Now() + kLimit);
    ASSERT_THAT(connection, IsOk());
    const auto keys = (*connection)->Do({"KEYS", "*"}, absl::Now() + kLimit);
    ASSERT_THAT(keys, IsOk());
    for (const redis::Reply& key : keys->elements) {
      const auto value = (*connection)->Do({"DUMP", key.text}, absl::Now() + kLimit);
      ASSERT_THAT(value, IsOk());
      for (const std::string& text : Planted()) {
        if (absl::StrContains(key.text + value->text, text)) {
          places.push_back(absl::StrCat(text, " in Redis: ", key.text));
        }
      }
    }
  }

  // All that the services tell those who follow them, and what is measured.
  std::string Told() {
    std::string told = Ask("GET", "/metrics").body;
    for (const std::string& address : system_->operations_addresses()) {
      http::Client client(http::ParseServerAddress(address).value());
      const std::string metrics = journeys::Ask(client, "GET", "/metrics").body;
      EXPECT_THAT(metrics, HasSubstr("mostove_")) << address;
      absl::StrAppend(&told, metrics);
    }
    for (const std::string& service : AllServices()) {
      absl::StrAppend(&told, ToldByLog(service),
                      Ask("GET", absl::StrCat("/v1/", service, ":accessRecords")).body);
    }
    return told;
  }

  // The change log from its beginning, and what a stream tells of it.
  std::string ToldByLog(const std::string& service) {
    std::string told, end;
    while (true) {
      const auto response =
          Ask("GET", absl::StrCat("/v1/", service, ":changes?pageSize=1000&after=", end));
      absl::StrAppend(&told, response.body);
      const auto page = As<changes::v1::ListChangesResponse>(response);
      if (page.changes_size() == 0) break;
      end = page.next_position();
    }
    if (end.empty()) return told;  // nothing happened there
    // One who has watched since before anything was planted, and one who comes back.
    const auto watching = watching_.find(service);
    EXPECT_NE(watching, watching_.end()) << service;
    if (watching == watching_.end()) return told;
    const std::string begin = watching->second.first;
    const auto again = OpenWatch(service, begin);
    return absl::StrCat(told, ReadTo(end, *watching->second.second), ReadTo(end, *again));
  }

  std::unique_ptr<EventReader> OpenWatch(const std::string& service, const std::string& after) {
    auto reader =
        EventReader::Open(system_->http_address(), absl::StrCat("/v1/", service, ":watch"),
                          system_->administrator(), after);
    EXPECT_THAT(reader, IsOk()) << service;
    return reader.ok() ? *std::move(reader) : std::make_unique<EventReader>();
  }
  void WatchAll() {
    for (const std::string& service : AllServices()) {
      auto reader = OpenWatch(service, "");
      const std::optional<Event> begun = reader->Next();
      ASSERT_TRUE(begun.has_value()) << service;
      watching_[service] = {begun->id, std::move(reader)};
    }
  }
  // All that the stream says up to a position of the log.
  static std::string ReadTo(const std::string& position, EventReader& reader) {
    const auto end = changelog::Position::Parse(position);
    EXPECT_THAT(end, IsOk());
    std::string told;
    while (end.ok()) {
      const std::optional<Event> event = reader.Next();
      EXPECT_TRUE(event.has_value()) << "the stream ended before the log did";
      if (!event.has_value()) break;
      absl::StrAppend(&told, event->id, " ", event->type, " ", event->data, "\n");
      const auto here = changelog::Position::Parse(event->id);
      EXPECT_THAT(here, IsOk()) << event->id;
      if (!here.ok() || here->sequence >= end->sequence) break;
    }
    return told;
  }

  void ExpectLogsVerify() {
    std::vector<std::string> where = system_->database_urls();
    for (const std::string& url : where) {
      const Finished verified = system_->RunCli({"audit", "verify", url});
      EXPECT_EQ(verified.exit_code, 0) << url << "\n" << verified.report;
    }
  }

  std::string user_;

 private:
  int writes_ = 0;
  // By service: where its stream began, and the stream.
  std::map<std::string, std::pair<std::string, std::unique_ptr<EventReader>>> watching_;
};
INSTANTIATE_IN_BOTH_HOMES(PrivacyJourney);

TEST_P(PrivacyJourney, AnErasedPersonIsFoundNowhere) {
  ASSERT_NO_FATAL_FAILURE(WatchAll());
  PlantAccount();
  PlantOrganizations();
  PlantTrainings(3);
  // A copy of everything.
  const Operation exported = Await(Begin("export").name());
  std::string data;
  for (const auto& part : exported.parts()) data += part.data();
  for (const std::string& text : Planted()) EXPECT_THAT(data, HasSubstr(text));
  EXPECT_EQ(ServicesOf(exported), AllServices());
  const std::vector<std::string> before = Places(/*stopped=*/false);
  for (const std::string& text : Planted())
    EXPECT_THAT(before, ::testing::Contains(HasSubstr(text)));
  const auto counts = Counts();

  const Operation erased = Await(Begin("erase").name());
  EXPECT_EQ(ServicesOf(erased), AllServices());
  EXPECT_EQ(Counts(), counts);
  EXPECT_EQ(SignIn(kPassword), 400);
  const auto user = As<identity::v1::User>(Ask("GET", "/v1/" + user_));
  EXPECT_TRUE(user.erased());
  EXPECT_EQ(user.email() + user.display_name(), "");
  // Others' data stays.
  const auto help = As<organizations::v1::Organization>(Ask("GET", "/v1/organizations/help"));
  ASSERT_EQ(help.contacts_size(), 1);
  EXPECT_EQ(help.contacts(0).email(), "desk@example.org");
  EXPECT_EQ(help.locations(0).addresses(0).city(), "Vidin");
  EXPECT_EQ(As<trainings::v1::Session>(Ask("GET", SessionTarget(0))).trainers_size(), 1);
  const std::string told = Told();
  EXPECT_THAT(told, HasSubstr(user_)) << "what was told is there";
  for (const std::string& text : Planted()) EXPECT_THAT(told, Not(HasSubstr(text)));

  EXPECT_EQ(system_->Stop(), 0);
  EXPECT_THAT(Places(/*stopped=*/true), IsEmpty());
  ExpectLogsVerify();
}

TEST_P(PrivacyJourney, AnErasureThatWasCutOffIsFinishedOnce) {
  constexpr int kSessions = 300;
  PlantAccount();
  PlantOrganizations();
  PlantTrainings(kSessions);
  const std::string operation = Begin("erase").name();
  // Cut off when the first session is done.
  const absl::Time limit = absl::Now() + kLimit;
  while (As<trainings::v1::Session>(Ask("GET", SessionTarget(0))).trainers_size() == 2) {
    ASSERT_LT(absl::Now(), limit);
  }
  if (GetParam() == Home::kOneProcess) {
    ASSERT_THAT(system_->Restart(), IsOk());
  } else {
    system_->process("mostove-trainings").Kill();
    ASSERT_THAT(system_->Relaunch("mostove-trainings"), IsOk());
  }
  client_ = system_->NewClient();
  const Operation erased = Await(operation);
  EXPECT_EQ(ServicesOf(erased), AllServices()) << "each once";
  for (int i = 0; i < kSessions; ++i) {
    const auto session = As<trainings::v1::Session>(Ask("GET", SessionTarget(i)));
    EXPECT_EQ(session.trainers_size(), 1) << i;
    EXPECT_EQ(session.etag(), "\"2\"") << i << ": created, and changed once";
  }
  EXPECT_EQ(system_->Stop(), 0);
  EXPECT_THAT(Places(/*stopped=*/true), IsEmpty());
}

}  // namespace
}  // namespace mostove::journeys
