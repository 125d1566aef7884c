#include "libs/domain/place.h"

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

using common::v1::Area;
using common::v1::Place;

TEST(CountryCodeTest, HasToBeOfIso3166) {
  for (const char* code : {"BG", "UA", "ML", "SY", "AF", "GB", "GR", "XK"}) {
    EXPECT_TRUE(IsCountryCode(code)) << code;
  }
  for (const char* code : {"", "XX", "ZZ", "UK", "EL", "EU", "SU", "IC", "bg", "BGR", "B"}) {
    EXPECT_FALSE(IsCountryCode(code)) << code;
  }
}

TEST(PlaceTest, NamesACountryByCodeOrInWords) {
  const Case cases[] = {
      {"", {}},
      {R"(country_code: "BG")", {}},
      {R"(country_name: "Mali Situation")", {}},
      {R"(country_code: "UK")", {"x.country_code COUNTRY_CODE"}},
      {R"(country_code: "ML" country_name: "Mali")", {"x.country_name COUNTRY_TWICE"}},
      {R"(country_code: "BG" area { scheme: ISO3166_2 code: "BG-22" })", {}},
      {R"(area { scheme: ISO3166_2 code: "BG-22" })", {}},
      {R"(country_code: "UA" area { scheme: ISO3166_2 code: "BG-22" })",
       {"x.area.code AREA_COUNTRY"}},
      {R"(country_code: "BG" area { scheme: ISO3166_2 code: "UA-30" })",
       {"x.area.code AREA_COUNTRY"}},
      {R"(country_code: "RO" area { scheme: EKATTE code: "68134" })", {"x.area.code AREA_COUNTRY"}},
      {R"(country_code: "RO" area { scheme: BG_NSI code: "SOF46" })", {"x.area.code AREA_COUNTRY"}},
      {R"(country_code: "GR" area { scheme: NUTS code: "EL522" })", {}},
      {R"(country_code: "ML" area { scheme: PCODE code: "MLI001" })", {}},
      {R"(country_code: "ML" area { name: "Gao" })", {}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<Place>(message), expected) << message;
  }
}

TEST(AreaTest, ACodeBelongsToAList) {
  const Case cases[] = {
      {R"(name: "Gao")", {}},
      {"", {"x REQUIRED"}},
      {R"(code: "BG-22")", {"x.scheme REQUIRED"}},
      {R"(scheme: ISO3166_2)", {"x.code REQUIRED"}},
      {R"(scheme: ISO3166_2 name: "Sofia")", {"x.code REQUIRED"}},
      {R"(scheme: ISO3166_2 code: "BG-00")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "BG-29")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "BG-1")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "BG22")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "UA-30")", {}},
      {R"(scheme: ISO3166_2 code: "FR-IDF")", {}},
      {R"(scheme: ISO3166_2 code: "XX-1")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "UA-3000")", {"x.code AREA_CODE"}},
      {R"(scheme: ISO3166_2 code: "UA-")", {"x.code AREA_CODE"}},
      {R"(scheme: BG_NSI code: "SOF46")", {}},
      {R"(scheme: BG_NSI code: "XXX46")", {"x.code AREA_CODE"}},
      {R"(scheme: BG_NSI code: "SOF4")", {"x.code AREA_CODE"}},
      {R"(scheme: EKATTE code: "68134")", {}},
      {R"(scheme: EKATTE code: "6813")", {"x.code AREA_CODE"}},
      {R"(scheme: NUTS code: "BG411")", {}},
      {R"(scheme: NUTS code: "BG41")", {}},
      {R"(scheme: NUTS code: "BG4")", {}},
      {R"(scheme: NUTS code: "BG416")", {"x.code AREA_CODE"}},
      {R"(scheme: NUTS code: "DE300")", {}},
      {R"(scheme: NUTS code: "XX300")", {"x.code AREA_CODE"}},
      {R"(scheme: PCODE code: "ML01")", {}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<Area>(message), expected) << message;
  }
}

TEST(AreaTest, TakesAllOblasts) {
  for (int i = 1; i <= 28; ++i) {
    const std::string message =
        absl::StrFormat(R"(country_code: "BG" area { scheme: ISO3166_2 code: "BG-%02d" })", i);
    EXPECT_THAT(ViolationsOf<Place>(message), testing::IsEmpty()) << message;
    EXPECT_THAT(ViolationsOf<Area>(absl::StrFormat(R"(scheme: ISO3166_2 code: "BG-%02d")", i)),
                testing::IsEmpty());
  }
}

}  // namespace
}  // namespace mostove::domain
