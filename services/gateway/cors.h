// Which web pages of other origins may use the server (Fetch standard, CORS).
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::gateway {

class Cors {
 public:
  // "https://app.example.org, http://localhost:5173"; "" allows no page.
  explicit Cors(absl::string_view origins = "");
  // What is wrong with such a text, as settings say it; "" if nothing is.
  static std::string Check(const std::string& origins);

  bool empty() const { return origins_.empty(); }
  // Whether the request comes from a page of one of the origins.
  bool Allows(const http::Request& request) const;
  bool IsPreflight(const http::Request& request) const;
  // 204 with what pages of the origins may send.
  http::Response AnswerPreflight(const http::Request& request) const;
  // For the answer to a page of `origin`, which Allows said yes to; "" for other callers.
  void AddHeaders(absl::string_view origin, http::Response& response) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace mostove::gateway
