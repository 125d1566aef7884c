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
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/config/settings.h"
#include "libs/listen/sockets.h"
#include "libs/rpc/worker_pool.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {

class Program {
 public:
  // Every program has the settings log.level, log.file, log.start_traces and drain_time.
  Program(std::string name, const std::string& summary);

  // The figures of the program, with those of the process.
  telemetry::Metrics& metrics() { return *metrics_; }
  config::Settings& settings() { return settings_; }
  // Adds the settings workers.threads and workers.queue_max.
  void AddWorkerSettings(rpc::WorkerPoolOptions* workers);
  // Adds the setting answers.bytes_max.
  void AddAnswersSetting(int64_t* bytes_max);

  // Reads the settings, blocks the signals of an end for all threads to come,
  // opens the log and runs `body`. The exit code: 0, 1 (the body failed: its
  // sentence goes to the error output), 2 (wrong settings).
  int Run(int argc, char** argv, const std::function<absl::Status()>& body);

  // For the body: where a server is to listen, on the socket of this name that
  // the program was started with, else on a new one. See listen::Sockets.
  absl::StatusOr<listen::Socket> Listen(const std::string& name, const std::string& address) {
    return sockets_.Listen(name, address);
  }
  // What the process holds can be held by one process only: a copy of it has to
  // wait for its end.
  void set_exclusive() { exclusive_ = true; }

  // For the body, when it serves: blocks until SIGTERM or SIGINT. From then on
  // a call that hangs does not keep the process: it ends hard some time after
  // twice the drain time.
  // SIGUSR2 starts the program anew with the same words on the same sockets,
  // from its file as that is by then. The copy comes up beside this process,
  // which goes on until it is asked to end; an exclusive process ends as when
  // asked, and the copy takes its place and number: meanwhile connections wait.
  void WaitForEnd();
  // For a body that waits before it serves: true as soon as it is asked to end,
  // false when that did not happen for so long.
  bool AskedToEndWithin(absl::Duration time);
  // Returns as soon as `there`, or after so long: it serves without it then.
  // CANCELLED when it is asked to end.
  absl::Status AwaitBeforeServing(const std::function<bool()>& there, absl::Duration time_max);
  absl::Duration drain_time() const { return drain_time_; }

 private:
  void StartCopy();

  const std::string name_;
  const std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  config::Settings settings_;
  std::string log_level_ = "info";
  std::string log_file_;
  bool start_traces_ = true;
  absl::Duration drain_time_ = absl::Seconds(20);
  std::vector<std::string> command_;
  listen::Sockets sockets_;
  bool exclusive_ = false;
  bool followed_by_copy_ = false;
};

}  // namespace mostove::service
