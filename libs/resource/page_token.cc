#include "libs/resource/page_token.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "libs/digest/digest.h"
#include "libs/status/status.h"

namespace mostove::resource {
namespace {

// A token is base64url of: version, checksum, then for each value a tag and its
// content. Numbers are 8 bytes, big-endian; texts and blobs follow their length.
constexpr char kVersion = 1;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kNumberBytes = 8;
constexpr size_t kTokenLengthMax = 4000;
constexpr size_t kValuesMax = 8;

enum Tag : char { kNull = 'n', kInteger = 'i', kDouble = 'd', kText = 't', kBlob = 'b' };

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

bool TakeNumber(absl::string_view& in, uint64_t& number) {
  if (in.size() < kNumberBytes) return false;
  number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    number = (number << 8) | static_cast<unsigned char>(in[i]);
  }
  in.remove_prefix(kNumberBytes);
  return true;
}

void AppendBytes(Tag tag, const std::string& bytes, std::string& out) {
  out.push_back(tag);
  AppendNumber(bytes.size(), out);
  out.append(bytes);
}

void AppendValue(const sql::Value& value, std::string& out) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    out.push_back(kInteger);
    AppendNumber(static_cast<uint64_t>(*integer), out);
  } else if (const auto* real = std::get_if<double>(&value)) {
    uint64_t bits;
    std::memcpy(&bits, real, sizeof bits);
    out.push_back(kDouble);
    AppendNumber(bits, out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    AppendBytes(kText, *text, out);
  } else if (const auto* blob = std::get_if<sql::Blob>(&value)) {
    AppendBytes(kBlob, blob->bytes, out);
  } else {
    out.push_back(kNull);
  }
}

bool TakeValue(absl::string_view& in, sql::Value& value) {
  const char tag = in[0];
  in.remove_prefix(1);
  if (tag == kNull) return true;
  uint64_t number;
  if (!TakeNumber(in, number)) return false;
  if (tag == kInteger) {
    value = static_cast<int64_t>(number);
    return true;
  }
  if (tag == kDouble) {
    double real;
    std::memcpy(&real, &number, sizeof real);
    value = real;
    return true;
  }
  if ((tag != kText && tag != kBlob) || number > in.size()) return false;
  std::string bytes(in.substr(0, number));
  in.remove_prefix(number);
  if (tag == kText) {
    value = std::move(bytes);
  } else {
    value = sql::Blob{std::move(bytes)};
  }
  return true;
}

std::string Checksum(absl::string_view values, absl::string_view query) {
  std::string input;
  AppendNumber(values.size(), input);
  input.append(values.data(), values.size());
  input.append(query.data(), query.size());
  return digest::Sha256(input).substr(0, kChecksumBytes);
}

bool Decode(absl::string_view text, absl::string_view query, PageToken& token) {
  std::string bytes;
  if (text.size() > kTokenLengthMax || !absl::WebSafeBase64Unescape(text, &bytes)) return false;
  absl::string_view rest(bytes);
  if (rest.empty() || rest[0] != kVersion) return false;
  rest.remove_prefix(1);
  if (rest.size() < kChecksumBytes) return false;
  const absl::string_view checksum = rest.substr(0, kChecksumBytes);
  rest.remove_prefix(kChecksumBytes);
  if (Checksum(rest, query) != checksum) return false;
  while (!rest.empty()) {
    if (token.key.size() == kValuesMax || !TakeValue(rest, token.key.emplace_back())) return false;
  }
  return true;
}

}  // namespace

std::string EncodePageToken(const PageToken& token, absl::string_view query) {
  std::string values;
  for (const sql::Value& value : token.key) AppendValue(value, values);
  std::string bytes(1, kVersion);
  bytes += Checksum(values, query);
  bytes += values;
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PageToken> DecodePageToken(absl::string_view text, absl::string_view query,
                                          absl::string_view field) {
  PageToken token;
  if (Decode(text, query, token)) return token;
  return status::InvalidField(
      field, "PAGE_TOKEN",
      "has to be the nextPageToken of a page of the same list: the same parent, filter, order and "
      "showDeleted");
}

}  // namespace mostove::resource
