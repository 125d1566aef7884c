#include "libs/service/service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/list_access_records.h"
#include "libs/domain/checks.h"
#include "libs/live/watch.h"
#include "libs/seal/seal.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/standard_methods.h"

namespace mostove::service {

absl::StatusOr<std::unique_ptr<Service>> Service::Open(Definition definition,
                                                       const ServiceOptions& options) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(definition.service);
  if (descriptor == nullptr) {
    return status::Internal(absl::StrCat("no proto describes the service ", definition.service));
  }
  std::unique_ptr<Service> service(new Service());
  service->name_ = definition.name;
  service->checks_ = domain::Checks();
  service->checks_.insert(definition.checks.begin(), definition.checks.end());
  RETURN_IF_ERROR(audit::Install(*options.database));
  service->access_ =
      std::make_unique<audit::AccessLog>(audit::AccessLogOptions{.database = options.database});
  ASSIGN_OR_RETURN(service->store_,
                   store::Store::Open({.database = options.database,
                                       .service = definition.name,
                                       .migrations = std::move(definition.migrations),
                                       .collections = std::move(definition.collections),
                                       .checks = &service->checks_,
                                       .metrics = options.metrics,
                                       .references = options.references,
                                       .access = service->access_.get()}));
  RETURN_IF_ERROR(seal::Install(*options.database));
  ASSIGN_OR_RETURN(std::vector<call::UnaryMethod> methods,
                   store::StandardMethods(descriptor, *service->store_));
  methods.push_back(audit::ListAccessRecords(*options.database));
  service->tail_ = std::make_unique<live::Tail>(
      live::TailOptions{.store = service->store_.get(), .metrics = options.metrics});
  service->store_->OnCommit(
      [tail = service->tail_.get(), told = options.committed](int64_t sequence) {
        tail->WakeForOwn(sequence);
        if (told) told();
      });
  if (definition.methods) {
    ASSIGN_OR_RETURN(std::vector<call::UnaryMethod> own, definition.methods(*service->store_));
    for (call::UnaryMethod& method : own) {
      const auto standard =
          std::find_if(methods.begin(), methods.end(),
                       [&](const call::UnaryMethod& m) { return m.name == method.name; });
      if (standard != methods.end()) methods.erase(standard);
      methods.push_back(std::move(method));
    }
  }
  ASSIGN_OR_RETURN(
      service->table_,
      rpc::ServiceTable::Bind(
          definition.service, std::move(methods), {live::WatchChanges(*service->tail_)},
          {.checks = &service->checks_,
           .metrics = options.metrics,
           .access = service->access_.get(),
           .aliases = &service->store_->aliases(),
           .never_inline = options.database->engine() == sql::Engine::kPostgres}));
  return service;
}

}  // namespace mostove::service
