#include "libs/auth/directory.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/auth/knowledge.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::auth {
namespace {

constexpr absl::Duration kCleanEvery = absl::Minutes(1);
constexpr absl::string_view kSessions = "sessions/";
constexpr absl::string_view kFeedKeys = "feedKeys/";

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return status::Make(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status SessionEnded() {
  return Refused("SESSION_ENDED", "the session has ended; sign in again");
}

absl::Status FeedKeyInvalid() {
  return Refused("FEED_KEY_INVALID", "the feed key is not known, has expired or was revoked");
}

absl::Status NothingKnown() {
  return status::Unavailable("IDENTITY_AWAY",
                             "who may ask is not known yet, since the identity service does not "
                             "answer; try again",
                             absl::Seconds(1));
}

}  // namespace

std::vector<std::string> DirectoryTypes() {
  return {"identity.mostove.bg/SigningKey", "identity.mostove.bg/User",
          "identity.mostove.bg/ApiClient",  "identity.mostove.bg/RoleGrant",
          "identity.mostove.bg/Session",    "identity.mostove.bg/FeedKey"};
}

Directory::Directory() : coming_(std::make_unique<Knowledge>()) {}
Directory::~Directory() = default;

// ---- learning

void Directory::Apply(const follower::Changes& changes) {
  if (coming_ != nullptr) {
    for (const auto& change : changes) coming_->Apply(change);
    return;
  }
  bool concerns = false;
  const std::unique_lock lock(mutex_);
  for (const auto& change : changes) concerns = knowledge_->Apply(change) || concerns;
  if (concerns) version_.fetch_add(1, std::memory_order_release);
}

void Directory::StartAgain() { coming_ = std::make_unique<Knowledge>(); }

void Directory::AtEnd(absl::Time now) {
  if (coming_ != nullptr) {
    coming_->Clean(now);
    const std::unique_lock lock(mutex_);
    knowledge_ = std::move(coming_);
    version_.fetch_add(1, std::memory_order_release);
    known_.store(true, std::memory_order_release);
  } else if (now - cleaned_ >= kCleanEvery) {
    cleaned_ = now;
    const std::unique_lock lock(mutex_);
    knowledge_->Clean(now);
  }
}

// ---- answering

absl::StatusOr<TokenClaims> Directory::VerifyToken(absl::string_view token,
                                                   absl::string_view issuer, absl::Time now,
                                                   std::string& key_id) const {
  if (!known()) return NothingKnown();
  PublicKey key;  // a copy: the work on the signature holds no lock
  const auto find = [&](absl::string_view id) -> const PublicKey* {
    const std::shared_lock lock(mutex_);
    const auto found = knowledge_->keys.find(id);
    if (found == knowledge_->keys.end() || found->second.expire_time <= now) return nullptr;
    key = found->second.key;
    key_id = std::string(id);
    return &key;
  };
  return Verify(token, find, issuer, now);
}

absl::StatusOr<Directory::Bearer> Directory::BearerOf(const TokenClaims& claims,
                                                      absl::string_view key_id,
                                                      absl::Time now) const {
  const std::shared_lock lock(mutex_);
  if (knowledge_ == nullptr) return NothingKnown();
  const auto key = knowledge_->keys.find(key_id);
  if (key == knowledge_->keys.end() || key->second.expire_time <= now) {
    return Refused("TOKEN_INVALID", "the token is not valid: its key is not known");
  }
  if (knowledge_->ended.contains(claims.session)) return SessionEnded();
  RETURN_IF_ERROR(knowledge_->CheckMember(claims.subject, claims.issue_time, now));
  Bearer bearer = knowledge_->MakeBearer(claims.subject, now);
  bearer.valid_until = std::min({bearer.valid_until, claims.expire_time, key->second.expire_time});
  bearer.caller.session = absl::StrCat(kSessions, claims.session);
  bearer.caller.expire_time = claims.expire_time;
  bearer.caller.scopes &= claims.scopes;
  return bearer;
}

absl::StatusOr<Directory::Bearer> Directory::BearerOfFeedKey(absl::string_view key,
                                                             absl::Time now) const {
  const std::string hash = digest::Sha256(key);
  const std::shared_lock lock(mutex_);
  if (knowledge_ == nullptr) return NothingKnown();
  const auto found = knowledge_->feed_keys.find(hash);
  if (found == knowledge_->feed_keys.end() || found->second.expire_time <= now) {
    return FeedKeyInvalid();
  }
  const Knowledge::FeedKey& feed_key = found->second;
  RETURN_IF_ERROR(knowledge_->CheckMember(feed_key.owner, absl::InfinitePast(), now));
  Bearer bearer = knowledge_->MakeBearer(feed_key.owner, now);
  bearer.valid_until = std::min(bearer.valid_until, feed_key.expire_time);
  bearer.caller.session = feed_key.name;
  bearer.caller.expire_time = feed_key.expire_time;
  bearer.caller.scopes = call::kScopeFeeds;
  return bearer;
}

absl::Status Directory::CheckStillValid(const call::Caller& caller, absl::Time now) const {
  if (caller.session.empty()) return absl::OkStatus();
  const std::shared_lock lock(mutex_);
  if (knowledge_ == nullptr) return NothingKnown();
  const bool by_feed_key = absl::StartsWith(caller.session, kFeedKeys);
  if (now >= caller.expire_time) {
    return by_feed_key ? FeedKeyInvalid()
                       : Refused("TOKEN_EXPIRED", "the token has expired; get a new one");
  }
  if (by_feed_key && !knowledge_->feed_hashes.contains(caller.session)) return FeedKeyInvalid();
  if (!by_feed_key && knowledge_->ended.contains(caller.session.substr(kSessions.size()))) {
    return SessionEnded();
  }
  RETURN_IF_ERROR(knowledge_->CheckMember(caller.name, absl::InfinitePast(), now));
  if (knowledge_->MakeBearer(caller.name, now).caller.grants == caller.grants) {
    return absl::OkStatus();
  }
  return status::Aborted("ROLES_CHANGED", "what you may see has changed; ask again");
}

}  // namespace mostove::auth
