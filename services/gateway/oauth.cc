#include "services/gateway/oauth.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"
#include "libs/openapi/json.h"
#include "libs/status/status.h"
#include "libs/transcoding/percent.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/gateway/form.h"
#include "services/gateway/pages.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {
namespace {

using identity::v1::IssueTokenRequest;
using identity::v1::ListSigningKeysRequest;
using identity::v1::ListSigningKeysResponse;
using identity::v1::RevokeTokenRequest;
using identity::v1::RevokeTokenResponse;
using identity::v1::TokenResponse;
using openapi::Json;

constexpr char kPasswordGrant[] = "password";
// Keys are published longer before they sign than others may keep this document.
constexpr absl::Duration kKeysFresh = absl::Seconds(5);
constexpr int kKeysMax = 1'000;

Json Texts(std::initializer_list<absl::string_view> texts) {
  Json all = Json::Array();
  for (const absl::string_view text : texts) all.Add(text);
  return all;
}

std::string Metadata(const std::string& issuer) {
  const auto at = [&](absl::string_view path) { return absl::StrCat(issuer, path); };
  const Json document =
      Json::Object({{"issuer", issuer},
                    {"authorization_endpoint", at("/oauth2/authorize")},
                    {"token_endpoint", at("/oauth2/token")},
                    {"revocation_endpoint", at("/oauth2/revoke")},
                    {"jwks_uri", at("/.well-known/jwks.json")},
                    {"service_documentation", at("/docs")},
                    {"scopes_supported", Texts({"read", "write"})},
                    {"response_types_supported", Texts({"code"})},
                    {"response_modes_supported", Texts({"query"})},
                    {"grant_types_supported",
                     Texts({"client_credentials", kPasswordGrant, "refresh_token",
                            "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"})},
                    {"token_endpoint_auth_methods_supported",
                     Texts({"client_secret_basic", "client_secret_post", "none"})},
                    {"revocation_endpoint_auth_methods_supported",
                     Texts({"client_secret_basic", "client_secret_post", "none"})},
                    {"code_challenge_methods_supported", Texts({"S256"})},
                    {"authorization_response_iss_parameter_supported", true},
                    {"subject_types_supported", Texts({"public"})},
                    {"id_token_signing_alg_values_supported", Texts({"EdDSA"})},
                    {"ui_locales_supported", Texts({"bg", "uk", "en"})}});
  std::string text;
  document.Write(text);
  return text;
}

void SetNoStore(http::Response& response) {
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("Pragma", "no-cache");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

http::Response ErrorAnswer(const OAuthError& error) {
  http::Response response{.status = error.http_status};
  response.AddHeader("Content-Type", "application/json");
  SetNoStore(response);
  if (error.retry_after > absl::ZeroDuration()) {
    response.AddHeader(
        "Retry-After",
        absl::StrCat(absl::ToInt64Seconds(absl::Ceil(error.retry_after, absl::Seconds(1)))));
  }
  if (error.http_status == 401)
    response.AddHeader("WWW-Authenticate", "Basic realm=\"mostove\", charset=\"UTF-8\"");
  Json::Object({{"error", error.code}, {"error_description", error.description}})
      .Write(response.body);
  return response;
}

OAuthError InvalidRequest(absl::string_view description) {
  return {.code = "invalid_request", .description = std::string(description)};
}

// Id and secret of a client, by Basic or in the form; or what is wrong with them.
std::optional<OAuthError> ReadClient(const http::Request& request, const Form& form,
                                     std::string& id, std::string& secret) {
  id = form.Get("client_id");
  secret = form.Get("client_secret");
  const absl::string_view* field = request.headers.Find("Authorization");
  if (field == nullptr) return std::nullopt;
  if (request.headers.Count("Authorization") > 1 || !secret.empty()) {
    return InvalidRequest("a client proves itself once: by Basic or by client_secret");
  }
  std::string pair;
  const bool basic = absl::StartsWithIgnoreCase(*field, "Basic ") &&
                     absl::Base64Unescape(absl::StripAsciiWhitespace(field->substr(6)), &pair);
  const size_t colon = pair.find(':');
  std::string basic_id;
  if (!basic || colon == std::string::npos ||
      !transcoding::DecodePercent(pair.substr(0, colon), {.plus_is_space = true}, basic_id) ||
      !transcoding::DecodePercent(pair.substr(colon + 1), {.plus_is_space = true}, secret) ||
      !transcoding::IsCleanText(basic_id) || !transcoding::IsCleanText(secret)) {
    return OAuthError{.http_status = 401,
                      .code = "invalid_client",
                      .description = "Authorization is Basic with client_id and client_secret"};
  }
  if (!id.empty() && id != basic_id) {
    return InvalidRequest("client_id and the one of Basic are not the same");
  }
  id = std::move(basic_id);
  return std::nullopt;
}

std::optional<OAuthError> ReadForm(const http::Request& request, Form& form) {
  if (!SendsForm(request)) {
    return InvalidRequest("send the parameters as application/x-www-form-urlencoded");
  }
  if (!request.query.empty()) return InvalidRequest("parameters belong into the body");
  if (!form.Parse(request.body)) {
    return InvalidRequest("the form is malformed, or has a parameter twice");
  }
  return std::nullopt;
}

http::Response TokenAnswer(const TokenResponse& token) {
  http::Response response;
  response.AddHeader("Content-Type", "application/json");
  SetNoStore(response);
  Json answer = Json::Object({{"access_token", token.access_token()},
                              {"token_type", token.token_type()},
                              {"expires_in", token.expires_in()}});
  if (!token.refresh_token().empty()) answer.Set("refresh_token", token.refresh_token());
  answer.Set("scope", token.scope());
  answer.Write(response.body);
  return response;
}

http::Response Cacheable(absl::string_view type, std::string body, absl::string_view age) {
  http::Response response;
  response.AddHeader("Content-Type", type);
  response.AddHeader("Cache-Control", absl::StrCat("public, max-age=", age));
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

std::string KeySet(const ListSigningKeysResponse& answer) {
  Json keys = Json::Array();
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  for (const auto& key : answer.signing_keys()) {
    const bool ended = key.has_expire_time() && key.expire_time().seconds() <= now;
    if (!ended && !key.public_jwk().empty()) keys.Add(Json::Verbatim(key.public_jwk()));
  }
  std::string text;
  Json::Object({{"keys", std::move(keys)}}).Write(text);
  return text;
}

}  // namespace

OAuthError OAuthErrorOf(const absl::Status& status) {
  constexpr absl::string_view kCodes[] = {
      "invalid_request",     "invalid_client",         "invalid_grant",         "invalid_scope",
      "unauthorized_client", "unsupported_grant_type", "unsupported_token_type"};
  const std::string description = Quotable(status::ToProto(status).message());
  const std::string reason = absl::AsciiStrToLower(status::Reason(status));
  const auto* known = std::find(std::begin(kCodes), std::end(kCodes), reason);
  if (known != std::end(kCodes)) {
    return {.http_status = *known == "invalid_client" ? 401 : 400,
            .code = *known,
            .description = description};
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return InvalidRequest(description);
    case absl::StatusCode::kResourceExhausted:
      return {429, "temporarily_unavailable", description, status::RetryAfter(status)};
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return {503, "temporarily_unavailable", description,
              std::max(status::RetryAfter(status), absl::Seconds(1))};
    default:
      return {.http_status = 500,
              .code = "server_error",
              .description = "an error of this server; quote the request id"};
  }
}

OAuth::OAuth(const std::string& issuer, const Entrance& entrance, const IdentityCalls& identity)
    : entrance_(entrance), identity_(identity), metadata_(Metadata(issuer)) {}

bool OAuth::Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange) {
  enum class Page { kToken, kRevoke, kMetadata, kKeys };
  constexpr std::pair<absl::string_view, Page> kPages[] = {
      {"/oauth2/token", Page::kToken},
      {"/oauth2/revoke", Page::kRevoke},
      {"/.well-known/openid-configuration", Page::kMetadata},
      {"/.well-known/oauth-authorization-server", Page::kMetadata},
      {"/.well-known/jwks.json", Page::kKeys}};
  for (const auto& [path, page] : kPages) {
    if (request.path != path) continue;
    exchange->set_route_label(path);
    const bool posts = page == Page::kToken || page == Page::kRevoke;
    const bool reads =
        request.method == http::Method::kGet || request.method == http::Method::kHead;
    if (posts ? request.method != http::Method::kPost : !reads) {
      FailMethod(*exchange, posts ? "POST" : "GET, HEAD");
    } else if (page == Page::kToken) {
      Token(request, exchange);
    } else if (page == Page::kRevoke) {
      Revoke(request, exchange);
    } else if (page == Page::kMetadata) {
      exchange->Respond(Cacheable("application/json", metadata_, "3600"));
    } else {
      Keys(exchange);
    }
    return true;
  }
  return false;
}

void OAuth::Token(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const {
  Form form;
  IssueTokenRequest issue;
  std::optional<OAuthError> wrong = ReadForm(request, form);
  if (!wrong.has_value()) {
    wrong = ReadClient(request, form, *issue.mutable_client_id(), *issue.mutable_client_secret());
  }
  if (!wrong.has_value() && !form.Has("grant_type"))
    wrong = InvalidRequest("grant_type is missing");
  if (wrong.has_value()) return exchange->Respond(ErrorAnswer(*wrong));
  absl::Status admitted = form.Get("grant_type") == kPasswordGrant
                              ? entrance_.AdmitSignIn(request, exchange->quota())
                              : entrance_.AdmitPublic(request, exchange->quota());
  if (admitted.ok()) admitted = exchange->Enter(/*reads=*/false);
  if (!admitted.ok()) return exchange->Respond(ErrorAnswer(OAuthErrorOf(admitted)));
  issue.set_grant_type(form.Get("grant_type"));
  issue.set_scope(form.Get("scope"));
  issue.set_username(form.Get("username"));
  issue.set_password(form.Get("password"));
  issue.set_refresh_token(form.Get("refresh_token"));
  issue.set_code(form.Get("code"));
  issue.set_redirect_uri(form.Get("redirect_uri"));
  issue.set_code_verifier(form.Get("code_verifier"));
  issue.set_assertion(form.Get("assertion"));
  issue.set_address(entrance_.ClientAddress(request));
  identity_.Call<TokenResponse>(
      IdentityCalls::As::kGateway, "IssueToken", *exchange, issue,
      [exchange](const absl::StatusOr<TokenResponse>& token) {
        exchange->Respond(token.ok() ? TokenAnswer(*token)
                                     : ErrorAnswer(OAuthErrorOf(token.status())));
      });
}

void OAuth::Revoke(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const {
  Form form;
  RevokeTokenRequest revoke;
  std::optional<OAuthError> wrong = ReadForm(request, form);
  if (!wrong.has_value()) {
    wrong = ReadClient(request, form, *revoke.mutable_client_id(), *revoke.mutable_client_secret());
  }
  if (!wrong.has_value() && !form.Has("token")) wrong = InvalidRequest("token is missing");
  if (wrong.has_value()) return exchange->Respond(ErrorAnswer(*wrong));
  absl::Status admitted = entrance_.AdmitPublic(request, exchange->quota());
  if (admitted.ok()) admitted = exchange->Enter(/*reads=*/false);
  if (!admitted.ok()) return exchange->Respond(ErrorAnswer(OAuthErrorOf(admitted)));
  revoke.set_token(form.Get("token"));
  revoke.set_address(entrance_.ClientAddress(request));
  identity_.Call<RevokeTokenResponse>(
      IdentityCalls::As::kGateway, "RevokeToken", *exchange, revoke,
      [exchange](const absl::StatusOr<RevokeTokenResponse>& revoked) {
        if (!revoked.ok()) return exchange->Respond(ErrorAnswer(OAuthErrorOf(revoked.status())));
        http::Response response;
        SetNoStore(response);
        exchange->Respond(std::move(response));
      });
}

// Others fetch it seldom and keep it; while identity is away they get what it said last.
void OAuth::Keys(const std::shared_ptr<Exchange>& exchange) {
  const auto answer = [exchange](const std::string& keys) {
    exchange->Respond(Cacheable("application/jwk-set+json", keys, "300"));
  };
  std::string kept;
  {
    const std::lock_guard lock(mutex_);
    if (absl::Now() - keys_time_ < kKeysFresh) kept = keys_;
  }
  if (!kept.empty()) return answer(kept);
  if (const absl::Status entered = exchange->Enter(/*reads=*/true); !entered.ok())
    return exchange->Fail(entered);
  ListSigningKeysRequest list;
  list.set_page_size(kKeysMax);
  identity_.Call<ListSigningKeysResponse>(
      IdentityCalls::As::kNobody, "ListSigningKeys", *exchange, list,
      [self = shared_from_this(), exchange,
       answer](const absl::StatusOr<ListSigningKeysResponse>& listed) {
        std::string keys;
        {
          const std::lock_guard lock(self->mutex_);
          if (listed.ok()) {
            self->keys_ = KeySet(*listed);
            self->keys_time_ = absl::Now();
          }
          keys = self->keys_;
        }
        if (keys.empty()) return exchange->Fail(listed.status());
        answer(keys);
      });
}

}  // namespace mostove::gateway
