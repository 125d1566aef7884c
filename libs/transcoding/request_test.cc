#include "libs/transcoding/request.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "libs/transcoding/query.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::transcoding {
namespace {

using ::mostove::testing::EqualsProto;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::v1::EchoRequest;
using ::mostove::testing::v1::ListShelvesRequest;
using ::mostove::testing::v1::UndeleteShelfRequest;
using ::mostove::testing::v1::UpdateShelfRequest;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RequestTest : public ::testing::Test {
 protected:
  // What BuildRequest makes of "GET /v1/x?query".
  absl::Status Build(absl::string_view http_method, absl::string_view target,
                     absl::string_view body, google::protobuf::Message& request) {
    const size_t mark = std::min(target.find('?'), target.size());
    const RouteMatch match = router_.Match(http_method, target.substr(0, mark));
    if (match.route == nullptr) return match.status;
    EXPECT_EQ(match.route->method->input_type(), request.GetDescriptor());
    return BuildRequest(match, target.substr(std::min(mark + 1, target.size())), body, request);
  }

  template <class T>
  absl::Status Build(absl::string_view http_method, absl::string_view target,
                     absl::string_view body = "") {
    T request;
    return Build(http_method, target, body, request);
  }

  // Through the query of GET /v1/echo/{...}/files/{path}.
  absl::Status Query(absl::string_view query, EchoRequest& request) {
    return Build("GET", "/v1/echo/s/files/f?" + std::string(query), "", request);
  }
  absl::Status Query(absl::string_view query) {
    EchoRequest request;
    return Query(query, request);
  }

  const Router router_ =
      *Router::Build({google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "mostove.testing.v1.ShelvesService")});
};

TEST_F(RequestTest, PathAndQueryFillTheRequest) {
  ListShelvesRequest request;
  ASSERT_THAT(Build("GET", "/v1/organizations/a/shelves?pageSize=5&page_token=x%2By+z&filter=", "",
                    request),
              IsOk());
  EXPECT_THAT(request,
              EqualsProto(R"pb(parent: "organizations/a" page_size: 5 page_token: "x+y z")pb"));
}

