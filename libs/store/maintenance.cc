#include "libs/store/maintenance.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/resource/fields.h"
#include "libs/resource/visibility.h"
#include "libs/sql/scrub.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/telemetry/log.h"

namespace mostove::store {
namespace {

// Rows of one transaction: short ones let writers in between.
constexpr int kPurgeBatch = 500;

void Purge(const Store& store) {
  while (true) {
    const auto purged = store.idempotency().Purge(absl::Now(), kPurgeBatch);
    if (!purged.ok()) {
      const std::string message(purged.status().message());
      telemetry::Log(telemetry::Level::kWarning, "purge_failed", {{"error", message}});
      return;
    }
    if (*purged < kPurgeBatch) return;
  }
}

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool HasPersonalField(const google::protobuf::Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->options().GetExtension(resource::v1::personal)) return true;
  }
  return false;
}

// A time field that is set and before `limit`.
bool IsBefore(const Message& message, const FieldDescriptor* field, absl::Time limit) {
  if (field == nullptr || field->message_type() != google::protobuf::Timestamp::descriptor() ||
      !message.GetReflection()->HasField(message, field)) {
    return false;
  }
  const auto& time = static_cast<const google::protobuf::Timestamp&>(
      message.GetReflection()->GetMessage(message, field));
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()) < limit;
}

void PurgePersonalOf(const Store& store, absl::Duration retention) {
  const absl::Time now = absl::Now();
  const auto purged = PurgePersonal(store, now - retention, now);
  if (purged.ok()) return;
  const std::string message(purged.status().message());
  telemetry::Log(telemetry::Level::kWarning, "purge_failed", {{"error", message}});
}

}  // namespace

absl::StatusOr<int64_t> PurgePersonal(const Store& store, absl::Time deleted_before,
                                      absl::Time now) {
  call::Call call;
  call.caller = call::Program(absl::StrCat("services/", store.options().service));
  int64_t purged = 0;
  for (const auto& collection : store.collections()) {
    const resource::Type& type = collection->type();
    if (!resource::AnyTypeWithin(type.descriptor(), HasPersonalField)) continue;
    const FieldDescriptor* expires = type.descriptor()->FindFieldByName("expire_time");
    const auto rows = expires == nullptr ? Collection::Rows::kDeleted : Collection::Rows::kAll;
    ASSIGN_OR_RETURN(const int64_t changed, collection->ChangeEach(call, rows, [&](Message& row) {
      const bool due =
          IsBefore(row, type.delete_time_field(), deleted_before) || IsBefore(row, expires, now);
      return due && !resource::TakeOutPersonal(row).empty();
    }));
    purged += changed;
  }
  if (purged > 0) RETURN_IF_ERROR(sql::Scrub(store.database()));
  return purged;
}

Maintenance::Maintenance(std::vector<const Store*> stores, absl::Duration personal_retention,
                         absl::Duration interval)
    : stores_(std::move(stores)),
      personal_retention_(personal_retention),
      interval_(interval),
      thread_([this] { Loop(); }) {}

Maintenance::~Maintenance() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Maintenance::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return end_; })) {
    lock.unlock();
    for (const Store* store : stores_) Purge(*store);
    if (absl::Now() >= next_hour_) {
      next_hour_ = absl::Now() + absl::Hours(1);
      for (const Store* store : stores_) PurgePersonalOf(*store, personal_retention_);
    }
    lock.lock();
  }
}

}  // namespace mostove::store
