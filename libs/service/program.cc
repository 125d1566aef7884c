#include "libs/service/program.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "libs/telemetry/log.h"

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

}  // namespace

Program::Program(std::string name, const std::string& summary)
    : name_(std::move(name)), settings_(name_, summary) {
  settings_.Add("log.level", &log_level_, "debug, info, warning or error.",
                config::Check<std::string>(CheckLevel));
  settings_.Add("drain_time", &drain_time_, "How long running calls may take at the end.");
}

void Program::AddWorkerSettings(rpc::WorkerPoolOptions* workers) {
  settings_.Add("workers.threads", &workers->threads,
                "Threads for calls; most of them wait for a commit.", config::Between(1, 1000));
  settings_.Add("workers.queue_max", &workers->queue_max,
                "Calls that may wait for a thread; more are refused.", config::Between(1, 100000));
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
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  telemetry::StartLog({.level = LevelOf(log_level_)});
  const absl::Status result = body();
  telemetry::StopLog();
  if (result.ok()) return 0;
  std::fprintf(stderr, "%s cannot start: %s\n", name_.c_str(),
               std::string(result.message()).c_str());
  return 1;
}

bool Program::AskedToEndWithin(absl::Duration time) {
  const timespec most = absl::ToTimespec(time);
  return sigtimedwait(&signals_, nullptr, &most) > 0;
}

void Program::WaitForEnd() {
  int signal = 0;
  sigwait(&signals_, &signal);
  telemetry::Log(telemetry::Level::kInfo, "stopping", {{"signal", int64_t{signal}}});
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(2 * drain_time_)) + 10);
}

}  // namespace mostove::service
