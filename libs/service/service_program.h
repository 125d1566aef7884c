// A service as a program of its own: mostove-funding.
#pragma once

#include "libs/service/definition.h"

namespace mostove::service {

// Serves the definition over gRPC to the gateway and to other services, and
// returns the exit code. Its port is private: a Unix socket, loopback, or anywhere
// with TLS, where every client shows a certificate of the installation.
int Main(int argc, char** argv, Definition definition);

}  // namespace mostove::service
