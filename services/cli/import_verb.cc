#include "services/cli/import_verb.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/exchange/csv.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "services/cli/losses_report.h"
#include "services/cli/progress.h"
#include "services/cli/verbs.h"

namespace mostove::cli {
namespace {

constexpr size_t kRowsShown = 20;

absl::Status Complete(ImportArguments& arguments) {
  for (const std::string& assignment : arguments.set) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--set '", assignment, "': write organization.FIELD=VALUE or activity.FIELD=VALUE"));
    }
    arguments.read.constants.emplace_back(assignment.substr(0, equals),
                                          assignment.substr(equals + 1));
  }
  if (!arguments.map.empty()) {
    ASSIGN_OR_RETURN(arguments.read.mapping, ReadInput(arguments.map));
  }
  if (arguments.read.source.empty() && arguments.file != "-") {
    arguments.read.source = arguments.file.substr(arguments.file.rfind('/') + 1);
  }
  if (arguments.send.run_id.empty()) arguments.send.run_id = resource::MakeUuid();
  return absl::OkStatus();
}

size_t Characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// Right-aligned figures under their heads.
std::string CountsTable(const Session& session, const ImportReport& report) {
  const Text kHeads[] = {Text::kCreated, Text::kUnchanged, Text::kUpdated, Text::kDiffers,
                         Text::kRefusedCount};
  std::vector<std::vector<std::string>> rows = {{""}};
  for (const Text head : kHeads) rows[0].push_back(Say(session.language, head));
  for (const auto& [plural, counts] : report.counts) {
    rows.push_back({plural, absl::StrCat(counts.created), absl::StrCat(counts.unchanged),
                    absl::StrCat(counts.updated), absl::StrCat(counts.differs),
                    absl::StrCat(counts.refused)});
  }
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Characters(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    absl::StrAppend(&out, row[0], std::string(widths[0] - Characters(row[0]), ' '));
    for (size_t i = 1; i < row.size(); ++i) {
      absl::StrAppend(&out, "  ", std::string(widths[i] - Characters(row[i]), ' '), row[i]);
    }
    out += '\n';
  }
  return out;
}

void TellRows(const Session& session, Text head, const std::vector<Refusal>& rows) {
  if (rows.empty()) return;
  session.Tell(Say(session.language, head, absl::StrCat(rows.size())));
  for (size_t i = 0; i < std::min(rows.size(), kRowsShown); ++i) {
    const Refusal& row = rows[i];
    session.Tell(absl::StrCat("  ", Say(session.language, Text::kRow), " ", row.row,
                              row.name.empty() ? "" : ", ", row.name, row.field.empty() ? "" : ", ",
                              row.field, ": ", row.reason));
  }
  if (rows.size() > kRowsShown) {
    session.Tell(absl::StrCat(
        "  ", Say(session.language, Text::kMoreInReport, absl::StrCat(rows.size() - kRowsShown))));
  }
}

absl::Status WriteReport(const std::string& path, const ImportReport& report,
                         const exchange::Losses& losses) {
  std::string text;
  exchange::AppendCsvRow({"row", "name", "outcome", "field", "reason"}, text);
  const auto append = [&](const std::vector<Refusal>& rows, const char* outcome) {
    for (const Refusal& row : rows) {
      exchange::AppendCsvRow({absl::StrCat(row.row), row.name, outcome, row.field, row.reason},
                             text);
    }
  };
  append(report.refusals, "refused");
  append(report.differences, "differs");
  append(report.alike, "alike");
  AppendLosses(losses, text);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot write '", path, "'"));
  return absl::OkStatus();
}

int TellReport(const Session& session, const ImportArguments& arguments, int64_t rows_not_read,
               const ImportReport& report, const exchange::Losses& losses) {
  if (arguments.send.dry_run) session.Tell(Say(session.language, Text::kDryRun));
  session.Print(CountsTable(session, report));
  if (rows_not_read > 0) {
    session.Print(absl::StrCat(Say(session.language, Text::kNotRead), ": ", rows_not_read, "\n"));
  }
  if (report.checked_here > 0) {
    session.Tell(Say(session.language, Text::kCheckedHere, absl::StrCat(report.checked_here)));
  }
  TellLosses(session, losses);
  TellRows(session, Text::kRowsRefused, report.refusals);
  TellRows(session, Text::kRowsDiffer, report.differences);
  TellRows(session, Text::kRowsAlike, report.alike);
  if (!arguments.report.empty()) {
    if (const absl::Status status = WriteReport(arguments.report, report, losses); !status.ok()) {
      return TellError(session, status);
    }
    session.Tell(Say(session.language, Text::kReportWritten, arguments.report));
  }
  if (!report.stopped.ok()) {
    session.Tell(Say(session.language, Text::kStopped, report.stopped.message()));
    return IsNotReachable(report.stopped) ? kNotReachable : kRefused;
  }
  return report.refusals.empty() ? kOk : kRefused;
}

}  // namespace

int RunImport(const Session& session, ImportArguments arguments) {
  if (const absl::Status status = Complete(arguments); !status.ok()) {
    return TellError(session, status);
  }
  const auto bytes = ReadInput(arguments.file);
  if (!bytes.ok()) return TellError(session, bytes.status());
  auto set = ReadImportFile(*bytes, *session.catalog, arguments.read);
  if (!set.ok()) return TellError(session, set.status());
  for (const std::string& note : set->notes) session.Tell(note);

  ImportReport report;
  {
    Progress progress(arguments.file, static_cast<int64_t>(set->records.size()), session.err,
                      session.err_is_terminal);
    arguments.send.progress = [&](int64_t done) { progress.Set(done); };
    report = Import(set->records, session.make_api, arguments.send);
  }
  std::vector<int64_t> rows;
  for (const Refusal& refusal : set->refusals) rows.push_back(refusal.row);
  std::sort(rows.begin(), rows.end());
  const auto not_read = std::unique(rows.begin(), rows.end()) - rows.begin();
  report.refusals.insert(report.refusals.begin(), set->refusals.begin(), set->refusals.end());
  std::stable_sort(report.refusals.begin(), report.refusals.end(),
                   [](const Refusal& a, const Refusal& b) { return a.row < b.row; });
  return TellReport(session, arguments, not_read, report, set->losses);
}

}  // namespace mostove::cli
