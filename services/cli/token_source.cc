#include "services/cli/token_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::cli {
namespace {

// So long a token has to last yet: the request is on its way meanwhile.
constexpr absl::Duration kSpare = absl::Seconds(20);

absl::Status Ended(absl::string_view why) {
  return status::Make(absl::StatusCode::kUnauthenticated, "SESSION_ENDED", why);
}

}  // namespace

absl::StatusOr<Tokens> RefreshTokens(const Transport& transport, const KeptSession& session) {
  if (!session.client_id.empty()) {
    ASSIGN_OR_RETURN(const std::string secret, ReadSecret(session.client_secret_file));
    return RequestTokens(transport, {{"grant_type", "client_credentials"},
                                     {"client_id", session.client_id},
                                     {"client_secret", secret}});
  }
  if (session.tokens.refresh.empty()) return Ended("it cannot be renewed");
  return RequestTokens(
      transport, {{"grant_type", "refresh_token"}, {"refresh_token", session.tokens.refresh}});
}

absl::StatusOr<std::string> SessionTokens::Get(absl::string_view refused) {
  const std::lock_guard lock(mutex_);
  const bool lasts = absl::Now() + kSpare < expire_time_;
  if (lasts && !token_.empty() && token_ != refused) return token_;
  return Renew(refused);
}

absl::StatusOr<std::string> SessionTokens::Renew(absl::string_view refused) {
  if (!file_.Read().has_value()) return std::string();
  ASSIGN_OR_RETURN(const auto others, file_.Acquire());
  std::optional<KeptSession> session = file_.Read();  // as another run may have left it
  if (!session.has_value()) return std::string();
  if (!session->token_file.empty()) {
    ASSIGN_OR_RETURN(token_, ReadSecret(session->token_file));
    if (token_ == refused) return Ended(absl::StrCat("the token in ", session->token_file));
    return token_;
  }
  const bool lasts = absl::Now() + kSpare < session->tokens.expire_time;
  if (!lasts || session->tokens.access == refused) {
    auto tokens = RefreshTokens(transport_, *session);
    if (!tokens.ok()) {
      if (!absl::IsUnauthenticated(tokens.status())) return tokens.status();
      return Ended(tokens.status().message());
    }
    if (tokens->refresh.empty()) tokens->refresh = session->tokens.refresh;
    session->tokens = *std::move(tokens);
    RETURN_IF_ERROR(file_.Write(*session));
  }
  token_ = session->tokens.access;
  expire_time_ = session->tokens.expire_time;
  return token_;
}

}  // namespace mostove::cli
