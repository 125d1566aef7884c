// A service as a program of its own: mostove-funding.
#pragma once

#include <functional>
#include <string>

#include "libs/auth/identity.h"
#include "libs/config/settings.h"
#include "libs/service/definition.h"

namespace mostove::service {

// Serves the definition over gRPC to the gateway and to other services, and
// returns the exit code. Its port is private: a Unix socket, loopback, or anywhere
// with TLS, where every client shows a certificate of the installation.
int Main(int argc, char** argv, Definition definition);

// Settings that every service has.
struct CommonSettings {
  const auth::IdentityOptions& callers;
  const std::string& redis;  // see redis::Address; "": none
};

// The same for a service with settings of its own: `define` is asked when they
// are read.
int Main(int argc, char** argv, const std::string& name,
         const std::function<void(config::Settings&)>& add_settings,
         const std::function<Definition(const CommonSettings&)>& define);

}  // namespace mostove::service
