// What a file of another form says, or a record of ours, and the other side has
// no place for.
#pragma once

#include <string>
#include <vector>

namespace mostove::exchange {

// One value. `path` is written in the names of the side that it comes from:
// "contents[0].locations[0].latitude" of a file, "seat.area.code" of a record.
// A path that ends in an object or list stands for all that is in it.
struct Loss {
  std::string path;
  std::string reason;    // a sentence without its subject: "is not kept: ..."
  bool changed = false;  // it is there, in another form

  bool operator==(const Loss&) const = default;
};
using Losses = std::vector<Loss>;

}  // namespace mostove::exchange
