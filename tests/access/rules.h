// What the roles mean, as the table of rules.txt says it: nothing here is asked
// of the program that is tested.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "libs/call/call.h"

namespace mostove::access {

// Whose a record is, and who sees it.
enum class Case {
  kOwn,      // private, of the organization, donor and program that roles are on
  kForeign,  // private, of another
  kShared,   // of another, for members of the network
  kPublic,   // of another, for everybody
  kMissing,
};
inline constexpr Case kCases[] = {Case::kOwn, Case::kForeign, Case::kShared, Case::kPublic,
                                  Case::kMissing};
std::string IdOf(Case which);    // "own"
std::string UuidOf(Case which);  // of people, and of what is about them
// Records of the network itself: everybody sees them.
bool IsCommon(const std::string& type);

struct Rule {
  std::string service;  // "Funding"
  std::string rpc;      // "GetGrant"
  std::string what;     // "get", "list", "create" ...
  std::string type;     // "Grant"; "*": each of the service; "-": none
  std::set<std::string> who;

  bool writes() const;
  bool allows(const std::string& word) const { return who.count(word) > 0; }
};
// Of the file; a test fails on a line that is none.
std::vector<Rule> ReadRules(const std::string& path);

// Somebody with a role.
struct Person {
  std::string title;  // "editor of the own organization"
  std::string role;   // as in the rules: "editor"; "" for none
  bool own = false;   // the role is on what is the own, else on what is a stranger's
  call::Caller caller;
};
std::vector<Person> People();
// The name of the one who has no role and records of its own.
std::string Self();

// Whether what the RPC shows of the record would be shown: where only owners may
// call it, those with its roles see.
bool Sees(const Rule& rule, const Person& person, const std::string& type, Case which);

enum class Answer { kAllowed, kSignIn, kDenied, kNotFound, kInvalid };
std::string TextOf(Answer answer);
// `type` is a type of the rule; `parent` that of the resources above it, or "".
Answer Expected(const Rule& rule, const Person& person, const std::string& type,
                const std::string& parent, Case which);

}  // namespace mostove::access
