#include "services/gateway/grpc_callers.h"

#include <utility>

#include "libs/status/macros.h"
#include "services/gateway/client_address.h"

namespace mostove::gateway {

rpc::CallerOf GrpcCallersOf(CallerProvider caller, const std::string& trusted_edges,
                            Budgets& budgets) {
  return [caller_of = std::move(caller), edges = TrustedEdges(trusted_edges),
          &budgets](const rpc::MetadataReader& metadata) -> absl::StatusOr<call::Caller> {
    absl::StatusOr<call::Caller> caller = caller_of(metadata("authorization"));
    const auto address = [&] {
      const std::string peer(metadata(rpc::kPeerAddressKey));
      return edges.ClientAddress(peer, metadata("x-forwarded-for"));
    };
    const absl::string_view method = metadata(rpc::kMethodNameKey);
    const Quota quota =
        caller.ok() ? budgets.TakeCall(*caller, method.substr(method.find('/') + 1), address)
                    : budgets.TakePublic(address);
    RETURN_IF_ERROR(quota.status());
    return caller;
  };
}

}  // namespace mostove::gateway
