// The few sentences that everybody sees, in the language of the environment.
// Help is in English.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::cli {

enum class Language { kEnglish, kBulgarian, kUkrainian };

enum class Text {
  kNotReachable,  // $0: why
  kRefused,       // $0: why
  kNothingFound,
  kMore,  // $0: how many are shown
  kDone,  // $0: of an import
  kDryRun,
  kStopped,        // $0: why
  kRowsRefused,    // $0: how many
  kRowsDiffer,     // $0: how many
  kRowsAlike,      // $0: how many
  kMoreInReport,   // $0: how many more
  kReportWritten,  // $0: file
  kCheckedHere,    // $0: how many
  kRow,
  kCreated,
  kUnchanged,
  kUpdated,
  kDiffers,
  kRefusedCount,
  kNotRead,
  kLost,  // $0: how many
  kLogsVerified,
  kLogsTampered,  // $0: how many differences
  kLogsUnread,    // $0: which, and why
  kHeadMissing,   // $0: the head
  kSignIn,        // $0: why
  kSessionEnded,  // $0: why
};

// By LC_ALL, LC_MESSAGES and LANG, as POSIX orders them.
Language LanguageOfEnvironment();
// "bg": what the server is asked to speak.
absl::string_view LanguageTag(Language language);

// The sentence with `argument` in place of $0.
std::string Say(Language language, Text text, absl::string_view argument = {});

}  // namespace mostove::cli
