#include "services/organizations/duplicates.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/words/words.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace mostove::organizations {
namespace {

using Token = Profile::Token;
using Name = Profile::Name;
using Form = Profile::Form;
using v1::DuplicatePair;

constexpr size_t kNameWordsMax = 20;
// Letters of all words of a name together; what is shorter says too little.
constexpr size_t kNameLettersMin = 5;
// A name of one word is alike with a typo from this length on.
constexpr size_t kLoneWordLettersMin = 7;
constexpr size_t kTypoLettersMin = 4;
constexpr size_t kTwoTyposLettersMin = 8;
// So many with one key have something in common that says nothing.
constexpr size_t kSameKeyMax = 60;

constexpr double kSameIdentifier = 1;
constexpr double kSameName = 0.95;
constexpr double kNameWithTypo = 0.8;
constexpr double kOtherArea = 0.6;

std::u32string LowerCase(absl::string_view text) {
  std::u32string lower;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) {
    UChar32 c;
    U8_NEXT(bytes, at, static_cast<int32_t>(text.size()), c);
    if (c >= 0) lower += static_cast<char32_t>(u_tolower(c));
  }
  return lower;
}

// What the two transliterations write differently is one thing here: г is g and h, щ is
// sht and shch.
std::string Canonical(absl::string_view folded) {
  std::string canonical;
  for (const char c : absl::StrReplaceAll(folded, {{"shch", "sht"}, {"h", "g"}})) {
    const bool doubled = !canonical.empty() && canonical.back() == c && c >= 'a';
    if (!doubled) canonical += c;
  }
  return canonical;
}

// Others ("NGO", "organization", "charitable") go with each of them.
Form FormOf(absl::string_view folded) {
  static const auto* const forms = new absl::flat_hash_map<std::string, Form>([] {
    absl::flat_hash_map<std::string, Form> made;
    for (const char* word : {"фондация", "фондацията", "фонд", "фундація", "foundation", "fund"}) {
      made[words::FoldText(word)] = Form::kFoundation;
    }
    for (const char* word : {"сдружение", "сдружението", "асоциация", "асоціація", "дружество",
                             "спілка", "товариство", "об'єднання", "association", "society"}) {
      made[words::FoldText(word)] = Form::kAssociation;
    }
    made[words::FoldText("читалище")] = Form::kChitalishte;
    return made;
  }());
  const auto found = forms->find(folded);
  return found == forms->end() ? Form::kUnknown : found->second;
}

void AddName(const std::string& text, Profile& profile) {
  Name name;
  size_t letters = 0;
  for (const words::Word& word : words::Split(text, kNameWordsMax)) {
    if (std::any_of(word.forms.begin(), word.forms.end(),
                    [](const std::string& form) { return words::IsWeak(form); })) {
      for (const std::string& form : word.forms) name.form = std::max(name.form, FormOf(form));
      continue;
    }
    Token token = {LowerCase(absl::string_view(text).substr(word.begin, word.end - word.begin)),
                   Canonical(word.forms[0]),
                   word.forms[0].find_first_of("0123456789") != std::string::npos};
    letters += token.canonical.size();
    name.tokens.push_back(std::move(token));
  }
  if (letters < kNameLettersMin) return;
  std::sort(name.tokens.begin(), name.tokens.end(),
            [](const Token& a, const Token& b) { return a.canonical < b.canonical; });
  profile.names.push_back(std::move(name));
}

// One letter left out, added, replaced, or swapped with its neighbour.
bool OneEdit(const std::u32string& a, const std::u32string& b) {
  const std::u32string& shorter = a.size() <= b.size() ? a : b;
  const std::u32string& longer = a.size() <= b.size() ? b : a;
  if (longer.size() > shorter.size() + 1) return false;
  size_t at = 0;
  while (at < shorter.size() && shorter[at] == longer[at]) ++at;
  const auto same_from = [&](size_t i, size_t j) {
    return shorter.compare(i, std::u32string::npos, longer, j, std::u32string::npos) == 0;
  };
  if (shorter.size() < longer.size()) return same_from(at, at + 1);
  if (at == shorter.size() || same_from(at + 1, at + 1)) return true;
  return at + 1 < shorter.size() && shorter[at] == longer[at + 1] &&
         shorter[at + 1] == longer[at] && same_from(at + 2, at + 2);
}

bool IsTypoOf(const Token& a, const Token& b) {
  if (a.number || b.number) return false;
  const size_t letters = std::min(a.canonical.size(), b.canonical.size());
  if (letters < kTypoLettersMin) return false;
  if (OneEdit(a.raw, b.raw)) return true;
  const int allowed = letters >= kTwoTyposLettersMin ? 2 : 1;
  return words::Distance(a.canonical, b.canonical, allowed) <= allowed;
}

enum class Alike { kNot, kTypo, kSame };

