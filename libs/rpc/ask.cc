#include "libs/rpc/ask.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using Answer = absl::StatusOr<call::MessagePtr>;

// Of what is left until the deadline; the rest is for saying that nobody came.
constexpr double kShare = 0.8;

// Outlives the asker where an answer comes too late.
struct Answers {
  std::mutex mutex;
  std::condition_variable complete;
  std::vector<Answer> answers;
  size_t open;
};

call::Call ForPeers(const call::Call& call, absl::Duration patience) {
  call::Call peer;
  peer.caller = call.caller;
  peer.authorization = call.authorization;
  peer.clock = call.clock;
  peer.request_id = call.request_id;
  peer.traceparent = call.traceparent;
  peer.language = call.language;
  peer.cancelled = call.cancelled;
  const absl::Time now = absl::Now();
  peer.deadline = now + std::min(patience, kShare * (call.deadline - now));
  return peer;
}

Answer Explained(Answer answer, const Question& question) {
  switch (answer.status().code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return status::Unavailable(
          "SERVICE_AWAY",
          absl::StrCat(question.method->service()->full_name(),
                       " has to be asked for this and does not answer now: try again"),
          absl::Seconds(1));
    default:
      return answer;
  }
}

}  // namespace

std::vector<Answer> AskAll(Invoker& peers, const call::Call& call, std::vector<Question> questions,
                           absl::Duration patience) {
  const auto shared = std::make_shared<Answers>();
  shared->open = questions.size();
  for (size_t i = 0; i < questions.size(); ++i) {
    shared->answers.emplace_back(absl::DeadlineExceededError("no answer in time"));
  }
  const call::Call peer = ForPeers(call, patience);
  for (size_t i = 0; i < questions.size(); ++i) {
    peers.Invoke(questions[i].method, peer, std::move(questions[i].request),
                 [shared, i](Answer answer) {
                   const std::lock_guard<std::mutex> lock(shared->mutex);
                   shared->answers[i] = std::move(answer);
                   if (--shared->open == 0) shared->complete.notify_one();
                 });
  }
  std::unique_lock<std::mutex> lock(shared->mutex);
  shared->complete.wait_until(lock, absl::ToChronoTime(peer.deadline),
                              [&] { return shared->open == 0; });
  std::vector<Answer> answers;
  for (size_t i = 0; i < questions.size(); ++i) {
    Answer& answer = shared->answers[i];
    // Those that come late still find their places.
    answers.push_back(
        Explained(answer.ok() ? Answer(std::move(*answer)) : answer.status(), questions[i]));
  }
  return answers;
}

absl::StatusOr<call::MessagePtr> Ask(Invoker& peers, const call::Call& call, Question question,
                                     absl::Duration patience) {
  std::vector<Question> questions;
  questions.push_back(std::move(question));
  return std::move(AskAll(peers, call, std::move(questions), patience)[0]);
}

}  // namespace mostove::rpc
