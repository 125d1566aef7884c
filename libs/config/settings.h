// Reads a program's settings from a file, the environment and the command line.
//
//   struct Options { std::string address = "127.0.0.1:8080"; int threads = 64; };
//   Options options;
//   config::Settings settings("mostove-gateway", "Serves records over HTTP.");
//   settings.Add("http.address", &options.address, "Where to listen.");
//   settings.Add("workers.threads", &options.threads, "Threads.", config::Between(1, 1000));
//   auto text = settings.Read(argc, argv);
//   if (!text.ok()) return Fail(text.status());
//   if (text->has_value()) return Print(**text);  // --help, --print-config
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mostove::config {

// Says what would be right ("a number from 1 to 1000"); "" if the value is.
template <class T>
using Check = std::function<std::string(const T&)>;

// Reads an environment variable; null if it is not set.
using Environment = std::function<const char*(const char* name)>;

// Where a setting's value is kept. Durations are written "250ms", "30s", "2h".
using Target = std::variant<std::string*, int*, int64_t*, bool*, absl::Duration*>;

class Settings {
 public:
  Settings(std::string program, std::string description)
      : program_(std::move(program)), description_(std::move(description)) {}

  // `name` is section.key in lower case with underscores: "http.body_bytes_max"
  // is body_bytes_max under [http] in the file, MOSTOVE_HTTP_BODY_BYTES_MAX in
  // the environment, --http-body-bytes-max on the command line. `value` holds
  // the default, is set by Read, and outlives this.
  template <class T>
  void Add(const std::string& name, T* value, const std::string& help, Check<T> check = nullptr) {
    settings_.push_back({name, help, value, false, nullptr});
    if (check) settings_.back().check = [value, check] { return check(*value); };
  }
  // A text that --print-config does not show.
  void AddSecret(const std::string& name, std::string* value, const std::string& help) {
    settings_.push_back({name, help, value, true, nullptr});
  }

  // Nothing when the program is to run; a text to print when it was asked for
  // --help or --print-config. The file is the one of --config or MOSTOVE_CONFIG,
  // if any. INVALID_ARGUMENT with a sentence a line for everything that is
  // wrong: unknown keys and options, types, values.
  absl::StatusOr<std::optional<std::string>> Read(int argc, const char* const* argv);
  absl::StatusOr<std::optional<std::string>> Read(int argc, const char* const* argv,
                                                  const Environment& environment);

 private:
  friend class Reader;
  struct Setting {
    std::string name;
    std::string help;
    Target target;
    bool secret;
    std::function<std::string()> check;
  };

  std::string program_;
  std::string description_;
  std::vector<Setting> settings_;
};

// Inclusive.
template <class T>
Check<T> Between(T minimum, T maximum) {
  return [=](const T& value) -> std::string {
    if (value >= minimum && value <= maximum) return "";
    return absl::StrCat("a number from ", minimum, " to ", maximum);
  };
}

inline Check<std::string> NotEmpty() {
  return [](const std::string& value) { return value.empty() ? "a text" : ""; };
}

}  // namespace mostove::config
