#include "tests/access/rules.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/resource/roles.h"

namespace mostove::access {
namespace {

// Nobody but owners sees them.
bool IsPrivate(const std::string& type) {
  return type == "Obligation" || type == "User" || type == "ApiClient" || type == "RoleGrant" ||
         type == "Invitation" || type == "FeedKey";
}

// Which records a role on something is about.
bool IsAbout(const std::string& role, const std::string& type) {
  if (IsCommon(type) || type == "User" || type == "FeedKey") return false;
  if (role == "donor") return type == "Donor" || type == "Grant";
  if (role == "trainer") return type == "Program" || type == "Session";
  return role == "admin" || role == "editor" || role == "reader";
}

// Of the records of identity, those that are about a person.
bool IsItsOwn(const Person& person, const std::string& type, Case which) {
  return person.caller.name == Self() && which == Case::kOwn &&
         (type == "User" || type == "FeedKey" || type == "RoleGrant");
}

bool ActsFor(const Rule& rule, const Person& person, const std::string& type, Case which) {
  if (rule.allows("self") && IsItsOwn(person, type, which)) return true;
  return person.own && which == Case::kOwn && rule.allows(person.role) &&
         IsAbout(person.role, type);
}

bool IsAdministrator(const Person& person) {
  return person.role == "administrator" || person.role == "program";
}

// Whether what the token is good for is enough.
bool HasScope(const Rule& rule, const Person& person) {
  const uint32_t scopes = person.caller.scopes;
  if (rule.writes()) return (scopes & call::kScopeWrite) != 0;
  // Asked by programs on behalf of those who read or write.
  if (rule.what == "check" || rule.what == "referrers" || rule.what == "question") {
    return (scopes & (call::kScopeRead | call::kScopeWrite)) != 0;
  }
  return (scopes & call::kScopeRead) != 0;
}

// Before any record is looked at; kAllowed: go on.
Answer AtTheDoor(const Rule& rule, const Person& person) {
  if (person.role == "program") {
    return rule.allows("programs") ? Answer::kAllowed : Answer::kDenied;
  }
  if (person.caller.name.empty()) {
    return rule.allows("all") ? Answer::kAllowed : Answer::kSignIn;
  }
  if (!HasScope(rule, person)) return Answer::kDenied;
  const bool let_in = rule.allows("all") || rule.allows("self") || IsAdministrator(person) ||
                      rule.allows(person.role);
  return let_in ? Answer::kAllowed : Answer::kDenied;
}

// A write, or a read for those who act for the owner.
Answer OfARow(const Rule& rule, const Person& person, const std::string& type, Case which) {
  if (!Sees(rule, person, type, which)) return Answer::kNotFound;
  const bool may = IsAdministrator(person) || ActsFor(rule, person, type, which);
  return may ? Answer::kAllowed : Answer::kDenied;
}

Answer OfACreate(const Rule& rule, const Person& person, const std::string& type,
                 const std::string& parent, Case which) {
  if (!parent.empty() && !Sees(rule, person, parent, which)) return Answer::kNotFound;
  if (!IsAdministrator(person)) {
    return ActsFor(rule, person, type, which) ? Answer::kAllowed : Answer::kDenied;
  }
  // It would name an owner that there is not.
  const bool names_nobody = which == Case::kMissing && type != "Organization" && !IsCommon(type);
  return names_nobody ? Answer::kInvalid : Answer::kAllowed;
}

Person Make(const std::string& title, const std::string& role, bool own, call::Caller caller) {
  caller.name = caller.name.empty() && role != "anonymous" ? "users/" + title : caller.name;
  return {title, role, own, std::move(caller)};
}

// With the roles as the grants of identity make it.
Person With(const std::string& title, const std::string& role, const std::string& resource,
            resource::v1::Role granted, bool own,
            uint32_t scopes = call::kScopeRead | call::kScopeWrite) {
  return Make(title, role, own,
              {.network = true,
               .scopes = scopes,
               .organizations = {resource, "users/" + title},
               .grants = {{resource, resource::RoleBit(granted)}}});
}

}  // namespace

std::string IdOf(Case which) {
  switch (which) {
    case Case::kOwn:
      return "own";
    case Case::kForeign:
      return "foreign";
    case Case::kShared:
      return "shared";
    case Case::kPublic:
      return "public";
    case Case::kMissing:
      break;
  }
  return "nowhere";
}

std::string UuidOf(Case which) {
  return absl::StrCat("00000000-0000-4000-8000-00000000000", static_cast<int>(which));
}

std::string Self() { return "users/" + UuidOf(Case::kOwn); }

bool IsCommon(const std::string& type) {
  return type == "Topic" || type == "CapacityFramework" || type == "ComplianceRule" ||
         type == "WorkCalendar";
}

bool Rule::writes() const {
  return what == "create" || what == "batch_create" || what == "update" || what == "delete" ||
         what == "undelete" || what == "write";
}

std::vector<Rule> ReadRules(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<Rule> rules;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Rule rule;
    if (!(words >> rule.service) || rule.service.front() == '#') continue;
    words >> rule.rpc >> rule.what >> rule.type;
    for (std::string who; words >> who;) rule.who.insert(who);
    EXPECT_FALSE(rule.who.empty()) << line;
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::vector<Person> People() {
  namespace r = resource::v1;
  std::vector<Person> people = {
      Make("anonymous", "anonymous", false, {}),
      Make("member", "", false, {.network = true, .organizations = {"users/member"}}),
      Make("self", "", false, {.name = Self(), .network = true, .organizations = {Self()}}),
      Make("analyst", "", false,
           {.network = true,
            .organizations = {"users/analyst"},
            .grants = {{"network", resource::RoleBit(r::NETWORK_ANALYST)}}}),
      Make("administrator", "administrator", false,
           {.administrator = true,
            .network = true,
            .organizations = {"users/administrator"},
            .grants = {{"network", resource::RoleBit(r::NETWORK_ADMINISTRATOR)}}}),
      Make("program", "program", false, {.name = "services/insights", .service = true}),
      With("own donor", "donor", "donors/own", r::DONOR_READER, true),
      With("other donor", "donor", "donors/stranger", r::DONOR_READER, false),
      With("own trainer", "trainer", "programs/own", r::TRAINER, true),
      With("other trainer", "trainer", "programs/stranger", r::TRAINER, false),
  };
  for (const bool own : {true, false}) {
    const std::string organization = own ? "organizations/own" : "organizations/stranger";
    const std::string which = own ? "own " : "other ";
    people.push_back(
        With(which + "admin", "admin", organization, r::ORGANIZATION_ADMINISTRATOR, own));
    people.push_back(With(which + "editor", "editor", organization, r::ORGANIZATION_EDITOR, own));
    people.push_back(With(which + "reader", "reader", organization, r::ORGANIZATION_READER, own));
  }
  const auto scoped = [&](const std::string& title, uint32_t scopes) {
    people.push_back(
        With(title, "admin", "organizations/own", r::ORGANIZATION_ADMINISTRATOR, true, scopes));
  };
  scoped("token without scope", 0);
  scoped("token that reads", call::kScopeRead);
  scoped("token that writes", call::kScopeWrite);
  scoped("feed key", call::kScopeFeeds);
  return people;
}

bool Sees(const Rule& rule, const Person& person, const std::string& type, Case which) {
  if (which == Case::kMissing) return false;
  if (IsAdministrator(person) || IsCommon(type)) return true;
  if (type == "Obligation") return person.own && which == Case::kOwn && IsAbout(person.role, type);
  if (IsPrivate(type) && !rule.writes()) return ActsFor(rule, person, type, which);
  if (IsItsOwn(person, type, which)) return true;
  switch (which) {
    case Case::kPublic:
      return !IsPrivate(type);
    case Case::kShared:
      return !IsPrivate(type) && !person.caller.name.empty();
    case Case::kOwn:
      return person.own && IsAbout(person.role, type);
    default:
      return false;
  }
}

std::string TextOf(Answer answer) {
  switch (answer) {
    case Answer::kAllowed:
      return "allowed";
    case Answer::kSignIn:
      return "sign in";
    case Answer::kDenied:
      return "denied";
    case Answer::kNotFound:
      return "not found";
    case Answer::kInvalid:
      break;
  }
  return "invalid";
}

Answer Expected(const Rule& rule, const Person& person, const std::string& type,
                const std::string& parent, Case which) {
  const Answer door = AtTheDoor(rule, person);
  if (door != Answer::kAllowed) return door;
  if (rule.what == "get" || rule.what == "batch_get") {
    return Sees(rule, person, type, which) ? Answer::kAllowed : Answer::kNotFound;
  }
  if (rule.what == "list") {
    return parent.empty() || Sees(rule, person, parent, which) ? Answer::kAllowed
                                                               : Answer::kNotFound;
  }
  if (rule.what == "create" || rule.what == "batch_create") {
    return OfACreate(rule, person, type, parent, which);
  }
  if (rule.what == "log" || rule.what == "watch" || rule.what == "check" ||
      rule.what == "referrers" || rule.what == "read" || rule.what == "write" ||
      rule.what == "question") {
    return Answer::kAllowed;
  }
  return OfARow(rule, person, type, which);
}

}  // namespace mostove::access
