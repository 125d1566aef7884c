#include "services/organizations/merge_methods.h"

#include <utility>

#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using call::Call;
using v1::Organization;

const store::Collection& OrganizationsOf(const store::Store& store) {
  return *store.ByDescriptor(Organization::descriptor());
}

absl::StatusOr<Organization> MergeOrganization(const store::Store& store, const Call& call,
                                               const v1::MergeOrganizationRequest& request) {
  ASSIGN_OR_RETURN(const call::MessagePtr survivor,
                   OrganizationsOf(store).Merge(call,
                                                {.name = request.name(),
                                                 .etag = request.etag(),
                                                 .into = request.into(),
                                                 .into_etag = request.into_etag()},
                                                request.validate_only()));
  return std::move(static_cast<Organization&>(*survivor));
}

absl::StatusOr<Organization> UnmergeOrganization(const store::Store& store, const Call& call,
                                                 const v1::UnmergeOrganizationRequest& request) {
  ASSIGN_OR_RETURN(const call::MessagePtr restored,
                   OrganizationsOf(store).Unmerge(call, request.name(), request.validate_only()));
  return std::move(static_cast<Organization&>(*restored));
}

}  // namespace

std::vector<call::UnaryMethod> MergeMethods(const store::Store& store) {
  return {Own("MergeOrganization", store, MergeOrganization),
          Own("UnmergeOrganization", store, UnmergeOrganization)};
}

}  // namespace mostove::organizations
