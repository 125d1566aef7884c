// One line of the access log.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace mostove::audit {

// Equal to mostove.audit.v1.Kind.
enum class Kind {
  kPrivateRead = 1,   // fields for owners, shown to somebody else
  kPersonalRead = 2,  // data about a person, shown to anybody
  kRefusal = 3,       // a call that the caller may not make
  kSignIn = 4,
  kSignInRefused = 5,
  kGrant = 6,    // a role given or taken
  kKeyUse = 7,   // a feed key or a program's secret
  kExport = 8,   // of a person's data
  kErasure = 9,  // of a person's data
};

struct Record {
  absl::Time time;
  Kind kind = Kind::kRefusal;
  std::string caller;    // "users/<uuid>"; "" for nobody
  std::string session;   // "sessions/<uuid>"
  std::string method;    // "mostove.funding.v1.FundingService/GetGrant"
  std::string resource;  // "" for lists and refusals
  std::string owner;     // whose it is: "organizations/sofia-help"
  std::string request_id;
  int64_t count = 1;
};

}  // namespace mostove::audit
