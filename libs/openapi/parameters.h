// Parameters of operations: in the path, in the query, in header fields.
#pragma once

#include <string>

#include "libs/openapi/comments.h"
#include "libs/openapi/json.h"
#include "libs/openapi/resources.h"
#include "libs/openapi/schemas.h"
#include "libs/transcoding/router.h"

namespace mostove::openapi {

// "/v1/organizations/{organization}:undelete" of "/v1/{name=organizations/*}:undelete".
std::string PathOf(const transcoding::Route& route, const Resources& resources);

class Parameters {
 public:
  // All of them outlive it.
  Parameters(const Comments& comments, const Resources& resources, Schemas& schemas)
      : comments_(comments), resources_(resources), schemas_(schemas) {}

  // Of one operation, as an array; without the query's parameter `except`.
  Json Of(const transcoding::Route& route, absl::string_view except = {});
  // What goes into components/parameters.
  static Json Components();

 private:
  void AddPath(const transcoding::Route& route, Json& parameters) const;
  void AddQuery(const transcoding::Route& route, absl::string_view except, Json& parameters);
  void AddParts(const google::protobuf::FieldDescriptor& field, Json& parameters);
  Json QueryParameter(const transcoding::Route& route,
                      const google::protobuf::FieldDescriptor& field);

  const Comments& comments_;
  const Resources& resources_;
  Schemas& schemas_;
};

// What a request of the route may carry beside its fields.
bool IsRead(const transcoding::Route& route);
bool TakesIfMatch(const transcoding::Route& route);
bool TakesIdempotencyKey(const transcoding::Route& route);
// Bound by the path or as the body.
bool IsBound(const transcoding::Route& route, const google::protobuf::FieldDescriptor& field);

}  // namespace mostove::openapi
