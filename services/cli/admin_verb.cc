#include "services/cli/admin_verb.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "mostove/identity/v1/operator.pb.h"
#include "services/cli/audit_verb.h"

namespace mostove::cli {
namespace {

using namespace identity::v1;  // NOLINT(google-build-using-namespace): messages of the operator

constexpr absl::Duration kTimeMax = absl::Seconds(30);

template <class Response, class Request>
absl::StatusOr<Response> CallOperator(const std::string& socket, const char* method,
                                      const Request& request) {
  const auto* service = Request::descriptor()->file()->FindServiceByName("OperatorService");
  const auto invoker =
      rpc::MakeGrpcInvoker({.services = {service}, .addresses = {absl::StrCat("unix:", socket)}});
  call::Call call;
  call.deadline = absl::Now() + kTimeMax;
  std::promise<absl::StatusOr<call::MessagePtr>> answered;
  invoker->Invoke(service->FindMethodByName(method), std::move(call),
                  std::make_unique<Request>(request),
                  [&](absl::StatusOr<call::MessagePtr> a) { answered.set_value(std::move(a)); });
  const absl::StatusOr<call::MessagePtr> answer = answered.get_future().get();
  if (status::Reason(answer.status()) == "SERVICE_AWAY") {
    return absl::UnavailableError(
        absl::StrCat("identity does not answer at ", socket,
                     ": run this on the server, as root or as the user it runs as, with --socket "
                     "if its data folder is elsewhere"));
  }
  RETURN_IF_ERROR(answer.status());
  return static_cast<const Response&>(**answer);
}

// Identity's words; the gateway has no part in this.
int TellRefusal(const Session& session, const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return TellError(session, status);
  session.Tell(absl::StrCat("mostove: ", status.message()));
  return kNotReachable;
}

// 120 random bits.
std::string MakePassword() {
  unsigned char bytes[15];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) std::abort();
  return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes), sizeof(bytes)});
}

// "organization-editor" and "ORGANIZATION_EDITOR".
absl::StatusOr<resource::v1::Role> ParseRole(const std::string& text) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  resource::v1::Role role;
  if (resource::v1::Role_Parse(name, &role) && role != 0) return role;
  return absl::InvalidArgumentError(
      absl::StrCat("there is no role ", text, "; one is organization-editor"));
}

// Readers see the old file or the new one.
absl::Status WriteSecret(const std::string& file, const std::string& text) {
  const std::string fresh = absl::StrCat(file, ".new");
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) close(fd);
  if (written && rename(fresh.c_str(), file.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(file, " cannot be written: ", std::strerror(errno)));
}

}  // namespace

std::string DefaultOperatorSocket() {
  const std::filesystem::path data = DefaultDataFolder();
  std::error_code error;
  const std::filesystem::path separate = data / "socket" / "operator.sock";
  return std::filesystem::exists(separate, error) ? separate.string()
                                                  : (data / "operator.sock").string();
}

int RunAdminCreate(const Session& session, const AdminArguments& arguments,
                   const std::function<std::string(absl::string_view, bool hidden)>& ask) {
  CreateAdministratorRequest request;
  request.set_email(arguments.email);
  request.set_password(ask("Password (empty: one is made): ", true));
  const bool is_made = request.password().empty();
  if (is_made) request.set_password(MakePassword());
  if (!is_made && isatty(STDIN_FILENO) != 0 && ask("Again: ", true) != request.password()) {
    return TellError(session, absl::InvalidArgumentError("the passwords differ"));
  }
  const auto created =
      CallOperator<CreateAdministratorResponse>(arguments.socket, "CreateAdministrator", request);
  if (!created.ok()) return TellRefusal(session, created.status());
  session.Tell(absl::StrCat(created->user(), " may administer the network."));
  if (is_made) session.Print(absl::StrCat(request.password(), "\n"));
  return kOk;
}

int RunAdminToken(const Session& session, const AdminArguments& arguments) {
  const auto role = ParseRole(arguments.role);
  if (!role.ok()) return TellError(session, role.status());
  IssueOperatorTokenRequest request;
  request.set_email(arguments.email);
  request.set_display_name(arguments.display_name);
  request.set_role(*role);
  request.set_resource(arguments.resource);
  const auto issued =
      CallOperator<IssueOperatorTokenResponse>(arguments.socket, "IssueOperatorToken", request);
  if (!issued.ok()) return TellRefusal(session, issued.status());
  const std::string text = absl::StrCat(issued->access_token(), "\n");
  if (!arguments.output.empty()) return TellError(session, WriteSecret(arguments.output, text));
  session.Print(text);
  return kOk;
}

}  // namespace mostove::cli
