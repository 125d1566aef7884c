// A service as a program of its own: mostove-funding.
#pragma once

#include "libs/service/definition.h"

namespace mostove::service {

// Serves the definition over gRPC to the gateway and to other services, and
// returns the exit code. Its port is private: callers are believed who they say
// they are, so it listens on a Unix socket or on loopback only.
int Main(int argc, char** argv, Definition definition);

}  // namespace mostove::service
