// Names of organizations that nobody has, as many as wanted and no two alike: for
// measuring search and duplicates. The same seed gives the same names.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <unordered_set>

namespace mostove::organizations {

class MadeNames {
 public:
  explicit MadeNames(uint32_t seed) : random_(seed) {}

  // "Сдружение Надежда за Видин", "Громадська організація Барвінок", "Bridge Foundation".
  std::string Name();
  // Some sentences of what such organizations do.
  std::string Description();
  // Nine digits with the right check digit; no two alike.
  std::string Eik();

  // The text with a letter left out, doubled, swapped or replaced in each of its words
  // of three letters or more.
  std::string WithTypos(const std::string& text);
  // With one such fault, in a word that is no legal form.
  std::string WithOneTypo(const std::string& text);
  // Another legal form, in front or behind: "Фондация Надежда" for "Сдружение Надежда".
  std::string WithOtherForm(const std::string& text);
  // In Latin letters by the official transliteration; a Latin one as it is.
  static std::string InLatin(const std::string& text);

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

 private:
  std::string ProperWord();
  std::u32string Spoil(std::u32string word);

  std::mt19937 random_;
  std::unordered_set<std::string> names_, eiks_;
};

}  // namespace mostove::organizations
