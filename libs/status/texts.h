// The sentences of errors in the caller's language.
//
// Errors are made in English, as precise as the place that makes them can be. A catalogue says the
// same sentence in Bulgarian and Ukrainian: a row is found by the error's reason and by its
// English, in which {name} stands for what differs, and the values go into the translation. So an
// error needs no more than its English on its way through services, and who adds a reason adds one
// row.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace google::rpc {
class Status;
}

namespace mostove::status {

// {"TOO_LONG", "has to be at most {max} characters, has {size}", "...", "..."}
struct Text {
  const char* reason;  // "" for words that stand in the values of others
  const char* en;
  const char* bg;
  const char* uk;
};

// All rows. Of rows that fit, the first one is taken.
const std::vector<Text>& Texts();

// What `english` says, in `language`: "bg", "uk" or a tag that begins so; unchanged for other
// languages and where no row fits.
std::string Translate(absl::string_view reason, absl::string_view english,
                      absl::string_view language);

// Puts the message and every description of a wrong field into `language`.
void Localize(google::rpc::Status& status, absl::string_view language);

// Adds the same as google.rpc.LocalizedMessage beside the English (AIP-193). Nothing for English.
void AddLocalizedMessages(google::rpc::Status& status, absl::string_view language);

}  // namespace mostove::status
