// The records of a directory. Private to it.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/directory.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::auth {

struct Directory::Knowledge {
  struct Key {
    PublicKey key;
    absl::Time expire_time;
  };
  struct RoleGrant {
    std::string member, resource;
    uint32_t roles = 0;  // one bit
    absl::Time expire_time;

    bool operator==(const RoleGrant&) const = default;
  };
  // A user or an API client.
  struct Member {
    bool known = false;  // else there are only grants
    bool ended = false;  // disabled, deleted or erased
    uint32_t scopes = call::kScopeRead | call::kScopeWrite;
    absl::flat_hash_map<std::string, RoleGrant> grants;  // by name
  };
  struct FeedKey {
    std::string name, owner;
    absl::Time expire_time;

    bool operator==(const FeedKey&) const = default;
  };

  // True when somebody who is known may be concerned.
  bool Apply(const changes::v1::Change& change);
  void Clean(absl::Time now);

  // Why the bearer cannot be this member any more.
  absl::Status CheckMember(const std::string& name, absl::Time issue_time, absl::Time now) const;
  // The caller that the member makes, without what the token says.
  Bearer MakeBearer(const std::string& name, absl::Time now) const;

  absl::flat_hash_map<std::string, Key> keys;           // by kid
  absl::flat_hash_map<std::string, Member> members;     // by name
  absl::flat_hash_map<std::string, absl::Time> ended;   // sessions by id; until when to know it
  absl::flat_hash_map<std::string, FeedKey> feed_keys;  // by hash
  absl::flat_hash_map<std::string, std::string> grant_members;  // member by grant
  absl::flat_hash_map<std::string, std::string> feed_hashes;    // hash by name

 private:
  bool ApplyKey(const changes::v1::Change& change, bool gone);
  bool ApplyMember(const std::string& name, bool ended, uint32_t scopes);
  bool ApplySession(const changes::v1::Change& change, bool gone);
  bool ApplyGrant(const changes::v1::Change& change, bool gone);
  bool ApplyFeedKey(const changes::v1::Change& change, bool gone);
};

}  // namespace mostove::auth
