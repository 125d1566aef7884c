// The oblasts as tiles, each about where it lies, with how many organizations have their seat
// there.
#pragma once

#include <map>
#include <string>

#include "services/dashboard/visit.h"

namespace mostove::dashboard {

struct OblastCount {
  int64_t count = 0;
  bool at_least = false;  // counting stopped there
};

// By ISO code; an oblast that is missing is not counted. Each tile leads to this page for its
// oblast. A list of links that the style sheet lays out as a map, so there is one thing to read, to
// hear and to zoom.
std::string OblastMap(const Visit& visit, const std::map<std::string, OblastCount>& counts);

}  // namespace mostove::dashboard
