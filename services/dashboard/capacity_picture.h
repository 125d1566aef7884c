// How able an organization is, as a picture and as a table that says the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/type/date.pb.h"

namespace mostove::dashboard {

// Levels from 1 to 4, means over the criteria of a domain.
struct DomainLevels {
  std::string title_html;
  std::optional<double> self;         // its own word
  std::optional<double> facilitated;  // found together with somebody who asked
  std::optional<double> before;       // its own word of the time before
};

struct Capacity {
  std::string framework_html;
  google::type::Date self_date, facilitated_date, before_date;  // unset where there is none
  std::vector<DomainLevels> domains;
};

// A section; "" where there are no domains.
std::string CapacitySection(const Capacity& capacity, absl::string_view language);

}  // namespace mostove::dashboard
