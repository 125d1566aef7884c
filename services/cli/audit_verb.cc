#include "services/cli/audit_verb.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/audit/access_log.h"
#include "libs/changelog/changelog.h"
#include "libs/seal/verify.h"
#include "libs/service/directory.h"
#include "libs/sql/database.h"
#include "libs/status/macros.h"
#include "services/cli/progress.h"

namespace mostove::cli {
namespace {

struct Target {
  std::string name;  // "funding"
  std::string url;
};

const std::vector<const seal::Log*>& Logs() {
  static const auto& logs =
      *new std::vector<const seal::Log*>{&changelog::SealedLog(), &audit::SealedLog()};
  return logs;
}

absl::Status CheckHead(const std::string& head) {
  const bool hex =
      head.size() == 64 && std::all_of(head.begin(), head.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
      });
  if (hex) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--head takes what an earlier run printed: 64 digits 0-9 and a-f, not ", head));
}

// The databases in a folder of deploy/up, of whichever home.
absl::StatusOr<std::vector<Target>> TargetsIn(const std::string& folder) {
  std::vector<Target> targets;
  std::error_code error;
  if (std::filesystem::exists(absl::StrCat(folder, "/postgres"), error)) {
    for (const service::DirectoryEntry& entry : service::Directory()) {
      targets.push_back({entry.name, absl::StrCat("postgresql:///mostove_", entry.name, "?host=",
                                                  folder, "/socket&user=mostove_", entry.name)});
    }
  }
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (file.path().extension() != ".db") continue;
    targets.push_back({file.path().stem().string(), absl::StrCat("sqlite:", file.path().string())});
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the folder ", folder, " cannot be read: ", error.message()));
  }
  if (targets.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder,
                     " has no databases: name the data folder of deploy/up, sqlite:FILE or "
                     "postgresql://..."));
  }
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.name < b.name; });
  return targets;
}

// What a database is called where it stands by itself: the last part of its
// path, without parameters, which may hold a password.
std::string NameOf(absl::string_view url) {
  url = url.substr(0, url.find('?'));
  const size_t slash = url.find_last_of("/:");
  return std::string(slash == absl::string_view::npos ? url : url.substr(slash + 1));
}

absl::StatusOr<std::vector<Target>> TargetsOf(const std::vector<std::string>& where) {
  std::vector<Target> targets;
  for (const std::string& place : where) {
    if (absl::StartsWith(place, "sqlite:") || absl::StrContains(place, "://")) {
      targets.push_back({NameOf(place), place});
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<Target> found, TargetsIn(place));
    targets.insert(targets.end(), found.begin(), found.end());
  }
  return targets;
}

absl::StatusOr<bool> HasTable(sql::Connection& connection, const std::string& table) {
  bool has = false;
  RETURN_IF_ERROR(
      connection.Query(connection.engine() == sql::Engine::kSqlite
                           ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1"
                           : "SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname = ?1",
                       {table}, [&](const sql::Row&) {
                         has = true;
                         return false;
                       }));
  return has;
}

// Of all logs.
struct Sum {
  int64_t findings = 0;
  std::set<std::string> heads_found;
};

void Show(const Session& session, const Target& target, const seal::Log& log,
          const seal::Report& report) {
  session.Print(absl::StrFormat(
      "%-14s %-12s %s: %d rows in %d seals, %d purged, %d not sealed yet\n", target.name, log.table,
      report.findings_count == 0 ? "as sealed" : "NOT AS SEALED", report.rows, report.seals,
      report.rows_purged, report.rows_unsealed));
  for (const seal::Finding& finding : report.findings) {
    session.Print(absl::StrCat("  ", finding.ToString(), "\n"));
  }
  const int64_t more = report.findings_count - static_cast<int64_t>(report.findings.size());
  if (more > 0) session.Print(absl::StrCat("  and ", more, " more\n"));
  if (!report.head.empty()) session.Print(absl::StrCat("  head ", report.head, "\n"));
}

absl::Status VerifyLog(const Session& session, const AuditArguments& arguments,
                       const Target& target, const seal::Log& log, sql::Connection& connection,
                       Sum& sum) {
  absl::StatusOr<seal::Report> report;
  {
    Progress progress(absl::StrCat(target.name, " ", log.table), 0, session.err,
                      session.err_is_terminal);
    report = seal::Verify(
        connection, log,
        {.heads = arguments.heads, .progress = [&](int64_t rows) { progress.Set(rows); }});
  }
  RETURN_IF_ERROR(report.status());
  Show(session, target, log, *report);
  sum.findings += report->findings_count;
  sum.heads_found.insert(report->heads_found.begin(), report->heads_found.end());
  return absl::OkStatus();
}

absl::Status VerifyDatabase(const Session& session, const AuditArguments& arguments,
                            const Target& target, Sum& sum) {
  ASSIGN_OR_RETURN(const std::unique_ptr<sql::Connection> connection,
                   sql::OpenForReading(target.url));
  ASSIGN_OR_RETURN(const bool sealed, HasTable(*connection, "log_seal"));
  if (!sealed) {
    ++sum.findings;
    session.Print(
        absl::StrFormat("%-14s has no seals: no program has sealed its logs, or the table "
                        "log_seal was removed\n",
                        target.name));
    return absl::OkStatus();
  }
  for (const seal::Log* log : Logs()) {
    ASSIGN_OR_RETURN(const bool there, HasTable(*connection, log->table));
    if (!there) {
      ++sum.findings;
      session.Print(absl::StrFormat("%-14s %-12s is not there\n", target.name, log->table));
      continue;
    }
    RETURN_IF_ERROR(VerifyLog(session, arguments, target, *log, *connection, sum));
  }
  return absl::OkStatus();
}

}  // namespace

std::string DefaultDataFolder() {
  if (geteuid() == 0) return "/var/lib/mostove";
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home, "/.local/share/mostove");
}

int RunAuditVerify(const Session& session, const AuditArguments& arguments) {
  for (const std::string& head : arguments.heads) {
    if (const absl::Status bad = CheckHead(head); !bad.ok()) return TellError(session, bad);
  }
  const auto targets = TargetsOf(arguments.where);
  if (!targets.ok()) return TellError(session, targets.status());
  Sum sum;
  bool unread = false;
  for (const Target& target : *targets) {
    const absl::Status read = VerifyDatabase(session, arguments, target, sum);
    if (read.ok()) continue;
    unread = true;
    session.Tell(
        Say(session.language, Text::kLogsUnread, absl::StrCat(target.name, ": ", read.message())));
  }
  int64_t missing = 0;
  for (const std::string& head : arguments.heads) {
    if (sum.heads_found.count(head) > 0) continue;
    ++missing;
    session.Tell(Say(session.language, Text::kHeadMissing, head));
  }
  if (sum.findings > 0) {
    session.Tell(Say(session.language, Text::kLogsTampered, absl::StrCat(sum.findings)));
  }
  if (sum.findings > 0 || missing > 0) return kRefused;
  if (unread) return kNotReachable;
  session.Tell(Say(session.language, Text::kLogsVerified));
  return kOk;
}

}  // namespace mostove::cli
