// Serves what only an operator on the server itself may do, on a Unix socket of
// its own.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/store/store.h"
#include "services/identity/identity_service.h"

namespace mostove::identity {

class Operator {
 public:
  // Serves OperatorService on the socket `path` (mode 0600) until it is destroyed;
  // whoever may open it is believed. Takes the path over from another process. Both
  // outlive it.
  static absl::StatusOr<std::unique_ptr<Operator>> Serve(const std::string& path,
                                                         const store::Store& store,
                                                         IdentityService& service);
  virtual ~Operator() = default;
};

}  // namespace mostove::identity
