// Finds annotations that contradict each other or the field they stand on.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace mostove::resource {

// Checks the fields of a resource and of the messages inside it. The error is
// a sentence with the full name of the first field that is wrong.
absl::Status CheckAnnotations(const google::protobuf::Descriptor* resource);

}  // namespace mostove::resource
