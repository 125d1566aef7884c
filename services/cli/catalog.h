// What kinds of resources there are and by which routes they are reached, from
// the descriptors that are linked into the program. No kind is named here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::cli {

// One kind of resource. Methods that the service does not offer are null.
struct ResourceType {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::string type;      // "organizations.mostove.bg/Activity"
  std::string singular;  // "activity"
  std::string plural;    // "activities"
  // {"organizations", "", "activities", ""}: empty ones are ids.
  std::vector<std::string> pattern;
  std::string pattern_text;  // "organizations/{organization}/activities/{activity}"

  const google::protobuf::MethodDescriptor* get = nullptr;
  const google::protobuf::MethodDescriptor* list = nullptr;
  const google::protobuf::MethodDescriptor* create = nullptr;
  const google::protobuf::MethodDescriptor* update = nullptr;
  const google::protobuf::MethodDescriptor* remove = nullptr;
  const google::protobuf::MethodDescriptor* undelete = nullptr;
  const google::protobuf::MethodDescriptor* history = nullptr;
  const google::protobuf::MethodDescriptor* search = nullptr;
  const google::protobuf::MethodDescriptor* merge = nullptr;
  const google::protobuf::MethodDescriptor* unmerge = nullptr;

  std::unique_ptr<google::protobuf::Message> New() const;
  bool MatchesName(absl::string_view name) const;
  bool has_parent() const { return pattern.size() > 2; }
  // Query parameter that chooses the id of a create: "activityId".
  std::string IdParameter() const;
  // Member of a list's answer that holds the resources: "activities".
  std::string ListMember() const;
};

// "organizations/sofia-help/activities": a kind and where to look.
struct Collection {
  const ResourceType* type = nullptr;
  std::string parent;  // "organizations/sofia-help", "organizations/-", ""
};

// Immutable after it is made; thread-safe.
class Catalog {
 public:
  static Catalog FromLinkedDescriptors();

  // In the order of depth: parents before children.
  const std::vector<ResourceType>& types() const { return types_; }

  // INVALID_ARGUMENT that lists the forms of names that there are.
  absl::StatusOr<const ResourceType*> FindByName(absl::string_view name) const;
  absl::StatusOr<Collection> FindCollection(absl::string_view path) const;
  // By singular, plural or full type: "activity", "activities".
  absl::StatusOr<const ResourceType*> FindType(absl::string_view word) const;

 private:
  std::vector<ResourceType> types_;
};

// "organizations/a/activities/b" -> "organizations/a"; "" at the top.
std::string ParentOf(absl::string_view name);
// "organizations/a" -> "a".
std::string IdOf(absl::string_view name);
// "organizations/a", "activities", "b" -> the name; `parent` may be empty.
std::string MakeName(const ResourceType& type, absl::string_view parent, absl::string_view id);

// One way to call a method over HTTP.
struct HttpCall {
  std::string method;  // "PATCH"
  std::string path;    // "/v1/organizations/sofia-help", encoded
};

// The route of `method` whose path variable takes `name` (the resource's name
// or its parent's; empty for a route without a variable).
absl::StatusOr<HttpCall> Route(const google::protobuf::MethodDescriptor& method,
                               absl::string_view name);

}  // namespace mostove::cli
