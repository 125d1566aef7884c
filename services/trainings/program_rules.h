// What is particular to programs: pure functions on the message.
#pragma once

#include "absl/strings/string_view.h"
#include "libs/status/status.h"
#include "mostove/trainings/v1/program.pb.h"

namespace mostove::trainings {

// An unset publication is DRAFT.
void PrepareProgram(v1::Program& program);

// Adds what the annotations cannot say. Reason: WEBSITE.
void CheckProgram(const v1::Program& program, absl::string_view path,
                  status::Violations& violations);

}  // namespace mostove::trainings
