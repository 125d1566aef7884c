// The routes of all services, with what is needed to answer them looked up once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/rpc/invoker.h"
#include "libs/transcoding/router.h"
#include "services/gateway/etag_field.h"

namespace mostove::gateway {

struct RouteInfo {
  RouteInfo(const transcoding::Route& route, rpc::Invoker* invoker);

  const transcoding::Route* route;
  rpc::Invoker* invoker;
  const google::protobuf::Message* request_prototype;
  RequestEtag request_etag;
  // In the message that is the answer's body; null if there is none.
  const google::protobuf::FieldDescriptor* response_etag;
  const google::protobuf::FieldDescriptor* next_page_token;
  bool is_get;
};

// Immutable, thread-safe. The invokers outlive it.
class RouteTable {
 public:
  // Fails with a sentence for routes that clash, or a service that two invokers reach.
  static absl::StatusOr<RouteTable> Build(const std::vector<rpc::Invoker*>& invokers);

  transcoding::RouteMatch Match(absl::string_view method, absl::string_view path) const {
    return router_.Match(method, path);
  }
  const RouteInfo& InfoOf(const transcoding::Route* route) const { return infos_.at(route); }
  const std::vector<std::unique_ptr<const transcoding::Route>>& routes() const {
    return router_.routes();
  }
  // The template that has most of its beginning in common with `path`:
  // "/v1/{name=organizations/*}".
  absl::string_view NearestTemplate(absl::string_view path) const;

 private:
  explicit RouteTable(transcoding::Router router) : router_(std::move(router)) {}

  transcoding::Router router_;
  absl::flat_hash_map<const transcoding::Route*, RouteInfo> infos_;
};

}  // namespace mostove::gateway
