// The PostgreSQL server of a test program.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::testing {

// Started at first use and stopped at the program's exit, however that comes:
// the server gets a signal when its parent dies. It listens on a Unix socket
// only, has locale C and UTF8, and is the user postgres when we are root.
// MOSTOVE_TEST_POSTGRES_FSYNC=off makes commits quick and not durable.
class PostgresServer {
 public:
  // The first call must come from the main thread (the server lives as long as
  // the thread that started it). An error names the package that is missing.
  static absl::StatusOr<PostgresServer*> Get();
  ~PostgresServer();

  // For sql::DatabaseOptions.
  std::string Url(const std::string& database) const;
  // Runs a statement for administrators: CREATE DATABASE.
  absl::Status Run(const std::string& statement) const;

  // For tests of a database that is away; from the main thread. A stopped server
  // keeps its data and its address.
  void Stop();
  absl::Status StartAgain() { return StartServer(); }
  // The kernel lets none of its processes run: connections stay, nobody answers.
  void Pause() const { Signal(SIGSTOP); }
  void Resume() const { Signal(SIGCONT); }

 private:
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start();
  void Signal(int signal) const;
  explicit PostgresServer(TemporaryFolder folder);
  absl::Status MakeCluster() const;
  absl::Status StartServer();

  const TemporaryFolder folder_;
  const pid_t owner_;
  pid_t server_ = -1;
};

}  // namespace mostove::testing
