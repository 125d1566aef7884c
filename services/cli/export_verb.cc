#include "services/cli/export_verb.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/exchange/csv.h"
#include "libs/exchange/hsds.h"
#include "libs/status/macros.h"
#include "libs/transcoding/json_reader.h"
#include "services/cli/csv_export.h"
#include "services/cli/json.h"
#include "services/cli/losses_report.h"
#include "services/cli/progress.h"
#include "services/cli/three_w_export.h"
#include "services/cli/verbs.h"

namespace mostove::cli {
namespace {

// Where the export goes: standard output, or a file that is there only when it
// is whole.
class Output {
 public:
  Output(const Session& session, std::string path) : session_(session), path_(std::move(path)) {}

  ~Output() {
    if (file_ == nullptr) return;
    fclose(file_);
    std::remove(Unfinished().c_str());
  }

  absl::Status Open() {
    if (path_.empty()) return absl::OkStatus();
    file_ = fopen(Unfinished().c_str(), "wb");
    return file_ == nullptr ? CannotWrite() : absl::OkStatus();
  }

  void Write(absl::string_view text) {
    if (file_ == nullptr) return session_.Print(text);
    failed_ |= fwrite(text.data(), 1, text.size(), file_) != text.size();
  }

  absl::Status Finish() {
    if (file_ == nullptr) return absl::OkStatus();
    failed_ |= fclose(std::exchange(file_, nullptr)) != 0;
    if (failed_ || std::rename(Unfinished().c_str(), path_.c_str()) != 0) {
      std::remove(Unfinished().c_str());
      return CannotWrite();
    }
    return absl::OkStatus();
  }

 private:
  std::string Unfinished() const { return path_ + ".part"; }

  absl::Status CannotWrite() const {
    return absl::InvalidArgumentError(absl::StrCat("cannot write '", path_, "'"));
  }

  const Session& session_;
  const std::string path_;
  FILE* file_ = nullptr;
  bool failed_ = false;
};

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Parsed(const ResourceType& type,
                                                                  const std::string& item) {
  std::unique_ptr<google::protobuf::Message> message = type.New();
  RETURN_IF_ERROR(transcoding::ReadJson(item, *message));
  return message;
}

class Exporter {
 public:
  Exporter(const Session& session, const ExportArguments& arguments)
      : session_(session), arguments_(arguments), output_(session, arguments.output) {}

  absl::Status Run() {
    RETURN_IF_ERROR(FindResources());
    const bool is_organization = type_->descriptor == organizations::v1::Organization::descriptor();
    if (arguments_.format == "hsds" && !is_organization) {
      return absl::InvalidArgumentError(
          absl::StrCat("hsds is for organizations; export ", type_->plural, " as jsonl or csv"));
    }
    RETURN_IF_ERROR(output_.Open());
    api_ = session_.make_api();
    RETURN_IF_ERROR(Read());
    if (arguments_.format != "jsonl") RETURN_IF_ERROR(WriteWhole());
    RETURN_IF_ERROR(output_.Finish());
    return TellWhatWasLost();
  }

 private:
  absl::Status FindResources() {
    const auto collection = session_.catalog->FindCollection(arguments_.collection);
    if (collection.ok()) {
      collection_ = *collection;
      type_ = collection_.type;
      return absl::OkStatus();
    }
    const auto single = session_.catalog->FindByName(arguments_.collection);
    if (!single.ok()) return collection.status();
    type_ = *single;
    return absl::OkStatus();
  }

  absl::Status Read() {
    if (collection_.type == nullptr) {
      ASSIGN_OR_RETURN(const std::string item, api_->Get(*type_, arguments_.collection));
      return Take({item});
    }
    int64_t done = 0;
    Progress progress(arguments_.collection, arguments_.limit, session_.err,
                      session_.err_is_terminal);
    const auto take = [&](const std::vector<std::string>& items) -> absl::Status {
      done += static_cast<int64_t>(items.size());
      progress.Set(done);
      return Take(items);
    };
    return ReadPages(*api_, collection_, arguments_.query, arguments_.limit, take).status();
  }

  absl::Status Take(const std::vector<std::string>& items) {
    for (const std::string& item : items) {
      if (arguments_.format == "jsonl") {
        output_.Write(absl::StrCat(item, "\n"));
        continue;
      }
      ASSIGN_OR_RETURN(auto message, Parsed(*type_, item));
      if (arguments_.format == "hsds") {
        TakeHsds(static_cast<const organizations::v1::Organization&>(*message));
      } else {
        messages_.push_back(std::move(message));
      }
    }
    return absl::OkStatus();
  }

  void TakeHsds(const organizations::v1::Organization& organization) {
    exchange::HsdsOptions options;
    if (!arguments_.language.empty()) options.language = arguments_.language;
    if (!arguments_.locations) {
      hsds_.push_back(exchange::WriteHsdsOrganization(organization, options, losses_));
      return;
    }
    for (std::string& location : exchange::WriteHsdsLocations(organization, options, losses_)) {
      hsds_.push_back(std::move(location));
    }
  }

  // Forms that need all resources at once: keys of maps become columns.
  absl::Status WriteWhole() {
    if (arguments_.format == "hsds") {
      const bool alone = collection_.type == nullptr && hsds_.size() == 1;
      output_.Write(PrettyJson(alone ? hsds_[0] : exchange::HsdsPage(hsds_)));
      output_.Write("\n");
      return absl::OkStatus();
    }
    if (arguments_.excel) output_.Write("\xEF\xBB\xBF");
    if (arguments_.format == "csv") {
      WriteCsv(
          *type_->descriptor, messages_, [&](absl::string_view text) { output_.Write(text); },
          losses_);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::string table,
                     ThreeWTable(*type_, messages_, *session_.catalog, *api_));
    output_.Write(table);
    return absl::OkStatus();
  }

  absl::Status TellWhatWasLost() {
    TellLosses(session_, losses_);
    if (arguments_.report.empty()) return absl::OkStatus();
    std::string text;
    exchange::AppendCsvRow({"row", "name", "outcome", "field", "reason"}, text);
    AppendLosses(losses_, text);
    Output report(session_, arguments_.report);
    RETURN_IF_ERROR(report.Open());
    report.Write(text);
    RETURN_IF_ERROR(report.Finish());
    session_.Tell(Say(session_.language, Text::kReportWritten, arguments_.report));
    return absl::OkStatus();
  }

  const Session& session_;
  const ExportArguments& arguments_;
  Output output_;
  Collection collection_;  // without a type for a single resource
  const ResourceType* type_ = nullptr;
  std::unique_ptr<Api> api_;
  Messages messages_;
  std::vector<std::string> hsds_;
  exchange::Losses losses_;
};

}  // namespace

int RunExport(const Session& session, const ExportArguments& arguments) {
  return TellError(session, Exporter(session, arguments).Run());
}

}  // namespace mostove::cli
