#include "libs/telemetry/log.h"

#include <fcntl.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/telemetry/json_line.h"

namespace mostove::telemetry {
namespace {

constexpr size_t kQueueLines = 8192;
constexpr int kLogFileFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
constexpr mode_t kLogFileMode = 0640;

void WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is left to tell
    data += written;
    size -= static_cast<size_t>(written);
  }
}

// Writes each line at once, so that none is lost when the process is killed.
class FileDescriptorSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileDescriptorSink(int fd) : fd_(fd) {}
  ~FileDescriptorSink() override {
    if (fd_ != STDERR_FILENO) ::close(fd_);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    line_.assign(message.payload.data(), message.payload.size());
    line_ += '\n';
    WriteAll(fd_, line_.data(), line_.size());
  }
  void flush_() override {}

 private:
  const int fd_;
  std::string line_;
};

// The thread ends before the logger, which it uses.
struct Writer {
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> thread;
};

// One log per process, as there is one standard error.
std::atomic<Level> g_level{Level::kWarning};
std::mutex g_mutex;
Writer g_writer;           // guarded by g_mutex
std::string g_file;        // guarded by g_mutex
int g_fd = STDERR_FILENO;  // guarded by g_mutex; of g_file

Writer CurrentWriter() {
  std::lock_guard lock(g_mutex);
  return g_writer;
}

const char* LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

std::string Line(Level level, absl::string_view event, absl::Span<const Field> fields) {
  JsonLine line;
  line.Add("time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()));
  line.Add("level", absl::string_view(LevelName(level)));
  line.Add("event", event);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { line.Add(field.name, value); }, field.value);
  }
  return line.Take();
}

int OpenLogFile(const std::string& file) {
  if (file.empty()) return STDERR_FILENO;
  const int fd = ::open(file.c_str(), kLogFileFlags, kLogFileMode);
  if (fd >= 0) return fd;
  Log(Level::kError, "log_file_not_opened", {{"error", absl::string_view(std::strerror(errno))}});
  return STDERR_FILENO;
}

}  // namespace

void StartLog(const LogOptions& options) {
  const int fd = OpenLogFile(options.file);
  Writer writer;
  writer.thread = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  writer.logger = std::make_shared<spdlog::async_logger>(
      "mostove", std::make_shared<FileDescriptorSink>(fd), writer.thread,
      spdlog::async_overflow_policy::overrun_oldest);
  writer.logger->set_level(spdlog::level::trace);
  {
    std::lock_guard lock(g_mutex);
    std::swap(g_writer, writer);
    g_file = options.file;
    g_fd = fd;
  }
  g_level = options.level;
}

void StopLog() {
  if (const int64_t lost = LinesLost(); lost > 0) {
    Log(Level::kWarning, "log_lines_lost", {{"lines", lost}});
  }
  g_level = Level::kWarning;
  Writer writer;
  {
    std::lock_guard lock(g_mutex);
    std::swap(g_writer, writer);
    g_fd = STDERR_FILENO;
  }
  // The thread writes what is queued before its pool is destroyed.
}

void ReopenLog() {
  std::lock_guard lock(g_mutex);
  if (g_fd == STDERR_FILENO) return;
  const int fd = ::open(g_file.c_str(), kLogFileFlags, kLogFileMode);
  if (fd < 0) return;           // the old one goes on
  ::dup3(fd, g_fd, O_CLOEXEC);  // between two lines, for the writer
  ::close(fd);
}

bool Enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void Log(Level level, absl::string_view event, absl::Span<const Field> fields) {
  if (!Enabled(level)) return;
  std::string line = Line(level, event, fields);
  if (const Writer writer = CurrentWriter(); writer.logger != nullptr) {
    writer.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    return;
  }
  line += '\n';
  WriteAll(STDERR_FILENO, line.data(), line.size());
}

int64_t LinesLost() {
  const Writer writer = CurrentWriter();
  return writer.thread == nullptr ? 0 : static_cast<int64_t>(writer.thread->overrun_counter());
}

}  // namespace mostove::telemetry
