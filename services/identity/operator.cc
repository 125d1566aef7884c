#include "services/identity/operator.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/listen/socket.h"
#include "libs/rpc/h2_server.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/service_table.h"
#include "libs/rpc/worker_pool.h"
#include "libs/status/macros.h"
#include "mostove/identity/v1/operator.pb.h"
#include "services/identity/acting.h"
#include "services/identity/bootstrap.h"

namespace mostove::identity {
namespace {

constexpr char kService[] = "mostove.identity.v1.OperatorService";

template <class Request, class Response>
call::UnaryMethod Row(const char* name,
                      std::function<absl::StatusOr<Response>(const Request&)> run) {
  return {name, Request::descriptor(), Response::descriptor(),
          [run = std::move(run)](const call::Call&, const google::protobuf::Message& request)
              -> absl::StatusOr<call::MessagePtr> {
            ASSIGN_OR_RETURN(Response response, run(static_cast<const Request&>(request)));
            return std::make_unique<Response>(std::move(response));
          }};
}

// The new process of a service comes up beside the old one, whose socket gives way
// in one step.
absl::StatusOr<listen::Socket> TakePath(const std::string& path) {
  const std::string fresh = absl::StrCat(path, ".new");
  std::remove(fresh.c_str());
  ASSIGN_OR_RETURN(listen::Socket socket, listen::Open(absl::StrCat("unix:", fresh)));
  if (std::rename(fresh.c_str(), path.c_str()) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the operator's socket ", path, " cannot be made: ", std::strerror(errno)));
  }
  return socket;
}

class Server final : public Operator {
 public:
  Server(const store::Store& store, IdentityService& service) : bootstrap_(store, service) {}

  absl::Status Start(const std::string& path) {
    ASSIGN_OR_RETURN(table_, rpc::ServiceTable::Bind(kService, Methods(), {}, {}));
    invoker_ = rpc::MakeLocalInvoker({table_.get()}, pool_.get());
    ASSIGN_OR_RETURN(listen::Socket socket, TakePath(path));
    ASSIGN_OR_RETURN(server_, rpc::StartH2Server({.invokers = {invoker_.get()},
                                                  .address = absl::StrCat("unix:", path),
                                                  .listener = socket.Release(),
                                                  .caller_of = [](const rpc::MetadataReader&) {
                                                    return call::LocalAdministrator();
                                                  }}));
    return absl::OkStatus();
  }

 private:
  std::vector<call::UnaryMethod> Methods() {
    return {Row<v1::CreateAdministratorRequest, v1::CreateAdministratorResponse>(
                "CreateAdministrator", [this](const auto& request) { return Create(request); }),
            Row<v1::IssueOperatorTokenRequest, v1::IssueOperatorTokenResponse>(
                "IssueOperatorToken", [this](const auto& request) { return Issue(request); })};
  }

  absl::StatusOr<v1::CreateAdministratorResponse> Create(
      const v1::CreateAdministratorRequest& request) {
    v1::CreateAdministratorResponse response;
    ASSIGN_OR_RETURN(*response.mutable_user(),
                     bootstrap_.CreateAdministrator(request.email(), request.password()));
    return response;
  }

  absl::StatusOr<v1::IssueOperatorTokenResponse> Issue(
      const v1::IssueOperatorTokenRequest& request) {
    v1::IssueOperatorTokenResponse response;
    const absl::Time now = absl::Now();
    ASSIGN_OR_RETURN(*response.mutable_user(),
                     bootstrap_.EnsureUser(request.email(), request.display_name(), request.role(),
                                           request.resource()));
    ASSIGN_OR_RETURN(*response.mutable_access_token(), bootstrap_.IssueLongToken(response.user()));
    *response.mutable_expire_time() = ToTimestamp(now + auth::kTokenLifeMax);
    return response;
  }

  Bootstrap bootstrap_;
  std::unique_ptr<rpc::WorkerPool> pool_ = rpc::WorkerPool::Start({.threads = 2, .queue_max = 16});
  std::unique_ptr<const rpc::ServiceTable> table_;
  std::unique_ptr<rpc::Invoker> invoker_;
  std::unique_ptr<rpc::GrpcServer> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> Operator::Serve(const std::string& path,
                                                          const store::Store& store,
                                                          IdentityService& service) {
  auto server = std::make_unique<Server>(store, service);
  RETURN_IF_ERROR(server->Start(path));
  return server;
}

absl::Status IdentityService::ServeOperator(const std::string& socket) {
  ASSIGN_OR_RETURN(operator_, Operator::Serve(socket, store_, *this));
  return absl::OkStatus();
}

}  // namespace mostove::identity
