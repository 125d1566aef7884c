#include "services/cli/importer.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libs/exchange/ids.h"
#include "libs/resource/validate.h"
#include "libs/status/status.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "services/cli/field_path.h"

namespace mostove::cli {
namespace {

// So often one record is sent with the token of what it looks like.
constexpr int kAttemptsMax = 5;

enum class Outcome { kNotTried, kCreated, kUnchanged, kUpdated, kDiffers, kRefused };

struct Result {
  Outcome outcome = Outcome::kNotTried;
  bool checked_here = false;
  std::vector<Refusal> reasons;  // of what is refused or differs; what a new one looks like
  // Refused only because it names something that is not there (yet): these.
  std::vector<std::string> missing;
  Outcome otherwise = Outcome::kCreated;  // what it would be if they were there
};

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  transcoding::WriteJson(message, json);
  return json;
}

// "organization.legalName" -> "legalName": the file knows no requests.
std::string InResource(const std::string& field, const std::string& singular) {
  absl::string_view rest = field;
  if (absl::ConsumePrefix(&rest, singular) && absl::ConsumePrefix(&rest, ".")) {
    return std::string(rest);
  }
  return field;
}

// The value that a violation of a reference speaks of: "attestedBy",
// "members[1].organization", "parties[0]"; "" where the path leads to none.
std::string ValueAt(const Record& record, const std::string& field) {
  absl::string_view path = field;
  size_t index = 0;
  if (absl::EndsWith(path, "]")) {  // of a list of texts
    const size_t open = path.rfind('[');
    if (!absl::SimpleAtoi(path.substr(open + 1, path.size() - open - 2), &index)) return "";
    path = path.substr(0, open);
  }
  const auto at = FieldPath::Parse(*record.type->descriptor, path);
  if (!at.ok()) return "";
  const std::vector<std::string> values = at->Get(*record.message);
  return index < values.size() ? values[index] : "";
}

Result Refused(const Record& record, const absl::Status& status) {
  Result result{Outcome::kRefused};
  const std::vector<status::Violation> violations = status::FieldViolations(status);
  const bool only_references = std::all_of(violations.begin(), violations.end(), [](const auto& v) {
    return v.reason == "REFERENCE_NOT_FOUND";
  });
  for (const status::Violation& violation : violations) {
    if (!only_references) break;
    result.missing.push_back(ValueAt(record, InResource(violation.field, record.type->singular)));
  }
  for (const status::Violation& violation : violations) {
    result.reasons.push_back({record.row, record.name,
                              InResource(violation.field, record.type->singular),
                              violation.description});
  }
  if (result.reasons.empty()) {
    result.reasons.push_back({record.row, record.name, "", std::string(status.message())});
  }
  return result;
}

Result RefusedHere(const Record& record, absl::string_view field, absl::string_view why) {
  Result result{Outcome::kRefused};
  result.reasons.push_back({record.row, record.name, std::string(field), std::string(why)});
  return result;
}

class Importer {
 public:
  Importer(const std::vector<Record>& records, const ImportOptions& options)
      : records_(records), options_(options), results_(records.size()) {}

  ImportReport Run(const std::function<std::unique_ptr<Api>()>& make_api) {
    size_t begin = 0;
    while (begin < records_.size() && !stop_) {
      size_t end = begin;
      while (end < records_.size() &&
             records_[end].type->pattern.size() == records_[begin].type->pattern.size()) {
        ++end;
      }
      std::vector<size_t> level(end - begin);
      std::iota(level.begin(), level.end(), begin);
      for (size_t i : level) by_name_[records_[i].name] = i;
      RunLevel(level, make_api);
      begin = end;
    }
    return Report();
  }

 private:
  // Records of one level may still name each other, in any order: what was
  // refused for that is tried again as long as that helps.
  void RunLevel(std::vector<size_t> level, const std::function<std::unique_ptr<Api>()>& make_api) {
    for (size_t before = level.size() + 1; !level.empty() && level.size() < before && !stop_;) {
      before = level.size();
      RunTogether(level, make_api);
      level.erase(std::remove_if(level.begin(), level.end(),
                                 [&](size_t i) { return results_[i].missing.empty(); }),
                  level.end());
      if (options_.dry_run) return TakeNamesOfFile(std::move(level));
    }
  }

