#include "libs/service/program.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <initializer_list>

#include "absl/time/clock.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/process.h"
#include "libs/telemetry/trace.h"

namespace mostove::service {
namespace {

std::string CheckLevel(const std::string& name) {
  for (const char* level : {"debug", "info", "warning", "error"}) {
    if (name == level) return "";
  }
  return "debug, info, warning or error";
}

telemetry::Level LevelOf(const std::string& name) {
  if (name == "debug") return telemetry::Level::kDebug;
  if (name == "warning") return telemetry::Level::kWarning;
  return name == "error" ? telemetry::Level::kError : telemetry::Level::kInfo;
}

sigset_t SignalsOf(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  return signals;
}

}  // namespace

Program::Program(std::string name, const std::string& summary)
    : name_(std::move(name)), settings_(name_, summary) {
  settings_.Add("log.level", &log_level_, "debug, info, warning or error.",
                config::Check<std::string>(CheckLevel));
  settings_.Add("log.file", &log_file_,
                "Where the log goes; empty: standard error. SIGHUP opens it anew.");
  settings_.Add("log.start_traces", &start_traces_,
                "Whether requests without a traceparent get one.");
  telemetry::AddProcessFigures(*metrics_, name_);
  settings_.Add("drain_time", &drain_time_, "How long running calls may take at the end.");
}

void Program::AddWorkerSettings(rpc::WorkerPoolOptions* workers) {
  settings_.Add("workers.threads", &workers->threads,
                "Threads for calls; most of them wait for a commit.", config::Between(1, 1000));
  settings_.Add("workers.queue_max", &workers->queue_max,
                "Calls that may wait for a thread; more are refused.", config::Between(1, 100000));
  settings_.Add("workers.queue_time_max", &workers->queue_time_max,
                "While the first of them has waited longer, more are refused.");
}

void Program::AddAnswersSetting(int64_t* bytes_max) {
  settings_.Add("answers.bytes_max", bytes_max,
                "Memory for answers of reads that are kept until they change; 0: none are kept.",
                config::Between<int64_t>(0, int64_t{1} << 40));
}

int Program::Run(int argc, char** argv, const std::function<absl::Status()>& body) {
  const auto text = settings_.Read(argc, argv);
  if (!text.ok()) {
    std::fprintf(stderr, "%s\n", std::string(text.status().message()).c_str());
    return 2;
  }
  if (text->has_value()) {
    std::printf("%s", (*text)->c_str());
    return 0;
  }
  // Before any thread begins, so that all leave the signals to sigwait.
  const sigset_t signals = SignalsOf({SIGTERM, SIGINT, SIGUSR2, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_IGN);  // of copies, whose end nobody here asks for

  command_.assign(argv, argv + argc);
  sockets_ = listen::Sockets::Inherited();
  telemetry::SetStartTraces(start_traces_);
  telemetry::StartLog({.level = LevelOf(log_level_), .file = log_file_});
  absl::Status result = body();
  telemetry::StopLog();
  if (result.ok() && followed_by_copy_) result = sockets_.BecomeCopy(command_);
  if (result.ok()) return 0;
  std::fprintf(stderr, "%s cannot start: %s\n", name_.c_str(),
               std::string(result.message()).c_str());
  return 1;
}

bool Program::AskedToEndWithin(absl::Duration time) {
  const timespec most = absl::ToTimespec(time);
  const sigset_t ends = SignalsOf({SIGTERM, SIGINT});
  return sigtimedwait(&ends, nullptr, &most) > 0;
}

absl::Status Program::AwaitBeforeServing(const std::function<bool()>& there,
                                         absl::Duration time_max) {
  const absl::Time give_up = absl::Now() + time_max;
  while (!there() && absl::Now() < give_up) {
    if (AskedToEndWithin(absl::Milliseconds(10))) {
      return absl::CancelledError("asked to end before it served");
    }
  }
  return absl::OkStatus();
}

void Program::WaitForEnd() {
  for (const std::string& name : sockets_.Unused()) {
    telemetry::Log(telemetry::Level::kWarning, "socket_unused", {{"name", name}});
  }
  const sigset_t signals = SignalsOf({SIGTERM, SIGINT, SIGUSR2, SIGHUP});
  int signal = 0;
  do {
    sigwait(&signals, &signal);
    if (signal == SIGUSR2) StartCopy();
    if (signal == SIGHUP) telemetry::ReopenLog();
  } while ((signal == SIGUSR2 && !followed_by_copy_) || signal == SIGHUP);
  telemetry::Log(telemetry::Level::kInfo, "stopping", {{"signal", int64_t{signal}}});
  if (!followed_by_copy_) sockets_.Close();
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(2 * drain_time_)) + 10);
}

void Program::StartCopy() {
  if (exclusive_) {
    followed_by_copy_ = true;
    return;
  }
  const auto copy = sockets_.StartCopy(command_);
  if (copy.ok()) {
    telemetry::Log(telemetry::Level::kInfo, "copy_started", {{"pid", int64_t{*copy}}});
  } else {
    const std::string why(copy.status().message());
    telemetry::Log(telemetry::Level::kError, "copy_not_started", {{"error", why}});
  }
}

}  // namespace mostove::service
