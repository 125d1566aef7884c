#include "libs/search/query.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "libs/words/words.h"

namespace mostove::search {
namespace {

// What a word found is worth.
constexpr double kOneTypo = 0.75;
constexpr double kTwoTypos = 0.55;
constexpr double kPrefixLeast = 0.6;
constexpr double kPrefixMost = 0.95;
constexpr double kInText = 0.3;      // in a text rather than a name
constexpr double kWeakWeight = 0.2;  // of a weak word beside others
// Of a rank, what comes from the words found; the rest from how much of the name
// they are.
constexpr double kWordsShare = 0.8;
constexpr size_t kPrefixLengthMin = 2;
constexpr size_t kTypoLettersMin = 4;
// A highlight shows so many bytes of a long text before and after.
constexpr size_t kAroundBytes = 80;

bool HasDigit(absl::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

double FormQuality(const QueryWord& word, absl::string_view wanted, absl::string_view form,
                   bool typos) {
  if (wanted == form) return 1;
  if (word.prefix && wanted.size() >= kPrefixLengthMin && absl::StartsWith(form, wanted)) {
    return kPrefixLeast + (kPrefixMost - kPrefixLeast) * static_cast<double>(wanted.size()) /
                              static_cast<double>(form.size());
  }
  if (!typos || word.typos_allowed == 0) return 0;
  // A word of eight letters that lost one has room for another typo.
  const int allowed = words::TyposAllowed(std::max(wanted.size(), form.size()));
  const int distance = words::Distance(wanted, form, allowed);
  if (distance > allowed) return 0;
  return distance == 1 ? kOneTypo : kTwoTypos;
}

double Quality(const QueryWord& word, absl::string_view form, bool typos) {
  double best = 0;
  for (const std::string& wanted : word.forms) {
    best = std::max(best, FormQuality(word, wanted, form, typos));
  }
  return best;
}

}  // namespace

const std::vector<KnownWords::Answer>* KnownWords::Find(absl::string_view form) const {
  const auto found = answers_.find(form);
  return found == answers_.end() ? nullptr : &found->second;
}

// A name of the resource, against all words of the query.
struct Query::NameMatch {
  std::vector<double> qualities;  // of each word of the query
  double covered = 0;             // share of the name's words that were looked for
};

void Query::ForEachAnswer(absl::string_view form, bool typos, const KnownWords* known,
                          Each each) const {
  if (known == nullptr) {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (const double quality = Quality(words_[i], form, typos); quality > 0) each(i, quality);
    }
    return;
  }
  if (const auto* answers = known->Find(form); answers != nullptr) {
    for (const KnownWords::Answer& answer : *answers) each(answer.word, answer.quality);
  }
  // Of the last word any beginning will do, which no table knows.
  if (const double quality = Quality(words_.back(), form, /*typos=*/false); quality > 0) {
    each(words_.size() - 1, quality);
  }
}

Query::NameMatch Query::MatchName(absl::string_view name, bool typos,
                                  const KnownWords* known) const {
  NameMatch match = {.qualities = std::vector<double>(words_.size())};
  double weight = 0;
  for (const absl::string_view word : absl::StrSplit(name, ' ')) {
    double best = 0;
    bool weak = false;
    for (const absl::string_view form : absl::StrSplit(word, '/')) {
      weak = weak || words::IsWeak(form);
      ForEachAnswer(form, typos, known, [&](size_t i, double quality) {
        match.qualities[i] = std::max(match.qualities[i], quality);
        best = std::max(best, quality);
      });
    }
    const double own = weak ? kWeakWeight : 1;
    weight += own;
    match.covered += own * best;
  }
  match.covered /= weight;
  return match;
}

KnownWords Query::Known(const std::vector<std::vector<std::string>>& near) const {
  KnownWords known;
  for (size_t i = 0; i < words_.size(); ++i) {
    for (const std::string& form : words_[i].forms) known.Add(form, {i, 1});
    if (i >= near.size()) continue;
    for (const std::string& form : near[i]) {
      if (const double quality = Quality(words_[i], form, /*typos=*/true); quality > 0) {
        known.Add(form, {i, quality});
      }
    }
  }
  return known;
}

Query Query::Parse(absl::string_view text, bool whole) {
  Query query;
  std::vector<words::Word> split = words::Split(text, kQueryWordsMax);
  for (words::Word& word : split) {
    QueryWord& added = query.words_.emplace_back();
    added.forms = std::move(word.forms);
    size_t shortest = added.forms[0].size();
    for (const std::string& form : added.forms) {
      shortest = std::min(shortest, form.size());
      added.weak = added.weak || words::IsWeak(form);
    }
    added.weak = added.weak || shortest <= 2;
    added.typos_allowed = HasDigit(added.forms[0]) || shortest < kTypoLettersMin
                              ? 0
                              : words::TyposAllowed(shortest + 1);
  }
  if (query.words_.empty()) return query;
  query.words_.back().prefix = !whole;
  for (const QueryWord& word : query.words_) query.significant_ += word.weak ? 0 : 1;
  if (query.significant_ == 0) {
    for (QueryWord& word : query.words_) word.weak = false;
    query.significant_ = query.words_.size();
  }
  for (const QueryWord& word : query.words_) query.weight_ += word.weak ? kWeakWeight : 1;
  return query;
}

double Query::Rank(absl::string_view words, const Strictness& strictness,
                   const KnownWords* known) const {
  std::vector<double> in_text(words_.size());
  std::vector<NameMatch> names;
  for (const absl::string_view line : absl::StrSplit(words, '\n', absl::SkipEmpty())) {
    if (line[0] == 'N') {
      names.push_back(MatchName(line.substr(1), strictness.typos, known));
      continue;
    }
    for (const absl::string_view word : absl::StrSplit(line.substr(1), ' ')) {
      ForEachAnswer(word, strictness.typos, known, [&](size_t i, double quality) {
        in_text[i] = std::max(in_text[i], kInText * quality);
      });
    }
  }
  // Any of the names may have the word.
  int missing = 0;
  for (size_t i = 0; i < words_.size(); ++i) {
    const bool found =
        in_text[i] > 0 || std::any_of(names.begin(), names.end(),
                                      [&](const auto& name) { return name.qualities[i] > 0; });
    if (found || (strictness.typos && words_[i].weak)) continue;
    if (++missing > strictness.missing) return 0;
  }
  names.push_back({.qualities = std::vector<double>(words_.size())});  // found in texts alone
  double best = 0;
  for (const NameMatch& name : names) {
    double sum = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      double quality = std::max(name.qualities[i], in_text[i]);
      // Words in other names of the same resource count a little less.
      for (const NameMatch& other : names) quality = std::max(quality, 0.9 * other.qualities[i]);
      sum += (words_[i].weak ? kWeakWeight : 1) * quality;
    }
    const double share = sum / weight_;
    best = std::max(best, kWordsShare * share + (1 - kWordsShare) * name.covered * share);
  }
  return std::round(best * 10000) / 10000;
}

