// mostove-all: every service and the gateway in one process, on SQLite files.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/auth/identity.h"
#include "libs/service/host.h"
#include "libs/service/program.h"
#include "libs/service/readiness.h"
#include "libs/status/macros.h"
#include "libs/telemetry/metrics.h"
#include "services/coalitions/definition.h"
#include "services/funding/definition.h"
#include "services/gateway/front.h"
#include "services/identity/definition.h"
#include "services/organizations/definition.h"
#include "services/trainings/definition.h"

namespace mostove {
namespace {

struct Options {
  gateway::FrontOptions front;
  auth::IdentityOptions identity;
  rpc::WorkerPoolOptions workers;
  int64_t answers_bytes_max = service::kAnswersBytesMax;
  service::Retention retention;
  identity::Options accounts;
  std::string data;
};

std::string DefaultDataFolder() {
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home, "/.local/share/mostove");
}

absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(const Options& options,
                                                            const std::string& service) {
  std::error_code error;
  std::filesystem::create_directories(options.data, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", options.data, " cannot be made: ", error.message()));
  }
  // One for every thread that reads, so that no network thread ever waits for one.
  return sql::Database::Open(
      {.url = absl::StrCat("sqlite:", options.data, "/", service, ".db"),
       .readers_max = options.workers.threads + options.front.http_server.loop_threads + 20});
}

absl::Status Serve(service::Program& program, Options& options) {
  if (options.accounts.key_file.empty()) {
    options.accounts.key_file = absl::StrCat(options.data, "/identity.key");
  }
  options.accounts.issuer = options.identity.issuer;
  telemetry::Metrics& metrics = program.metrics();
  program.set_exclusive();  // SQLite files have one process
  auth::Identity identity(options.identity, "services/all", &metrics);
  ASSIGN_OR_RETURN(
      const auto host,
      service::Host::Open(
          {.definitions = {identity::Define(options.accounts), organizations::Define(),
                           trainings::Define(), funding::Define(), coalitions::Define()},
           .open_database = [&](const std::string& name) { return OpenDatabase(options, name); },
           .workers = options.workers,
           .answers_bytes_max = options.answers_bytes_max,
           .identity = &identity,
           .metrics = &metrics,
           .retention = options.retention}));
  RETURN_IF_ERROR(
      program.AwaitBeforeServing([&] { return identity.Check().ok(); }, auth::kStartWait));
  service::Readiness readiness([&] { return host->Check(); });
  gateway::FrontOptions front = options.front;
  if (!identity.local()) front.authenticator = &identity.authenticator();
  front.entrance.issuer = options.identity.issuer;
  return gateway::ServeFront(program, front, {&host->invoker()}, readiness, &metrics);
}

int Main(int argc, char** argv) {
  Options options;
  options.data = DefaultDataFolder();
  service::Program program("mostove-all",
                           "Every service and the gateway in one process, on SQLite files.");
  gateway::AddFrontSettings(program.settings(), &options.front);
  program.settings().Add("data", &options.data, "Folder of the databases.");
  identity::AddSettings(program.settings(), &options.accounts);
  program.AddWorkerSettings(&options.workers);
  program.AddAnswersSetting(&options.answers_bytes_max);
  service::AddRetentionSettings(program.settings(), &options.retention);
  auth::AddIdentitySettings(program.settings(), &options.identity);
  return program.Run(argc, argv, [&] { return Serve(program, options); });
}

}  // namespace
}  // namespace mostove

int main(int argc, char** argv) { return mostove::Main(argc, argv); }
