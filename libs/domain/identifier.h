// Numbers of organizations in registers.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "libs/status/status.h"
#include "mostove/common/v1/identifier.pb.h"

namespace mostove::domain {

// Reasons, on `<path>.value`: PERSONAL_NUMBER (see MayBePersonal), EIK (9 or 13
// digits with right check digits under BG-EIK), EDR (8 digits under UA-EDR).
// No text repeats the value.
void CheckIdentifier(const common::v1::Identifier& identifier, absl::string_view path,
                     status::Violations& violations);

// Reason: DUPLICATE, on a scheme that stands twice: a register knows an
// organization by one number.
void CheckSchemes(const google::protobuf::RepeatedPtrField<common::v1::Identifier>& identifiers,
                  absl::string_view path, status::Violations& violations);

// 9 digits, or 13 for a branch, ASCII only, with right check digits (the rule
// of the BULSTAT register).
bool IsEik(absl::string_view value);

// True for what could be a Bulgarian ЕГН or ЛНЧ or a Ukrainian РНОКПП: ten
// digits under a BG-* or UA-* scheme (in either case), or without a scheme. The digits
// may be of any script; spaces, hyphens, letters and the like between or
// around them are passed over.
bool MayBePersonal(absl::string_view scheme, absl::string_view value);

}  // namespace mostove::domain
