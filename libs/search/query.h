// What is looked for, and how well a resource's words answer it.
//
// The rank of a resource comes from the query and from the resource alone, and
// neither from other resources nor from how often a word occurs: what a caller may
// not see cannot move what is seen.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "libs/search/fields.h"
#include "mostove/search/v1/search.pb.h"

namespace mostove::search {

// Words of a query beyond these are not looked for.
inline constexpr size_t kQueryWordsMax = 10;

struct QueryWord {
  std::vector<std::string> forms;
  // Says so little that a resource without it is found when typos are looked for.
  bool weak = false;
  // The beginning of a word will do: the last one.
  bool prefix = false;
  // Of its shortest form, at most; none in numbers.
  int typos_allowed = 0;
};

// How strictly a resource has to answer.
struct Strictness {
  bool typos = false;  // near words and, where there are others, weak ones missing
  int missing = 0;     // of the words that are not weak
};

// Folded words that answer words of a query: for ranking many rows without measuring
// the distance of each of their words.
class KnownWords {
 public:
  struct Answer {
    size_t word;  // of the query
    double quality;
  };
  void Add(const std::string& form, Answer answer) { answers_[form].push_back(answer); }
  const std::vector<Answer>* Find(absl::string_view form) const;

 private:
  absl::flat_hash_map<std::string, std::vector<Answer>> answers_;
};

class Query {
 public:
  // `whole`: the last word is no beginning of one.
  static Query Parse(absl::string_view text, bool whole = false);

  const std::vector<QueryWord>& words() const { return words_; }
  // How many are not weak; all of them where all are.
  size_t significant() const { return significant_; }

  // 0 to 1, of `words` as Fields::WordsOf writes them; 0 when they do not answer. With
  // `known` words are near only when they are among these.
  double Rank(absl::string_view words, const Strictness& strictness,
              const KnownWords* known = nullptr) const;

  // The words of the query, and with near[i] what is near to its word i.
  KnownWords Known(const std::vector<std::vector<std::string>>& near) const;

  // Where the words of the query stand in a text; no parts where there are none.
  v1::Highlight Highlight(const Text& text) const;

 private:
  struct NameMatch;
  using Each = absl::FunctionRef<void(size_t word, double quality)>;
  // Every word of the query that the form answers.
  void ForEachAnswer(absl::string_view form, bool typos, const KnownWords* known, Each each) const;
  NameMatch MatchName(absl::string_view name, bool typos, const KnownWords* known) const;

  std::vector<QueryWord> words_;
  size_t significant_ = 0;
  double weight_ = 0;  // of all words
};

}  // namespace mostove::search
