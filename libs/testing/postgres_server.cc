#include "libs/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"

namespace mostove::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";
constexpr char kUser[] = "postgres";
constexpr absl::Duration kStartLimit = absl::Seconds(30);

// The account that the server runs under: it refuses to be root.
const passwd* ServerAccount() { return geteuid() == 0 ? getpwnam(kUser) : getpwuid(geteuid()); }

// In the child of a fork; never returns.
[[noreturn]] void Become(const passwd& account, const std::vector<std::string>& command,
                         const fs::path& log) {
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (geteuid() == 0 && (initgroups(account.pw_name, account.pw_gid) != 0 ||
                         setgid(account.pw_gid) != 0 || setuid(account.pw_uid) != 0)) {
    _exit(126);
  }
  // After the change of user, which clears it. SIGQUIT: stop at once.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

pid_t Spawn(const std::vector<std::string>& command, const fs::path& log) {
  const passwd* account = ServerAccount();
  const pid_t child = fork();
  if (child == 0) Become(*account, command, log);
  return child;
}

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<PostgresServer*> PostgresServer::Get() {
  static const absl::StatusOr<std::unique_ptr<PostgresServer>> server = Start();
  if (!server.ok()) return server.status();
  return server->get();
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start() {
  for (const char* program : {"initdb", "postgres"}) {
    if (fs::exists(absl::StrCat(kPrograms, program))) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(kPrograms, program,
                     " is missing: these tests start a PostgreSQL server of their own; "
                     "apt-get install postgresql-15"));
  }
  const passwd* account = ServerAccount();
  if (account == nullptr) {
    return absl::FailedPreconditionError(
        "the user postgres is missing, under whom root starts the server: apt-get install "
        "postgresql-15");
  }
  ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Make("postgres"));
  if (geteuid() == 0 && chown(folder.path().c_str(), account->pw_uid, account->pw_gid) != 0) {
    return absl::InternalError(absl::StrCat("cannot give away ", folder.path().string()));
  }
  std::unique_ptr<PostgresServer> server(new PostgresServer(std::move(folder)));
  RETURN_IF_ERROR(server->MakeCluster());
  RETURN_IF_ERROR(server->StartServer());
  return server;
}

PostgresServer::PostgresServer(TemporaryFolder folder)
    : folder_(std::move(folder)), owner_(getpid()) {}

PostgresServer::~PostgresServer() {
  // A fork of the program has no server.
  if (server_ <= 0 || getpid() != owner_) return;
  Signal(SIGCONT);
  kill(server_, SIGQUIT);
  waitpid(server_, nullptr, 0);
}

void PostgresServer::Stop() {
  if (server_ <= 0) return;
  kill(server_, SIGINT);  // "fast": ends sessions, keeps what was committed
  waitpid(server_, nullptr, 0);
  server_ = -1;
}

// To the server and to the processes that it started, first to itself: it would
// start new ones.
void PostgresServer::Signal(int signal) const {
  kill(server_, signal);
  for (const auto& entry : fs::directory_iterator("/proc")) {
    pid_t process = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &process)) continue;
    // "pid (name) state parent ..."; the name may hold anything but ends last.
    const std::string stat = ReadFile(entry.path() / "stat");
    const std::vector<std::string> fields =
        absl::StrSplit(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)), ' ');
    pid_t parent = 0;
    if (fields.size() > 2 && absl::SimpleAtoi(fields[2], &parent) && parent == server_) {
      kill(process, signal);
    }
  }
}

absl::Status PostgresServer::MakeCluster() const {
  const fs::path log = folder_.path() / "initdb.log";
  const pid_t child = Spawn({absl::StrCat(kPrograms, "initdb"), "--no-sync", "--auth=trust",
                             "--encoding=UTF8", "--locale=C", absl::StrCat("--username=", kUser),
                             absl::StrCat("--pgdata=", (folder_.path() / "data").string())},
                            log);
  int result = 0;
  if (child < 0 || waitpid(child, &result, 0) != child || result != 0) {
    return absl::InternalError(absl::StrCat("initdb failed: ", ReadFile(log)));
  }
  return absl::OkStatus();
}

absl::Status PostgresServer::StartServer() {
  const char* fsync = std::getenv("MOSTOVE_TEST_POSTGRES_FSYNC");
  const fs::path log = folder_.path() / "server.log";
  server_ =
      Spawn({absl::StrCat(kPrograms, "postgres"), "-D", (folder_.path() / "data").string(), "-k",
             folder_.path().string(), "-c", "listen_addresses=", "-c", "max_connections=200", "-c",
             "deadlock_timeout=50ms", "-c", "shared_buffers=64MB", "-c",
             absl::StrCat("fsync=", fsync == nullptr ? "on" : fsync)},
            log);
  const absl::Time limit = absl::Now() + kStartLimit;
  while (server_ > 0 && absl::Now() < limit) {
    if (PQping(Url("postgres").c_str()) == PQPING_OK) return absl::OkStatus();
    if (waitpid(server_, nullptr, WNOHANG) == server_) server_ = -1;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::InternalError(absl::StrCat("the PostgreSQL server did not start: ", ReadFile(log)));
}

std::string PostgresServer::Url(const std::string& database) const {
  return absl::StrCat("postgresql:///", database, "?user=", kUser,
                      "&host=", folder_.path().string());
}

absl::Status PostgresServer::Run(const std::string& statement) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(Url("postgres").c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), statement.c_str()), PQclear);
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(statement, ": ", PQerrorMessage(connection.get())));
}

}  // namespace mostove::testing
