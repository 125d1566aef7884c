#include "services/gateway/connect_message.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/gzip/gzip.h"
#include "libs/openapi/json.h"
#include "libs/status/status.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/percent.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {
namespace {

using google::protobuf::Message;

constexpr size_t kMessageBytesMax = 1024 * 1024;
constexpr size_t kTimeoutDigitsMax = 10;
constexpr char kMediaTypes[] = "application/json, application/proto";

absl::Status Refused(absl::string_view reason, absl::string_view text) {
  return status::Make(absl::StatusCode::kInvalidArgument, reason, text);
}

ConnectRefusal UnsupportedType() {
  return {
      Refused("UNSUPPORTED_MEDIA_TYPE", absl::StrCat("Connect's unary messages are ", kMediaTypes)),
      415};
}

bool ReadCodec(absl::string_view name, ConnectCodec& codec) {
  if (absl::EqualsIgnoreCase(name, "json")) {
    codec = ConnectCodec::kJson;
  } else if (absl::EqualsIgnoreCase(name, "proto")) {
    codec = ConnectCodec::kProto;
  } else {
    return false;
  }
  return true;
}

bool ReadContentType(absl::string_view type, ConnectCodec& codec) {
  const size_t semicolon = type.find(';');
  if (semicolon != absl::string_view::npos) {
    const std::string parameter =
        absl::AsciiStrToLower(absl::StripAsciiWhitespace(type.substr(semicolon + 1)));
    if (parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"") return false;
    type = absl::StripAsciiWhitespace(type.substr(0, semicolon));
  }
  constexpr absl::string_view kPrefix = "application/";
  return absl::StartsWithIgnoreCase(type, kPrefix) && ReadCodec(type.substr(kPrefix.size()), codec);
}

absl::Status ReadTimeout(const http::Headers& headers, absl::Duration& timeout) {
  const absl::string_view* text = headers.Find("Connect-Timeout-Ms");
  if (text == nullptr) return absl::OkStatus();
  int64_t milliseconds = 0;
  const bool digits = text->find_first_not_of("0123456789") == absl::string_view::npos &&
                      text->size() <= kTimeoutDigitsMax;
  if (!digits || !absl::SimpleAtoi(*text, &milliseconds)) {
    return Refused("BAD_TIMEOUT", "Connect-Timeout-Ms is a number of at most ten digits");
  }
  timeout = absl::Milliseconds(milliseconds);
  return absl::OkStatus();
}

// Replaces the message by what it unpacks to.
absl::Status Unpack(absl::string_view coding, ConnectRequest& read) {
  if (coding.empty() || coding == "identity") return absl::OkStatus();
  if (coding != "gzip") {
    return status::Make(absl::StatusCode::kUnimplemented, "COMPRESSION_UNKNOWN",
                        "requests are compressed by gzip or not at all (identity)");
  }
  absl::StatusOr<std::string> unpacked = gzip::Unpack(read.message, kMessageBytesMax);
  if (!unpacked.ok()) return unpacked.status();
  read.message = *std::move(unpacked);
  return absl::OkStatus();
}

// Parameters of a GET, by name; false if one is malformed.
bool ReadParameters(absl::string_view query, std::map<std::string, std::string>& parameters) {
  for (const absl::string_view parameter : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    std::string value;
    if (!transcoding::DecodePercent(parts.second, {.plus_is_space = true}, value)) return false;
    parameters[std::string(parts.first)] = std::move(value);
  }
  return true;
}

ConnectRefusal ReadGet(const http::Request& request, ConnectRequest& read) {
  std::map<std::string, std::string> parameters;
  if (!ReadParameters(request.query, parameters)) {
    return {Refused("MALFORMED_QUERY", "the query has a malformed percent escape")};
  }
  const auto connect = parameters.find("connect");
  if (connect != parameters.end() && connect->second != "v1") {
    return {Refused("PROTOCOL_VERSION", "the only version of Connect is v1")};
  }
  if (parameters.count("message") == 0 || parameters.count("encoding") == 0) {
    return {Refused("MALFORMED_QUERY", "a GET has the parameters message and encoding")};
  }
  if (!ReadCodec(parameters["encoding"], read.codec)) return UnsupportedType();
  read.message = parameters["message"];
  if (parameters["base64"] == "1") {
    std::string decoded;
    if (!absl::WebSafeBase64Unescape(read.message, &decoded)) {
      return {Refused("MALFORMED_QUERY", "message is not base64 in its form for URLs")};
    }
    read.message = std::move(decoded);
  }
  return {Unpack(parameters["compression"], read)};
}

std::string CodeName(const google::rpc::Status& status) {
  // Connect spells this one with one l.
  if (status.code() == google::rpc::CANCELLED) return "canceled";
  return absl::AsciiStrToLower(
      google::rpc::Code_Name(static_cast<google::rpc::Code>(status.code())));
}

// The detail as Connect sends it; `debug` is for people who read along.
openapi::Json DetailOf(const google::protobuf::Any& any) {
  const size_t slash = any.type_url().rfind('/');
  std::string value;
  absl::Base64Escape(any.value(), &value);
  value.erase(value.find_last_not_of('=') + 1);
  openapi::Json detail = openapi::Json::Object(
      {{"type", any.type_url().substr(slash == std::string::npos ? 0 : slash + 1)},
       {"value", value}});
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      any.type_url().substr(slash == std::string::npos ? 0 : slash + 1));
  if (type == nullptr) return detail;
  const std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(any.value())) return detail;
  std::string debug;
  transcoding::WriteJson(*message, debug);
  return std::move(detail.Set("debug", openapi::Json::Verbatim(debug)));
}

}  // namespace

