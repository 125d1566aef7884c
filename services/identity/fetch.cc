#include "services/identity/fetch.h"

#include <curl/curl.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/status/status.h"
#include "re2/re2.h"

namespace mostove::identity {
namespace {

absl::Status Away(absl::string_view why) {
  return status::Unavailable("PROVIDER_AWAY",
                             absl::StrCat("the keys of the OpenID provider cannot be read: ", why),
                             absl::Seconds(30));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kDocumentBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.empty()) return Away(absl::StrCat("the file ", path, " is not there or empty"));
  if (text.size() > kDocumentBytesMax) return Away("they are too long");
  return text;
}

size_t Append(const char* bytes, size_t size, size_t count, void* to) {
  auto& text = *static_cast<std::string*>(to);
  if (text.size() + size * count > kDocumentBytesMax) return 0;  // curl gives up
  text.append(bytes, size * count);
  return size * count;
}

}  // namespace

absl::StatusOr<std::string> FetchDocument(const std::string& place, absl::Duration time) {
  if (!absl::StartsWith(place, "https://") && !absl::StartsWith(place, "http://")) {
    return ReadFile(place);
  }
  static const RE2& here = *new RE2(R"(http://(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(/\S*)?)");
  if (absl::StartsWith(place, "http://") && !RE2::FullMatch(place, here)) {
    return Away("they are read over https, or over http from this machine");
  }
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (ready != CURLE_OK || curl == nullptr) return Away("libcurl does not start");
  std::string text;
  curl_easy_setopt(curl.get(), CURLOPT_URL, place.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(time / absl::Milliseconds(1)));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &text);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) return Away(curl_easy_strerror(result));
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code != 200) return Away(absl::StrCat("the answer was ", code));
  return text;
}

}  // namespace mostove::identity
