// Goes over the fields of a message once and notes where each stands, so that
// they can be written in the order of their numbers, as the last of those that
// stand twice. What is rare (a oneof with two members, two parts of one message,
// maps with keys that are no texts, groups) goes the long way: parsed, written.
#include "libs/transcoding/json_of_bytes.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "google/protobuf/message.h"
#include "google/protobuf/wire_format_lite.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/json_text.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/well_known.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// A value as it stands in the bytes.
struct Piece {
  uint32_t field = 0;  // index in the table
  uint8_t wire = 0;    // wire type
  uint64_t number = 0;
  absl::string_view bytes;
};

class Cursor {
 public:
  explicit Cursor(absl::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  bool Varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  template <class Fixed>
  bool Little(uint64_t& value) {
    Fixed fixed;
    if (end_ - at_ < static_cast<ptrdiff_t>(sizeof(fixed))) return false;
    std::memcpy(&fixed, at_, sizeof(fixed));  // x86 and ARM are little-endian
    at_ += sizeof(fixed);
    value = fixed;
    return true;
  }
  bool Bytes(absl::string_view& bytes) {
    uint64_t size = 0;
    if (!Varint(size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    bytes = absl::string_view(at_, size);
    at_ += size;
    return true;
  }
  bool Value(int wire, Piece& piece) {
    switch (wire) {
      case WireFormatLite::WIRETYPE_VARINT:
        return Varint(piece.number);
      case WireFormatLite::WIRETYPE_FIXED64:
        return Little<uint64_t>(piece.number);
      case WireFormatLite::WIRETYPE_FIXED32:
        return Little<uint32_t>(piece.number);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return Bytes(piece.bytes);
      default:
        return false;  // groups
    }
  }

 private:
  const char* at_;
  const char* end_;
};

int WireOf(const JsonField& field) {
  return WireFormatLite::WireTypeForFieldType(
      static_cast<WireFormatLite::FieldType>(field.exact_type));
}

template <class To>
To BitCast(uint64_t bits) {
  To value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// Every function answers false for what goes the long way.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  bool Message(const JsonTable& table, absl::string_view bytes);

 private:
  bool Scan(const JsonTable& table, absl::string_view bytes);
  bool Members(const JsonTable& table, size_t begin);
  bool Field(const JsonField& field, size_t begin, size_t end);
  bool Repeated(const JsonField& field, size_t begin, size_t end);
  bool Map(const JsonField& field, size_t begin, size_t end);
  bool Value(const JsonField& field, const Piece& piece);
  bool Number(const JsonField& field, uint64_t bits);
  bool Time(const JsonTable& table, absl::string_view bytes);
  bool LongWay(const JsonTable& table, absl::string_view bytes);

  std::string& out_;
  int depth_ = 0;
  // Of the message that is written and of those that hold it.
  std::vector<Piece> pieces_;
};

bool Writer::Message(const JsonTable& table, absl::string_view bytes) {
  if (depth_ == kJsonDepthMax) return false;
  if (table.well_known == WellKnown::kTimestamp || table.well_known == WellKnown::kDuration) {
    return Time(table, bytes);
  }
  if (table.well_known != WellKnown::kNone) return LongWay(table, bytes);
  ++depth_;
  const size_t begin = pieces_.size();
  const size_t start = out_.size();
  bool written = Scan(table, bytes) && Members(table, begin);
  pieces_.resize(begin);
  --depth_;
  if (written) return true;
  out_.resize(start);
  return LongWay(table, bytes);
}

bool Writer::LongWay(const JsonTable& table, absl::string_view bytes) {
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(table.descriptor)->New());
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  WriteJson(*message, out_);
  return true;
}

// The pieces of the message, in the order of its fields.
bool Writer::Scan(const JsonTable& table, absl::string_view bytes) {
  const size_t begin = pieces_.size();
  Cursor cursor(bytes);
  const std::vector<int>& numbers = table.numbers;
  bool in_order = true;
  size_t at = 0;  // near the field before: most messages are in order
  uint32_t last = 0;
  while (!cursor.done()) {
    uint64_t tag = 0;
    Piece piece;
    if (!cursor.Varint(tag) || tag > UINT32_MAX) return false;
    const int number = static_cast<int>(tag >> 3);
    piece.wire = tag & 7;
    if (number == 0 || !cursor.Value(piece.wire, piece)) return false;
    if (at == numbers.size() || numbers[at] > number) at = 0;
    while (at < numbers.size() && numbers[at] < number) ++at;
    if (at == numbers.size() || numbers[at] != number) continue;  // unknown here
    const JsonField& field = table.fields[at];
    const bool packed = piece.wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED &&
                        field.is_repeated && field.descriptor->is_packable();
    if (piece.wire != WireOf(field) && !packed) return false;
    piece.field = static_cast<uint32_t>(at);
    in_order = in_order && piece.field >= last;
    last = piece.field;
    pieces_.push_back(piece);
  }
  if (!in_order) {
    std::stable_sort(pieces_.begin() + static_cast<ptrdiff_t>(begin), pieces_.end(),
                     [](const Piece& a, const Piece& b) { return a.field < b.field; });
  }
  return true;
}

bool Writer::Members(const JsonTable& table, size_t begin) {
  char before = '{';
  size_t next = begin;
  const size_t all = pieces_.size();
  const google::protobuf::OneofDescriptor* oneof = nullptr;
  for (uint32_t i = 0; next < all || table.prints_always; ++i) {
    if (!table.prints_always) i = pieces_[next].field;
    if (i == table.fields.size()) break;
    const JsonField& field = table.fields[i];
    const size_t first = next;
    while (next < all && pieces_[next].field == i) ++next;
    if (first == next && !field.always_printed) continue;
    if (first != next && field.oneof != nullptr) {
      if (oneof != nullptr) return false;
      oneof = field.oneof;
    }
    const size_t rollback = out_.size();
    out_.push_back(before);
    out_.append(field.key);
    const size_t empty = out_.size();
    if (!Field(field, first, next)) return false;
    if (out_.size() == empty) {
      out_.resize(rollback);  // it has no value of its own
    } else {
      before = ',';
    }
  }
  if (before == '{') out_.push_back('{');
  out_.push_back('}');
  return true;
}

// Appends nothing for a field without a value.
bool Writer::Field(const JsonField& field, size_t begin, size_t end) {
  if (field.is_map) return Map(field, begin, end);
  if (field.is_repeated) return Repeated(field, begin, end);
  if (begin == end) {
    AppendJsonText("", out_);  // a page token
    return true;
  }
  const Piece piece = pieces_[end - 1];
  if (field.type == FieldDescriptor::CPPTYPE_MESSAGE) {
    return end - begin == 1 && Message(*field.message, piece.bytes);
  }
  if (!field.has_presence && !field.always_printed && piece.number == 0 && piece.bytes.empty()) {
    return true;
  }
  return Value(field, piece);
}

bool Writer::Repeated(const JsonField& field, size_t begin, size_t end) {
  const size_t start = out_.size();
  char before = '[';
  for (size_t i = begin; i < end; ++i) {
    const Piece piece = pieces_[i];
    if (piece.wire == WireOf(field)) {
      out_.push_back(before);
      before = ',';
      if (!Value(field, piece)) return false;
      continue;
    }
    Cursor packed(piece.bytes);
    while (!packed.done()) {
      Piece element;
      if (!packed.Value(WireOf(field), element)) return false;
      out_.push_back(before);
      before = ',';
      if (!Number(field, element.number)) return false;
    }
  }
  if (before == '[') {
    if (!field.always_printed) {
      out_.resize(start);
      return true;
    }
    out_.push_back('[');
  }
  out_.push_back(']');
  return true;
}

bool Writer::Map(const JsonField& field, size_t begin, size_t end) {
  const JsonField& key = field.message->fields[0];
  const JsonField& value = field.message->fields[1];
  if (key.type != FieldDescriptor::CPPTYPE_STRING) return false;
  struct Entry {
    absl::string_view key;
    Piece value;
  };
  absl::InlinedVector<Entry, 16> entries;
  for (size_t i = begin; i < end; ++i) {
    Entry entry;
    Cursor cursor(pieces_[i].bytes);
    while (!cursor.done()) {
      uint64_t tag = 0;
      Piece piece;
      if (!cursor.Varint(tag)) return false;
      piece.wire = tag & 7;
      if (!cursor.Value(piece.wire, piece)) return false;
      if (tag >> 3 == 1) {
        if (piece.wire != WireOf(key)) return false;
        entry.key = piece.bytes;
      } else if (tag >> 3 == 2) {
        if (piece.wire != WireOf(value)) return false;
        entry.value = piece;
      } else {
        return false;
      }
    }
    entries.push_back(entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key < b.key; });
  char before = '{';
  for (size_t i = 0; i < entries.size(); ++i) {
    // Of equal keys the last one counts.
    if (i + 1 < entries.size() && entries[i + 1].key == entries[i].key) continue;
    out_.push_back(before);
    before = ',';
    AppendJsonText(entries[i].key, out_);
    out_.push_back(':');
    if (!Value(value, entries[i].value)) return false;
  }
  if (before == ',') out_.push_back('}');
  return true;
}

bool Writer::Value(const JsonField& field, const Piece& piece) {
  switch (field.type) {
    case FieldDescriptor::CPPTYPE_STRING:
      AppendJsonString(field, piece.bytes, out_);
      return true;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Message(*field.message, piece.bytes);
    default:
      return Number(field, piece.number);
  }
}

bool Writer::Number(const JsonField& field, uint64_t bits) {
  switch (field.exact_type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
      AppendInteger(static_cast<int32_t>(bits), out_);
      return true;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      AppendInteger(static_cast<uint32_t>(bits), out_);
      return true;
    case FieldDescriptor::TYPE_SINT32:
      AppendInteger(WireFormatLite::ZigZagDecode32(static_cast<uint32_t>(bits)), out_);
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      AppendQuoted(static_cast<int64_t>(bits), out_);
      return true;
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      AppendQuoted(bits, out_);
      return true;
    case FieldDescriptor::TYPE_SINT64:
      AppendQuoted(WireFormatLite::ZigZagDecode64(bits), out_);
      return true;
    case FieldDescriptor::TYPE_DOUBLE:
      AppendJsonReal(BitCast<double>(bits), out_);
      return true;
    case FieldDescriptor::TYPE_FLOAT:
      AppendJsonReal(BitCast<float>(bits), out_);
      return true;
    case FieldDescriptor::TYPE_BOOL:
      AppendJsonBool(bits != 0, out_);
      return true;
    case FieldDescriptor::TYPE_ENUM:
      AppendJsonEnum(field, static_cast<int>(bits), out_);
      return true;
    default:
      return false;
  }
}

bool Writer::Time(const JsonTable& table, absl::string_view bytes) {
  SecondsAndNanos time;
  Cursor cursor(bytes);
  while (!cursor.done()) {
    uint64_t tag = 0;
    Piece piece;
    if (!cursor.Varint(tag) || !cursor.Value(tag & 7, piece)) return false;
    if (tag == 1 << 3) time.seconds = static_cast<int64_t>(piece.number);
    if (tag == 2 << 3) time.nanos = static_cast<int32_t>(piece.number);
  }
  const size_t begin = out_.size();
  out_.push_back('"');
  if (table.well_known == WellKnown::kTimestamp ? AppendTimestamp(time, out_)
                                                : AppendDuration(time, out_)) {
    out_.push_back('"');
  } else {
    out_.resize(begin);
    out_.append("null");
  }
  return true;
}

}  // namespace

bool WriteJsonOfBytes(const Descriptor& type, absl::string_view bytes, std::string& out) {
  const size_t begin = out.size();
  if (Writer(out).Message(TableOf(&type), bytes)) return true;
  out.resize(begin);
  return false;
}

absl::string_view TextOfBytes(const FieldDescriptor& field, absl::string_view bytes) {
  absl::string_view text;
  Cursor cursor(bytes);
  while (!cursor.done()) {
    uint64_t tag = 0;
    Piece piece;
    if (!cursor.Varint(tag) || !cursor.Value(tag & 7, piece)) return "";
    if (tag >> 3 == static_cast<uint64_t>(field.number())) text = piece.bytes;
  }
  return text;
}

}  // namespace mostove::transcoding
