#include "libs/privacy/part.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "libs/resource/visibility.h"
#include "libs/rpc/ask.h"
#include "libs/sql/scrub.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/telemetry/log.h"
#include "mostove/identity/v1/operation.pb.h"

namespace mostove::privacy {
namespace {

using google::protobuf::Message;

constexpr char kIdentity[] = "mostove.identity.v1.IdentityService";
constexpr char kOperation[] = "identity.mostove.bg/Operation";
// Of one service in an export: all of them have to fit into one resource.
constexpr size_t kDataBytesMax = 40 << 10;
// Going through all records takes its time.
constexpr absl::Duration kWorkMax = absl::Minutes(10);

std::string NameIn(const store::Collection& collection, const Message& resource) {
  return resource.GetReflection()->GetString(resource, collection.type().name_field());
}

// Identity's records of an account are about its person as a whole.
bool IsOwn(const store::Collection& collection, const Person& person, const Message& resource) {
  if (collection.type().descriptor()->file()->package() != "mostove.identity.v1") return false;
  const std::vector<std::string> owners = resource::OwnersOf(collection.type(), resource);
  return std::find(owners.begin(), owners.end(), person.user) != owners.end();
}

std::vector<const store::Collection*> Personal(const store::Store& store) {
  std::vector<const store::Collection*> collections;
  for (const auto& collection : store.collections()) {
    // What was exported is no record about the person.
    if (collection->type().type() == kOperation) continue;
    if (HasPersonalFields(collection->type().descriptor())) collections.push_back(collection.get());
  }
  return collections;
}

}  // namespace

absl::StatusOr<Findings> Export(const store::Store& store, const call::Call& call,
                                const Person& person) {
  Findings findings;
  size_t bytes = 0;
  bool cut = false;
  std::vector<std::string> items;
  for (const auto& collection : store.collections()) {
    if (collection->type().type() == kOperation) continue;
    const auto look = [&](Message& resource) {
      std::vector<std::string> found;
      if (IsOwn(*collection, person, resource)) {
        if (collection->type().etag_field() != nullptr) {
          resource.GetReflection()->ClearField(&resource, collection->type().etag_field());
        }
        found.emplace_back();
        (void)google::protobuf::util::MessageToJsonString(resource, &found.back());
      } else if (!TakeOut(person, resource, &found)) {
        return false;
      }
      ++findings.resources;
      std::string item = absl::StrCat(R"({"resource":")", NameIn(*collection, resource),
                                      R"(","data":[)", absl::StrJoin(found, ","), "]}");
      bytes += item.size();
      cut = cut || bytes > kDataBytesMax;
      if (!cut) items.push_back(std::move(item));
      return false;
    };
    RETURN_IF_ERROR(collection->ChangeEach(call, store::Collection::Rows::kAll, look).status());
  }
  if (cut) items.push_back(R"({"incomplete":true})");
  findings.data = absl::StrCat("[", absl::StrJoin(items, ","), "]");
  return findings;
}

absl::StatusOr<int> Erase(const store::Store& store, const call::Call& call, const Person& person) {
  int64_t resources = 0;
  for (const store::Collection* collection : Personal(store)) {
    ASSIGN_OR_RETURN(
        const int64_t changed,
        collection->ChangeEach(call, store::Collection::Rows::kAll, [&](Message& resource) {
          return TakeOut(person, resource, nullptr);
        }));
    resources += changed;
  }
  RETURN_IF_ERROR(sql::Scrub(store.database()));
  return static_cast<int>(resources);
}

absl::StatusOr<std::unique_ptr<Part>> Part::Open(PartOptions options) {
  std::unique_ptr<Part> part(new Part(std::move(options)));
  ASSIGN_OR_RETURN(part->follower_,
                   follower::Follower::Open(
                       {.database = &part->options_.store->database(),
                        .reader = "privacy",
                        .source = kIdentity,
                        .resource_types = {kOperation},
                        .read = [part = part.get()](const changes::v1::ListChangesRequest& request)
                            -> absl::StatusOr<changes::v1::ListChangesResponse> {
                          ASSIGN_OR_RETURN(const call::MessagePtr answer,
                                           part->Ask("ListChanges", request));
                          return static_cast<const changes::v1::ListChangesResponse&>(*answer);
                        },
                        .handler = part.get(),
                        .interval = part->options_.interval}));
  return part;
}

Part::~Part() {
  if (follower_ != nullptr) follower_->Stop();
}

void Part::Wake(const std::string& service) {
  if (service.empty() || service == kIdentity) follower_->Wake();
}

call::Call Part::SystemCall() const {
  call::Call call;
  call.caller = call::Program(absl::StrCat("services/", options_.name));
  call.deadline = absl::Now() + 2 * options_.patience;
  return call;
}

absl::StatusOr<call::MessagePtr> Part::Ask(const char* method, const Message& request) const {
  const auto* descriptor =
      identity::v1::User::descriptor()->file()->pool()->FindServiceByName(kIdentity);
  if (descriptor == nullptr) return status::Internal("no proto describes the service identity");
  call::MessagePtr copy(request.New());
  copy->CopyFrom(request);
  return rpc::Ask(*options_.peers, SystemCall(),
                  {descriptor->FindMethodByName(method), std::move(copy)}, options_.patience);
}

absl::Status Part::Handle(const follower::Changes& changes, follower::Cursor&) {
  // The last change of each says enough: what is still to do is asked for.
  absl::flat_hash_set<std::string> operations;
  for (const changes::v1::Change& change : changes) {
    identity::v1::Operation operation;
    const bool readable = change.resource().UnpackTo(&operation);
    if (readable && operation.done()) {
      operations.erase(change.resource_name());
    } else if (change.resource_type() == kOperation) {
      operations.insert(change.resource_name());
    }
  }
  for (const std::string& operation : operations) RETURN_IF_ERROR(Do(operation));
  return absl::OkStatus();
}

absl::Status Part::Do(const std::string& operation) {
  identity::v1::DescribePersonRequest question;
  question.set_name(operation);
  question.set_service(options_.name);
  ASSIGN_OR_RETURN(const call::MessagePtr answer, Ask("DescribePerson", question));
  const auto& told = static_cast<const identity::v1::DescribePersonResponse&>(*answer);
  if (!told.wanted()) return absl::OkStatus();
  const Person person = {told.user(), told.email(), told.display_name()};
  call::Call call = SystemCall();
  call.deadline = absl::Now() + kWorkMax;
  identity::v1::FinishPartRequest finished;
  finished.set_name(operation);
  finished.set_service(options_.name);
  if (told.kind() == identity::v1::Operation::ERASURE) {
    ASSIGN_OR_RETURN(const int resources, Erase(*options_.store, call, person));
    finished.set_resources(resources);
  } else {
    ASSIGN_OR_RETURN(Findings findings, Export(*options_.store, call, person));
    finished.set_resources(findings.resources);
    finished.set_data(std::move(findings.data));
  }
  RETURN_IF_ERROR(Ask("FinishPart", finished).status());
  telemetry::Log(
      telemetry::Level::kInfo, "person_part_done",
      {{"operation", absl::string_view(operation)}, {"resources", int64_t{finished.resources()}}});
  return absl::OkStatus();
}

}  // namespace mostove::privacy
