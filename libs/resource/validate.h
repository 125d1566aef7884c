// Checks messages against their annotations.
#pragma once

#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/status/status.h"

namespace mostove::resource {

// Further checks for messages of one type wherever they stand (a Place, an
// Identifier). By full name of the message.
using TypeCheck = std::function<void(const google::protobuf::Message& message,
                                     absl::string_view path, status::Violations& violations)>;
using TypeChecks = absl::flat_hash_map<std::string, TypeCheck>;

struct ValidateOptions {
  // Checks by message type; may be null.
  const TypeChecks* checks = nullptr;
  // Leaves out the resources inside a request: of an update with a mask, what is
  // given is not the whole, and the store checks the whole after the merge.
  bool skip_resources = false;
};

// Adds one violation for everything that is wrong, with the path from the
// message's root ("organization.identifiers[0].value"): REQUIRED fields unset,
// limits, patterns, enum numbers that are not defined, NUL characters, text
// that is not valid UTF-8, Timestamps, Durations and google.type.Dates out of
// range (a date may lack its day, or day and month), LatLng out of range, NaN
// and infinity. Texts are expected in NFC (see Normalize).
void Validate(const google::protobuf::Message& message, const ValidateOptions& options,
              absl::string_view path, status::Violations& violations);

// Turns every text of the message into NFC, map keys too.
void Normalize(google::protobuf::Message& message);

}  // namespace mostove::resource
