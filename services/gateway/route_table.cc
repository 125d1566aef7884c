#include "services/gateway/route_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::ServiceDescriptor;
using transcoding::Route;

const Descriptor* BodyType(const Route& route) {
  if (route.response_field == nullptr) return route.method->output_type();
  return route.response_field->is_repeated() ? nullptr : route.response_field->message_type();
}

const google::protobuf::FieldDescriptor* FindInBody(const Route& route, const char* name) {
  const Descriptor* body = BodyType(route);
  return body == nullptr ? nullptr : FindTextField(*body, name);
}

}  // namespace

RouteInfo::RouteInfo(const Route& route, rpc::Invoker* invoker)
    : route(&route),
      invoker(invoker),
      request_prototype(google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          route.method->input_type())),
      request_etag(route),
      response_etag(FindInBody(route, "etag")),
      next_page_token(FindInBody(route, "next_page_token")),
      is_get(route.http_method == "GET") {}

absl::StatusOr<RouteTable> RouteTable::Build(const std::vector<rpc::Invoker*>& invokers) {
  absl::flat_hash_map<const ServiceDescriptor*, rpc::Invoker*> by_service;
  std::vector<const ServiceDescriptor*> services;
  for (rpc::Invoker* invoker : invokers) {
    for (const ServiceDescriptor* service : invoker->services()) {
      if (!by_service.emplace(service, invoker).second) {
        return status::Precondition(
            "SERVICE_TWICE", absl::StrCat(service->full_name(), " is given to the gateway twice"));
      }
      services.push_back(service);
    }
  }
  ASSIGN_OR_RETURN(transcoding::Router router, transcoding::Router::Build(services));
  RouteTable table(std::move(router));
  for (const auto& route : table.router_.routes()) {
    const RouteInfo info(*route, by_service.at(route->method->service()));
    if (info.request_prototype == nullptr) {
      return status::Precondition("TYPE_UNKNOWN",
                                  absl::StrCat(route->method->input_type()->full_name(),
                                               " is not compiled into this program"));
    }
    table.infos_.emplace(route.get(), info);
  }
  return table;
}

absl::string_view RouteTable::NearestTemplate(absl::string_view path) const {
  absl::string_view nearest;
  ptrdiff_t longest = -1;
  for (const auto& route : router_.routes()) {
    const std::string& text = route->path.text();
    // "/v1/{name=organizations/*}" begins like "/v1/organizations/".
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '{')
        i = std::min(text.find('=', i), text.size() - 1);
      else if (text[i] != '}')
        plain += text[i];
    }
    const auto end = std::mismatch(plain.begin(), plain.end(), path.begin(), path.end()).first;
    if (end - plain.begin() <= longest) continue;
    longest = end - plain.begin();
    nearest = text;
  }
  return nearest;
}

}  // namespace mostove::gateway
