// Organizations and their locations in the form of Open Referral: the Human
// Services Data Specification, HSDS 3.0 (docs.openreferral.org).
//
// Everything is converted that has a place on both sides; of the rest every
// value is told in a report. Which member is which field: hsds_shapes.cc.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/exchange/loss.h"
#include "mostove/organizations/v1/location.pb.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::exchange {

struct HsdsOptions {
  // BCP 47. Read: the language that the file's texts are in, which HSDS does
  // not say. Written: the language that is chosen where a text has it, else
  // the one that it was written in.
  std::string language = "und";
};

struct HsdsOrganization {
  // With its `name`: "organizations/" and the id of the file. One that the file
  // gives no usable id has none.
  organizations::v1::Organization organization;
  std::string path;  // "contents[2]"; "" for the only one
};

struct HsdsLocation {
  // "organizations/" and its `organization_id`; "" where the file has none.
  std::string organization;
  organizations::v1::Location location;
  std::string path;
};

struct HsdsFile {
  std::vector<HsdsOrganization> organizations;
  std::vector<HsdsLocation> locations;  // of a file of locations
  Losses losses;
};

// True for a JSON document of one of the forms that ReadHsds reads; false also
// for what is no JSON.
bool LooksLikeHsds(absl::string_view json);

// Reads one organization, one location, a list of them, or a page as the API
// of HSDS gives it ("contents"). What the limits of our fields do not allow is
// left out and told. INVALID_ARGUMENT for anything else.
absl::StatusOr<HsdsFile> ReadHsds(absl::string_view json, const HsdsOptions& options);

// One organization with its locations, as compact JSON that fits the schema
// organization.json. An id that is no UUID becomes one that is always the same,
// and the name stands among the identifiers, by which ReadHsds finds it again.
// Paths in `losses` begin with the organization's name: "organizations/a: seat".
std::string WriteHsdsOrganization(const organizations::v1::Organization& organization,
                                  const HsdsOptions& options, Losses& losses);

// Its locations, each with its `organization_id`, by location.json.
std::vector<std::string> WriteHsdsLocations(const organizations::v1::Organization& organization,
                                            const HsdsOptions& options, Losses& losses);

// A page with everything in it.
std::string HsdsPage(const std::vector<std::string>& contents);

}  // namespace mostove::exchange