v1::Highlight Query::Highlight(const Text& text) const {
  struct Piece {
    size_t begin, end;
  };
  std::vector<Piece> found;
  for (const words::Word& word : words::Split(text.text, text.text.size())) {
    for (const QueryWord& wanted : words_) {
      if (std::any_of(word.forms.begin(), word.forms.end(), [&](const std::string& form) {
            return Quality(wanted, form, /*typos=*/true) > 0;
          })) {
        found.push_back({word.begin, word.end});
        break;
      }
    }
  }
  v1::Highlight highlight;
  if (found.empty()) return highlight;
  highlight.set_field(text.field->path);
  highlight.set_language(text.language);
  const std::string& all = text.text;
  const auto is_space = [&](size_t at) { return all[at] == ' ' || all[at] == '\n'; };
  size_t from = 0;
  size_t to = all.size();
  if (text.field->weight == Weight::kText) {
    if (found[0].begin > kAroundBytes) {
      from = found[0].begin - kAroundBytes;
      while (from < found[0].begin && !is_space(from)) ++from;
    }
    if (to > found[0].end + kAroundBytes) {
      to = found[0].end + kAroundBytes;
      while (to > found[0].end && !is_space(to)) --to;
    }
  }
  const auto add = [&](absl::string_view part, bool match) {
    if (part.empty()) return;
    auto* added = highlight.add_parts();
    added->set_text(std::string(part));
    added->set_match(match);
  };
  std::string lead = from > 0 ? "…" : "";
  for (const Piece& piece : found) {
    if (piece.end > to) break;
    add(lead + all.substr(from, piece.begin - from), false);
    add(all.substr(piece.begin, piece.end - piece.begin), true);
    lead.clear();
    from = piece.end;
  }
  add(all.substr(from, to - from) + (to < all.size() ? "…" : ""), false);
  return highlight;
}

}  // namespace mostove::search
