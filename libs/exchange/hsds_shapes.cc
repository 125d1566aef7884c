#include "libs/exchange/hsds_shapes.h"

namespace mostove::exchange::hsds {
namespace {

const Shape& AddressShape() {
  static const Shape& shape =
      *new Shape{"address",
                 {{"attention", "attention"},
                  {"address_1", "address_1", Form::kText, nullptr, true},
                  {"address_2", "address_2"},
                  {"city", "city", Form::kText, nullptr, true},
                  {"region", "region"},
                  {"state_province", "state_province", Form::kText, nullptr, true},
                  {"postal_code", "postal_code", Form::kText, nullptr, true},
                  {"country", "country_code", Form::kCountry, nullptr, true},
                  {"address_type", "kind", Form::kEnum, nullptr, true}}};
  return shape;
}

const Shape& AccessibilityShape() {
  static const Shape& shape = *new Shape{"accessibility",
                                         {{"description", "description", Form::kLocalized},
                                          {"details", "details", Form::kLocalized},
                                          {"url", "url", Form::kWebAddress}}};
  return shape;
}

const Shape& ScheduleShape() {
  static const Shape& shape = *new Shape{"schedule",
                                         {{"valid_from", "valid_from_date", Form::kDate},
                                          {"valid_to", "valid_to_date", Form::kDate},
                                          {"dtstart", "start_date", Form::kDate},
                                          {"timezone", "utc_offset", Form::kOffset},
                                          {"freq", "recurrence_rule", Form::kRecurrence},
                                          {"until", "recurrence_rule", Form::kRecurrence},
                                          {"count", "recurrence_rule", Form::kRecurrence},
                                          {"interval", "recurrence_rule", Form::kRecurrence},
                                          {"byday", "recurrence_rule", Form::kRecurrence},
                                          {"byweekno", "recurrence_rule", Form::kRecurrence},
                                          {"bymonthday", "recurrence_rule", Form::kRecurrence},
                                          {"byyearday", "recurrence_rule", Form::kRecurrence},
                                          {"wkst", "recurrence_rule", Form::kRecurrence},
                                          {"description", "description", Form::kLocalized},
                                          {"opens_at", "opens_at", Form::kTime},
                                          {"closes_at", "closes_at", Form::kTime},
                                          {"schedule_link", "url", Form::kWebAddress},
                                          {"attending_type", "attendance", Form::kLocalized},
                                          {"notes", "note", Form::kLocalized}}};
  return shape;
}

const Shape& IdentifierShape() {
  static const Shape& shape = *new Shape{
      "organization_identifier",
      {{"identifier_scheme", "scheme"}, {"identifier", "value", Form::kText, nullptr, true}}};
  return shape;
}

}  // namespace

const Shape& PhoneShape() {
  static const Shape& shape = *new Shape{"phone",
                                         {{"number", "number", Form::kPhoneNumber, nullptr, true},
                                          {"extension", "extension", Form::kNumberAsText},
                                          {"type", "kind", Form::kEnum},
                                          {"description", "description", Form::kLocalized},
                                          {"languages", "languages", Form::kLanguages}}};
  return shape;
}

const Shape& ContactShape() {
  static const Shape& shape = *new Shape{"contact",
                                         {{"name", "title"},
                                          {"title", "role"},
                                          {"email", "email"},
                                          {"phones", "phone", Form::kTelephone}}};
  return shape;
}

const Shape& LocationShape() {
  static const Shape& shape =
      *new Shape{"location",
                 {{"id", "id", Form::kUuid},
                  {"location_type", "kind", Form::kEnum, nullptr, true},
                  {"url", "url", Form::kWebAddress},
                  {"name", "display_name", Form::kLocalized},
                  {"alternate_name", "alternate_name"},
                  {"description", "description", Form::kLocalized},
                  {"transportation", "transportation", Form::kLocalized},
                  {"latitude", "place.point.latitude", Form::kNumber},
                  {"longitude", "place.point.longitude", Form::kNumber},
                  {"external_identifier", "external_identifiers.value"},
                  {"external_identifier_type", "external_identifiers.scheme"},
                  {"languages", "languages", Form::kLanguages},
                  {"addresses", "addresses", Form::kObjects, &AddressShape()},
                  {"accessibility", "accessibility", Form::kObjects, &AccessibilityShape()},
                  {"phones", "phones", Form::kObjects, &PhoneShape()},
                  {"schedules", "schedules", Form::kObjects, &ScheduleShape()}}};
  return shape;
}

// Its id, e-mail, telephones and contacts stand in reader and writer.
const Shape& OrganizationShape() {
  static const Shape& shape =
      *new Shape{"organization",
                 {{"name", "legal_name", Form::kText, nullptr, true},
                  {"alternate_name", "display_name", Form::kLocalized},
                  {"description", "description", Form::kLocalized, nullptr, true},
                  {"website", "website", Form::kWebAddress},
                  {"year_incorporated", "founding_date", Form::kYear},
                  {"legal_status", "legal_form", Form::kEnum},
                  {"locations", "locations", Form::kObjects, &LocationShape()},
                  {"organization_identifiers", "identifiers", Form::kObjects, &IdentifierShape()}}};
  return shape;
}

}  // namespace mostove::exchange::hsds
