#include "libs/transcoding/random_message.h"

#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::transcoding {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

uint64_t RandomMessage::Bits() {
  // Small numbers, bounds and anything else are equally likely.
  switch (Below(3)) {
    case 0:
      return static_cast<uint64_t>(Below(5) - 2);
    case 1: {
      const uint64_t bound = uint64_t{1} << (31 + Below(2) * 32);
      return bound + static_cast<uint64_t>(Below(3) - 1);
    }
    default:
      return random_();
  }
}

double RandomMessage::Real() {
  switch (Below(4)) {
    case 0:
      return static_cast<double>(Below(2'000'001) - 1'000'000);
    case 1:
      return static_cast<double>(Below(1'000)) / 100;
    default: {
      const double value = std::bit_cast<double>(random_());
      return std::isfinite(value) ? value : 0.5;
    }
  }
}

std::string RandomMessage::Text() {
  static const char* const kPieces[] = {"a",    "Z",      "\"",     "\\",         "\n",
                                        "\x01", "ж",      "\u2028", "\U0001F600", "/",
                                        "\x7f", "<b>",    " ",      "Мостове",    "long plain text",
                                        "\t",   "\u00e9", "7"};
  std::string text;
  for (int64_t i = Below(6); i > 0; --i) text += kPieces[Below(std::size(kPieces))];
  return text;
}

std::string RandomMessage::Bytes() {
  std::string bytes;
  for (int64_t i = Below(8); i > 0; --i) bytes.push_back(static_cast<char>(random_()));
  return bytes;
}

void RandomMessage::Fill(Message& message, int depth_max) {
  if (FillWellKnown(message, depth_max)) return;
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    const auto* oneof = field.real_containing_oneof();
    const bool is_taken = oneof != nullptr && message.GetReflection()->HasOneof(message, oneof);
    if (is_taken || Below(3) == 0 || (field.message_type() != nullptr && depth_max == 0)) continue;
    if (field.is_map()) {
      AddKeyed(field, message, depth_max);
    } else {
      for (int64_t n = field.is_repeated() ? Below(4) : 1; n > 0; --n) {
        FillField(field, message, depth_max);
      }
    }
  }
}

void RandomMessage::AddKeyed(const FieldDescriptor& field, Message& message, int depth_max) {
  // Keys must differ: of doubled ones, which wins is not defined.
  std::set<std::string> seen;
  for (int64_t n = Below(4); n > 0; --n) {
    const Reflection& reflection = *message.GetReflection();
    Message& entry = *reflection.AddMessage(&message, &field);
    FillField(*field.message_type()->map_key(), entry, depth_max);
    FillField(*field.message_type()->map_value(), entry, depth_max);
    Message* key = entry.New();
    key->CopyFrom(entry);
    key->GetReflection()->ClearField(key, field.message_type()->map_value());
    if (!seen.insert(key->SerializeAsString()).second) reflection.RemoveLast(&message, &field);
    delete key;
  }
}

void RandomMessage::FillField(const FieldDescriptor& field, Message& message, int depth_max) {
  const Reflection& reflection = *message.GetReflection();
  const auto put = [&](auto set, auto add, auto value) {
    (reflection.*(field.is_repeated() ? add : set))(&message, &field, value);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::SetInt32, &Reflection::AddInt32, static_cast<int32_t>(Bits()));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::SetUInt32, &Reflection::AddUInt32, static_cast<uint32_t>(Bits()));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::SetInt64, &Reflection::AddInt64, static_cast<int64_t>(Bits()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::SetUInt64, &Reflection::AddUInt64, Bits());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&Reflection::SetDouble, &Reflection::AddDouble, Real());
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const auto value = std::bit_cast<float>(static_cast<uint32_t>(random_()));
      return put(&Reflection::SetFloat, &Reflection::AddFloat, std::isnan(value) ? 0.1f : value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::SetBool, &Reflection::AddBool, Below(2) == 1);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field.enum_type();
      return put(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 type->value(static_cast<int>(Below(type->value_count())))->number());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return put(&Reflection::SetString, &Reflection::AddString,
                 field.type() == FieldDescriptor::TYPE_BYTES ? Bytes() : Text());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                      : *reflection.MutableMessage(&message, &field),
                  depth_max - 1);
  }
}

bool RandomMessage::FillWellKnown(Message& message, int depth_max) {
  static const int32_t kNanos[] = {0, 1, 1'000, 120'000'000, 999'999'999};
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    time->set_seconds(Below(315'537'897'600) - 62'135'596'800);
    time->set_nanos(kNanos[Below(5)]);
  } else if (auto* duration = dynamic_cast<google::protobuf::Duration*>(&message)) {
    const int sign = Below(2) == 0 ? 1 : -1;
    duration->set_seconds(sign * Below(315'576'000'000));
    duration->set_nanos(sign * kNanos[Below(5)]);
  } else if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(&message)) {
    for (const char* path : {"title", "place.country_code", "well_known.any_value"}) {
      if (Below(2) == 1) mask->add_paths(path);
    }
  } else if (auto* any = dynamic_cast<google::protobuf::Any*>(&message)) {
    if (Below(2) == 1) {
      google::protobuf::Duration content;
      Fill(content);
      any->PackFrom(content);
    } else {
      mostove::testing::v1::Tree content;
      Fill(content, 1);
      any->PackFrom(content);
    }
  } else if (auto* value = dynamic_cast<google::protobuf::Value*>(&message)) {
    switch (depth_max <= 0 ? Below(4) : Below(6)) {
      case 0:
        value->set_null_value(google::protobuf::NULL_VALUE);
        break;
      case 1:
        value->set_number_value(Real());
        break;
      case 2:
        value->set_string_value(Text());
        break;
      case 3:
        value->set_bool_value(Below(2) == 1);
        break;
      case 4:
        Fill(*value->mutable_list_value(), depth_max - 1);
        break;
      default:
        Fill(*value->mutable_struct_value(), depth_max - 1);
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace mostove::transcoding
