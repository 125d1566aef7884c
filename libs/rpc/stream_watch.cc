#include "libs/rpc/stream_watch.h"

#include <iterator>
#include <utility>

namespace mostove::rpc {

StreamWatch::StreamWatch(Check check, absl::Duration interval)
    : check_(std::move(check)), interval_(interval), thread_([this] { Loop(); }) {}

StreamWatch::~StreamWatch() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void StreamWatch::Add(std::weak_ptr<Watched> stream, call::Caller caller) {
  if (caller.session.empty()) return;
  const std::lock_guard lock(mutex_);
  added_.push_back({std::move(stream), std::move(caller)});
}

void StreamWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return end_; })) {
    std::move(added_.begin(), added_.end(), std::back_inserter(entries_));
    added_.clear();
    lock.unlock();
    CheckAll();
    lock.lock();
  }
}

void StreamWatch::CheckAll() {
  std::erase_if(entries_, [this](const Entry& entry) {
    const absl::Status status = check_(entry.caller);
    const auto stream = entry.stream.lock();
    if (stream != nullptr && !status.ok()) stream->End(status);
    return stream == nullptr || !status.ok();
  });
}

}  // namespace mostove::rpc
