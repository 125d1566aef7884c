// Which member of HSDS is which field of ours: one table for both directions.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace mostove::exchange::hsds {

// How a value is written on both sides.
enum class Form {
  kText,          // a text on both sides
  kNumberAsText,  // a number in HSDS, a text of ours
  kNumber,        // a number on both sides
  kLocalized,     // a text in HSDS, one in several languages of ours
  kEnum,          // "foreign branch" is FOREIGN_BRANCH
  kCountry,       // a code of ISO 3166-1, in HSDS in either case
  kWebAddress,    // a text
  kUuid,          // a text in lower case
  kDate,          // "2026-01-31"
  kYear,          // the year of a date
  kTime,          // "10:00", also "10:00:00"
  kOffset,        // hours: 3 is "+03:00"
  kRecurrence,    // one part of a recurrence rule of iCalendar
  kLanguages,     // HSDS's objects of languages, tags of ours
  kTelephone,     // HSDS's telephones, of which one number of ours
  kPhoneNumber,   // a text, in HSDS sometimes in quotation marks
  kObjects,       // objects on both sides
};

struct Shape;

struct Member {
  const char* name;   // in HSDS
  const char* field;  // path of ours, from the message of the shape; of a list its first item
  Form form = Form::kText;
  const Shape* shape = nullptr;  // of kObjects
  bool required = false;         // HSDS wants it, if need be empty
};

// One kind of object.
struct Shape {
  const char* name;  // as its schema is called
  std::vector<Member> members;
};

const Shape& OrganizationShape();
const Shape& LocationShape();
const Shape& ContactShape();
const Shape& PhoneShape();

// The number by which others find our organization among the identifiers.
inline constexpr absl::string_view kOwnIdentifierType = "Mostove resource name";

}  // namespace mostove::exchange::hsds
