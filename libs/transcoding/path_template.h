// Path templates of google.api.http, and the paths that they are matched with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::transcoding {

// The path of a request (without its query), cut into segments. Holds views
// into the text that it was made from.
class RequestPath {
 public:
  // INVALID_ARGUMENT with a violation on "path" for: no leading slash, an empty
  // segment (a trailing slash too), "." and ".." (also written in percent), a
  // malformed percent escape, NUL, invalid UTF-8, over 8,192 bytes or 64
  // segments. "/" has no segments.
  static absl::StatusOr<RequestPath> Parse(absl::string_view path);

  // As they came, still encoded.
  const absl::InlinedVector<absl::string_view, 16>& segments() const { return segments_; }

 private:
  absl::InlinedVector<absl::string_view, 16> segments_;
};

// "/v1/{name=organizations/*}:undelete", parsed.
class PathTemplate {
 public:
  struct Segment {
    enum Kind { kLiteral, kSingle, kMulti };  // text, "*", "**"
    Kind kind;
    std::string literal;  // decoded
  };
  // A variable binds the segments [begin, end) to a field.
  struct Variable {
    std::string field_path;  // "organization.name"
    size_t begin;
    size_t end;
    // By http.proto, a variable of exactly one segment decodes everything, and
    // one of several leaves %2F as it is.
    bool decodes_slash;
  };

  // INVALID_ARGUMENT, in a sentence, for what http.proto does not allow: nested
  // variables, "**" before the last segment, a variable bound twice, ...
  static absl::StatusOr<PathTemplate> Parse(absl::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Variable>& variables() const { return variables_; }
  // Without the colon; empty if there is none.
  const std::string& verb() const { return verb_; }

  // Matches this template alone. On success `captures` holds the decoded value
  // of each of variables(), in their order.
  bool Match(const RequestPath& path, std::vector<std::string>& captures) const;

  // The decoded values of variables() in a path that is known to match.
  void Capture(const RequestPath& path, std::vector<std::string>& captures) const;

 private:
  class Parser;

  std::string text_;
  std::vector<Segment> segments_;
  std::vector<Variable> variables_;
  std::string verb_;
};

}  // namespace mostove::transcoding
