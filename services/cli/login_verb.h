// `mostove login`, `logout` and `whoami`.
#pragma once

#include <functional>
#include <string>

#include "services/cli/session.h"
#include "services/cli/session_file.h"

namespace mostove::cli {

struct LoginArguments {
  std::string email;  // asked for if empty
  std::string client_id, client_secret_file;
  std::string token_file;
};

// What login and logout work with.
struct SignIn {
  const Session* session = nullptr;
  SessionFile file;
  Transport transport;
  // Asks a person; `hidden`: what is typed is not shown.
  std::function<std::string(absl::string_view question, bool hidden)> ask;
  // Nobody reads along: secrets go no other way.
  bool on_this_machine = true;
};

int RunLogin(const SignIn& sign_in, const LoginArguments& arguments);
// Also ends the session at the server; it is forgotten here whatever that says.
int RunLogout(const SignIn& sign_in);
// Who the token says that one is, and with what roles.
int RunWhoAmI(const Session& session, bool json);

// Asks at the terminal; without one, reads lines of standard input.
std::string AskPerson(absl::string_view question, bool hidden);

}  // namespace mostove::cli
