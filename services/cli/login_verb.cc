#include "services/cli/login_verb.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/json_util.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/cli/json.h"
#include "services/cli/token_source.h"

namespace mostove::cli {
namespace {

using identity::v1::WhoAmIResponse;

absl::StatusOr<std::string> AskWho(Api& api) { return api.Ask("/v1/users:whoAmI"); }

absl::StatusOr<WhoAmIResponse> ParseWho(const std::string& json) {
  WhoAmIResponse who;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json, &who, options).ok()) {
    return absl::InternalError("the answer is not understood");
  }
  return who;
}

// "organization-administrator"
std::string RoleName(int role) {
  const auto name = resource::v1::Role_Name(static_cast<resource::v1::Role>(role));
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", "-"}});
}

std::string Describe(const WhoAmIResponse& who) {
  std::string text = absl::StrCat(who.caller().empty() ? "nobody" : who.caller(), "\n");
  for (const auto& roles : who.roles()) {
    absl::StrAppend(&text, "  ", roles.resource(), ": ",
                    absl::StrJoin(roles.roles(), ", ",
                                  [](std::string* out, int role) { *out += RoleName(role); }),
                    "\n");
  }
  if (who.has_session_expire_time()) {
    const absl::Time end = absl::FromUnixSeconds(who.session_expire_time().seconds());
    absl::StrAppend(&text, "  until ",
                    absl::FormatTime("%Y-%m-%d %H:%M", end, absl::LocalTimeZone()), "\n");
  }
  return text;
}

absl::StatusOr<KeptSession> SignInWith(const SignIn& sign_in, const LoginArguments& arguments) {
  KeptSession kept;
  if (!arguments.token_file.empty()) {
    kept.token_file = std::filesystem::absolute(arguments.token_file).string();
    RETURN_IF_ERROR(ReadSecret(kept.token_file).status());
    return kept;
  }
  if (!sign_in.on_this_machine) {
    return absl::FailedPreconditionError(
        "this command line has no TLS, so it sends no password beyond this machine; "
        "sign in through an SSH tunnel (ssh -L 8080:127.0.0.1:8080), or with --token-file");
  }
  if (!arguments.client_id.empty()) {
    kept.client_id = arguments.client_id;
    kept.client_secret_file = std::filesystem::absolute(arguments.client_secret_file).string();
    ASSIGN_OR_RETURN(kept.tokens, RefreshTokens(sign_in.transport, kept));
    return kept;
  }
  const std::string email =
      arguments.email.empty() ? sign_in.ask("E-mail: ", false) : arguments.email;
  ASSIGN_OR_RETURN(kept.tokens, RequestTokens(sign_in.transport,
                                              {{"grant_type", "password"},
                                               {"username", email},
                                               {"password", sign_in.ask("Password: ", true)}}));
  return kept;
}

}  // namespace

int RunLogin(const SignIn& sign_in, const LoginArguments& arguments) {
  const Session& session = *sign_in.session;
  auto kept = SignInWith(sign_in, arguments);
  if (!kept.ok()) return TellError(session, kept.status());
  const auto written = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const auto others, sign_in.file.Acquire());
    return sign_in.file.Write(*kept);
  }();
  if (!written.ok()) return TellError(session, written);
  return RunWhoAmI(session, false);
}

int RunLogout(const SignIn& sign_in) {
  const Session& session = *sign_in.session;
  auto others = sign_in.file.Acquire();
  if (!others.ok()) return TellError(session, others.status());
  const auto kept = sign_in.file.Read();
  if (!kept.has_value()) return kOk;
  sign_in.file.Remove();
  const std::string& token =
      kept->tokens.refresh.empty() ? kept->tokens.access : kept->tokens.refresh;
  if (token.empty()) return kOk;
  return TellError(session, RevokeToken(sign_in.transport, token));
}

int RunWhoAmI(const Session& session, bool json) {
  const auto answer = AskWho(*session.make_api());
  if (!answer.ok()) return TellError(session, answer.status());
  if (json) {
    session.Print(absl::StrCat(PrettyJson(*answer), "\n"));
    return kOk;
  }
  const auto who = ParseWho(*answer);
  if (!who.ok()) return TellError(session, who.status());
  session.Print(Describe(*who));
  return kOk;
}

std::string AskPerson(absl::string_view question, bool hidden) {
  std::string answer;
  const bool is_terminal = isatty(STDIN_FILENO) != 0;
  if (is_terminal) std::cerr << std::string(question) << std::flush;
  termios before = {};
  const bool hides = hidden && is_terminal && tcgetattr(STDIN_FILENO, &before) == 0;
  if (hides) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::getline(std::cin, answer);
  if (hides) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << "\n";
  }
  return answer;
}

}  // namespace mostove::cli
