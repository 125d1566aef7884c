// Identity's change log as a test writes it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/auth/directory.h"
#include "libs/digest/digest.h"
#include "libs/status/status.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/feed_key.pb.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "mostove/identity/v1/role_grant.pb.h"
#include "mostove/identity/v1/session.pb.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "mostove/identity/v1/user.pb.h"

namespace mostove::auth {

class ScriptedLog {
 public:
  explicit ScriptedLog(absl::Time now) : now_(now) {}

  template <class Resource>
  void Add(const Resource& resource, changes::v1::Kind kind = changes::v1::UPDATED) {
    const std::string& full = Resource::descriptor()->full_name();
    changes::v1::Change change;
    change.set_resource_type(
        absl::StrCat("identity.mostove.bg/", full.substr(full.rfind('.') + 1)));
    change.set_resource_name(resource.name());
    change.set_kind(kind);
    change.mutable_change_time()->set_seconds(absl::ToUnixSeconds(now_));
    change.mutable_resource()->PackFrom(resource);
    changes_.push_back(std::move(change));
  }

  void AddKey(const SigningKey& key, absl::Time expire = absl::InfiniteFuture()) {
    identity::v1::SigningKey resource;
    resource.set_name(absl::StrCat("signingKeys/", key.id));
    resource.set_public_jwk(PublicJwk(key).value());
    SetTime(expire, resource);
    Add(resource);
  }
  void AddUser(const std::string& name, bool disabled = false) {
    identity::v1::User user;
    user.set_name(name);
    user.set_disabled(disabled);
    Add(user);
  }
  void DeleteUser(const std::string& name) {
    identity::v1::User user;
    user.set_name(name);
    Add(user, changes::v1::DELETED);
  }
  void AddClient(const std::string& name, std::vector<std::string> scopes, bool disabled = false) {
    identity::v1::ApiClient client;
    client.set_name(name);
    client.set_disabled(disabled);
    client.mutable_scopes()->Add(scopes.begin(), scopes.end());
    Add(client);
  }
  void AddGrant(const std::string& id, const std::string& member, resource::v1::Role role,
                const std::string& resource, absl::Time expire = absl::InfiniteFuture()) {
    identity::v1::RoleGrant grant;
    grant.set_name(absl::StrCat("roleGrants/", id));
    grant.set_member(member);
    grant.set_role(role);
    grant.set_resource(resource);
    SetTime(expire, grant);
    Add(grant);
  }
  void DeleteGrant(const std::string& id) {
    identity::v1::RoleGrant grant;
    grant.set_name(absl::StrCat("roleGrants/", id));
    Add(grant, changes::v1::DELETED);
  }
  void AddSession(const std::string& id, bool revoked) {
    identity::v1::Session session;
    session.set_name(absl::StrCat("sessions/", id));
    if (revoked) session.mutable_revoke_time()->set_seconds(absl::ToUnixSeconds(now_));
    SetTime(now_ + absl::Hours(24 * 30), session);
    Add(session);
  }
  void AddFeedKey(const std::string& id, const std::string& owner, const std::string& key,
                  changes::v1::Kind kind = changes::v1::CREATED,
                  absl::Time expire = absl::InfiniteFuture()) {
    identity::v1::FeedKey resource;
    resource.set_name(absl::StrCat("feedKeys/", id));
    resource.set_owner(owner);
    resource.set_key_hash(digest::Sha256(key));
    SetTime(expire, resource);
    Add(resource, kind);
  }

  // The database is restored: another log.
  void BeginAnew() {
    ++epoch_;
    changes_.clear();
  }

  // As ListChanges, three at a time.
  absl::StatusOr<changes::v1::ListChangesResponse> Read(
      const changes::v1::ListChangesRequest& request) const {
    size_t from = 0;
    absl::string_view after = request.after();
    if (!after.empty() && (!absl::ConsumePrefix(&after, absl::StrCat(epoch_, ":")) ||
                           !absl::SimpleAtoi(after, &from))) {
      return status::Precondition("EPOCH_CHANGED", "another log");
    }
    changes::v1::ListChangesResponse page;
    const size_t to = std::min(from + 3, changes_.size());
    for (size_t i = from; i < to; ++i) *page.add_changes() = changes_[i];
    page.set_next_position(absl::StrCat(epoch_, ":", to));
    return page;
  }

  // As ReadSnapshot, three at a time: the last change of each resource.
  absl::StatusOr<identity::v1::ReadSnapshotResponse> ReadSnapshot(
      const identity::v1::ReadSnapshotRequest& request) const {
    size_t from = 0, end = changes_.size();
    const std::vector<std::string> parts = absl::StrSplit(request.page_token(), ':');
    if (!request.page_token().empty() &&
        (parts[0] != absl::StrCat(epoch_) || !absl::SimpleAtoi(parts[1], &end) ||
         !absl::SimpleAtoi(parts[2], &from))) {
      return status::Precondition("EPOCH_CHANGED", "another log");
    }
    std::map<std::string, const changes::v1::Change*> last;
    for (const changes::v1::Change& change : changes_) last[change.resource_name()] = &change;
    identity::v1::ReadSnapshotResponse page;
    size_t place = 0;
    for (const auto& [name, change] : last) {
      if (place >= from && place < from + 3) *page.add_changes() = *change;
      ++place;
    }
    if (place > from + 3) {
      page.set_next_page_token(absl::StrCat(epoch_, ":", end, ":", from + 3));
    } else {
      page.set_position(absl::StrCat(epoch_, ":", end));
    }
    return page;
  }

 private:
  template <class Resource>
  static void SetTime(absl::Time time, Resource& resource) {
    if (time == absl::InfiniteFuture()) return;
    resource.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(time));
  }

  const absl::Time now_;
  int epoch_ = 1;
  std::vector<changes::v1::Change> changes_;
};

}  // namespace mostove::auth