TEST_F(RequestTest, QueriesCarryEveryKindOfField) {
  EchoRequest request;
  ASSERT_THAT(
      Query("text=%D0%B6&scalars.int64Value=-5&scalars.bool_value=true&scalars.enumValue=DRAFT"
            "&scalars.doubleValue=1e3&scalars.bytesValue=AP_-"
            "&repeatedScalars.int32Values=1&repeated_scalars.int32_values=2"
            "&repeatedScalars.enumValues=LISTED&repeatedScalars.enumValues=1"
            "&wellKnown.timestampValue=2026-01-31T10:00:00%2B02:00"
            "&wellKnown.fieldMaskValue=displayName,seat.countryCode"
            "&wellKnown.wrappedString=&wellKnown.durationValue=3s&tree.next.label=x"
            "&optionalScalars.int32Value=0&&",
            request),
      IsOk());
  EXPECT_THAT(request, EqualsProto(R"pb(
                text: "ж"
                scalars {
                  int64_value: -5
                  bool_value: true
                  enum_value: DRAFT
                  double_value: 1000
                  bytes_value: "\000\377\376"
                  string_value: "s"
                }
                repeated_scalars {
                  int32_values: 1
                  int32_values: 2
                  enum_values: [ LISTED, DRAFT ]
                }
                well_known {
                  timestamp_value { seconds: 1769846400 }
                  field_mask_value { paths: "display_name" paths: "seat.country_code" }
                  wrapped_string {}
                  duration_value { seconds: 3 }
                }
                tree { next { label: "x" } }
                optional_scalars { int32_value: 0 }
                path: "f")pb"));
}

TEST_F(RequestTest, RefusesParametersByName) {
  struct Case {
    std::string query;
    std::string field;
    std::string reason;
  };
  const Case cases[] = {
      {"txet=x", "txet", "UNKNOWN_PARAMETER"},
      {"%24filter=x", "$filter", "UNKNOWN_PARAMETER"},
      {"scalars.nope=x", "scalars.nope", "UNKNOWN_PARAMETER"},
      {"text.x=1", "text.x", "UNKNOWN_PARAMETER"},
      {"scalars=x", "scalars", "UNKNOWN_PARAMETER"},
      {"maps.stringStrings=x", "maps.string_strings", "UNKNOWN_PARAMETER"},
      {"maps.stringStrings.key=x", "maps.string_strings.key", "UNKNOWN_PARAMETER"},
      {"repeatedScalars.treeValues.label=x", "repeated_scalars.tree_values.label",
       "UNKNOWN_PARAMETER"},
      {"wellKnown.timestampValue.seconds=1", "well_known.timestamp_value.seconds",
       "UNKNOWN_PARAMETER"},
      {"wellKnown.structValue=x", "well_known.struct_value", "UNKNOWN_PARAMETER"},
      {"=x", "query", "UNKNOWN_PARAMETER"},
      {"a%20b=x", "query", "UNKNOWN_PARAMETER"},
      {"text=a&text=b", "text", "REPEATED_PARAMETER"},
      {"scalars.int32Value=1&scalars.int32_value=1", "scalars.int32_value", "REPEATED_PARAMETER"},
      {"wellKnown.fieldMaskValue=a&wellKnown.fieldMaskValue=b", "well_known.field_mask_value",
       "REPEATED_PARAMETER"},
      {"path=x", "path", "BOUND_ELSEWHERE"},
      {"scalars.stringValue=x", "scalars.string_value", "BOUND_ELSEWHERE"},
      {"text=%", "query", "MALFORMED_QUERY"},
      {"text=%0", "query", "MALFORMED_QUERY"},
      {"text=%00", "query", "MALFORMED_QUERY"},
      {"text=%ff", "query", "MALFORMED_QUERY"},
      {"%zz=1", "query", "MALFORMED_QUERY"},
      {"scalars.int32Value=", "scalars.int32_value", "WRONG_TYPE"},
      {"scalars.int32Value=1.5", "scalars.int32_value", "WRONG_TYPE"},
      {"scalars.int32Value=2147483648", "scalars.int32_value", "OUT_OF_RANGE"},
      {"scalars.boolValue=1", "scalars.bool_value", "WRONG_TYPE"},
      {"scalars.enumValue=NOPE", "scalars.enum_value", "UNKNOWN_ENUM"},
      {"wellKnown.timestampValue=now", "well_known.timestamp_value", "INVALID_VALUE"},
  };
  for (const auto& [query, field, reason] : cases) {
    EXPECT_THAT(Query(query), HasViolation(field, reason)) << query;
  }
  EXPECT_THAT(std::string(Query("txt=secret").message()), HasSubstr("did you mean text?"));
  EXPECT_THAT(Query("scalars.int32Value=secret").ToString(), Not(HasSubstr("secret")));
  EXPECT_THAT(Query("tree.next=secret").ToString(),
              AllOf(HasSubstr("by its parts: tree.next.label=..."), Not(HasSubstr("secret"))));
  EXPECT_THAT(Query("wellKnown.structValue=x").ToString(), HasSubstr("cannot carry"));
}

TEST_F(RequestTest, ADateThatIsGivenAsOneTextIsToldByItsParts) {
  mostove::testing::v1::Shelf shelf;
  for (const auto& [value, parts] :
       {std::pair("2027-10-05", "builtDate.year=2027&builtDate.month=10&builtDate.day=5"),
        std::pair("soon", "builtDate.year=...&builtDate.month=...&builtDate.day=...")}) {
    status::Violations violations;
    ReadQuery(
        absl::StrCat("builtDate=", value), [](const auto&) { return false; }, shelf, violations);
    EXPECT_THAT(violations.ToStatus(), HasViolation("built_date", "UNKNOWN_PARAMETER"));
    EXPECT_THAT(violations.ToStatus().ToString(), HasSubstr(parts));
  }
}

TEST_F(RequestTest, DeepQueryPathsEnd) {
  std::string path = "tree";
  for (int i = 0; i < 1'000; ++i) path += ".next";
  EXPECT_THAT(Query(path + ".label=x"), Not(IsOk()));
}

TEST_F(RequestTest, TheBodyFillsItsField) {
  UpdateShelfRequest request;
  ASSERT_THAT(Build("PATCH", "/v1/organizations/a/shelves/b?updateMask=title,place.area",
                    R"({"title": "x", "name": "organizations/a/shelves/b"})", request),
              IsOk());
  EXPECT_THAT(request, EqualsProto(R"pb(shelf { name: "organizations/a/shelves/b" title: "x" }
                                        update_mask { paths: "title" paths: "place.area" })pb"));
}

TEST_F(RequestTest, AnAbsentMaskStaysEmptyAndAnAbsentBodyIsAnEmptyMessage) {
  UpdateShelfRequest request;
  ASSERT_THAT(Build("PATCH", "/v1/organizations/a/shelves/b", "", request), IsOk());
  EXPECT_THAT(request, EqualsProto(R"pb(shelf { name: "organizations/a/shelves/b" })pb"));
}

TEST_F(RequestTest, TheWholeBodyIsTheRequest) {
  UndeleteShelfRequest request;
  ASSERT_THAT(Build("POST", "/v1/organizations/a/shelves/b:undelete", R"({"etag": "x"})", request),
              IsOk());
  EXPECT_THAT(request, EqualsProto(R"pb(name: "organizations/a/shelves/b" etag: "x")pb"));
}

TEST_F(RequestTest, PathAndBodyHaveToAgree) {
  EXPECT_THAT(Build<UpdateShelfRequest>("PATCH", "/v1/organizations/a/shelves/b",
                                        R"({"name": "organizations/a/shelves/c"})"),
              HasViolation("shelf.name", "PATH_MISMATCH"));
  EXPECT_THAT(Build<UndeleteShelfRequest>("POST", "/v1/organizations/a/shelves/b:undelete",
                                          R"({"name": "organizations/a/shelves/c"})"),
              HasViolation("name", "PATH_MISMATCH"));
}

TEST_F(RequestTest, QueriesCannotReachIntoTheBody) {
  EXPECT_THAT(Build<UpdateShelfRequest>("PATCH", "/v1/organizations/a/shelves/b?shelf.title=x"),
              HasViolation("shelf.title", "BOUND_ELSEWHERE"));
  EXPECT_THAT(Build<UndeleteShelfRequest>("POST", "/v1/organizations/a/shelves/b:undelete?etag=x"),
              HasViolation("etag", "BOUND_ELSEWHERE"));
}

TEST_F(RequestTest, BodiesWhereNoneBelongsAreRefused) {
  EXPECT_THAT(Build<ListShelvesRequest>("GET", "/v1/organizations/a/shelves", "{}"),
              HasViolation("body", "UNEXPECTED_BODY"));
}

TEST_F(RequestTest, EverythingWrongIsReportedAtOnce) {
  const absl::Status status = Build<UpdateShelfRequest>(
      "PATCH", "/v1/organizations/a/shelves/b?nope=1", R"({"title": 1, "tags": [2]})");
  EXPECT_THAT(status, HasViolation("shelf.title", "WRONG_TYPE"));
  EXPECT_THAT(status, HasViolation("shelf.tags[0]", "WRONG_TYPE"));
  EXPECT_THAT(status, HasViolation("nope", "UNKNOWN_PARAMETER"));
}

}  // namespace
}  // namespace mostove::transcoding
