// A running system for journeys: the real programs, on free ports and a data
// folder of their own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "libs/http/client.h"

namespace mostove::journeys {

class System {
 public:
  // Starts on an empty folder and returns when it is ready.
  static absl::StatusOr<std::unique_ptr<System>> Start();
  ~System();  // kills it and empties the folder

  // Ends it at once, as a power cut would.
  void Kill();
  // Asks it to end; answers its exit code.
  int Stop();
  // Starts it again on the same data (other ports).
  absl::Status Restart();

  const std::string& http_address() const { return http_address_; }  // "127.0.0.1:41234"
  const std::string& grpc_address() const { return grpc_address_; }
  std::unique_ptr<http::Client> NewClient() const;
  const std::filesystem::path& folder() const { return folder_; }

  // Runs the command line `mostove` against it.
  struct Finished {
    int exit_code = 0;
    std::string output;  // standard output
    std::string report;  // standard output and error
  };
  Finished RunCli(const std::vector<std::string>& arguments) const;

 private:
  System() = default;
  absl::Status Launch();

  std::filesystem::path folder_;
  pid_t process_ = -1;
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

}  // namespace mostove::journeys
