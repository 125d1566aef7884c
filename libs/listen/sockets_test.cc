#include "libs/listen/sockets.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::listen {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Whether somebody listens on a port of 127.0.0.1.
bool Connects(const std::string& address) {
  const std::vector<std::string> parts = absl::StrSplit(address, ':');
  sockaddr_in there = {.sin_family = AF_INET,
                       .sin_port = htons(static_cast<uint16_t>(std::stoi(parts[1])))};
  inet_pton(AF_INET, parts[0].c_str(), &there.sin_addr);
  const Socket client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(client.fd(), reinterpret_cast<const sockaddr*>(&there), sizeof(there)) == 0;
}

int ExitCode(pid_t process) {
  int status = -1;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs `body` in a process that was started with one socket of this name;
// gives what it returns.
int WithInherited(const char* name, const Socket& socket, const std::function<int()>& body) {
  const pid_t process = fork();
  if (process != 0) return ExitCode(process);
  dup2(socket.fd(), 3);
  setenv("LISTEN_PID", absl::StrCat(getpid()).c_str(), 1);
  setenv("LISTEN_FDS", "1", 1);
  setenv("LISTEN_FDNAMES", name, 1);
  _exit(body());
}

TEST(SocketsTest, ConnectionsAreTakenInWhileTheSocketIsHeld) {
  Sockets sockets;
  auto server = sockets.Listen("http", "127.0.0.1:0");
  ASSERT_THAT(server, IsOk());
  const std::string address = server->Address();
  EXPECT_TRUE(Connects(address));
  *server = Socket();
  EXPECT_TRUE(Connects(address)) << "the server has gone, the socket is held";
  sockets.Close();
  EXPECT_FALSE(Connects(address));
}

TEST(SocketsTest, AnInheritedSocketIsTakenByItsName) {
  const auto socket = Open("127.0.0.1:0");
  ASSERT_THAT(socket, IsOk());
  const std::string address = socket->Address();
  EXPECT_EQ(WithInherited("http", *socket,
                          [&] {
                            Sockets sockets = Sockets::Inherited();
                            if (std::getenv("LISTEN_FDS") != nullptr) return 1;
                            const auto taken = sockets.Listen("http", "127.0.0.1:0");
                            if (!taken.ok() || taken->Address() != address) return 2;
                            const auto other = sockets.Listen("grpc", "127.0.0.1:0");
                            return other.ok() && other->Address() != address ? 0 : 3;
                          }),
            0);
  EXPECT_EQ(WithInherited("other", *socket,
                          [&] {
                            const Sockets sockets = Sockets::Inherited();
                            return sockets.Unused() == std::vector<std::string>{"other"} ? 0 : 1;
                          }),
            0);
}

TEST(SocketsTest, AnInheritedSocketThatListensElsewhereIsRefused) {
  const auto everywhere = Open("0.0.0.0:0");
  ASSERT_THAT(everywhere, IsOk());
  EXPECT_EQ(WithInherited("http", *everywhere,
                          [] {
                            Sockets sockets = Sockets::Inherited();
                            const auto taken = sockets.Listen("http", "127.0.0.1:0");
                            return absl::IsFailedPrecondition(taken.status()) ? 0 : 1;
                          }),
            0);
}

TEST(SocketsTest, ASocketMeantForAnotherProcessIsNotTaken) {
  setenv("LISTEN_PID", "1", 1);
  setenv("LISTEN_FDS", "1", 1);
  EXPECT_THAT(Sockets::Inherited().Unused(), IsEmpty());
  EXPECT_EQ(std::getenv("LISTEN_PID"), nullptr);
}

TEST(SocketsTest, ACopyGetsTheSocketsAndNothingElse) {
  const auto folder = testing::TemporaryFolder::Make("listen");
  ASSERT_THAT(folder, IsOk());
  const std::string out = folder->path() / "out";
  Sockets sockets;
  ASSERT_THAT(sockets.Listen("http", "127.0.0.1:0"), IsOk());
  ASSERT_THAT(sockets.Listen("grpc", "127.0.0.1:0"), IsOk());
  const int leaked = dup(0);  // without FD_CLOEXEC
  const auto process = sockets.StartCopy(
      {"/bin/sh", "-c",
       "{ [ $LISTEN_PID -eq $$ ] && echo mine; echo $LISTEN_FDS $LISTEN_FDNAMES; "
       "for i in 0 1 2 3 4 5 6 7 8 9; do [ ! -S /proc/$$/fd/$i ] || echo $i; done; } >" +
           out});
  close(leaked);
  ASSERT_THAT(process, IsOk());
  EXPECT_EQ(ExitCode(*process), 0);
  std::ifstream file(out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  EXPECT_THAT(lines, ElementsAre("mine", "2 grpc:http", "3", "4"));
}

TEST(OpenTest, UnixSocketsReplaceDeadOnesOnly) {
  const auto folder = testing::TemporaryFolder::Make("listen");
  ASSERT_THAT(folder, IsOk());
  const std::string address = absl::StrCat("unix:", (folder->path() / "x.sock").string());
  {
    const auto first = Open(address);
    ASSERT_THAT(first, IsOk());
    EXPECT_EQ(first->Address(), address);
    EXPECT_THAT(Open(address), StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_THAT(Open(address), IsOk());
}

TEST(OpenTest, AddressesThatCannotBeHadAreSaid) {
  const auto first = Open("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Open(first->Address()), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                            HasMessage(HasSubstr("choose another"))));
  EXPECT_THAT(Open("nonsense"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace mostove::listen
