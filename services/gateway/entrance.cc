#include "services/gateway/entrance.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/percent.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::gateway {
namespace {

constexpr absl::string_view kKey = "key=";

// What proves the caller, as one header field.
absl::StatusOr<std::string> ProofOf(const http::Request& request,
                                    const google::protobuf::MethodDescriptor* method) {
  const absl::string_view* field = request.headers.Find("Authorization");
  const bool feeds = TakesFeedKeys(method);
  if (request.headers.Count("Authorization") > 1 ||
      (feeds && field != nullptr && HasKeyParameter(request.query))) {
    return status::Make(absl::StatusCode::kInvalidArgument, "CREDENTIALS_TWICE",
                        "a request proves its caller once, by one Authorization field");
  }
  if (field != nullptr) {
    if (absl::StartsWithIgnoreCase(*field, "Basic ") && !feeds) {
      return status::Make(absl::StatusCode::kUnauthenticated, "SCHEME_UNKNOWN",
                          "send Authorization: Bearer and an access token; keys of feeds are for "
                          "datasets only");
    }
    return std::string(*field);
  }
  if (!feeds) return std::string();
  for (const absl::string_view parameter : absl::StrSplit(request.query, '&')) {
    if (!absl::StartsWith(parameter, kKey)) continue;
    std::string key;
    if (!transcoding::DecodePercent(parameter.substr(kKey.size()), {.plus_is_space = true}, key)) {
      key.clear();
    }
    return absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(":", key)));
  }
  return std::string();
}

}  // namespace

Entrance::Entrance(const EntranceOptions& options, CallerProvider caller, Budgets* budgets)
    : tokens_(options.tokens),
      edges_(options.trusted_edges),
      caller_(std::move(caller)),
      budgets_(budgets) {}

absl::StatusOr<Entrance::Entry> Entrance::Identify(const http::Request& request,
                                                   const google::protobuf::MethodDescriptor* method,
                                                   Quota& quota) const {
  return IdentifyBy(
      tokens_ ? ProofOf(request, method) : std::string(), method == nullptr ? "" : method->name(),
      [&] { return ClientAddress(request); }, quota);
}

absl::StatusOr<Entrance::Entry> Entrance::IdentifyPage(const std::string& authorization,
                                                       const std::string& address,
                                                       Quota& quota) const {
  return IdentifyBy(
      tokens_ ? authorization : std::string(), "", [&] { return address; }, quota);
}

absl::StatusOr<Entrance::Entry> Entrance::IdentifyBy(const absl::StatusOr<std::string>& proof,
                                                     absl::string_view method,
                                                     const Budgets::Address& address,
                                                     Quota& quota) const {
  absl::StatusOr<call::Caller> caller = proof.ok() ? caller_(*proof) : proof.status();
  if (budgets_ != nullptr) {
    quota =
        caller.ok() ? budgets_->TakeCall(*caller, method, address) : budgets_->TakePublic(address);
    RETURN_IF_ERROR(quota.status());
  }
  RETURN_IF_ERROR(caller.status());
  return Entry{.caller = *std::move(caller), .authorization = *proof};
}

absl::Status Entrance::AdmitSignIn(const http::Request& request, Quota& quota) const {
  if (budgets_ == nullptr) return absl::OkStatus();
  quota = budgets_->TakeSignIn([&] { return ClientAddress(request); });
  return quota.status();
}

absl::Status Entrance::AdmitPublic(const http::Request& request, Quota& quota) const {
  if (budgets_ == nullptr) return absl::OkStatus();
  quota = budgets_->TakePublic([&] { return ClientAddress(request); });
  return quota.status();
}

bool TakesFeedKeys(const google::protobuf::MethodDescriptor* method) {
  return method != nullptr && method->options().GetExtension(resource::v1::permission).feeds();
}

bool HasKeyParameter(absl::string_view query) {
  return absl::StartsWith(query, kKey) || absl::StrContains(query, "&key=");
}

std::string WithoutKeyParameter(absl::string_view target) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  std::vector<absl::string_view> kept;
  for (const absl::string_view parameter : absl::StrSplit(parts.second, '&')) {
    if (!absl::StartsWith(parameter, kKey)) kept.push_back(parameter);
  }
  const std::string query = absl::StrJoin(kept, "&");
  return query.empty() ? std::string(parts.first) : absl::StrCat(parts.first, "?", query);
}

}  // namespace mostove::gateway
