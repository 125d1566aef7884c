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
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "libs/http/client.h"
#include "libs/redis/redis_server.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/service/directory.h"
#include "libs/testing/databases.h"
#include "libs/testing/temporary_folder.h"
#include "libs/tls/credentials.h"
#include "libs/tls/test_authority.h"
#include "tests/journeys/process.h"

namespace mostove::journeys {

enum class Home {
  kOneProcess,  // mostove-all on SQLite files
  kSeparate,    // a program for each service and the gateway, on PostgreSQL and Redis
  // The same over TCP with mutual TLS, in place of Unix sockets. The environment variable
  // MOSTOVE_JOURNEYS_TLS=1 makes it of kSeparate, for every journey.
  kSeparateTls,
};

class System {
 public:
  // Starts on an empty folder and returns when it is ready. `copies`: of each
  // service, where they are separate.
  static absl::StatusOr<std::unique_ptr<System>> Start(Home home, int copies = 1);

  // Ends the programs at once, as a power cut would; the database server lives.
  void Kill();
  // Asks them to end; the first exit code that is not 0, else 0.
  int Stop();
  // Starts them again on the same data (other ports).
  absl::Status Restart();
  // The programs by name: "mostove-gateway", the second copy of a service
  // "mostove-funding-2"; and one of them again.
  Process& process(const std::string& program) { return *processes_.at(program); }
  absl::Status Launch(const std::string& program);
  // Returns when all is ready again; who serves HTTP gets another port.
  absl::Status Relaunch(const std::string& program);
  std::vector<std::string> programs() const;
  // Where the copies of a service are, with commas between them; "" in one process.
  std::string AddressesOf(const std::string& service) const;
  // Calls a service at its own port, as the gateway does; not in one process.
  std::unique_ptr<rpc::GrpcInvoker> InvokerOf(const service::DirectoryEntry& entry) const;
  redis::RedisServer* redis() { return redis_.get(); }  // null in one process

  // Those of all services; SQLite's are locked while a program runs.
  std::vector<std::string> database_urls() const;

  // "127.0.0.1:41234"; from any thread.
  std::string http_address() const;
  const std::string& grpc_address() const { return grpc_address_; }
  // Where separate services serve /metrics; none in one process, which does so for HTTP.
  std::vector<std::string> operations_addresses() const;
  // Sends an administrator's token with every request that has no other.
  std::unique_ptr<http::Client> NewClient() const { return NewClient(administrator()); }
  // "": nobody's.
  std::unique_ptr<http::Client> NewClient(const std::string& token) const;
  const std::filesystem::path& folder() const { return folder_.path(); }

  // A token of an administrator of the network, of a day.
  const std::string& administrator() const { return administrator_; }
  // A token of somebody with this role: "organization-editor" on "organizations/x".
  // Returns when every program knows of it.
  absl::StatusOr<std::string> TokenOf(const std::string& role, const std::string& resource) const;
  // Returns when every program knows of its bearer: each learns of callers by itself.
  absl::Status AwaitToken(const std::string& token) const;
  // Identity's socket for operators.
  std::string operator_socket() const { return (folder() / "operator.sock").string(); }

  // Runs the command line `mostove` against it, with the administrator's token
  // unless the environment ("NAME=value") says otherwise.
  Finished RunCli(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment = {}) const;

 private:
  // One of the processes of a service.
  struct Copy {
    std::string service;  // "funding"
    std::string address;
    std::string operations;  // once it is ready
  };

  System(Home home, testing::TemporaryFolder folder);
  absl::Status Prepare(int copies);
  absl::StatusOr<std::string> NewAddress(const std::string& copy) const;
  absl::Status LaunchAll();
  absl::Status AwaitReady(const std::string& program);
  absl::Status AwaitGateway() const;
  std::vector<std::string> ArgumentsOf(const std::string& program) const;

  const Home home_;
  const testing::TemporaryFolder folder_;
  std::map<std::string, std::unique_ptr<testing::FreshDatabase>> databases_;  // by service
  std::unique_ptr<redis::RedisServer> redis_;
  std::unique_ptr<tls::TestAuthority> authority_;              // null: no TLS
  std::map<std::string, tls::Files> files_;                    // by service, and of the gateway
  std::unique_ptr<tls::Credentials> credentials_;              // the gateway's
  std::map<std::string, Copy> copies_;                         // by program
  std::map<std::string, std::unique_ptr<Process>> processes_;  // by program
  mutable std::mutex mutex_;
  std::string http_address_;  // guarded by mutex_
  std::string grpc_address_;
  std::string administrator_;
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
  explicit JourneyTest(int copies = 1) : copies_(copies) {}
  void SetUp() override;
  http::ClientResponse Ask(const std::string& method, const std::string& target,
                           const std::string& body = "", const http::HeaderList& headers = {}) {
    return journeys::Ask(*client_, method, target, body, headers);
  }

  std::unique_ptr<System> system_;
  std::unique_ptr<http::Client> client_;

 private:
  const int copies_;
};

std::string HomeName(const ::testing::TestParamInfo<Home>& home);

#define INSTANTIATE_IN_BOTH_HOMES(Suite)                                             \
  INSTANTIATE_TEST_SUITE_P(In, Suite,                                                \
                           ::testing::Values(::mostove::journeys::Home::kOneProcess, \
                                             ::mostove::journeys::Home::kSeparate),  \
                           ::mostove::journeys::HomeName)

}  // namespace mostove::journeys
