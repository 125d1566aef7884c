#include "libs/references/references.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/ask.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/metrics.h"
#include "mostove/references/v1/references.pb.h"

namespace mostove::references {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;
using rpc::Ask;
using rpc::AskAll;
using rpc::Question;
using v1::CheckReferencesRequest;
using v1::CheckReferencesResponse;
using v1::ListReferrersRequest;
using v1::ListReferrersResponse;

constexpr int kNamesAtOnce = 1000;  // in one question

absl::StatusOr<const ServiceDescriptor*> FindService(const std::string& name) {
  const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
  if (service == nullptr) {
    return status::Internal(absl::StrCat("no proto describes the service ", name));
  }
  return service;
}

}  // namespace

absl::StatusOr<std::unique_ptr<References>> References::Make(Options options) {
  std::vector<const ServiceDescriptor*> services;
  for (const std::string& name : options.services) {
    ASSIGN_OR_RETURN(const ServiceDescriptor* service, FindService(name));
    services.push_back(service);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<const Registry> registry, Registry::Build(services));
  ASSIGN_OR_RETURN(const ServiceDescriptor* own, FindService(options.service));
  const Service* found = registry->Find(own);
  if (found == nullptr) {
    return status::Internal(
        absl::StrCat(options.service, " is not among the services of the installation"));
  }
  return std::unique_ptr<References>(
      new References(std::move(options), std::move(registry), found));
}

References::References(Options options, std::unique_ptr<const Registry> registry,
                       const Service* own)
    : options_(std::move(options)),
      registry_(std::move(registry)),
      own_(own),
      cache_(options_.cached_names_max, options_.cache_time) {}

References::~References() { Stop(); }

absl::Status References::Open(const store::Store& store) {
  system_name_ = absl::StrCat("services/", store.options().service);
  for (const Followed& followed : registry_->FollowedBy(*own_)) {
    ASSIGN_OR_RETURN(Reader reader, MakeReader(store, followed));
    AddMetrics(followed, *reader.follower);
    readers_.push_back(std::move(reader));
  }
  AddCacheMetrics();
  return absl::OkStatus();
}

void References::Start() {
  for (const Reader& reader : readers_) reader.follower->Start();
}

void References::Wake(const std::string& service) {
  for (const Reader& reader : readers_) {
    if (service.empty() || service == reader.follower->source()) reader.follower->Wake();
  }
}

void References::Stop() {
  for (const Reader& reader : readers_) reader.follower->Stop();
}

std::vector<follower::Follower*> References::followers() const {
  std::vector<follower::Follower*> followers;
  for (const Reader& reader : readers_) followers.push_back(reader.follower.get());
  return followers;
}

const resource::Type* References::ByType(absl::string_view type) const {
  return registry_->ByType(type);
}

const resource::Type* References::ByName(absl::string_view name) const {
  return registry_->ByName(name);
}

absl::StatusOr<std::vector<std::string>> References::Missing(
    const call::Call& call, const std::vector<std::string>& names) {
  const std::string visibility = call::VisibilityOf(call.caller);
  const uint64_t generation = cache_.generation();
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    if (!cache_.Has(visibility, name, absl::Now())) unknown.push_back(name);
  }
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  if (unknown.empty()) return unknown;
  ASSIGN_OR_RETURN(std::vector<std::string> missing, AskMissing(call, unknown));
  const absl::flat_hash_set<absl::string_view> is_missing(missing.begin(), missing.end());
  std::erase_if(unknown, [&](const std::string& name) { return is_missing.contains(name); });
  cache_.Add(visibility, unknown, absl::Now(), generation);
  return missing;
}

absl::StatusOr<std::vector<std::string>> References::AskMissing(
    const call::Call& call, const std::vector<std::string>& names) const {
  std::vector<std::string> missing;
  std::map<const Service*, std::unique_ptr<CheckReferencesRequest>> requests;
  std::vector<Question> questions;
  const auto send = [&](const Service& service, std::unique_ptr<CheckReferencesRequest> request) {
    questions.push_back({service.check_references, std::move(request)});
  };
  for (const std::string& name : names) {
    const resource::Type* type = registry_->ByName(name);
    const Service* owner = type == nullptr ? nullptr : registry_->OwnerOf(type->type());
    if (owner == nullptr || owner->check_references == nullptr) {
      missing.push_back(name);
      continue;
    }
    auto& request = requests[owner];
    if (request == nullptr) request = std::make_unique<CheckReferencesRequest>();
    request->add_names(name);
    if (request->names_size() == kNamesAtOnce) send(*owner, std::move(request));
  }
  for (auto& [service, request] : requests) {
    if (request != nullptr) send(*service, std::move(request));
  }
  for (const auto& answer :
       AskAll(*options_.peers, call, std::move(questions), options_.patience)) {
    RETURN_IF_ERROR(answer.status());
    const auto& response = static_cast<const CheckReferencesResponse&>(**answer);
    missing.insert(missing.end(), response.missing().begin(), response.missing().end());
  }
  return missing;
}

