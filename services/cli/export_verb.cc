#include "services/cli/export_verb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/status/macros.h"
#include "libs/transcoding/json_reader.h"
#include "services/cli/progress.h"
#include "services/cli/table.h"
#include "services/cli/three_w_export.h"
#include "services/cli/verbs.h"

namespace mostove::cli {
namespace {

// Tables need all resources at once: keys of maps become columns.
absl::StatusOr<Messages> Parsed(const ResourceType& type, const std::vector<std::string>& items) {
  Messages messages;
  for (const std::string& item : items) {
    messages.push_back(type.New());
    RETURN_IF_ERROR(transcoding::ReadJson(item, *messages.back()));
  }
  return messages;
}

absl::Status Export(const Session& session, const ExportArguments& arguments) {
  ASSIGN_OR_RETURN(const Collection collection,
                   session.catalog->FindCollection(arguments.collection));
  const std::unique_ptr<Api> api = session.make_api();
  const bool lines = arguments.format == "jsonl";
  Messages messages;
  {
    int64_t done = 0;
    Progress progress(arguments.collection, arguments.limit, session.err, session.err_is_terminal);
    const auto take = [&](std::vector<std::string> items) -> absl::Status {
      done += static_cast<int64_t>(items.size());
      progress.Set(done);
      if (lines) {
        for (const std::string& item : items) session.Print(absl::StrCat(item, "\n"));
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(Messages page, Parsed(*collection.type, items));
      for (auto& message : page) messages.push_back(std::move(message));
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(ReadPages(*api, collection, arguments.query, arguments.limit, take).status());
  }
  if (lines) return absl::OkStatus();

  if (arguments.excel) session.Print("\xEF\xBB\xBF");
  if (arguments.format == "hxl") {
    ASSIGN_OR_RETURN(const std::string table,
                     ThreeWTable(*collection.type, messages, *session.catalog, *api));
    session.Print(table);
    return absl::OkStatus();
  }
  std::vector<std::string> left_out;
  const std::vector<FieldPath> columns =
      AllColumns(*collection.type->descriptor, messages, left_out);
  session.Print(CsvHeader(columns));
  for (const auto& message : messages) {
    std::string row;
    AppendCsv(columns, *message, row);
    session.Print(row);
  }
  if (!left_out.empty()) {
    session.Tell(absl::StrCat("not in the table, which cannot hold them (--format jsonl does): ",
                              absl::StrJoin(left_out, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

int RunExport(const Session& session, const ExportArguments& arguments) {
  return TellError(session, Export(session, arguments));
}

}  // namespace mostove::cli
