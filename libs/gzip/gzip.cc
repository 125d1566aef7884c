#include "libs/gzip/gzip.h"

#include <zlib.h>

#include <new>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::gzip {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;  // a gzip header and trailer instead of zlib's own
constexpr size_t kStep = 64 << 10;

Bytef* Bytes(absl::string_view text) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return status::Make(absl::StatusCode::kInvalidArgument, reason, message);
}

}  // namespace

std::string Pack(absl::string_view text, int level) {
  z_stream stream{};
  std::string packed;
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  packed.resize(deflateBound(&stream, text.size()));
  stream.next_in = Bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = Bytes(packed);
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);  // the bound holds all of it
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

absl::StatusOr<std::string> Unpack(absl::string_view packed, size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc();
  stream.next_in = Bytes(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int result = Z_OK;
  while (result == Z_OK && text.size() <= bytes_max) {
    const size_t before = text.size();
    text.resize(before + kStep);
    stream.next_out = Bytes(text) + before;
    stream.avail_out = kStep;
    result = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (result == Z_OK && text.size() == before) break;  // it is cut off
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (text.size() > bytes_max) {
    return Refused("TOO_LARGE", absl::StrCat("unpacks to more than ", bytes_max, " bytes"));
  }
  if (!whole) return Refused("MALFORMED_GZIP", "is not one whole gzip member");
  return text;
}

}  // namespace mostove::gzip
