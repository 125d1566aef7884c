#include "services/cli/json.h"

#include <simdjson.h>

#include "absl/strings/ascii.h"

namespace mostove::cli {
namespace {

std::string_view View(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string StringMember(absl::string_view json, absl::string_view member) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(json.data(), json.size())[View(member)].get(text) != simdjson::SUCCESS) {
    return "";
  }
  return std::string(text);
}

std::vector<std::string> ArrayMember(absl::string_view json, absl::string_view member) {
  std::vector<std::string> items;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(json.data(), json.size());
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document[View(member)].get(array) != simdjson::SUCCESS) {
    return items;
  }
  for (auto item : array) {
    simdjson::ondemand::object object;
    std::string_view text;
    if (item.get(object) != simdjson::SUCCESS || object.raw_json().get(text) != simdjson::SUCCESS) {
      break;
    }
    items.emplace_back(text);
  }
  return items;
}

std::string ObjectMember(absl::string_view json, absl::string_view member) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size())[View(member)].get(object) != simdjson::SUCCESS) {
    return "";
  }
  return simdjson::minify(object);
}

// Works on the text itself, so that numbers and texts stay as they came.
std::string PrettyJson(absl::string_view json) {
  std::string out;
  size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] {
    out += '\n';
    out.append(2 * depth, ' ');
  };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) {
        out += json[++i];
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (absl::ascii_isspace(c)) continue;
    if (c == '}' || c == ']') {
      const bool empty = !out.empty() && (out.back() == '{' || out.back() == '[');
      if (depth > 0) --depth;
      if (!empty) new_line();
    } else if (!out.empty() && (out.back() == '{' || out.back() == '[')) {
      new_line();
    }
    out += c;
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == ',') new_line();
    if (c == ':') out += ' ';
  }
  return out;
}

}  // namespace mostove::cli
