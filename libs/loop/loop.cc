#include "libs/loop/loop.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace mostove::loop {
namespace {

thread_local Loop* current = nullptr;

}  // namespace

Loop::Loop() : guard_(context_.get_executor()) {}

Loop::~Loop() { Join(); }

Loop* Loop::Current() { return current; }

void Loop::Run() {
  thread_ = std::thread([this] {
    current = this;
    context_.run();
    current = nullptr;
  });
}

bool Loop::Post(std::function<void()> work) {
  const std::lock_guard<std::mutex> lock(post_mutex_);
  if (ended_) return false;
  boost::asio::post(context_, std::move(work));
  return true;
}

void Loop::Join() {
  {
    const std::lock_guard<std::mutex> lock(post_mutex_);
    if (ended_) return;
    ended_ = true;
    boost::asio::post(context_, [this] {
      EndGuests();
      guard_.reset();
    });
  }
  if (thread_.joinable()) thread_.join();
}

void Loop::EndGuests() {
  while (!guests_.empty()) Dismiss(guests_.begin()->first);
}

Guest* Loop::Find(const void* owner) const {
  const auto found = guests_.find(owner);
  return found == guests_.end() ? nullptr : found->second.get();
}

void Loop::Add(const void* owner, std::shared_ptr<Guest> guest) {
  guests_[owner] = std::move(guest);
}

void Loop::Dismiss(const void* owner) {
  const auto found = guests_.find(owner);
  if (found == guests_.end()) return;
  const std::shared_ptr<Guest> guest = std::move(found->second);
  guests_.erase(found);
  guest->End();
}

}  // namespace mostove::loop
