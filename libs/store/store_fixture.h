// A store of the test resources, on each engine. For tests of this library and of live.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/store/collection.h"
#include "libs/store/log_entry.h"
#include "libs/store/store.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::store {

namespace pb = ::mostove::testing::v1;
using ::mostove::testing::EqualsProto;
using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;

// Tables as the descriptors ask for them, with the indexes that lists walk.
std::string SchemaFor(const google::protobuf::Descriptor* descriptor);

class StoreTest : public ::mostove::testing::DatabaseTest {
 protected:
  void SetUp() override;

  static Call Administrator();
  static Call Anonymous();
  static Call Member(std::vector<std::string> organizations = {});

  const Collection& organizations() const {
    return *store_->ByDescriptor(pb::Organization::descriptor());
  }
  const Collection& shelves() const { return *store_->ByDescriptor(pb::Shelf::descriptor()); }
  const Collection& loans() const { return *store_->ByDescriptor(pb::Loan::descriptor()); }

  // In the state LISTED, so that its shelves are public.
  void AddOrganization(const std::string& id, pb::State state = pb::LISTED);
  absl::StatusOr<pb::Shelf> AddShelf(const Call& call, const std::string& organization,
                                     const std::string& id, const std::string& text);

  template <class Resource>
  static absl::StatusOr<Resource> As(absl::StatusOr<MessagePtr> message) {
    if (!message.ok()) return message.status();
    return static_cast<const Resource&>(**message);
  }
  template <class Resource>
  static Resource Text(const std::string& text) {
    Resource resource;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
    return resource;
  }
  static std::vector<std::string> Names(const ListPage& page);
  // All pages of a list, each checked against the bounds.
  absl::StatusOr<std::vector<std::string>> Walk(const Collection& collection, const Call& call,
                                                ListRequest request) const;

  std::unique_ptr<Store> OpenStore();

  absl::Time now_ = absl::FromUnixSeconds(1800000000);
  std::unique_ptr<Store> store_;
};

}  // namespace mostove::store
