#include "libs/transcoding/path_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/percent.h"

namespace mostove::transcoding {
namespace {

constexpr size_t kPathBytesMax = 8'192;
constexpr size_t kSegmentsMax = 64;

absl::Status BadPath(absl::string_view description) {
  return status::InvalidField("path", "INVALID_PATH", description);
}

bool IsPlain(absl::string_view segment) {
  return std::all_of(segment.begin(), segment.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && c != '%' && c != '\0';
  });
}

bool IsDots(absl::string_view part) { return part == "." || part == ".."; }

absl::Status CheckSegment(absl::string_view segment) {
  if (segment.empty()) {
    return BadPath("must have no empty segment: no slash at its end and no two in a row");
  }
  std::string decoded;
  absl::string_view text = segment;
  if (!IsPlain(segment)) {
    if (!DecodePercent(segment, {}, decoded)) {
      return BadPath("must have two hexadecimal digits after every \"%\"");
    }
    if (!IsCleanText(decoded)) return BadPath("must be UTF-8 without the character U+0000");
    text = decoded;
  }
  if (text.find('/') != absl::string_view::npos) {
    for (const absl::string_view part : absl::StrSplit(text, '/')) {
      if (IsDots(part)) return BadPath("must have no segment \".\" or \"..\"");
    }
  }
  return IsDots(text) ? BadPath("must have no segment \".\" or \"..\"") : absl::OkStatus();
}

bool IsFieldPath(absl::string_view path) {
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    if (step.empty() || absl::ascii_isdigit(step.front())) return false;
    for (const char c : step) {
      if (!absl::ascii_isalnum(c) && c != '_') return false;
    }
  }
  return true;
}

// A variable decodes %2F only if it is a single segment.
PercentOptions DecodingOf(const PathTemplate::Variable& variable) {
  return {.keeps_slash = !variable.decodes_slash};
}

}  // namespace

absl::StatusOr<RequestPath> RequestPath::Parse(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return BadPath("must begin with a slash");
  if (path.size() > kPathBytesMax) return BadPath("must not be longer than 8192 bytes");
  RequestPath result;
  if (path == "/") return result;
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const absl::string_view segment = path.substr(begin, end - begin);
    RETURN_IF_ERROR(CheckSegment(segment));
    if (result.segments_.size() == kSegmentsMax) {
      return BadPath("must not have more than 64 segments");
    }
    result.segments_.push_back(segment);
    begin = end + 1;
  }
  return result;
}

// Reads the grammar of http.proto from left to right.
class PathTemplate::Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) { result_.text_ = std::string(text); }

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take('/')) return Fault("it has to begin with a slash");
    RETURN_IF_ERROR(ParseSegments(/*in_variable=*/false));
    if (Take(':')) {
      result_.verb_ = std::string(TakeLiteral());
      if (result_.verb_.empty()) return Fault("a verb has to follow its colon");
    }
    if (!rest_.empty()) return Fault("something stands after its end");
    const auto& segments = result_.segments_;
    for (size_t i = 0; i + 1 < segments.size(); ++i) {
      if (segments[i].kind == Segment::kMulti) return Fault("\"**\" has to be its last segment");
    }
    return std::move(result_);
  }

 private:
  absl::Status ParseSegments(bool in_variable) {
    do {
      RETURN_IF_ERROR(ParseSegment(in_variable));
    } while (Take('/'));
    return absl::OkStatus();
  }

  absl::Status ParseSegment(bool in_variable) {
    if (Take('{')) {
      return in_variable ? Fault("a variable stands inside another") : ParseVariable();
    }
    if (Take('*')) {
      result_.segments_.push_back({.kind = Take('*') ? Segment::kMulti : Segment::kSingle});
      return absl::OkStatus();
    }
    Segment segment{.kind = Segment::kLiteral};
    const absl::string_view literal = TakeLiteral();
    if (literal.empty()) return Fault("a segment is empty");
    if (!DecodePercent(literal, {}, segment.literal)) return Fault("a percent escape is wrong");
    result_.segments_.push_back(std::move(segment));
    return absl::OkStatus();
  }

  absl::Status ParseVariable() {
    const size_t end = std::min(rest_.find_first_of("=}"), rest_.size());
    Variable variable{.field_path = std::string(rest_.substr(0, end)),
                      .begin = result_.segments_.size()};
    rest_.remove_prefix(end);
    if (!IsFieldPath(variable.field_path)) return Fault("a variable has no field's name");
    for (const Variable& other : result_.variables_) {
      if (other.field_path == variable.field_path) {
        return Fault(absl::StrCat(variable.field_path, " is bound twice"));
      }
    }
    if (Take('=')) {
      RETURN_IF_ERROR(ParseSegments(/*in_variable=*/true));
    } else {
      result_.segments_.push_back({.kind = Segment::kSingle});
    }
    if (!Take('}')) return Fault("a variable is not closed");
    variable.end = result_.segments_.size();
    variable.decodes_slash = variable.end == variable.begin + 1 &&
                             result_.segments_[variable.begin].kind != Segment::kMulti;
    result_.variables_.push_back(std::move(variable));
    return absl::OkStatus();
  }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  absl::string_view TakeLiteral() {
    const size_t end = std::min(rest_.find_first_of("/:{}*="), rest_.size());
    const absl::string_view literal = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return literal;
  }

  absl::Status Fault(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("the path template \"", result_.text_, "\" is wrong: ", what));
  }

  absl::string_view rest_;
  PathTemplate result_;
};

absl::StatusOr<PathTemplate> PathTemplate::Parse(absl::string_view text) {
  return Parser(text).Parse();
}

bool PathTemplate::Match(const RequestPath& path, std::vector<std::string>& captures) const {
  absl::InlinedVector<absl::string_view, 16> parts = path.segments();
  if (!verb_.empty()) {
    if (parts.empty() || !absl::ConsumeSuffix(&parts.back(), verb_) ||
        !absl::ConsumeSuffix(&parts.back(), ":") || parts.back().empty()) {
      return false;
    }
  }
  const bool is_open = !segments_.empty() && segments_.back().kind == Segment::kMulti;
  const size_t fixed = segments_.size() - (is_open ? 1 : 0);
  if (is_open ? parts.size() < fixed : parts.size() != fixed) return false;
  for (size_t i = 0; i < fixed; ++i) {
    if (segments_[i].kind != Segment::kLiteral) continue;
    std::string decoded;
    DecodePercent(parts[i], {}, decoded);
    if (decoded != segments_[i].literal) return false;
  }
  Capture(path, captures);
  return true;
}

void PathTemplate::Capture(const RequestPath& path, std::vector<std::string>& captures) const {
  const auto& parts = path.segments();
  captures.clear();
  captures.reserve(variables_.size());
  for (const Variable& variable : variables_) {
    const bool is_open = segments_[variable.end - 1].kind == Segment::kMulti;
    const size_t end = is_open ? parts.size() : variable.end;
    std::string value;
    for (size_t i = variable.begin; i < end; ++i) {
      absl::string_view part = parts[i];
      if (i + 1 == parts.size() && !verb_.empty()) part.remove_suffix(verb_.size() + 1);
      if (i > variable.begin) value.push_back('/');
      DecodePercent(part, DecodingOf(variable), value);
    }
    captures.push_back(std::move(value));
  }
}

}  // namespace mostove::transcoding
