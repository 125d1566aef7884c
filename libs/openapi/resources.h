// The resources that routes show, with what is shown of them as examples (see
// proto/mostove/resource/v1/example.proto).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "libs/openapi/json.h"
#include "libs/resource/type.h"
#include "libs/transcoding/router.h"
#include "mostove/resource/v1/example.pb.h"

namespace mostove::openapi {

using Routes = std::vector<std::unique_ptr<const transcoding::Route>>;

class Resources {
 public:
  explicit Resources(const Routes& routes);

  // By "organizations.mostove.bg/Organization"; null where no route shows it.
  const resource::Type* OfType(absl::string_view type) const;
  // By the segment before an id and those above it: `segment` is that of "sessions" in
  // "/v1/programs/{program}/sessions"; null likewise.
  const resource::Type* OfCollection(const transcoding::PathTemplate& path, size_t segment) const;

  // The name in the example of the resource that a text names or refers to; "" where it does not.
  std::string ExampleOf(const google::protobuf::FieldDescriptor& field) const;

 private:
  void Add(const google::protobuf::Descriptor& message);

  std::map<const google::protobuf::Descriptor*, const resource::Type*> seen_;
  std::map<std::string, const resource::Type*, std::less<>> by_type_;
  std::map<std::string, const resource::Type*, std::less<>> by_collection_;
};

// Of a resource; empty where it has none.
const resource::v1::Example& ExampleOf(const resource::Type& type);
// The resource as an answer shows it; an empty object without an example.
Json ExampleAnswer(const resource::Type& type);

// The resource that the message is, or that it holds a list of; null for others.
const resource::Type* ShownBy(const google::protobuf::Descriptor& message);

// "policy process" of policyProcess.
std::string Words(absl::string_view camel_case);

}  // namespace mostove::openapi