  // Nothing is created by a dry run; what the file itself would have brought by
  // then counts as there.
  void TakeNamesOfFile(std::vector<size_t> lacking) {
    const auto would_be_there = [&](const std::string& name) {
      const auto found = by_name_.find(name);
      return found != by_name_.end() && results_[found->second].outcome != Outcome::kRefused &&
             results_[found->second].outcome != Outcome::kNotTried;
    };
    for (size_t before = lacking.size() + 1; lacking.size() < before;) {
      before = lacking.size();
      const auto helped = std::partition(lacking.begin(), lacking.end(), [&](size_t i) {
        const auto& missing = results_[i].missing;
        return !std::all_of(missing.begin(), missing.end(), would_be_there);
      });
      for (auto i = helped; i != lacking.end(); ++i) results_[*i] = {results_[*i].otherwise};
      lacking.erase(helped, lacking.end());
    }
  }

  void RunTogether(const std::vector<size_t>& records,
                   const std::function<std::unique_ptr<Api>()>& make_api) {
    std::atomic<size_t> next{0};
    const auto work = [&] {
      const std::unique_ptr<Api> api = make_api();
      for (size_t at = next++; at < records.size() && !stop_; at = next++) {
        const size_t i = records[at];
        const bool again = results_[i].outcome != Outcome::kNotTried;
        results_[i] = ImportOne(*api, records_[i]);
        const int64_t done = again ? done_.load() : ++done_;
        if (options_.progress) options_.progress(done);
      }
    };
    const int threads =
        static_cast<int>(std::min<size_t>(std::max(1, options_.parallel), records.size()));
    std::vector<std::thread> pool;
    for (int i = 1; i < threads; ++i) pool.emplace_back(work);
    work();
    for (std::thread& thread : pool) thread.join();
  }

  Result ImportOne(Api& api, const Record& record) {
    const Result* parent = FindParent(record);
    if (parent != nullptr && parent->outcome == Outcome::kRefused) {
      return RefusedHere(record, "", "what it belongs to was refused");
    }
    if (record.is_part) return Compare(api, record);
    if (options_.dry_run && parent != nullptr && parent->outcome == Outcome::kCreated) {
      return CheckHere(record);
    }
    return Create(api, record);
  }

  Result Create(Api& api, const Record& record) {
    WriteQuery query = Query(record, "create");
    Result created{Outcome::kCreated};
    for (int attempts = 0;;) {
      const absl::Status status = api.Create(*record.type, ParentOf(record.name), IdOf(record.name),
                                             ToJson(*record.message), query)
                                      .status();
      if (status.ok()) return created;
      if (absl::IsAlreadyExists(status)) return Compare(api, record);
      const std::optional<Lookalikes> others = LookalikesOf(status);
      if (!others.has_value() || ++attempts > kAttemptsMax) return Failed(record, status);
      // They may become more meanwhile, by this very import.
      query.duplicates_token = others->token;
      created.reasons = {{record.row, record.name, "", others->names}};
    }
  }

  const Result* FindParent(const Record& record) const {
    const auto found = by_name_.find(ParentOf(record.name));
    return found == by_name_.end() ? nullptr : &results_[found->second];
  }

  WriteQuery Query(const Record& record, absl::string_view step) const {
    return {.validate_only = options_.dry_run,
            .idempotency_key = exchange::NameBasedUuid(
                absl::StrCat("import\n", options_.run_id, "\n", step, "\n", record.name))};
  }

  // What the server could say only if the parent were there.
  Result CheckHere(const Record& record) const {
    status::Violations violations;
    resource::Validate(*record.message, {}, "", violations);
    Result result =
        violations.empty() ? Result{Outcome::kCreated} : Refused(record, violations.ToStatus());
    result.checked_here = true;
    return result;
  }

