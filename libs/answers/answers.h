// Answers of reads, kept as they were sent, until what they rest on changes.
//
//   if (AnswerPtr kept = answers.Find(key, now)) return Send(kept);
//   if (!answers.Lead(key, now, waiter)) return;  // the same read is under way
//   Basis basis;
//   AnswerPtr answer = Read(basis);            // says what it rests on before it reads
//   answers.Finish(key, answer, basis, now);
//
// The key says everything on which the answer depends: what was asked, in which
// form it is wanted, what its caller may see. An answer that was read late keeps
// the stamps from before its read, so it never passes for a newer one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/answers/basis.h"
#include "libs/call/method.h"

namespace mostove::answers {

struct Answer {
  std::string bytes;      // as they are sent: JSON, or a message
  std::string tag;        // entity tag, with quotes; of JSON
  std::string fields;     // further header fields, complete lines; of JSON
  call::ShownList shown;  // to be recorded each time; null: nothing
};
using AnswerPtr = std::shared_ptr<const Answer>;

// Safe for all threads.
class Answers {
 public:
  // What the answers take, with their keys; the ones used longest ago go first.
  explicit Answers(size_t bytes_max);
  ~Answers();

  // Null when there is none that holds.
  AnswerPtr Find(absl::string_view key, absl::Time now);

  // What becomes of a caller who waits for the read of another one.
  enum class Turn {
    kAnswered,  // with the answer
    kLead,      // it reads, as after Lead, and calls Finish
    kAlone,     // it reads for itself: the answers of this read cannot be shared
  };
  using Waiter = std::function<void(Turn turn, AnswerPtr answer)>;
  // True: the caller reads, and calls Finish in any case. False: `waiter` is
  // called once, now or on the thread of a Finish, with an answer that was read
  // after this call or still held after it.
  bool Lead(absl::string_view key, absl::Time now, Waiter waiter);
  // Keeps the answer and gives it to those who wait. Of two readings at most one
  // is needed for those who wait, however often the basis changes. A null answer:
  // there was none that can be shared, and each of them reads for itself;
  // `pass_on`: because its reader went away, and another one leads.
  void Finish(absl::string_view key, AnswerPtr answer, const Basis& basis, absl::Time now,
              bool pass_on = false);

  struct Figures {
    int64_t hits = 0;
    int64_t misses = 0;
    int64_t shared = 0;  // of the misses: answered by the read of another one
    int64_t bytes = 0;
    int64_t answers = 0;
  };
  Figures figures() const;

 private:
  struct Shard;
  Shard& ShardOf(absl::string_view key) const;

  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace mostove::answers
