// Whether two organizations may be one: pure functions, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/organizations/v1/organization_duplicates.pb.h"

namespace mostove::organizations {

// What of an organization is compared.
struct Profile {
  struct Token {
    std::u32string raw;     // the word in lower case
    std::string canonical;  // folded, the same for both transliterations
    bool number = false;    // has a digit: it is equal or another
  };
  enum class Form { kUnknown, kFoundation, kAssociation, kChitalishte };
  struct Name {
    std::vector<Token> tokens;  // without legal forms and small words, by the alphabet
    Form form = Form::kUnknown;
  };

  std::string name;                                              // "organizations/sofia-help"
  std::vector<std::pair<std::string, std::string>> identifiers;  // scheme, value
  std::vector<Name> names;  // legal and display names that say enough
  std::string area;         // of the seat: "BG-22"; "" where it is not known
};

Profile ProfileOf(const v1::Organization& organization);

struct Likeness {
  v1::DuplicatePair::Reason reason = v1::DuplicatePair::SIMILAR_NAME;
  double score = 0;  // 0 to 1
};

// Nothing where they are not alike:
// - two numbers of one register that differ say that they are two, whatever they are
//   called; the same number says that they are one;
// - names are alike when their words are, in any order, script and legal form, with a
//   typo in one word at most. A typo is no likeness where something else differs: the
//   area of the seat, or the kind of legal form (the same in another language is none).
std::optional<Likeness> Compare(const Profile& a, const Profile& b);

struct AlikePair {
  size_t first = 0;  // of the profiles; first < second
  size_t second = 0;
  Likeness likeness;
};

// All pairs that are alike, the most alike first; without comparing each with each.
std::vector<AlikePair> FindAlike(const std::vector<Profile>& profiles);

}  // namespace mostove::organizations
