// The first line is a template, the second a path. What a template captures has
// to be clean, and a template has to mean the same when it is parsed again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "libs/transcoding/path_template.h"
#include "libs/transcoding/percent.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using mostove::transcoding::PathTemplate;
  using mostove::transcoding::RequestPath;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t newline = text.find('\n');
  if (newline == absl::string_view::npos) return 0;
  const auto path = RequestPath::Parse(text.substr(newline + 1));
  const auto parsed = PathTemplate::Parse(text.substr(0, newline));
  if (!parsed.ok() || !path.ok()) return 0;
  std::vector<std::string> captures;
  if (!parsed->Match(*path, captures)) return 0;
  if (captures.size() != parsed->variables().size()) std::abort();
  for (const std::string& capture : captures) {
    if (!mostove::transcoding::IsCleanText(capture)) std::abort();
  }
  std::vector<std::string> again;
  if (!PathTemplate::Parse(parsed->text())->Match(*path, again) || again != captures) std::abort();
  return 0;
}
