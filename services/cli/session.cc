#include "services/cli/session.h"

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::cli {

void Session::Print(absl::string_view text) const { fwrite(text.data(), 1, text.size(), out); }

void Session::Tell(absl::string_view line) const {
  fwrite(line.data(), 1, line.size(), err);
  fputc('\n', err);
}

int TellError(const Session& session, const absl::Status& status) {
  if (status.ok()) return kOk;
  if (IsNotReachable(status)) {
    session.Tell(Say(session.language, Text::kNotReachable, status.message()));
    return kNotReachable;
  }
  const std::string reason = status::Reason(status);
  if (reason.empty() && absl::IsInvalidArgument(status)) {
    session.Tell(absl::StrCat("mostove: ", status.message()));
    return kUsage;
  }
  if (absl::IsUnauthenticated(status)) {
    const bool has_ended = reason == "SESSION_ENDED" || reason == "TOKEN_EXPIRED";
    session.Tell(
        Say(session.language, has_ended ? Text::kSessionEnded : Text::kSignIn, status.message()));
    return kSignIn;
  }
  // The message of INVALID_FIELDS only repeats the first of them.
  const bool fields_say_it = reason == "INVALID_FIELDS";
  session.Tell(Say(session.language, Text::kRefused, fields_say_it ? "" : status.message()));
  for (const status::Violation& violation : status::FieldViolations(status)) {
    session.Tell(absl::StrCat("  ", violation.field, ": ", violation.description));
  }
  return kRefused;
}

}  // namespace mostove::cli
