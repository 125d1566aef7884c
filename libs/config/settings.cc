#include "libs/config/settings.h"

#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/config/setting_text.h"

namespace mostove::config {

// One reading: collects what is wrong.
class Reader {
 public:
  using Setting = Settings::Setting;

  explicit Reader(Settings& settings) : settings_(settings) {}

  absl::StatusOr<std::optional<std::string>> Read(int argc, const char* const* argv,
                                                  const Environment& environment) {
    if (std::optional<std::string> help = ReadCommandLine(argc, argv); help.has_value()) {
      return help;
    }
    if (file_.empty() && environment("MOSTOVE_CONFIG") != nullptr) {
      file_ = environment("MOSTOVE_CONFIG");
    }
    if (!file_.empty()) ReadFile();
    for (const Setting& setting : settings_.settings_) {
      const std::string variable = EnvironmentName(setting.name);
      if (const char* text = environment(variable.c_str())) Set(setting, variable, text);
      const std::string option = OptionName(setting.name);
      const auto given = options_.find(setting.name);
      if (given != options_.end()) Set(setting, option, given->second);
    }
    RunChecks();
    if (!faults_.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults_, "\n"));
    if (print_) return Print();
    return std::nullopt;
  }

 private:
  // The text of --help, if that was asked for.
  std::optional<std::string> ReadCommandLine(int argc, const char* const* argv) {
    CLI::App app(settings_.description_, settings_.program_);
    app.add_option("--config", file_, "File of settings (TOML); or MOSTOVE_CONFIG.");
    app.add_flag("--print-config", print_, "Print the settings in force, and end.");
    std::map<std::string, std::string> texts;
    for (const Setting& setting : settings_.settings_) {
      const std::string shown =
          setting.secret ? "" : absl::StrCat(" [", ToText(setting.target), "]");
      app.add_option(OptionName(setting.name), texts[setting.name],
                     absl::StrCat(setting.help, shown));
    }
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return app.help();
    } catch (const CLI::ParseError& e) {
      faults_.push_back(absl::StrCat("command line: ", e.what()));
    }
    for (const auto& [name, text] : texts) {
      if (app.count(OptionName(name)) > 0) options_[name] = text;
    }
    return std::nullopt;
  }

  void ReadFile() {
    try {
      ReadTable(toml::parse_file(file_), "");
    } catch (const toml::parse_error& e) {
      const auto where = e.source().begin;
      faults_.push_back(absl::StrCat(file_, where.line > 0 ? absl::StrCat(":", where.line) : "",
                                     ": ", std::string(e.description())));
    }
  }

  void ReadTable(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = absl::StrCat(prefix, std::string(key.str()));
      if (const toml::table* section = node.as_table()) {
        ReadTable(*section, name + ".");
      } else {
        ReadNode(name, node);
      }
    }
  }

  void ReadNode(const std::string& name, const toml::node& node) {
    const auto setting = std::find_if(settings_.settings_.begin(), settings_.settings_.end(),
                                      [&](const Setting& s) { return s.name == name; });
    if (setting == settings_.settings_.end()) {
      faults_.push_back(absl::StrCat(file_, ": there is no setting ", name, "; --help lists them"));
      return;
    }
    const bool wants_text = std::holds_alternative<std::string*>(setting->target) ||
                            std::holds_alternative<absl::Duration*>(setting->target);
    const std::string source = absl::StrCat(file_, ": ", name);
    if (const auto* text = node.as_string(); text != nullptr && wants_text) {
      Set(*setting, source, **text);
    } else if (const auto* number = node.as_integer(); number != nullptr && !wants_text) {
      Set(*setting, source, absl::StrCat(**number));
    } else if (const auto* boolean = node.as_boolean(); boolean != nullptr && !wants_text) {
      Set(*setting, source, **boolean ? "true" : "false");
    } else {
      Refuse(source, Expected(setting->target));
    }
  }

  // The value itself is not repeated: it may be a secret.
  void Refuse(const std::string& source, const std::string& expected) {
    faults_.push_back(absl::StrCat(source, " is wrong; write ", expected));
  }

  void Set(const Setting& setting, const std::string& source, const std::string& text) {
    sources_[setting.name] = source;
    if (!SetFromText(setting.target, text)) Refuse(source, Expected(setting.target));
  }

  void RunChecks() {
    for (const Setting& setting : settings_.settings_) {
      if (!setting.check) continue;
      const std::string expected = setting.check();
      const auto source = sources_.find(setting.name);
      if (!expected.empty()) {
        Refuse(source == sources_.end() ? setting.name : source->second, expected);
      }
    }
  }

  std::string Print() const {
    toml::table root;
    for (const Setting& setting : settings_.settings_) {
      const std::vector<std::string> path = absl::StrSplit(setting.name, '.');
      toml::table* table = &root;
      for (size_t i = 0; i + 1 < path.size(); ++i) {
        table = table->emplace<toml::table>(path[i]).first->second.as_table();
      }
      InsertValue(*table, path.back(), setting);
    }
    std::ostringstream out;
    out << root << '\n';
    return out.str();
  }

  static void InsertValue(toml::table& table, const std::string& key, const Setting& setting) {
    if (const auto* number = std::get_if<int*>(&setting.target)) {
      table.insert(key, **number);
    } else if (const auto* large = std::get_if<int64_t*>(&setting.target)) {
      table.insert(key, **large);
    } else if (const auto* boolean = std::get_if<bool*>(&setting.target)) {
      table.insert(key, **boolean);
    } else {
      table.insert(key, setting.secret ? "(secret)" : ToText(setting.target));
    }
  }

  Settings& settings_;
  std::string file_;
  bool print_ = false;
  std::map<std::string, std::string> options_;  // given on the command line
  std::map<std::string, std::string> sources_;  // who set it last
  std::vector<std::string> faults_;
};

absl::StatusOr<std::optional<std::string>> Settings::Read(int argc, const char* const* argv) {
  return Read(argc, argv, [](const char* name) -> const char* { return std::getenv(name); });
}

absl::StatusOr<std::optional<std::string>> Settings::Read(int argc, const char* const* argv,
                                                          const Environment& environment) {
  return Reader(*this).Read(argc, argv, environment);
}

}  // namespace mostove::config
