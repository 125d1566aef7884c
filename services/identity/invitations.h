// Links with which people become users.
//
// What a link carries is the invitation's id and a tag that only the installation's
// key makes: nothing of it is kept. It is good once, until it expires or the
// invitation is deleted.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/sql/sql.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/identity/sign_in.h"
#include "services/identity/vault.h"

namespace mostove::identity {

std::string InvitationToken(const Vault& vault, absl::string_view invitation);

absl::StatusOr<v1::Invitation> CreateInvitation(const store::Store& store, const Vault& vault,
                                                const call::Call& call,
                                                const v1::CreateInvitationRequest& request);

absl::StatusOr<v1::AcceptInvitationResponse> AcceptInvitation(
    const store::Store& store, const Vault& vault, SignIn& sign_in, const call::Call& call,
    const v1::AcceptInvitationRequest& request);

// Gives the invitation's role to a user, once: the name of the grant.
// FAILED_PRECONDITION, reason INVITATION_INVALID.
absl::StatusOr<std::string> AcceptWithin(const store::Store& store, const call::Call& call,
                                         sql::Transaction& transaction,
                                         const std::string& invitation, const std::string& user);

// Names of those that this address may accept; none for "".
absl::StatusOr<std::vector<std::string>> OpenInvitationsTo(sql::Connection& connection,
                                                           const std::string& email,
                                                           absl::Time now);

// Takes the address out of some that have expired.
absl::Status ForgetExpiredInvitations(const store::Store& store, const call::Call& call);

}  // namespace mostove::identity
