#include "libs/resource/name.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "libs/status/status.h"
#include "openssl/rand.h"

namespace mostove::resource {
namespace {

constexpr size_t kIdLengthMax = 63;
constexpr size_t kUuidLength = 36;

bool IsWordId(absl::string_view id) {
  if (id.empty() || id.size() > kIdLengthMax || !absl::ascii_islower(id[0])) return false;
  return std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

bool IsId(absl::string_view id, bool uuid_only) {
  return IsUuid(id) || (!uuid_only && IsWordId(id));
}

// `form` as Type::pattern() has it. The rule of UUIDs is that of the type's own
// id, the last of its pattern; those of its parents are not known here.
bool Matches(absl::Span<const std::string> form, absl::string_view name, bool wildcard,
             bool uuid_only) {
  for (size_t i = 0; i < form.size(); ++i) {
    const bool last = i + 1 == form.size();
    const size_t end = name.find('/');
    if ((end == absl::string_view::npos) != last) return false;
    const absl::string_view segment = name.substr(0, end);
    if (!last) name.remove_prefix(end + 1);
    if (!form[i].empty()) {
      if (segment != form[i]) return false;
    } else if (!(wildcard && segment == "-") && !IsId(segment, uuid_only && last)) {
      return false;
    }
  }
  return true;
}

absl::Span<const std::string> ParentForm(const Type& type) {
  return absl::MakeConstSpan(type.pattern()).first(type.pattern().size() - 2);
}

// "organizations/{id}/shelves/{id}"
std::string FormText(absl::Span<const std::string> form) {
  return absl::StrJoin(form, "/", [](std::string* out, const std::string& segment) {
    absl::StrAppend(out, segment.empty() ? "{id}" : segment);
  });
}

constexpr char kIdRule[] =
    "a UUID, or lower-case letters, digits and hyphens (at most 63) that begin with a letter";
constexpr char kUuidRule[] = "a UUID in lower case such as 2f0c8d52-6e0b-4d5c-9a55-6d2f3f1f9a01";

const char* IdRule(const Type& type) {
  return type.options().ids() == v1::UUID_ONLY ? kUuidRule : kIdRule;
}

using UuidBytes = std::array<unsigned char, 16>;

UuidBytes RandomBytes() {
  UuidBytes bytes;
  // An id that can be guessed or comes twice is worse than no process.
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) std::abort();
  return bytes;
}

// RFC 9562.
std::string UuidText(UuidBytes bytes, int version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uuid;
  uuid.reserve(kUuidLength);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid.push_back('-');
    uuid.push_back(kHex[bytes[i] >> 4]);
    uuid.push_back(kHex[bytes[i] & 0x0f]);
  }
  return uuid;
}

}  // namespace

bool MatchesName(const Type& type, absl::string_view name) {
  return Matches(type.pattern(), name, false, type.options().ids() == v1::UUID_ONLY);
}

bool MatchesParent(const Type& type, absl::string_view parent, bool wildcard) {
  if (!type.has_parent()) return parent.empty();
  return Matches(ParentForm(type), parent, wildcard, false);
}

absl::Status CheckName(const Type& type, absl::string_view field, absl::string_view name) {
  if (MatchesName(type, name)) return absl::OkStatus();
  if (name.empty()) {
    return status::InvalidField(
        field, "REQUIRED", absl::StrCat("has to be given, in the form ", FormText(type.pattern())));
  }
  return status::InvalidField(field, "NAME",
                              absl::StrCat("has to have the form ", FormText(type.pattern()),
                                           "; the last id is ", IdRule(type)));
}

absl::Status CheckParent(const Type& type, absl::string_view field, absl::string_view parent,
                         bool wildcard) {
  if (MatchesParent(type, parent, wildcard)) return absl::OkStatus();
  if (!type.has_parent()) {
    return status::InvalidField(field, "PARENT", "has to be empty: these names have no parent");
  }
  const std::string form =
      absl::StrCat(FormText(ParentForm(type)), wildcard ? ", where - stands for any id" : "");
  if (parent.empty()) {
    return status::InvalidField(field, "REQUIRED",
                                absl::StrCat("has to be given, in the form ", form));
  }
  return status::InvalidField(field, "PARENT", absl::StrCat("has to have the form ", form));
}

absl::Status CheckId(const Type& type, absl::string_view field, absl::string_view id) {
  if (IsId(id, type.options().ids() == v1::UUID_ONLY)) return absl::OkStatus();
  return status::InvalidField(field, "ID", absl::StrCat("has to be ", IdRule(type)));
}

absl::string_view ParentOf(absl::string_view name) {
  const size_t id = name.rfind('/');
  if (id == absl::string_view::npos || id == 0) return "";
  const size_t collection = name.rfind('/', id - 1);
  return collection == absl::string_view::npos ? "" : name.substr(0, collection);
}

absl::string_view OwnerOf(absl::string_view name) {
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos || slash == 0) return "";
  const absl::string_view owner = name.substr(0, name.find('/', slash + 1));
  return owner.size() == slash + 1 ? "" : owner;
}

bool IsUuid(absl::string_view id) {
  if (id.size() != kUuidLength) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    const auto c = static_cast<unsigned char>(id[i]);
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? c != '-' : !(absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

std::string MakeUuid() {
  UuidBytes bytes = RandomBytes();
  // Names that follow each other lie side by side in every index; random ones would have each
  // write touch pages all over them.
  const auto milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  for (int i = 0; i < 6; ++i) {
    bytes[i] = static_cast<unsigned char>(milliseconds >> (8 * (5 - i)));
  }
  return UuidText(bytes, 7);
}

std::string MakeId(const Type& type) {
  return type.options().ids() == v1::UUID_ONLY ? UuidText(RandomBytes(), 4) : MakeUuid();
}

std::string JoinName(absl::string_view parent, absl::string_view collection, absl::string_view id) {
  return absl::StrCat(parent, parent.empty() ? "" : "/", collection, "/", id);
}

}  // namespace mostove::resource
