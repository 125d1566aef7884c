// JSON Schemas of messages and their fields.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "libs/openapi/comments.h"
#include "libs/openapi/json.h"
#include "libs/openapi/resources.h"

namespace mostove::openapi {

// Collects the schemas of the messages that were asked for, and of those inside.
class Schemas {
 public:
  // Comments and resources outlive it.
  Schemas(const Comments& comments, const Resources& resources, const Routes& routes);

  // A reference to the message's own schema; of a well-known type the schema itself.
  Json Of(const google::protobuf::Descriptor& message);
  // The same for an update: nothing is required, what the server sets is left out, and null takes
  // a field away.
  Json ForUpdate(const google::protobuf::Descriptor& message);
  // The same for a create: requires also what not everybody sees, so that answers may lack it.
  Json ForCreate(const google::protobuf::Descriptor& message);
  // The same for a body that is a whole request, without what the path binds.
  Json ForBody(const google::protobuf::Descriptor& message,
               const std::vector<const google::protobuf::FieldDescriptor*>& bound);
  // With the field's description and limits; of a repeated one an array.
  Json Of(const google::protobuf::FieldDescriptor& field);

  // What goes into components/schemas, by name.
  Json Take();

 private:
  void Name(const google::protobuf::Descriptor& message, bool requested);
  void Name(const google::protobuf::EnumDescriptor& type);
  std::string NameOf(absl::string_view full_name, absl::string_view package) const;
  Json Reference(const std::string& name) const;

  // `update`: see ForUpdate.
  Json ObjectOf(const google::protobuf::Descriptor& message, bool update,
                const std::vector<const google::protobuf::FieldDescriptor*>& skipped = {});
  Json EnumOf(const google::protobuf::EnumDescriptor& type) const;
  // Without what the field says by itself; of a repeated field the schema of an item.
  Json Plain(const google::protobuf::FieldDescriptor& field);
  Json TextOf(const google::protobuf::FieldDescriptor& field) const;
  Json NumberOf(const google::protobuf::FieldDescriptor& field, absl::string_view format) const;
  Json ListOf(const google::protobuf::FieldDescriptor& field, Json item) const;
  std::string DescriptionOf(const google::protobuf::FieldDescriptor& field) const;
  bool IsRequested(const google::protobuf::FieldDescriptor& field) const;

  const Comments& comments_;
  const Resources& resources_;
  // How many types have a short name ("OrganizationKind").
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> short_names_;
  absl::flat_hash_set<std::string> named_;
  // Messages that requests hold: their values are checked.
  absl::flat_hash_set<std::string> requested_;
  std::map<std::string, Json> schemas_;
};

}  // namespace mostove::openapi
