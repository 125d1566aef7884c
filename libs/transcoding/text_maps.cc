#include "libs/transcoding/text_maps.h"

#include "mostove/common/v1/localized_text.pb.h"

namespace mostove::transcoding {
namespace {

using common::v1::LocalizedText;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::Message;

const TextMap* Texts(const Message& message) {
  const auto* text = DynamicCastToGenerated<LocalizedText>(&message);
  return text == nullptr ? nullptr : &text->texts();
}

const TextMap* SourceHashes(const Message& message) {
  const auto* text = DynamicCastToGenerated<LocalizedText>(&message);
  return text == nullptr ? nullptr : &text->source_hashes();
}

}  // namespace

TextMapGetter TextMapGetterOf(const google::protobuf::FieldDescriptor& field) {
  if (field.containing_type() != LocalizedText::descriptor()) return nullptr;
  switch (field.number()) {
    case LocalizedText::kTextsFieldNumber:
      return Texts;
    case LocalizedText::kSourceHashesFieldNumber:
      return SourceHashes;
    default:
      return nullptr;
  }
}

}  // namespace mostove::transcoding
