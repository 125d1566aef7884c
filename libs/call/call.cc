#include "libs/call/call.h"

namespace mostove::call {

Caller LocalAdministrator() {
  return {.name = "administrators/local", .administrator = true, .network = true};
}

}  // namespace mostove::call
