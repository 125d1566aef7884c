#include "libs/status/texts.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/status/texts_tables.h"

namespace mostove::status {
namespace {

using Values = std::vector<std::pair<absl::string_view, absl::string_view>>;

// A value may hold words that are translated too, and these again; no row needs more.
constexpr int kDepthMax = 3;

// Takes "{name}" from the front of `text`.
absl::string_view TakePlaceholder(absl::string_view& text) {
  const size_t end = text.find('}');
  const absl::string_view name = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return name;
}

// Whether `pattern` says `text`; each value is the shortest that fits, the last one the rest.
bool Match(absl::string_view pattern, absl::string_view text, Values& values) {
  for (;;) {
    const size_t open = pattern.find('{');
    const absl::string_view literal = pattern.substr(0, open);
    if (!absl::StartsWith(text, literal)) return false;
    text.remove_prefix(literal.size());
    if (open == absl::string_view::npos) return text.empty();
    pattern.remove_prefix(open);
    const absl::string_view name = TakePlaceholder(pattern);
    const absl::string_view next = pattern.substr(0, pattern.find('{'));
    const size_t end = next.empty()                    ? text.size()
                       : next.size() == pattern.size() ? text.rfind(next)
                                                       : text.find(next);
    if (end == 0 || end == absl::string_view::npos) return false;
    values.emplace_back(name, text.substr(0, end));
    text.remove_prefix(end);
  }
}

using Catalogue = absl::flat_hash_map<absl::string_view, std::vector<const Text*>>;

const Catalogue& ByReason() {
  static const auto* const catalogue = [] {
    auto* rows = new Catalogue;
    for (const Text& text : Texts()) (*rows)[text.reason].push_back(&text);
    return rows;
  }();
  return *catalogue;
}

enum class Language { kEnglish, kBulgarian, kUkrainian };

Language LanguageOf(absl::string_view tag) {
  const absl::string_view primary = tag.substr(0, tag.find('-'));
  if (absl::EqualsIgnoreCase(primary, "bg")) return Language::kBulgarian;
  if (absl::EqualsIgnoreCase(primary, "uk")) return Language::kUkrainian;
  return Language::kEnglish;
}

const char* In(Language language, const Text& text) {
  return language == Language::kBulgarian ? text.bg : text.uk;
}

std::string TranslateTo(Language language, absl::string_view reason, absl::string_view english,
                        int depth) {
  const auto rows = ByReason().find(reason);
  if (rows == ByReason().end() || depth == kDepthMax) return std::string(english);
  for (const Text* row : rows->second) {
    Values values;
    if (!Match(row->en, english, values)) continue;
    std::string out;
    absl::string_view rest = In(language, *row);
    for (size_t open; (open = rest.find('{')) != absl::string_view::npos;) {
      absl::StrAppend(&out, rest.substr(0, open));
      rest.remove_prefix(open);
      const absl::string_view name = TakePlaceholder(rest);
      for (const auto& [known, value] : values) {
        if (known == name) out += TranslateTo(language, "", value, depth + 1);
      }
    }
    return absl::StrCat(out, rest);
  }
  return std::string(english);
}

template <class Detail>
google::protobuf::Any* FindDetail(google::rpc::Status& status) {
  for (google::protobuf::Any& any : *status.mutable_details()) {
    if (any.Is<Detail>()) return &any;
  }
  return nullptr;
}

std::string ReasonOf(google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  const google::protobuf::Any* detail = FindDetail<google::rpc::ErrorInfo>(status);
  return detail != nullptr && detail->UnpackTo(&info) ? info.reason() : std::string();
}

// The message of Violations::ToStatus: "field: description (and 2 more wrong fields)".
std::string TranslateFields(Language language, const std::string& message,
                            const google::rpc::BadRequest& wrong) {
  const auto& first = wrong.field_violations(0);
  absl::string_view rest = message;
  std::string out;
  if (!first.field().empty() && absl::StartsWith(rest, absl::StrCat(first.field(), ": "))) {
    absl::StrAppend(&out, first.field(), ": ");
    rest.remove_prefix(out.size());
  }
  if (!absl::StartsWith(rest, first.description())) return message;
  rest.remove_prefix(first.description().size());
  absl::StrAppend(&out, TranslateTo(language, first.reason(), first.description(), 0));
  return absl::StrCat(out, rest.empty() ? "" : TranslateTo(language, "INVALID_FIELDS", rest, 0));
}

std::string TranslateMessage(Language language, google::rpc::Status& status) {
  google::rpc::BadRequest wrong;
  const google::protobuf::Any* fields = FindDetail<google::rpc::BadRequest>(status);
  if (fields != nullptr && fields->UnpackTo(&wrong) && wrong.field_violations_size() > 0) {
    return TranslateFields(language, status.message(), wrong);
  }
  return TranslateTo(language, ReasonOf(status), status.message(), 0);
}

// Gives every violation and its translation to `set`.
template <class Set>
void ForViolations(Language language, google::rpc::Status& status, const Set& set) {
  google::protobuf::Any* detail = FindDetail<google::rpc::BadRequest>(status);
  google::rpc::BadRequest wrong;
  if (detail == nullptr || !detail->UnpackTo(&wrong)) return;
  for (auto& violation : *wrong.mutable_field_violations()) {
    set(violation, TranslateTo(language, violation.reason(), violation.description(), 0));
  }
  detail->PackFrom(wrong);
}

}  // namespace

const std::vector<Text>& Texts() {
  static const auto* const texts = [] {
    auto* all = new std::vector<Text>;
    for (const auto& part : {TextsOfFields(), TextsOfRecords(), TextsOfRequests(), TextsOfCalls(),
                             TextsOfIdentity(), TextsOfOrganizations(), Words()}) {
      all->insert(all->end(), part.begin(), part.end());
    }
    return all;
  }();
  return *texts;
}

std::string Translate(absl::string_view reason, absl::string_view english,
                      absl::string_view language) {
  const Language to = LanguageOf(language);
  return to == Language::kEnglish ? std::string(english) : TranslateTo(to, reason, english, 0);
}

void Localize(google::rpc::Status& status, absl::string_view language) {
  const Language to = LanguageOf(language);
  if (to == Language::kEnglish) return;
  status.set_message(TranslateMessage(to, status));
  ForViolations(to, status, [](auto& violation, const std::string& translation) {
    violation.set_description(translation);
  });
}

void AddLocalizedMessages(google::rpc::Status& status, absl::string_view language) {
  const Language to = LanguageOf(language);
  if (to == Language::kEnglish) return;
  const char* const locale = to == Language::kBulgarian ? "bg" : "uk";
  google::rpc::LocalizedMessage message;
  message.set_locale(locale);
  message.set_message(TranslateMessage(to, status));
  status.add_details()->PackFrom(message);
  ForViolations(to, status, [locale](auto& violation, const std::string& translation) {
    violation.mutable_localized_message()->set_locale(locale);
    violation.mutable_localized_message()->set_message(translation);
  });
}

}  // namespace mostove::status
