// One object of HSDS into one message, member by member as its shape says.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "libs/exchange/hsds.h"
#include "libs/exchange/hsds_shapes.h"
#include "libs/exchange/hsds_values.h"

namespace mostove::exchange::hsds {

// A member that says something; null for none, and for null, "", [] and {}.
const google::protobuf::Value* Find(const google::protobuf::Struct& object,
                                    const std::string& name);
// The member's text; "" when it is none.
std::string Text(const google::protobuf::Struct& object, const std::string& name);

// "locations" and 2 make "locations[2]"; "a" and "b" make "a.b".
std::string Item(absl::string_view path, int i);
std::string Join(absl::string_view path, absl::string_view member);

// Whether the list takes no more than the `size` items that it has.
bool IsFull(const google::protobuf::FieldDescriptor& field, int size);

// Where an address says the country, the place is in it.
void TakeCountry(organizations::v1::Location& location);

class ObjectReader {
 public:
  // Both have to outlive the reader.
  ObjectReader(const HsdsOptions& options, Losses& losses) : options_(options), losses_(losses) {}

  // Tells what is not kept, or kept in another form.
  void LeftOut(std::string path, absl::string_view why);
  void Changed(std::string path, absl::string_view how);

  // The list or object that a value is; an empty one, which is told, for
  // anything else.
  const google::protobuf::ListValue& List(const google::protobuf::Value& value,
                                          const std::string& path);
  const google::protobuf::Struct& Object(const google::protobuf::Value& value,
                                         const std::string& path);

  // False when what is left lacks something that it cannot be without.
  bool ReadObject(const Shape& shape, const google::protobuf::Struct& object,
                  const std::string& path, google::protobuf::Message& message);
  void ReadText(const Member& member, const google::protobuf::Value& value, const std::string& path,
                google::protobuf::Message& message);
  // Of one of HSDS's telephones a contact takes the number.
  void ReadTelephone(const google::protobuf::Value& value, const std::string& path,
                     organizations::v1::Contact& contact);
  // Takes out what our fields do not allow, and tells by which members it came.
  // False as of ReadObject.
  bool Clean(const Shape& shape, const google::protobuf::Struct& object, const std::string& path,
             google::protobuf::Message& message);

 private:
  void TellUnknown(const google::protobuf::Struct& object, const std::set<std::string>& known,
                   const std::string& path);
  void ReadMember(const Member& member, const google::protobuf::Value& value,
                  const std::string& path, google::protobuf::Message& message);
  void ReadNumber(const Member& member, const google::protobuf::Value& value,
                  const std::string& path, google::protobuf::Message& message);
  void ReadObjects(const Member& member, const google::protobuf::Value& value,
                   const std::string& path, google::protobuf::Message& message);
  void ReadLanguages(const google::protobuf::Value& value, const std::string& path,
                     const Target& target);
  void ReadRule(const Shape& shape, const std::map<std::string, std::string>& parts,
                const std::string& path, google::protobuf::Message& message);

  const HsdsOptions& options_;
  Losses& losses_;
};

}  // namespace mostove::exchange::hsds
