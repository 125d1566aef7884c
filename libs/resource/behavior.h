// Where in a message type the fields are that clients do not set.
#pragma once

#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/resource/plan.h"

namespace mostove::resource {

// What field behaviour asks for in messages of one type.
struct BehaviorPlan {
  // OUTPUT_ONLY and IDENTIFIER fields.
  std::vector<const google::protobuf::FieldDescriptor*> system_fields;
  // Other message fields with system fields somewhere inside.
  std::vector<const google::protobuf::FieldDescriptor*> descend;
  // Neither system fields nor IMMUTABLE ones, here or inside.
  bool plain = true;

  void Build(const google::protobuf::Descriptor* descriptor, Plans<BehaviorPlan>::Builder&);
};

}  // namespace mostove::resource
