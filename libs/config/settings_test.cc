#include "libs/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mostove::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Options {
  std::string address = "127.0.0.1:8080";
  int threads = 64;
  int64_t body_bytes_max = 1 << 20;
  bool quiet = false;
  absl::Duration grace = absl::Seconds(10);
  std::string token = "default-token";
};

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() : file_(absl::StrCat(::testing::TempDir(), "/settings_test.", getpid())) {}
  ~SettingsTest() override { unlink(file_.c_str()); }

  void WriteFile(const std::string& text) { std::ofstream(file_) << text; }

  absl::StatusOr<std::optional<std::string>> Read(std::vector<const char*> arguments = {}) {
    Settings settings("mostove-test", "Tests settings.");
    settings.Add("http.address", &options_.address, "Where to listen.", NotEmpty());
    settings.Add("workers.threads", &options_.threads, "Threads.", Between(1, 1000));
    settings.Add("http.body_bytes_max", &options_.body_bytes_max, "Largest body.");
    settings.Add("quiet", &options_.quiet, "Says less.");
    settings.Add("drain.grace", &options_.grace, "How long calls may finish.");
    settings.AddSecret("database.token", &options_.token, "How to get in.");
    arguments.insert(arguments.begin(), "mostove-test");
    return settings.Read(static_cast<int>(arguments.size()), arguments.data(),
                         [this](const char* name) -> const char* {
                           const auto found = environment_.find(name);
                           return found == environment_.end() ? nullptr : found->second.c_str();
                         });
  }
  std::string Faults(std::vector<const char*> arguments = {}) {
    return std::string(Read(std::move(arguments)).status().message());
  }

  const std::string file_;
  std::map<std::string, std::string> environment_;
  Options options_;
};

TEST_F(SettingsTest, DefaultsAreWhatTheStructSays) {
  const auto text = Read();
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_FALSE(text->has_value());
  EXPECT_EQ(options_.threads, 64);
  EXPECT_EQ(options_.grace, absl::Seconds(10));
}

TEST_F(SettingsTest, TheFileIsOverriddenByTheEnvironmentAndThatByTheCommandLine) {
  WriteFile(
      "quiet = true\n[http]\naddress = \"file\"\nbody_bytes_max = 5000000000\n"
      "[workers]\nthreads = 1\n[drain]\ngrace = \"1m30s\"\n");
  environment_ = {{"MOSTOVE_CONFIG", file_},
                  {"MOSTOVE_HTTP_ADDRESS", "environment"},
                  {"MOSTOVE_WORKERS_THREADS", "2"}};
  const auto text = Read({"--workers-threads", "3"});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(options_.quiet, true);
  EXPECT_EQ(options_.body_bytes_max, 5'000'000'000);
  EXPECT_EQ(options_.grace, absl::Seconds(90));
  EXPECT_EQ(options_.address, "environment");
  EXPECT_EQ(options_.threads, 3);
}

TEST_F(SettingsTest, EverythingWrongIsSaidAtOnce) {
  WriteFile("[http]\nadress = \"typo\"\naddress = 8080\n[workers]\nthreads = \"many\"\n");
  environment_ = {{"MOSTOVE_QUIET", "maybe"}, {"MOSTOVE_HTTP_BODY_BYTES_MAX", "1e6"}};
  EXPECT_THAT(
      Faults({"--config", file_.c_str(), "--drain-grace", "soon", "--workers-threads", "0"}),
      AllOf(HasSubstr(file_ + ": there is no setting http.adress; --help lists them"),
            HasSubstr(file_ + ": http.address is wrong; write a text"),
            HasSubstr(file_ + ": workers.threads is wrong; write a whole number such as 64"),
            HasSubstr("MOSTOVE_QUIET is wrong; write true or false"),
            HasSubstr("MOSTOVE_HTTP_BODY_BYTES_MAX is wrong; write a whole number such as 64"),
            HasSubstr("--drain-grace is wrong; write a duration such as \"30s\""),
            HasSubstr("--workers-threads is wrong; write a number from 1 to 1000")));
}

TEST_F(SettingsTest, AFileThatIsMissingOrNoTomlIsSaid) {
  EXPECT_THAT(Faults({"--config", "/no/such/file"}), HasSubstr("/no/such/file: "));
  WriteFile("[http]\naddress = \n");
  EXPECT_THAT(Faults({"--config", file_.c_str()}), HasSubstr(file_ + ":2: "));
}

TEST_F(SettingsTest, UnknownOptionsAreRefused) {
  EXPECT_THAT(Faults({"--no-such-option"}), HasSubstr("--no-such-option"));
}

TEST_F(SettingsTest, HelpListsSettingsWithTheirDefaults) {
  const auto text = Read({"--help"});
  ASSERT_TRUE(text.ok() && text->has_value());
  EXPECT_THAT(**text, AllOf(HasSubstr("--http-address"), HasSubstr("[127.0.0.1:8080]"),
                            HasSubstr("How long calls may finish. [10s]"),
                            ::testing::Not(HasSubstr("default-token"))));
}

TEST_F(SettingsTest, ThePrintedSettingsCanBeReadAgainWithoutTheSecrets) {
  const auto text = Read({"--print-config", "--quiet", "true", "--database-token", "hidden"});
  ASSERT_TRUE(text.ok() && text->has_value()) << text.status();
  EXPECT_THAT(**text, AllOf(HasSubstr("quiet = true"), ::testing::Not(HasSubstr("hidden"))));
  WriteFile(**text);
  options_ = {};
  ASSERT_TRUE(Read({"--config", file_.c_str()}).ok());
  EXPECT_TRUE(options_.quiet);
  EXPECT_EQ(options_.token, "(secret)");
}

}  // namespace
}  // namespace mostove::config