// What the caller does not see refuses too, but is not named: the service asks in
// its own name who refuses, and in the caller's which of them may be told.
absl::StatusOr<store::Referrers> References::Refusing(const call::Call& call,
                                                      const resource::Type& type,
                                                      absl::string_view name) {
  call::Call own = call;
  own.caller = SystemCall().caller;
  own.authorization.clear();
  ASSIGN_OR_RETURN(store::Referrers found, AskRefusing(own, type, name));
  if (found.empty() || call.caller.administrator) return found;
  ASSIGN_OR_RETURN(const std::vector<std::string> hidden, AskMissing(call, found.names));
  const absl::flat_hash_set<absl::string_view> is_hidden(hidden.begin(), hidden.end());
  std::erase_if(found.names, [&](const std::string& each) { return is_hidden.contains(each); });
  found.more = found.more || !hidden.empty();
  return found;
}

absl::StatusOr<store::Referrers> References::AskRefusing(const call::Call& call,
                                                         const resource::Type& type,
                                                         absl::string_view name) const {
  std::vector<Question> questions;
  for (const Service* service : registry_->Refusing(type.type())) {
    if (service == own_) continue;
    auto request = std::make_unique<ListReferrersRequest>();
    request->set_name(std::string(name));
    request->set_on_delete(resource::v1::REFUSE);
    questions.push_back({service->list_referrers, std::move(request)});
  }
  store::Referrers found;
  if (questions.empty()) return found;
  for (const auto& answer :
       AskAll(*options_.peers, call, std::move(questions), options_.patience)) {
    RETURN_IF_ERROR(answer.status());
    const auto& response = static_cast<const ListReferrersResponse&>(**answer);
    found.names.insert(found.names.end(), response.referrers().begin(), response.referrers().end());
    found.more = found.more || response.more();
  }
  return found;
}

call::Call References::SystemCall() const {
  call::Call call;
  call.caller = call::Program(system_name_);
  call.deadline = absl::Now() + 2 * options_.patience;
  return call;
}

absl::StatusOr<References::Reader> References::MakeReader(const store::Store& store,
                                                          const Followed& followed) {
  const Service& source = *followed.source;
  Reader reader;
  reader.deletions = std::make_unique<Deletions>(DeletionsOptions{
      .store = &store,
      .caller = SystemCall().caller,
      .source = source.descriptor->full_name(),
      .own = &source == own_,
      .guarded = followed.guarded,
      .missing = [this](const auto& names) { return AskMissing(SystemCall(), names); },
      .undelete = [this](const changes::v1::Change& deletion) { return Undelete(deletion); },
      .changed = [this](const auto& names) { cache_.Drop(names); }});
  ASSIGN_OR_RETURN(
      reader.follower,
      follower::Follower::Open(
          {.database = &store.database(),
           .reader = "references",
           .source = source.descriptor->full_name(),
           .resource_types = followed.types,
           .read = [this, &source](const auto& request) { return ListChanges(source, request); },
           .handler = reader.deletions.get(),
           .interval = options_.interval}));
  return reader;
}

absl::StatusOr<changes::v1::ListChangesResponse> References::ListChanges(
    const Service& source, const changes::v1::ListChangesRequest& request) const {
  auto message = std::make_unique<changes::v1::ListChangesRequest>(request);
  ASSIGN_OR_RETURN(call::MessagePtr answer,
                   Ask(*options_.peers, SystemCall(), {source.list_changes, std::move(message)},
                       options_.patience));
  return std::move(static_cast<changes::v1::ListChangesResponse&>(*answer));
}

// By the revision, so that only this deletion is taken back.
absl::Status References::Undelete(const changes::v1::Change& deletion) const {
  const OwnedType* type = registry_->Owned(deletion.resource_type());
  if (type == nullptr || type->undelete == nullptr) {
    return status::Internal(absl::StrCat("nothing undeletes a ", deletion.resource_type()));
  }
  const auto* input = type->undelete->input_type();
  call::MessagePtr request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(input)->New());
  request->GetReflection()->SetString(request.get(), input->FindFieldByName("name"),
                                      deletion.resource_name());
  request->GetReflection()->SetString(request.get(), input->FindFieldByName("etag"),
                                      absl::StrCat("\"", deletion.revision(), "\""));
  return Ask(*options_.peers, SystemCall(), {type->undelete, std::move(request)}, options_.patience)
      .status();
}

void References::AddMetrics(const Followed& followed, const follower::Follower& follower) const {
  if (options_.metrics == nullptr) return;
  const std::string& source = followed.source->descriptor->full_name();
  options_.metrics->Gauge("mostove_log_reader_lag_seconds",
                          "How old what a reader of a change log knows may be.",
                          {{"reader", system_name_}, {"source", source}},
                          [&follower] { return absl::ToDoubleSeconds(follower.Lag()); });
}

void References::AddCacheMetrics() const {
  if (options_.metrics == nullptr) return;
  const telemetry::Metrics::Labels labels = {{"reader", system_name_}};
  options_.metrics->Gauge("mostove_reference_cache_hits",
                          "References that were known without asking, since the start.", labels,
                          [this] { return static_cast<double>(cache_.hits()); });
  options_.metrics->Gauge("mostove_reference_cache_misses",
                          "References that their services were asked for, since the start.", labels,
                          [this] { return static_cast<double>(cache_.misses()); });
}

}  // namespace mostove::references
