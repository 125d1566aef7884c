// Marks of stale translations in mostove.common.v1.LocalizedText.
#pragma once

#include "google/protobuf/message.h"

namespace mostove::resource {

// Fills in `source_hashes` of every LocalizedText in `after`, at any depth. A
// translation that is new, or whose text differs from the one in `before` (at
// the same path; by index in repeated fields, by key in maps), gets the hash of
// the present source text; an unchanged one keeps the hash that it had in
// `before`. Hashes of texts that are not there are dropped. An empty
// `source_language` becomes the only language, if there is just one.
// `before` is null on create, else of the same type as `after`.
void StampTranslations(const google::protobuf::Message* before, google::protobuf::Message& after);

}  // namespace mostove::resource
