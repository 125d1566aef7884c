// What can be done under each path.
#pragma once

#include <map>
#include <string>

#include "libs/openapi/comments.h"
#include "libs/openapi/json.h"
#include "libs/openapi/parameters.h"
#include "libs/openapi/resources.h"
#include "libs/openapi/schemas.h"

namespace mostove::openapi {

class Operations {
 public:
  // All of them outlive it.
  Operations(const Comments& comments, const Resources& resources, const Routes& routes,
             Schemas& schemas);

  // The whole of `paths`.
  Json Paths();
  // The tags that the operations have, by name, with their descriptions.
  const std::map<std::string, std::string>& tags() const { return tags_; }

 private:
  // `id` and `tag` name it; the query's parameter `except` is left out.
  Json Operation(const transcoding::Route& route, const std::string& id, const std::string& tag,
                 absl::string_view except = {});
  void AddWatchOfAll(Json& paths);
  std::string IdOf(const transcoding::Route& route) const;
  std::string ShortIdOf(const transcoding::Route& route) const;
  std::string TagOf(const transcoding::Route& route);
  Json Answer(const transcoding::Route& route);
  Json Body(const transcoding::Route& route);
  Json BodySchema(const transcoding::Route& route);

  const Comments& comments_;
  const Resources& resources_;
  const Routes& routes_;
  Schemas& schemas_;
  Parameters parameters_;
  std::map<std::string, int> bindings_;  // of each method name, in all services
  std::map<std::string, int> ids_;       // how many routes have this short id
  std::map<std::string, std::string> tags_;
};

// For components/headers.
Json HeaderComponents();

}  // namespace mostove::openapi
