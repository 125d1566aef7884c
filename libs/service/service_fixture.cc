#include "libs/service/service_fixture.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/resource/roles.h"
#include "libs/resource/visibility.h"
#include "libs/store/collection.h"
#include "libs/store/list_plans.h"
#include "libs/store/references.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::service {

using google::protobuf::Descriptor;

class ServiceTest::KnownOrganizations : public store::ReferenceSource {
 public:
  const resource::Type* ByType(absl::string_view type) const override {
    return type == type_->type() ? type_ : nullptr;
  }
  const resource::Type* ByName(absl::string_view name) const override {
    return resource::MatchesName(*type_, name) ? type_ : nullptr;
  }
  absl::StatusOr<std::vector<std::string>> Missing(const call::Call&,
                                                   const std::vector<std::string>& names) override {
    std::vector<std::string> missing;
    for (const std::string& name : names) {
      if (name == "organizations/missing") missing.push_back(name);
    }
    return missing;
  }
  void Forget(const std::vector<std::string>&) override {}
  absl::StatusOr<store::Referrers> Refusing(const call::Call&, const resource::Type&,
                                            absl::string_view) override {
    return store::Referrers{};
  }

 private:
  const resource::Type* const type_ =
      resource::TypeOf(organizations::v1::Organization::descriptor());
};

ServiceTest::ServiceTest() = default;
ServiceTest::~ServiceTest() = default;

void ServiceTest::Open(Definition definition) {
  DatabaseTest::SetUp();
  Restart(std::move(definition));
}

void ServiceTest::Restart(Definition definition) {
  service_.reset();
  organizations_ = std::make_unique<KnownOrganizations>();
  auto opened = Service::Open(std::move(definition),
                              {.database = &database(), .references = organizations_.get()});
  ASSERT_THAT(opened, ::mostove::testing::IsOk());
  service_ = *std::move(opened);
}

call::Caller ServiceTest::Administrator() { return call::LocalAdministrator(); }

call::Caller ServiceTest::MemberOf(std::vector<std::string> organizations) {
  call::Caller caller = {.name = "users/member", .network = true};
  for (std::string& organization : organizations) {
    caller.grants.push_back(
        {organization, resource::RoleBit(resource::v1::ORGANIZATION_ADMINISTRATOR)});
    caller.organizations.push_back(std::move(organization));
  }
  return caller;
}

absl::StatusOr<call::MessagePtr> ServiceTest::Run(const std::string& method,
                                                  const std::string& request,
                                                  const call::Caller& caller) {
  const rpc::Method* found = service_->table().Find(method);
  if (found == nullptr) return absl::InternalError("the service has no method " + method);
  call::MessagePtr message(found->request->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, message.get())) << request;
  call::Call call;
  call.caller = caller;
  call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
  call.request_id = "test-request";
  return service_->table().Run(*found, std::move(call), std::move(message));
}

const std::string& ServiceTest::FieldOf(const Descriptor* type) const {
  return service_->store().ByDescriptor(type)->layout().resource_field();
}

absl::StatusOr<call::MessagePtr> ServiceTest::Create(const Descriptor* type,
                                                     const std::string& parent,
                                                     const std::string& id, const std::string& text,
                                                     const call::Caller& caller) {
  const std::string& field = FieldOf(type);
  return Run("Create" + type->name(),
             absl::StrCat(parent.empty() ? "" : absl::StrCat("parent: \"", parent, "\" "), field,
                          " { ", text, " } ", field, "_id: \"", id, "\""),
             caller);
}

absl::StatusOr<call::MessagePtr> ServiceTest::Update(const Descriptor* type,
                                                     const std::string& name,
                                                     const std::string& text,
                                                     const call::Caller& caller) {
  return Run("Update" + type->name(),
             absl::StrCat(FieldOf(type), " { name: \"", name, "\" ", text, " }"), caller);
}

absl::StatusOr<call::MessagePtr> ServiceTest::ByName(const std::string& verb,
                                                     const Descriptor* type,
                                                     const std::string& name,
                                                     const call::Caller& caller) {
  return Run(verb + type->name(), absl::StrCat("name: \"", name, "\""), caller);
}

std::vector<std::string> ServiceTest::List(const Descriptor* type, const std::string& parent,
                                           const std::string& filter, const call::Caller& caller) {
  std::string plural = resource::TypeOf(type)->plural();
  plural[0] = absl::ascii_toupper(plural[0]);
  const auto page =
      Run("List" + plural,
          absl::StrCat(parent.empty() ? "" : absl::StrCat("parent: \"", parent, "\" "), "filter: '",
                       filter, "'"),
          caller);
  EXPECT_THAT(page, ::mostove::testing::IsOk());
  std::vector<std::string> names;
  if (!page.ok()) return names;
  const auto* field = (*page)->GetDescriptor()->FindFieldByName(resource::TypeOf(type)->table());
  for (int i = 0; i < (*page)->GetReflection()->FieldSize(**page, field); ++i) {
    const auto& item = (*page)->GetReflection()->GetRepeatedMessage(**page, field, i);
    names.push_back(item.GetReflection()->GetString(item, resource::TypeOf(type)->name_field()));
  }
  return names;
}

void ServiceTest::ExpectSchemaServesLists() {
  for (const auto& collection : service_->store().collections()) {
    EXPECT_THAT(store::SlowLists(database(), collection->layout()),
                ::mostove::testing::IsOkAndHolds(::testing::IsEmpty()));
  }
}

}  // namespace mostove::service
