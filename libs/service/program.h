// The frame of every program that serves: settings, log, signals, and an end
// that loses nothing.
//
//   int main(int argc, char** argv) {
//     service::Program program("mostove-gateway", "REST and gRPC for all services.");
//     std::string http = "127.0.0.1:8080";
//     program.settings().Add("http", &http, "Where to serve REST.");
//     return program.Run(argc, argv, [&] { return Serve(program, http); });
//   }
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/config/settings.h"
#include "libs/rpc/worker_pool.h"

namespace mostove::service {

class Program {
 public:
  // Every program has the settings log.level and drain_time.
  Program(std::string name, const std::string& summary);

  config::Settings& settings() { return settings_; }
  // Adds the settings workers.threads and workers.queue_max.
  void AddWorkerSettings(rpc::WorkerPoolOptions* workers);
  // Adds the setting answers.bytes_max.
  void AddAnswersSetting(int64_t* bytes_max);

  // Reads the settings, blocks the signals of an end for all threads to come,
  // opens the log and runs `body`. The exit code: 0, 1 (the body failed: its
  // sentence goes to the error output), 2 (wrong settings).
  int Run(int argc, char** argv, const std::function<absl::Status()>& body);

  // For the body, when it serves: blocks until SIGTERM or SIGINT. From then on
  // a call that hangs does not keep the process: it ends hard some time after
  // twice the drain time.
  void WaitForEnd();
  // For a body that waits before it serves: true as soon as it is asked to end,
  // false when that did not happen for so long.
  bool AskedToEndWithin(absl::Duration time);
  absl::Duration drain_time() const { return drain_time_; }

 private:
  const std::string name_;
  config::Settings settings_;
  std::string log_level_ = "info";
  absl::Duration drain_time_ = absl::Seconds(20);
  sigset_t signals_;
};

}  // namespace mostove::service
