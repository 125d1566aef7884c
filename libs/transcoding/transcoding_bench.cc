// JSON of an Organization, ours beside protobuf's own, and the router.
#include <cstdlib>
#include <string>

#include "benchmark/benchmark.h"
#include "google/protobuf/util/json_util.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/router.h"
#include "mostove/organizations/v1/organizations_service.pb.h"

namespace mostove::transcoding {
namespace {

using organizations::v1::Organization;

const char kOrganization[] = R"({
  "name": "organizations/sofia-help", "etag": "\"7\"",
  "createTime": "2026-01-31T08:00:00.123456Z", "updateTime": "2026-02-01T09:30:00.654321Z",
  "legalName": "Сдружение София помага", "legalForm": "ASSOCIATION",
  "displayName": {"sourceLanguage": "bg", "texts": {"bg": "София помага", "en": "Sofia Helps"}},
  "benefitStatus": "PUBLIC_BENEFIT", "kind": "LOCAL", "phase": "INTEGRATION", "state": "LISTED",
  "identifiers": [{"scheme": "BG-EIK", "value": "175000000"}],
  "seat": {"countryCode": "BG", "area": {"scheme": "ISO3166_2", "code": "BG-22"}},
  "themes": [{"scheme": "TOPIC", "code": "legal-aid"}],
  "targetGroups": ["REFUGEES", "TEMPORARY_PROTECTION"], "languages": ["bg", "uk", "en"],
  "foundingDate": {"year": 2015, "month": 3}, "website": "https://example.org/help",
  "internalNote": "Asked for the statute.", "networkNote": "Has two lawyers."})";

Organization Example() {
  Organization organization;
  if (!ReadJson(kOrganization, organization).ok()) std::abort();
  return organization;
}

void WriteOurs(benchmark::State& state) {
  const Organization organization = Example();
  std::string out;
  for (auto _ : state) {
    out.clear();
    WriteJson(organization, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(WriteOurs);

void WriteProtobuf(benchmark::State& state) {
  const Organization organization = Example();
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(google::protobuf::util::MessageToJsonString(organization, &out).ok());
  }
}
BENCHMARK(WriteProtobuf);

void ReadOurs(benchmark::State& state) {
  std::string json;
  WriteJson(Example(), json);
  Organization organization;
  for (auto _ : state) {
    organization.Clear();
    benchmark::DoNotOptimize(ReadJson(json, organization).ok());
  }
}
BENCHMARK(ReadOurs);

void ReadProtobuf(benchmark::State& state) {
  std::string json;
  WriteJson(Example(), json);
  Organization organization;
  for (auto _ : state) {
    organization.Clear();
    benchmark::DoNotOptimize(google::protobuf::util::JsonStringToMessage(json, &organization).ok());
  }
}
BENCHMARK(ReadProtobuf);

void MatchRoute(benchmark::State& state) {
  const auto router =
      Router::Build({google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "mostove.organizations.v1.OrganizationsService")});
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        router->Match("GET", "/v1/organizations/sofia-help/activities/food").route);
  }
}
BENCHMARK(MatchRoute);

}  // namespace
}  // namespace mostove::transcoding

BENCHMARK_MAIN();
