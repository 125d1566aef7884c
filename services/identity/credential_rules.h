// What is particular to API clients, invitations and feed keys.
#pragma once

#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/status/status.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/api_client.pb.h"
#include "mostove/identity/v1/feed_key.pb.h"
#include "mostove/identity/v1/invitation.pb.h"

namespace mostove::identity {

inline constexpr int kFeedKeysMax = 20;  // that live, of one owner

void CheckApiClient(const v1::ApiClient& client, absl::string_view path,
                    status::Violations& violations);
// An organization's administrator keeps its clients its own.
absl::Status CheckApiClientWriter(const call::Caller& caller, const v1::ApiClient* before,
                                  const v1::ApiClient& after);
// Ends the sessions of one that may have no tokens any more; one that is deleted or
// public keeps no secrets.
absl::Status AccompanyApiClient(const store::Store& store, const call::Call& call,
                                sql::Transaction& transaction, const v1::ApiClient* before,
                                const v1::ApiClient& after);

void PrepareInvitation(v1::Invitation& invitation);
void CheckInvitation(const v1::Invitation& invitation, absl::string_view path,
                     status::Violations& violations);
absl::Status CheckInvitationWriter(const call::Caller& caller, const v1::Invitation* before,
                                   const v1::Invitation& after);
absl::Status AccompanyInvitation(const store::Store& store, const call::Call& call,
                                 sql::Transaction& transaction, const v1::Invitation* before,
                                 const v1::Invitation& after);

void PrepareFeedKey(v1::FeedKey& key);
void CheckFeedKey(const v1::FeedKey& key, absl::string_view path, status::Violations& violations);
absl::Status CheckFeedKeyWriter(const call::Caller& caller, const v1::FeedKey* before,
                                const v1::FeedKey& after);
absl::Status AccompanyFeedKey(const store::Store& store, const call::Call& call,
                              sql::Transaction& transaction, const v1::FeedKey* before,
                              const v1::FeedKey& after);

}  // namespace mostove::identity
