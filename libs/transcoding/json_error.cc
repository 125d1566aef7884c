#include "libs/transcoding/json_error.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mostove::transcoding {
namespace {

absl::string_view Explain(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::UTF8_ERROR:
      return "it is not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a text is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a text contains a control character that is not escaped";
    case simdjson::STRING_ERROR:
      return "a text contains a wrong escape or a lone surrogate";
    case simdjson::NUMBER_ERROR:
      return "a number is malformed or beyond 64 bits";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a word is none of true, false and null";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "it is too large";
    default:
      return "brackets, commas or colons are missing or in the wrong place";
  }
}

using simdjson::ondemand::document;
using simdjson::ondemand::json_type;

// Reads every value below, so that the document stops at the first fault.
template <class Value>
simdjson::error_code Walk(Value&& value) {
  json_type type;
  SIMDJSON_TRY(value.type().get(type));
  switch (type) {
    case json_type::array: {
      simdjson::ondemand::array array;
      SIMDJSON_TRY(value.get_array().get(array));
      for (auto item : array) {
        SIMDJSON_TRY(item.error());
        SIMDJSON_TRY(Walk(item.value_unsafe()));
      }
      return simdjson::SUCCESS;
    }
    case json_type::object: {
      simdjson::ondemand::object object;
      SIMDJSON_TRY(value.get_object().get(object));
      for (auto member : object) {
        SIMDJSON_TRY(member.error());
        SIMDJSON_TRY(member.unescaped_key().error());
        SIMDJSON_TRY(Walk(member.value().value_unsafe()));
      }
      return simdjson::SUCCESS;
    }
    case json_type::number:
      return value.get_number().error();
    case json_type::string:
      return value.get_string().error();
    case json_type::boolean:
      return value.get_bool().error();
    case json_type::null:
      return value.is_null().error();
  }
  return simdjson::SUCCESS;
}

// Offset of the fault, or npos.
size_t Locate(absl::string_view text) {
  const simdjson::padded_string padded(text.data(), text.size());
  simdjson::ondemand::parser parser;
  document doc;
  if (parser.iterate(padded).get(doc) != simdjson::SUCCESS) return absl::string_view::npos;
  if (Walk(doc) == simdjson::SUCCESS) return absl::string_view::npos;
  const char* location = nullptr;
  if (doc.current_location().get(location) != simdjson::SUCCESS) return absl::string_view::npos;
  const auto offset = static_cast<size_t>(location - padded.data());
  return std::min(offset, text.size());
}

}  // namespace

std::string DescribeMalformed(absl::string_view text, simdjson::error_code error) {
  std::string description = absl::StrCat("is not JSON: ", Explain(error));
  const size_t offset = Locate(text);
  if (offset != absl::string_view::npos) {
    const absl::string_view before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t newline = before.rfind('\n');
    const size_t column = newline == absl::string_view::npos ? offset : offset - newline - 1;
    absl::StrAppend(&description, " (about line ", line, ", byte ", column + 1, ")");
  }
  return description;
}

}  // namespace mostove::transcoding