  Result Compare(Api& api, const Record& record) {
    const auto answer = api.Get(*record.type, record.name);
    if (absl::IsNotFound(answer.status())) {
      return RefusedHere(record, "",
                         record.is_part
                             ? "there is no such resource to add it to"
                             : "the name is taken by a resource that is deleted or not yours to "
                               "see; if it is yours: mostove undelete NAME");
    }
    if (!answer.ok()) return Failed(record, answer.status());
    const std::unique_ptr<google::protobuf::Message> present = record.type->New();
    if (const absl::Status status = transcoding::ReadJson(*answer, *present); !status.ok()) {
      return Refused(
          record, absl::InternalError("the resource is there already, and the server's answer has "
                                      "fields that this version of the program does not know"));
    }
    if (IsDeleted(*present)) {
      return RefusedHere(record, "deleteTime",
                         "is deleted there; 'mostove undelete' takes it back");
    }
    const std::unique_ptr<google::protobuf::Message> wanted = record.type->New();
    wanted->CopyFrom(*record.message);
    if (record.complete) record.complete(*present, *wanted);
    const std::vector<std::string> paths = Differences(*wanted, *present);
    if (paths.empty()) return {Outcome::kUnchanged};
    if (options_.update) return Update(api, record, *wanted, *present, paths);
    Result result{Outcome::kDiffers};
    for (const std::string& path : paths) {
      result.reasons.push_back({record.row, record.name, path, "differs from what is there"});
    }
    return result;
  }

  // Carries the etag that was compared, so that nobody's newer change is lost.
  Result Update(Api& api, const Record& record, const google::protobuf::Message& wanted,
                const google::protobuf::Message& present, const std::vector<std::string>& paths) {
    const std::unique_ptr<google::protobuf::Message> body = record.type->New();
    body->CopyFrom(wanted);
    if (const auto* etag = body->GetDescriptor()->FindFieldByName("etag")) {
      body->GetReflection()->SetString(body.get(), etag,
                                       present.GetReflection()->GetString(present, etag));
    }
    const auto answer = api.Update(*record.type, record.name, absl::StrJoin(paths, ","),
                                   ToJson(*body), Query(record, "update"));
    if (answer.ok()) return {Outcome::kUpdated};
    Result result = Failed(record, answer.status());
    result.otherwise = Outcome::kUpdated;
    return result;
  }

  Result Failed(const Record& record, const absl::Status& status) {
    const bool hopeless =
        IsNotReachable(status) || status.code() == absl::StatusCode::kUnauthenticated;
    if (!hopeless) return Refused(record, status);
    const std::lock_guard lock(mutex_);
    if (stopped_.ok()) stopped_ = status;
    stop_ = true;
    return {};
  }

  static void Count(Outcome outcome, ImportCounts& counts) {
    counts.created += outcome == Outcome::kCreated;
    counts.unchanged += outcome == Outcome::kUnchanged;
    counts.updated += outcome == Outcome::kUpdated;
    counts.differs += outcome == Outcome::kDiffers;
    counts.refused += outcome == Outcome::kRefused;
  }

  ImportReport Report() {
    ImportReport report;
    for (size_t i = 0; i < records_.size(); ++i) {
      const Result& result = results_[i];
      Count(result.outcome, report.counts[records_[i].type->plural]);
      report.checked_here += result.checked_here;
      auto& reasons = result.outcome == Outcome::kRefused   ? report.refusals
                      : result.outcome == Outcome::kCreated ? report.alike
                                                            : report.differences;
      reasons.insert(reasons.end(), result.reasons.begin(), result.reasons.end());
    }
    const auto by_row = [](const Refusal& a, const Refusal& b) { return a.row < b.row; };
    std::stable_sort(report.refusals.begin(), report.refusals.end(), by_row);
    std::stable_sort(report.differences.begin(), report.differences.end(), by_row);
    std::stable_sort(report.alike.begin(), report.alike.end(), by_row);
    report.stopped = stopped_;
    return report;
  }

  const std::vector<Record>& records_;
  const ImportOptions& options_;
  std::vector<Result> results_;  // each written by the thread that did the record
  absl::flat_hash_map<std::string, size_t> by_name_;  // of this level and earlier ones
  std::atomic<int64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  absl::Status stopped_;
};

}  // namespace

ImportReport Import(const std::vector<Record>& records,
                    const std::function<std::unique_ptr<Api>()>& make_api,
                    const ImportOptions& options) {
  return Importer(records, options).Run(make_api);
}

}  // namespace mostove::cli
