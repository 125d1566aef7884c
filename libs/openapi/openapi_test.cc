#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/openapi/comments.h"
#include "libs/openapi/document.h"
#include "libs/openapi/json.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "mostove/funding/v1/funding_service.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "simdjson.h"

namespace mostove::openapi {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Json, KeepsTheOrderOfMembersAndReplacesTheirValues) {
  Json object = Json::Object({{"z", 1}, {"a", Json::Array({"\"quoted\"", true, Json()})}});
  object.Set("m", 0.5).Set("z", Json::Verbatim(R"({"whole":[]})"));
  object.Member("inner").Set("x", "я");
  object.Remove("m");
  std::string text;
  object.Write(text);
  EXPECT_EQ(text, R"({"z":{"whole":[]},"a":["\"quoted\"",true,null],"inner":{"x":"я"}})");
}

TEST(Comments, AreParagraphsWithFieldsNamedAsInJson) {
  const auto comments = Comments::OfThisProject();
  ASSERT_TRUE(comments.ok()) << comments.status();
  const auto* list = organizations::v1::ListOrganizationsResponse::descriptor();
  EXPECT_EQ(comments->Of(*list), "A page of organizations.");
  EXPECT_EQ(comments->Of(*list->FindFieldByName("organizations")),
            "May be fewer than asked for, even none, while `nextPageToken` is set.");
  const auto* form = organizations::v1::Organization::LegalForm_descriptor();
  EXPECT_EQ(comments->Of(*form->FindValueByName("FOUNDATION")), "Фондация.");
  EXPECT_EQ(comments->Of(*list->file()->FindServiceByName("OrganizationsService")),
            "Organizations of the network and what they do where.");
}

TEST(Comments, AreMissingWhereThereAreNone) {
  EXPECT_EQ(Comments::Read("")->Of(*organizations::v1::Organization::descriptor()), "");
  EXPECT_THAT(Comments::Read("\xff").status(), testing::StatusIs(absl::StatusCode::kInternal));
}

class DocumentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    text_ = Write();
    ASSERT_EQ(parser_.parse(text_).get(document_), simdjson::SUCCESS);
  }

  static std::string Write() {
    const auto* organizations =
        organizations::v1::GetOrganizationRequest::descriptor()->file()->service(0);
    const auto* funding = funding::v1::GetGrantRequest::descriptor()->file()->service(0);
    const auto router = transcoding::Router::Build({organizations, funding});
    const auto comments = Comments::OfThisProject();
    return Document({.routes = router->routes(),
                     .comments = *comments,
                     .version = "1.2.3",
                     .problem = [](const absl::Status& status, int http_status) {
                       return absl::StrCat(R"({"status":)", http_status, R"(,"reason":")",
                                           status::Reason(status), "\"}");
                     }});
  }

  // What stands at the pointer (RFC 6901), as compact JSON; "" where nothing does.
  std::string At(const std::string& pointer) const {
    simdjson::dom::element element;
    if (document_.at_pointer(pointer).get(element) != simdjson::SUCCESS) return "";
    return simdjson::minify(element);
  }

  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element document_;
};

constexpr char kOne[] = "/paths/~1v1~1organizations~1{organization}";

TEST_F(DocumentTest, IsTheSameEveryTime) { EXPECT_EQ(Write(), text_); }

