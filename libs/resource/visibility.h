// Who may see what: levels, redaction of messages, and what goes in the log.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/resource/type.h"

namespace mostove::resource {

// Types by descriptor, made at first use and kept for the life of the process
// (so must the descriptor be); for code that meets resources inside other
// messages. Thread-safe. Ends the process on annotations that Type::Build
// refuses: a service builds its types at start.
const Type* TypeOf(const google::protobuf::Descriptor* descriptor);  // null: no resource

// The resources that own this one, by its `owners` annotation; those that fields
// name which this level sees.
std::vector<std::string> OwnersOf(const Type& type, const google::protobuf::Message& resource,
                                  Audience level = v1::ADMINISTRATOR);
// Whether one of them owns it.
bool IsOwnedBy(const std::vector<std::string>& owners, const Type& type,
               const google::protobuf::Message& resource);

// How close the caller is to a resource that it does not own: ADMINISTRATOR,
// NETWORK or PUBLIC. Smaller numbers see more.
Audience LevelOf(const call::Caller& caller);
// How close the caller is to this resource: OWNER too.
Audience LevelOf(const call::Caller& caller, const Type& type,
                 const google::protobuf::Message& resource);

// Strips from every resource in the message (at any depth, in Any too) the
// fields that the caller may not see. Fields with `published_by` stay where
// the bool is true. An Any with a resource that cannot be read loses its value.
// Unknown fields of a resource go too: their visibility is not known here.
// Cheap when there is nothing to strip.
void Redact(const call::Caller& caller, google::protobuf::Message& message);

// Clears personal fields at any depth and answers the paths of those that were
// set ("contacts"). Unknown fields go too, as they may be personal.
std::vector<std::string> TakeOutPersonal(google::protobuf::Message& resource);

// One difference between two states of a resource.
struct FieldDifference {
  std::vector<const google::protobuf::FieldDescriptor*>
      path;  // to a leaf, or a repeated or map field
};
// Leaves that differ: goes into singular message fields, takes repeated and map
// fields and Google's value types (Timestamp, Date, Struct) whole. Name, etag, update_time and
// fields that are OUTPUT_ONLY at the top are left out, but delete_time.
std::vector<FieldDifference> Differences(const Type& type, const google::protobuf::Message& before,
                                         const google::protobuf::Message& after);

}  // namespace mostove::resource
