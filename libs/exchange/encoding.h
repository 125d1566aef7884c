// The character encoding of a file that somebody sent.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::exchange {

struct DecodedText {
  std::string text;      // UTF-8, without a byte order mark
  std::string encoding;  // as people call it: "UTF-8", "UTF-16LE", "windows-1251"
  // True where neither a byte order mark nor valid UTF-8 nor the user said it.
  bool guessed = false;
};

// Turns a file's bytes into UTF-8. `encoding` is what the user says it is, any
// name that ICU knows; empty to find out: byte order marks, then UTF-16 without
// one, valid UTF-8, and at last ICU's detector over the lines that are not
// ASCII. INVALID_ARGUMENT for an unknown name, for bytes that the encoding does
// not have, and where nothing fits.
absl::StatusOr<DecodedText> DecodeText(absl::string_view bytes, absl::string_view encoding = {});

}  // namespace mostove::exchange
