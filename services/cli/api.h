// The gateway's REST interface, for resources of any type.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/http/client.h"
#include "services/cli/catalog.h"

namespace mostove::cli {

// Sends one request; see http::Client::Send.
using Transport =
    std::function<absl::StatusOr<http::ClientResponse>(const http::ClientRequest& request)>;

// The token that a request brings; "" for none. `refused` is one that the server
// has just refused, "" at first: the same again when there is no other. For all
// threads.
using TokenOf = std::function<absl::StatusOr<std::string>(absl::string_view refused)>;

struct ApiOptions {
  TokenOf token;         // goes into one header and nowhere else; may be empty
  std::string language;  // of errors, BCP 47
  int attempts_max = 6;  // for a server that is busy
  std::function<void(absl::Duration)> sleep;
};

struct ListQuery {
  std::string filter;
  std::string order_by;
  int page_size = 0;
  std::string page_token;
  bool show_deleted = false;
};

struct WriteQuery {
  bool validate_only = false;
  std::string etag;             // of deletes and undeletes; in updates it is in the body
  bool allow_missing = false;   // of deletes and updates
  std::string idempotency_key;  // "" makes a random one
  // Of creates: says that it is another one than those it looks like (Lookalikes).
  std::string duplicates_token;
};

// Answers are JSON as it came. What the server refuses is an error with code,
// reason and field violations (libs/status); errors of the way there are those
// of http::Client. A server that is busy (503, 429, a key still in work) is
// asked again after the time that it names. For one thread.
class Api {
 public:
  Api(Transport transport, ApiOptions options);

  absl::StatusOr<std::string> Get(const ResourceType& type, absl::string_view name);
  // GET of an address that is no resource's.
  absl::StatusOr<std::string> Ask(std::string target);
  absl::StatusOr<std::string> List(const Collection& collection, const ListQuery& query);
  // `query` as in List; `words` are those to look for.
  absl::StatusOr<std::string> Search(const ResourceType& type, absl::string_view words,
                                     const ListQuery& query);
  absl::StatusOr<std::string> History(const ResourceType& type, absl::string_view name,
                                      int page_size, absl::string_view page_token);
  // An empty `id` lets the server choose.
  absl::StatusOr<std::string> Create(const ResourceType& type, absl::string_view parent,
                                     absl::string_view id, std::string body,
                                     const WriteQuery& query);
  // `mask` in JSON names, separated by commas; empty for the fields of the body.
  absl::StatusOr<std::string> Update(const ResourceType& type, absl::string_view name,
                                     absl::string_view mask, std::string body,
                                     const WriteQuery& query);
  absl::StatusOr<std::string> Delete(const ResourceType& type, absl::string_view name,
                                     const WriteQuery& query);
  absl::StatusOr<std::string> Undelete(const ResourceType& type, absl::string_view name,
                                       const WriteQuery& query);
  // `body`: a request of the method in JSON, without the name.
  absl::StatusOr<std::string> Merge(const ResourceType& type, absl::string_view name,
                                    std::string body, const WriteQuery& query);
  absl::StatusOr<std::string> Unmerge(const ResourceType& type, absl::string_view name,
                                      const WriteQuery& query);

 private:
  absl::StatusOr<std::string> Read(const google::protobuf::MethodDescriptor* method,
                                   absl::string_view name, absl::string_view what,
                                   const std::function<void(std::string&)>& add_parameters);
  absl::StatusOr<std::string> Write(const google::protobuf::MethodDescriptor* method,
                                    absl::string_view name, absl::string_view what,
                                    const std::function<void(std::string&)>& add_parameters,
                                    std::string body, const WriteQuery& query);
  absl::StatusOr<std::string> Send(http::ClientRequest request);
  absl::StatusOr<http::ClientResponse> SendWithToken(const http::ClientRequest& request);

  Transport transport_;
  ApiOptions options_;
};

// The error that a problem document (RFC 9457) tells.
absl::Status ProblemToStatus(const http::ClientResponse& response);

// The reason POSSIBLE_DUPLICATE: a new resource looks like others.
struct Lookalikes {
  std::string names;  // "organizations/a, organizations/b"
  std::string token;  // confirms that it is another one
};
std::optional<Lookalikes> LookalikesOf(const absl::Status& status);

// True for errors that say nothing about the request: nobody there, no answer.
bool IsNotReachable(const absl::Status& status);

}  // namespace mostove::cli