ConnectRefusal ReadConnectRequest(const http::Request& request, ConnectRequest& read) {
  if (absl::Status status = ReadTimeout(request.headers, read.timeout); !status.ok())
    return {std::move(status)};
  const absl::string_view* version = request.headers.Find("Connect-Protocol-Version");
  if (version != nullptr && *version != "1") {
    return {Refused("PROTOCOL_VERSION", "the only version of Connect is 1")};
  }
  read.is_get = request.method == http::Method::kGet;
  if (read.is_get) return ReadGet(request, read);
  if (!ReadContentType(request.headers.Get("Content-Type"), read.codec)) return UnsupportedType();
  read.message = std::string(request.body);
  return {Unpack(request.headers.Get("Content-Encoding"), read)};
}

absl::Status ParseConnectMessage(const ConnectRequest& request, Message& message) {
  if (request.codec == ConnectCodec::kJson) {
    return request.message.empty() ? absl::OkStatus()
                                   : transcoding::ReadJson(request.message, message);
  }
  if (message.ParseFromString(request.message)) return absl::OkStatus();
  return Refused("MALFORMED_REQUEST",
                 absl::StrCat("the body is no ", message.GetDescriptor()->full_name()));
}

http::Response ConnectAnswer(ConnectCodec codec, const Message& message) {
  http::Response response;
  const bool json = codec == ConnectCodec::kJson;
  response.AddHeader("Content-Type", json ? "application/json" : "application/proto");
  response.AddHeader("Cache-Control", "private, no-cache");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (json) {
    transcoding::WriteJson(message, response.body);
  } else {
    message.SerializeToString(&response.body);
  }
  return response;
}

http::Response ConnectError(const absl::Status& status, int http_status) {
  const google::rpc::Status proto = status::ToProto(status);
  openapi::Json error =
      openapi::Json::Object({{"code", CodeName(proto)}, {"message", proto.message()}});
  openapi::Json details = openapi::Json::Array();
  google::rpc::RetryInfo retry;
  for (const google::protobuf::Any& any : proto.details()) {
    details.Add(DetailOf(any));
    any.UnpackTo(&retry);
  }
  if (!details.empty()) error.Set("details", std::move(details));
  http::Response response{.status = http_status != 0 ? http_status : HttpStatus(status.code())};
  response.AddHeader("Content-Type", "application/json");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.AddHeader("Cache-Control", "no-store");
  if (response.status == 401 || response.status == 403) {
    for (const std::string& challenge : ChallengesOf(status)) {
      response.AddHeader("WWW-Authenticate", challenge);
    }
  }
  if (http_status == 415) response.AddHeader("Accept-Post", kMediaTypes);
  if (retry.has_retry_delay()) {
    const auto& delay = retry.retry_delay();
    response.AddHeader("Retry-After", absl::StrCat(delay.seconds() + (delay.nanos() > 0 ? 1 : 0)));
  }
  error.Write(response.body);
  return response;
}

}  // namespace mostove::gateway
