// A running system for journeys, in either home: the real programs, on free
// ports and data of their own.
//
//   class SomeJourney : public JourneyTest {};
//   INSTANTIATE_IN_BOTH_HOMES(SomeJourney);
//   TEST_P(SomeJourney, Begins) { Ask("GET", "/v1/organizations"); }
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "libs/http/client.h"
#include "libs/testing/databases.h"
#include "libs/testing/temporary_folder.h"
#include "tests/journeys/process.h"

namespace mostove::journeys {

enum class Home {
  kOneProcess,  // mostove-all on SQLite files
  kSeparate,    // a program for each service and the gateway, on PostgreSQL
};

class System {
 public:
  // Starts on an empty folder and returns when it is ready.
  static absl::StatusOr<std::unique_ptr<System>> Start(Home home);

  // Ends the programs at once, as a power cut would; the database server lives.
  void Kill();
  // Asks them to end; the first exit code that is not 0, else 0.
  int Stop();
  // Starts them again on the same data (other ports).
  absl::Status Restart();
  // The programs by name: "mostove-gateway"; and one of them again.
  Process& process(const std::string& program) { return *processes_.at(program); }
  absl::Status Launch(const std::string& program);
  std::vector<std::string> programs() const;

  const std::string& http_address() const { return http_address_; }  // "127.0.0.1:41234"
  const std::string& grpc_address() const { return grpc_address_; }
  std::unique_ptr<http::Client> NewClient() const;
  const std::filesystem::path& folder() const { return folder_.path(); }

  // Runs the command line `mostove` against it.
  Finished RunCli(const std::vector<std::string>& arguments) const;

 private:
  System(Home home, testing::TemporaryFolder folder) : home_(home), folder_(std::move(folder)) {}
  absl::Status LaunchAll();
  absl::Status AwaitGateway() const;
  std::vector<std::string> ArgumentsOf(const std::string& program) const;

  const Home home_;
  const testing::TemporaryFolder folder_;
  std::map<std::string, std::unique_ptr<testing::FreshDatabase>> databases_;  // by service
  std::map<std::string, std::unique_ptr<Process>> processes_;                 // by program
  std::string http_address_;
  std::string grpc_address_;
};

// One request with a JSON body ("" for none) and its whole answer.
http::ClientResponse Ask(http::Client& client, const std::string& method, const std::string& target,
                         const std::string& body = "", const http::HeaderList& headers = {});

// Reads an answer as a message, by protobuf's own JSON; a test fails on what it
// does not read.
void Parse(const http::ClientResponse& response, google::protobuf::Message& message);
template <class Message>
Message As(const http::ClientResponse& response) {
  Message message;
  Parse(response, message);
  return message;
}

// The problem document of an error answer; a test fails on anything else.
struct Problem {
  int status = 0;
  std::string code, reason, detail;
  std::vector<std::string> fields;  // that it names
};
Problem AsProblem(const http::ClientResponse& response);

// A system for every test, in each home by parameter.
class JourneyTest : public ::testing::TestWithParam<Home> {
 protected:
  void SetUp() override;
  http::ClientResponse Ask(const std::string& method, const std::string& target,
                           const std::string& body = "", const http::HeaderList& headers = {}) {
    return journeys::Ask(*client_, method, target, body, headers);
  }

  std::unique_ptr<System> system_;
  std::unique_ptr<http::Client> client_;
};

std::string HomeName(const ::testing::TestParamInfo<Home>& home);

#define INSTANTIATE_IN_BOTH_HOMES(Suite)                                             \
  INSTANTIATE_TEST_SUITE_P(In, Suite,                                                \
                           ::testing::Values(::mostove::journeys::Home::kOneProcess, \
                                             ::mostove::journeys::Home::kSeparate),  \
                           ::mostove::journeys::HomeName)

}  // namespace mostove::journeys
