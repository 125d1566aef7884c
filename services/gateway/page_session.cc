#include "services/gateway/page_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/digest/digest.h"
#include "mostove/identity/v1/identity_service.pb.h"

namespace mostove::gateway {
namespace {

using identity::v1::IssueTokenRequest;
using identity::v1::TokenResponse;

constexpr char kBetween = '~';  // in no token
constexpr size_t kTokenMax = 3'000;
// As long as identity itself takes a token for one whose answer was lost.
constexpr absl::Duration kKept = absl::Seconds(10);

bool IsToken(absl::string_view text) {
  return !text.empty() && text.size() <= kTokenMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

absl::string_view CookieOf(const http::Headers& headers, absl::string_view name) {
  for (const http::Field& field : headers.fields()) {
    if (!absl::EqualsIgnoreCase(field.name, "Cookie")) continue;
    for (absl::string_view pair : absl::StrSplit(field.value, ';')) {
      pair = absl::StripAsciiWhitespace(pair);
      if (absl::ConsumePrefix(&pair, name) && absl::ConsumePrefix(&pair, "=")) return pair;
    }
  }
  return "";
}

// With the prefix browsers take the cookie from this very host over https only, so that no
// neighbour under the same domain can plant one.
SessionCookie::SessionCookie(bool secure)
    : name_(secure ? "__Host-session" : "session"),
      attributes_(absl::StrCat("; Path=/; HttpOnly; SameSite=Lax", secure ? "; Secure" : "")) {}

PageSession SessionCookie::Read(const http::Headers& headers) const {
  const std::vector<absl::string_view> tokens = absl::StrSplit(CookieOf(headers, name_), kBetween);
  if (tokens.size() != 2 || !IsToken(tokens[0]) || !IsToken(tokens[1])) return {};
  return {std::string(tokens[0]), std::string(tokens[1])};
}

std::string SessionCookie::Set(const PageSession& session) const {
  return absl::StrCat(name_, "=", session.access_token, std::string(1, kBetween),
                      session.refresh_token, attributes_);
}

std::string SessionCookie::Clear() const {
  return absl::StrCat(name_, "=", attributes_, "; Max-Age=0");
}

void PageRenewals::Renew(const std::string& refresh_token, const std::string& address,
                         const Exchange& exchange, const Done& done) {
  const std::string key = digest::Sha256(absl::StrCat(refresh_token, " ", address));
  PageSession kept;
  {
    const std::lock_guard lock(mutex_);
    const absl::Time now = absl::Now();
    for (auto it = renewals_.begin(); it != renewals_.end();) {
      it = it->second.end <= now ? renewals_.erase(it) : std::next(it);
    }
    const auto [found, is_first] = renewals_.try_emplace(key);
    kept = found->second.session;
    if (kept.empty()) {
      found->second.waiting.push_back(done);
      if (!is_first) return;
    }
  }
  if (!kept.empty()) return done(kept);
  IssueTokenRequest issue;
  issue.set_grant_type("refresh_token");
  issue.set_refresh_token(refresh_token);
  issue.set_address(address);
  identity_.Call<TokenResponse>(
      IdentityCalls::As::kGateway, "IssueToken", exchange, issue,
      [self = shared_from_this(), key](const absl::StatusOr<TokenResponse>& token) {
        if (!token.ok()) return self->Finish(key, token.status());
        self->Finish(key, PageSession{token->access_token(), token->refresh_token()});
      });
}

void PageRenewals::Finish(const std::string& key, const absl::StatusOr<PageSession>& session) {
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = renewals_.find(key);
    waiting = std::exchange(found->second.waiting, {});
    if (session.ok() && !session->empty()) {
      found->second.session = *session;
      found->second.end = absl::Now() + kKept;
    } else {
      renewals_.erase(found);
    }
  }
  for (const Done& done : waiting) done(session);
}

}  // namespace mostove::gateway
