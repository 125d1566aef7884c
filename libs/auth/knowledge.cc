#include "libs/auth/knowledge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/feed_key.pb.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "mostove/identity/v1/user.pb.h"

namespace mostove::auth {
namespace {

using changes::v1::Change;
using google::protobuf::Timestamp;
namespace identity = ::mostove::identity::v1;

// A token of a member of whom nothing is known, and that is not older, tells of
// somebody new.
constexpr absl::Duration kNews = absl::Minutes(1);
constexpr char kNetwork[] = "network";

absl::Time ToTime(const Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::string_view IdOf(absl::string_view name) { return name.substr(name.find('/') + 1); }

template <class Resource>
std::optional<Resource> ResourceOf(const Change& change) {
  Resource resource;
  if (!change.resource().UnpackTo(&resource)) return std::nullopt;
  return resource;
}

uint32_t Bit(resource::v1::Role role) { return uint32_t{1} << role; }

bool HasRole(uint32_t roles, resource::v1::Role role) { return (roles & Bit(role)) != 0; }

constexpr uint32_t kBoth = call::kScopeRead | call::kScopeWrite;

// Those that the client's tokens may have.
uint32_t ScopesOf(const identity::ApiClient& client) {
  uint32_t scopes = 0;
  for (const std::string& scope : client.scopes()) scopes |= ParseScopes(scope).value_or(0);
  return client.scopes().empty() ? kBoth : scopes;
}

// A role says what it is good for by the resource that it is granted on.
void Grant(call::Caller& caller, const std::string& resource, uint32_t roles) {
  const auto same = std::find_if(caller.grants.begin(), caller.grants.end(),
                                 [&](const call::Grant& g) { return g.resource == resource; });
  if (same != caller.grants.end()) {
    same->roles |= roles;
  } else {
    caller.grants.push_back({resource, roles});
  }
}

}  // namespace

// ---- learning

bool Directory::Knowledge::Apply(const Change& change) {
  const absl::string_view type = change.resource_type();
  const bool gone = change.kind() == changes::v1::DELETED;
  if (type == "identity.mostove.bg/SigningKey") return ApplyKey(change, gone);
  if (type == "identity.mostove.bg/Session") return ApplySession(change, gone);
  if (type == "identity.mostove.bg/RoleGrant") return ApplyGrant(change, gone);
  if (type == "identity.mostove.bg/FeedKey") return ApplyFeedKey(change, gone);
  if (type == "identity.mostove.bg/User") {
    const auto user = ResourceOf<identity::User>(change);
    const bool ended = gone || !user.has_value() || user->disabled() || user->erased();
    return ApplyMember(change.resource_name(), ended, kBoth);
  }
  if (type == "identity.mostove.bg/ApiClient") {
    const auto client = ResourceOf<identity::ApiClient>(change);
    const bool ended = gone || !client.has_value() || client->disabled();
    return ApplyMember(change.resource_name(), ended, ended ? 0 : ScopesOf(*client));
  }
  return false;
}

bool Directory::Knowledge::ApplyKey(const Change& change, bool gone) {
  const std::string id(IdOf(change.resource_name()));
  const auto key = ResourceOf<identity::SigningKey>(change);
  keys.erase(id);
  if (gone || !key.has_value()) return true;
  auto parsed = ParsePublicKey(key->public_jwk());
  if (!parsed.ok() || parsed->algorithm != "EdDSA") {
    telemetry::Log(telemetry::Level::kError, "signing_key_unusable", {{"kid", id}});
    return true;
  }
  keys[id] = {*std::move(parsed),
              key->has_expire_time() ? ToTime(key->expire_time()) : absl::InfiniteFuture()};
  return true;
}

bool Directory::Knowledge::ApplyMember(const std::string& name, bool ended, uint32_t scopes) {
  Member& member = members[name];
  const bool changed = !member.known || member.ended != ended || member.scopes != scopes;
  member.known = true;
  member.ended = ended;
  member.scopes = scopes;
  return changed;
}

bool Directory::Knowledge::ApplySession(const Change& change, bool gone) {
  const std::string id(IdOf(change.resource_name()));
  const auto session = ResourceOf<identity::Session>(change);
  if (!gone && session.has_value() && !session->has_revoke_time()) return ended.erase(id) > 0;
  absl::Time until = ToTime(change.change_time()) + kTokenLifeMax;
  if (session.has_value() && session->has_expire_time()) {
    until = std::min(until, ToTime(session->expire_time()));
  }
  return ended.insert_or_assign(id, until).second;
}

bool Directory::Knowledge::ApplyGrant(const Change& change, bool gone) {
  const std::string& name = change.resource_name();
  const auto grant = ResourceOf<identity::RoleGrant>(change);
  bool changed = false;
  const auto held = grant_members.find(name);
  if (held != grant_members.end()) {
    changed = members[held->second].grants.erase(name) > 0;
    grant_members.erase(held);
  }
  if (gone || !grant.has_value() || grant->role() <= 0 || grant->role() >= 32) return changed;
  grant_members[name] = grant->member();
  members[grant->member()].grants[name] = {
      grant->member(), grant->resource(), Bit(grant->role()),
      grant->has_expire_time() ? ToTime(grant->expire_time()) : absl::InfiniteFuture()};
  return true;
}

bool Directory::Knowledge::ApplyFeedKey(const Change& change, bool gone) {
  const std::string& name = change.resource_name();
  const auto key = ResourceOf<identity::FeedKey>(change);
  const auto held = feed_hashes.find(name);
  if (held != feed_hashes.end()) {
    feed_keys.erase(held->second);
    feed_hashes.erase(held);
  }
  if (gone || !key.has_value() || key->key_hash().empty()) return true;
  feed_hashes[name] = key->key_hash();
  feed_keys[key->key_hash()] = {
      name, key->owner(),
      key->has_expire_time() ? ToTime(key->expire_time()) : absl::InfiniteFuture()};
  return true;
}

void Directory::Knowledge::Clean(absl::Time now) {
  absl::erase_if(ended, [now](const auto& session) { return session.second <= now; });
}

// ---- answering

absl::Status Directory::Knowledge::CheckMember(const std::string& name, absl::Time issue_time,
                                               absl::Time now) const {
  const auto found = members.find(name);
  const bool is_known = found != members.end() && found->second.known;
  if (!is_known && now - issue_time < kNews) {
    return status::Unavailable(
        "IDENTITY_AWAY", "who you are has not been learned here yet; try again", absl::Seconds(1));
  }
  if (is_known && !found->second.ended) return absl::OkStatus();
  return status::Make(absl::StatusCode::kUnauthenticated, "ACCOUNT_DISABLED",
                      "this account is disabled or deleted");
}

Directory::Bearer Directory::Knowledge::MakeBearer(const std::string& name, absl::Time now) const {
  Bearer bearer = {.valid_until = absl::InfiniteFuture()};
  call::Caller& caller = bearer.caller;
  caller.name = name;
  caller.network = true;
  caller.organizations.push_back(name);
  const auto found = members.find(name);
  if (found == members.end()) return bearer;
  caller.scopes = found->second.scopes;
  for (const auto& [id, grant] : found->second.grants) {
    if (grant.expire_time <= now) continue;
    bearer.valid_until = std::min(bearer.valid_until, grant.expire_time);
    Grant(caller, grant.resource, grant.roles);
  }
  std::sort(caller.grants.begin(), caller.grants.end(),
            [](const auto& a, const auto& b) { return a.resource < b.resource; });
  for (const call::Grant& grant : caller.grants) {
    if (grant.resource != kNetwork) {
      caller.organizations.push_back(grant.resource);
    } else if (HasRole(grant.roles, resource::v1::NETWORK_ADMINISTRATOR)) {
      caller.administrator = true;
    }
  }
  return bearer;
}

}  // namespace mostove::auth
