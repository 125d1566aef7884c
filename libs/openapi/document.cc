#include "libs/openapi/document.h"

#include <utility>

#include "libs/openapi/json.h"
#include "libs/openapi/operations.h"
#include "libs/openapi/schemas.h"
#include "libs/openapi/security.h"

namespace mostove::openapi {
namespace {

constexpr char kDescription[] =
    "The records of a refugee-integration partner network: who the organizations are, what they do "
    "where, and their trainings, funding, coalitions and what comes of them.\n\n"
    "Resources follow Google's [AIPs](https://google.aip.dev): standard methods, filters, field "
    "masks and page tokens. Every answer to a read has an `ETag`; `If-None-Match` makes it 304, "
    "`If-Match` on a write refuses what has changed meanwhile. `Idempotency-Key` makes the repeat "
    "of a write harmless; `validateOnly` checks a write without doing it. Errors are "
    "`application/problem+json` (RFC 9457): decide by `code` and `reason`. Unknown fields and "
    "parameters are refused by name. Fields without a value are left out of answers.\n\n"
    "## A token and a call in five minutes\n\n"
    "Callers prove who they are by `Authorization: Bearer` and an access token; what is public is "
    "seen without one. An administrator makes a program known (`POST /v1/apiClients`), gives it a "
    "role (`POST /v1/roleGrants`) and a secret that is shown once (`POST "
    "/v1/apiClients/CLIENT_ID:rotateSecret`). With these the program gets tokens, each for five "
    "minutes; HOST is this server:\n\n"
    "```sh\n"
    "curl -u CLIENT_ID:SECRET -d grant_type=client_credentials HOST/oauth2/token\n"
    "export TOKEN=...   # the access_token of the answer\n"
    "curl -H \"Authorization: Bearer $TOKEN\" HOST/v1/users:whoAmI\n"
    "```\n\n"
    "A client that is generated from this document, in TypeScript:\n\n"
    "```sh\n"
    "npm install openapi-fetch openapi-typescript typescript@5\n"
    "npx openapi-typescript HOST/openapi.json -o mostove.d.ts\n"
    "```\n\n"
    "```ts\n"
    "import createClient from \"openapi-fetch\";\n"
    "import type { paths } from \"./mostove.d.ts\";\n\n"
    "const headers = { Authorization: `Bearer ${process.env.TOKEN}` };\n"
    "const mostove = createClient<paths>({ baseUrl: \"HOST\", headers });\n"
    "const { data, error } = await mostove.GET(\"/v1/users:whoAmI\");\n"
    "console.log(data?.caller ?? error?.detail);\n"
    "```\n\n"
    "On this page *Authorize* takes the same credentials. `RateLimit` says what is left of the "
    "caller's budget (draft-ietf-httpapi-ratelimit-headers-10).\n\n"
    "The same RPCs are served over gRPC and, under `/package.Service/Method`, by the Connect "
    "protocol.";

Json Info(const std::string& version) {
  return Json::Object(
      {{"title", "Mostove"},
       {"version", version},
       {"description", kDescription},
       {"contact", Json::Object({{"name", "Mostove"}, {"url", "https://mostove.bg"}})},
       {"license", Json::Object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}})}});
}

Json Tags(const Operations& operations) {
  Json tags = Json::Array();
  for (const auto& [name, description] : operations.tags()) {
    tags.Add(Json::Object({{"name", name}, {"description", description}}));
  }
  return tags;
}

Json Responses(const ProblemWriter& write) {
  Json responses = ProblemResponses(write);
  Json headers = Json::Object({{"ETag", Json::Object({{"$ref", "#/components/headers/ETag"}})}});
  responses.Set("NotModified", Json::Object({{"description", "The caller has the present state."},
                                             {"headers", std::move(headers)}}));
  return responses;
}

}  // namespace

std::string Document(const Source& source) {
  const Resources resources(source.routes);
  Schemas schemas(source.comments, resources, source.routes);
  Operations operations(source.comments, resources, source.routes, schemas);
  Json paths = operations.Paths();
  Json all_schemas = schemas.Take();
  AddProblemSchemas(all_schemas);
  Json components = Json::Object({{"schemas", std::move(all_schemas)},
                                  {"parameters", Parameters::Components()},
                                  {"headers", HeaderComponents()},
                                  {"responses", Responses(source.problem)},
                                  {"securitySchemes", SecuritySchemes()}});
  const Json document = Json::Object({{"openapi", "3.1.0"},
                                      {"info", Info(source.version)},
                                      {"servers", Json::Array({Json::Object({{"url", "/"}})})},
                                      {"tags", Tags(operations)},
                                      {"paths", std::move(paths)},
                                      {"components", std::move(components)}});
  std::string text;
  document.Write(text);
  return text;
}

}  // namespace mostove::openapi