// Both are sorted, so what they have in common is found by walking them together.
Alike CompareNames(const Name& one, const Name& other) {
  const std::vector<Token>& a = one.tokens;
  const std::vector<Token>& b = other.tokens;
  if (a.size() != b.size()) return Alike::kNot;
  const Token* only_a = nullptr;
  const Token* only_b = nullptr;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i].canonical == b[j].canonical) {
      ++i, ++j;
    } else if (j == b.size() || (i < a.size() && a[i].canonical < b[j].canonical)) {
      if (only_a != nullptr) return Alike::kNot;
      only_a = &a[i++];
    } else {
      if (only_b != nullptr) return Alike::kNot;
      only_b = &b[j++];
    }
  }
  if (only_a == nullptr) return Alike::kSame;
  if (one.form != other.form &&
      (a.size() == 1 || (one.form != Form::kUnknown && other.form != Form::kUnknown))) {
    return Alike::kNot;
  }
  if (a.size() == 1 && std::min(only_a->raw.size(), only_b->raw.size()) < kLoneWordLettersMin) {
    return Alike::kNot;
  }
  return IsTypoOf(*only_a, *only_b) ? Alike::kTypo : Alike::kNot;
}

// Keys that two alike profiles have in common: of each number; of each name, and of
// each name with one letter of one word left out.
class Keys {
 public:
  explicit Keys(std::vector<std::pair<uint64_t, uint32_t>>& all) : all_(all) {}

  void Add(const Profile& profile, uint32_t index) {
    index_ = index;
    for (const auto& [scheme, value] : profile.identifiers)
      Put(0, absl::StrCat(scheme, " ", value));
    for (const Name& name : profile.names) {
      std::string whole;
      for (const Token& token : name.tokens) absl::StrAppend(&whole, token.canonical, " ");
      Put(1, whole);
      for (size_t i = 0; i < name.tokens.size(); ++i) AddWithout(name, i);
    }
  }

 private:
  void AddWithout(const Name& name, size_t varied) {
    const Token& token = name.tokens[varied];
    if (token.number || token.canonical.size() < kTypoLettersMin) return;
    std::string rest;
    for (size_t i = 0; i < name.tokens.size(); ++i) {
      if (i != varied) absl::StrAppend(&rest, name.tokens[i].canonical, " ");
    }
    PutShortened(2, rest, token.canonical);
    PutShortened(3, rest, token.raw);
  }

  template <class String>
  void PutShortened(int kind, const std::string& rest, const String& word) {
    Put(kind, std::make_pair(rest, word));
    for (size_t i = 0; i < word.size(); ++i) {
      String shorter = word;
      shorter.erase(i, 1);
      Put(kind, std::make_pair(rest, shorter));
    }
  }

  template <class Key>
  void Put(int kind, const Key& key) {
    all_.emplace_back(absl::HashOf(kind, key), index_);
  }

  std::vector<std::pair<uint64_t, uint32_t>>& all_;
  uint32_t index_ = 0;
};

}  // namespace

Profile ProfileOf(const v1::Organization& organization) {
  Profile profile;
  profile.name = organization.name();
  for (const auto& identifier : organization.identifiers()) {
    profile.identifiers.emplace_back(identifier.scheme(), identifier.value());
  }
  AddName(organization.legal_name(), profile);
  for (const auto& [language, text] : organization.display_name().texts()) {
    AddName(text, profile);
  }
  profile.area = organization.seat().area().code();
  return profile;
}

std::optional<Likeness> Compare(const Profile& a, const Profile& b) {
  bool differ = false;
  for (const auto& [scheme, value] : a.identifiers) {
    for (const auto& [other_scheme, other] : b.identifiers) {
      if (scheme != other_scheme) continue;
      if (value == other) return Likeness{DuplicatePair::SAME_IDENTIFIER, kSameIdentifier};
      differ = true;
    }
  }
  if (differ) return std::nullopt;
  Alike best = Alike::kNot;
  for (const Name& name : a.names) {
    for (const Name& other : b.names) best = std::max(best, CompareNames(name, other));
  }
  const bool other_area = !a.area.empty() && !b.area.empty() && a.area != b.area;
  if (best == Alike::kNot || (best == Alike::kTypo && other_area)) return std::nullopt;
  const double score = other_area ? kOtherArea : best == Alike::kTypo ? kNameWithTypo : kSameName;
  return Likeness{DuplicatePair::SIMILAR_NAME, score};
}

std::vector<AlikePair> FindAlike(const std::vector<Profile>& profiles) {
  std::vector<std::pair<uint64_t, uint32_t>> keys;
  Keys maker(keys);
  for (size_t i = 0; i < profiles.size(); ++i) maker.Add(profiles[i], static_cast<uint32_t>(i));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    while (end < keys.size() && keys[end].first == keys[begin].first) ++end;
    if (end - begin > kSameKeyMax) continue;
    for (size_t i = begin; i < end; ++i) {
      for (size_t j = i + 1; j < end; ++j) pairs.emplace_back(keys[i].second, keys[j].second);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::vector<AlikePair> alike;
  for (const auto& [first, second] : pairs) {
    if (const auto likeness = Compare(profiles[first], profiles[second])) {
      alike.push_back({first, second, *likeness});
    }
  }
  std::sort(alike.begin(), alike.end(), [&](const AlikePair& a, const AlikePair& b) {
    return std::forward_as_tuple(b.likeness.score, profiles[a.first].name,
                                 profiles[a.second].name) <
           std::forward_as_tuple(a.likeness.score, profiles[b.first].name, profiles[b.second].name);
  });
  return alike;
}

}  // namespace mostove::organizations
