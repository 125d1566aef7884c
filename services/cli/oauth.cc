#include "services/cli/oauth.h"

#include <simdjson.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "services/cli/json.h"
#include "services/cli/url.h"

namespace mostove::cli {
namespace {

absl::StatusOr<http::ClientResponse> Post(const Transport& transport, const char* target,
                                          const Form& form) {
  http::ClientRequest request{.method = "POST", .target = target};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  for (const auto& [name, value] : form) {
    absl::StrAppend(&request.body, request.body.empty() ? "" : "&", name, "=", EncodeQuery(value));
  }
  return transport(request);
}

absl::Status ErrorOf(const http::ClientResponse& response) {
  const std::string code = StringMember(response.body, "error");
  if (code.empty()) return ProblemToStatus(response);
  const std::string description = StringMember(response.body, "error_description");
  return status::Make(response.status == 429 ? absl::StatusCode::kResourceExhausted
                                             : absl::StatusCode::kUnauthenticated,
                      absl::AsciiStrToUpper(code), description.empty() ? code : description);
}

}  // namespace

absl::StatusOr<Tokens> RequestTokens(const Transport& transport, const Form& form) {
  const absl::Time asked = absl::Now();
  ASSIGN_OR_RETURN(const http::ClientResponse response, Post(transport, "/oauth2/token", form));
  if (response.status != 200) return ErrorOf(response);
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  int64_t seconds = 0;
  Tokens tokens = {.access = StringMember(response.body, "access_token"),
                   .refresh = StringMember(response.body, "refresh_token")};
  const bool parsed = parser.parse(response.body).get(answer) == simdjson::SUCCESS &&
                      answer["expires_in"].get(seconds) == simdjson::SUCCESS;
  if (!parsed || tokens.access.empty()) return ProblemToStatus(response);
  tokens.expire_time = asked + absl::Seconds(seconds);
  return tokens;
}

absl::Status RevokeToken(const Transport& transport, absl::string_view token) {
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   Post(transport, "/oauth2/revoke", {{"token", std::string(token)}}));
  return response.status == 200 ? absl::OkStatus() : ErrorOf(response);
}

}  // namespace mostove::cli
