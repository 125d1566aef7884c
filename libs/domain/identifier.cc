#include "libs/domain/identifier.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/domain/path.h"

namespace mostove::domain {
namespace {

constexpr int kPersonalDigits = 10;

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// The sum of the digits times weights, modulo 11; 10 asks for the second
// weights, and 10 again means 0.
template <size_t N>
int CheckDigit(absl::string_view digits, const std::array<int, N>& first,
               const std::array<int, N>& second) {
  for (const auto& weights : {first, second}) {
    int sum = 0;
    for (size_t i = 0; i < N; ++i) sum += (digits[i] - '0') * weights[i];
    if (sum % 11 != 10) return sum % 11;
  }
  return 0;
}

// Ten digits in all, or ten in one run: "8001014509/2" is one as well.
bool HoldsTenDigits(absl::string_view value) {
  int total = 0, run = 0;
  bool run_of_ten = false;
  const int32_t size = static_cast<int32_t>(value.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(value.data(), i, size, c);
    if (c >= 0 && u_charDigitValue(c) >= 0) {
      ++total, ++run;
    } else {
      run_of_ten |= run == kPersonalDigits;
      run = 0;
    }
  }
  return total == kPersonalDigits || run_of_ten || run == kPersonalDigits;
}

bool NamesRegisterWithPeople(absl::string_view scheme) {
  return absl::StartsWithIgnoreCase(scheme, "BG-") || absl::StartsWithIgnoreCase(scheme, "UA-");
}

}  // namespace

bool IsEik(absl::string_view value) {
  if ((value.size() != 9 && value.size() != 13) || !AllDigits(value)) return false;
  if (value.find_first_not_of('0') == absl::string_view::npos) return false;
  static constexpr std::array<int, 8> kFirst9{1, 2, 3, 4, 5, 6, 7, 8};
  static constexpr std::array<int, 8> kSecond9{3, 4, 5, 6, 7, 8, 9, 10};
  if (CheckDigit(value, kFirst9, kSecond9) != value[8] - '0') return false;
  if (value.size() == 9) return true;
  // A branch: of the body that the first nine digits name.
  if (!IsEik(value.substr(0, 9))) return false;
  static constexpr std::array<int, 4> kFirst13{2, 7, 3, 5};
  static constexpr std::array<int, 4> kSecond13{4, 9, 5, 7};
  return CheckDigit(value.substr(8), kFirst13, kSecond13) == value[12] - '0';
}

bool MayBePersonal(absl::string_view scheme, absl::string_view value) {
  scheme = absl::StripAsciiWhitespace(scheme);
  // XI-IATI values begin with the register's own code: "BG-EIK-...".
  if (!scheme.empty() && !NamesRegisterWithPeople(scheme) &&
      !NamesRegisterWithPeople(absl::StripAsciiWhitespace(value))) {
    return false;
  }
  return HoldsTenDigits(value);
}

void CheckIdentifier(const common::v1::Identifier& identifier, absl::string_view path,
                     status::Violations& violations) {
  const std::string& value = identifier.value();
  const std::string field = Join(path, "value");
  if (MayBePersonal(identifier.scheme(), value)) {
    violations.Add(field, "PERSONAL_NUMBER",
                   "may be a person's number (ten digits), which is never kept here; an "
                   "organization has an EIK of 9 or 13 digits or a Ukrainian code of 8");
    return;
  }
  if (value.empty()) return;  // REQUIRED says so.
  if (absl::EqualsIgnoreCase(identifier.scheme(), "BG-EIK") && !IsEik(value)) {
    violations.Add(field, "EIK",
                   "has to be an EIK: 9 digits, or 13 for a branch, nothing between them, with "
                   "right check digits");
  }
  if (absl::EqualsIgnoreCase(identifier.scheme(), "UA-EDR") &&
      (value.size() != 8 || !AllDigits(value))) {
    violations.Add(field, "EDR", "has to be a code of the Ukrainian register: 8 digits");
  }
}

void CheckSchemes(const google::protobuf::RepeatedPtrField<common::v1::Identifier>& identifiers,
                  absl::string_view path, status::Violations& violations) {
  absl::flat_hash_set<std::string> schemes;
  for (int i = 0; i < identifiers.size(); ++i) {
    const std::string& scheme = identifiers[i].scheme();
    if (!scheme.empty() && !schemes.insert(scheme).second) {
      violations.Add(absl::StrCat(path, "[", i, "].scheme"), "DUPLICATE",
                     "has to stand once: a register knows an organization by one number");
    }
  }
}

}  // namespace mostove::domain