TEST_F(DocumentTest, SaysOfEachOperationWhatItIs) {
  const std::map<std::string, std::string> expected = {
      {"/info/version", R"("1.2.3")"},
      {"/servers", R"([{"url":"/"}])"},
      {absl::StrCat(kOne, "/get/operationId"), R"("getOrganization")"},
      {absl::StrCat(kOne, "/get/tags"), R"(["Organizations"])"},
      {absl::StrCat(kOne, "/get/parameters/0/example"), R"("example-network-bridges")"},
      {absl::StrCat(kOne, "/get/responses/304/$ref"), R"("#/components/responses/NotModified")"},
      {absl::StrCat(kOne, "/get/responses/409"), ""},
      {absl::StrCat(kOne, "/get/responses/412"), ""},
      {absl::StrCat(kOne, "/patch/responses/304"), ""},
      {absl::StrCat(kOne, "/patch/responses/412/$ref"),
       R"("#/components/responses/PreconditionFailed")"},
      {absl::StrCat(kOne, "/delete/responses/415"), ""},
      {"/paths/~1v1~1organizations/post/responses/412", ""},
      {"/paths/~1v1~1organizations/post/responses/404", ""},
      // One method under two paths.
      {absl::StrCat(kOne, ":history/get/operationId"), R"("listHistoryOfOrganization")"},
      {absl::StrCat(kOne, "~1activities~1{activity}:history/get/operationId"),
       R"("listHistoryOfActivity")"},
      {"/paths/~1v1~1funding:changes/get/operationId", R"("listChangesOfFunding")"},
      {"/paths/~1v1~1organizations:watch/get/responses/200/content",
       R"({"text/event-stream":{"schema":{"$ref":"#/components/schemas/WatchChangesResponse"}}})"},
      {"/paths/~1v1~1organizations:watch/get/responses/304", ""},
      {"/paths/~1v1~1changes:watch/get/operationId", R"("watchAllChanges")"},
  };
  for (const auto& [pointer, json] : expected) EXPECT_EQ(At(pointer), json) << pointer;
}

TEST_F(DocumentTest, TurnsAnnotationsIntoSchemas) {
  const std::string fields = "/components/schemas/Organization/properties/";
  const std::map<std::string, std::string> expected = {
      {fields + "legalName/maxLength", "300"},
      {fields + "name/readOnly", "true"},
      {fields + "createTime/format", R"("date-time")"},
      {fields + "legalForm/$ref", R"("#/components/schemas/OrganizationLegalForm")"},
      {fields + "kind/$ref", R"("#/components/schemas/OrganizationKind")"},
      {fields + "languages/uniqueItems", "true"},
      {fields + "languages/items/pattern", R"("^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)$")"},
      {"/components/schemas/Organization/required", R"(["legalName"])"},
      {"/components/schemas/OrganizationUpdate/required", ""},
      {"/components/schemas/OrganizationUpdate/properties/createTime", ""},
      {"/components/schemas/OrganizationUpdate/properties/website/type", R"(["string","null"])"},
      {"/components/schemas/RefugeeLeadership/properties/boardShare/maximum", "1"},
      {"/components/schemas/Money/properties/units/format", R"("int64")"},
      {"/components/schemas/LocalizedText/properties/texts/additionalProperties/maxLength",
       "20000"},
      // Not everybody sees a budget: creates need one, answers may lack it.
      {"/paths/~1v1~1grants/post/requestBody/content/application~1json/schema/allOf/1/required",
       R"(["budget"])"},
      // What the path binds is not in the body.
      {"/components/schemas/UndeleteOrganizationRequest/properties/name", ""},
  };
  for (const auto& [pointer, json] : expected) EXPECT_EQ(At(pointer), json) << pointer;
  EXPECT_THAT(At("/components/schemas/Grant/required"), Not(HasSubstr("budget")));
  EXPECT_THAT(At(fields + "internalNote/description"),
              HasSubstr("Seen by its owners and administrators."));
  EXPECT_THAT(At("/components/schemas/OrganizationKind/description"),
              HasSubstr("- `REFUGEE_LED`: Led by refugees, by its own word."));
}

TEST_F(DocumentTest, ShowsErrorsAsTheServerWritesThem) {
  EXPECT_EQ(At("/components/responses/NotFound/content/application~1problem+json/example"),
            R"({"status":404,"reason":"RESOURCE_NOT_FOUND"})");
  EXPECT_EQ(At("/components/responses/Unavailable/headers/Retry-After/$ref"),
            R"("#/components/headers/RetryAfter")");
}

}  // namespace
}  // namespace mostove::openapi
