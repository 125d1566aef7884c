// What in a resource is about a person.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace mostove::privacy {

// Whom it is about. The values travel from identity to the services by a direct
// call, and stand in no log.
struct Person {
  std::string user;          // "users/<uuid>"
  std::string email;         // may be empty
  std::string display_name;  // may be empty
};

// Whether a type has personal fields, however deep.
bool HasPersonalFields(const google::protobuf::Descriptor* type);

// Takes what is about the person out of the personal fields of a resource, at any
// depth, and answers whether there was something. `found` gets it as JSON texts,
// if it is not null.
//
// Each item of a repeated personal field is about one person, and so are all single
// personal fields of one message together. They are about this person when a text
// in them has the person's e-mail address, whatever its case; those without any
// e-mail address when one of their texts is the person's name, whatever its case and
// spaces: then nothing else tells namesakes apart.
bool TakeOut(const Person& person, google::protobuf::Message& resource,
             std::vector<std::string>* found);

}  // namespace mostove::privacy
