// `mostove admin`: on the server itself, through identity's operator socket.
#pragma once

#include <functional>
#include <string>

#include "services/cli/session.h"

namespace mostove::cli {

struct AdminArguments {
  std::string socket;  // of identity: the setting identity.operator_socket
  std::string email;
  // Of a token.
  std::string display_name;
  std::string role = "network-administrator";
  std::string resource = "network";
  std::string output;  // file of mode 0600; "" is standard output
};

// Where deploy/up has it, in whichever home.
std::string DefaultOperatorSocket();

// Makes an administrator, or gives one a new password. The password is asked for
// twice at a terminal, read as one line otherwise; an empty one is made and shown.
int RunAdminCreate(const Session& session, const AdminArguments& arguments,
                   const std::function<std::string(absl::string_view, bool hidden)>& ask);
// A token of a day for a user with a role.
int RunAdminToken(const Session& session, const AdminArguments& arguments);

}  // namespace mostove::cli
