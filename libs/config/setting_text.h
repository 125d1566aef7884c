// Settings as text, to and from.
#pragma once

#include <string>

#include "libs/config/settings.h"

namespace mostove::config {

// False if the text does not say a value of the target's type; the target is
// then unchanged.
bool SetFromText(const Target& target, const std::string& text);
std::string ToText(const Target& target);
// What the type asks for: "a number such as 64".
std::string Expected(const Target& target);
// "http.body_bytes_max" -> "MOSTOVE_HTTP_BODY_BYTES_MAX", "--http-body-bytes-max".
std::string EnvironmentName(const std::string& name);
std::string OptionName(const std::string& name);

}  // namespace mostove::config
