#include "libs/openapi/security.h"

#include <utility>

#include "libs/openapi/parameters.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::openapi {
namespace {

constexpr char kTokenUrl[] = "/oauth2/token";

Json Scopes() {
  return Json::Object(
      {{"read", "Read what the caller may see."}, {"write", "Change what the caller may change."}});
}

}  // namespace

Json SecuritySchemes() {
  Json flows = Json::Object(
      {{"clientCredentials", Json::Object({{"tokenUrl", kTokenUrl}, {"scopes", Scopes()}})},
       {"authorizationCode", Json::Object({{"authorizationUrl", "/oauth2/authorize"},
                                           {"tokenUrl", kTokenUrl},
                                           {"refreshUrl", kTokenUrl},
                                           {"scopes", Scopes()}})}});
  return Json::Object(
      {{"oauth2",
        Json::Object({{"type", "oauth2"},
                      {"description",
                       "OAuth 2: client credentials for programs, the authorization code with PKCE "
                       "(S256) for people. `/.well-known/oauth-authorization-server` says more."},
                      {"flows", std::move(flows)}})},
       {"bearer", Json::Object({{"type", "http"},
                                {"scheme", "bearer"},
                                {"bearerFormat", "JWT"},
                                {"description", "An access token from `/oauth2/token`."}})}});
}

Json SecurityOf(const transcoding::Route& route) {
  Json security = Json::Array();
  const auto& permission = route.method->options().GetExtension(resource::v1::permission);
  if (permission.allow() == resource::v1::PUBLIC) security.Add(Json::Object());
  security.Add(Json::Object({{"oauth2", Json::Array({IsRead(route) ? "read" : "write"})}}));
  security.Add(Json::Object({{"bearer", Json::Array()}}));
  return security;
}

}  // namespace mostove::openapi
