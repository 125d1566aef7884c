#include "services/organizations/obligation_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/domain/date.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/store/log_entry.h"
#include "libs/telemetry/log.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/obligation_making.h"

namespace mostove::organizations {
namespace {

using v1::Organization;

constexpr char kService[] = "mostove.organizations.v1.OrganizationsService";
constexpr char kOrganization[] = "organizations.mostove.bg/Organization";
constexpr char kPass[] = "obligations-pass";
constexpr int kOrganizationsAtOnce = 100;  // in one transaction
constexpr absl::Duration kPatience = absl::Seconds(30);
// Nobody waits for it, and callers wait for the same writer: it rests this many times as long as it
// worked.
constexpr int kRests = 4;
constexpr char kDone[] = "~";  // behind every name

// What a pass is about: another key, another pass.
absl::StatusOr<std::string> PassKey(sql::Connection& connection, int64_t year) {
  int64_t sequence = 0;
  for (const char* table : {"compliance_rules", "work_calendars"}) {
    RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT COALESCE(MAX(sequence), 0) FROM ", table),
                                     {}, [&](const sql::Row& row) {
                                       sequence = std::max(sequence, row.Int64(0));
                                       return false;
                                     }));
  }
  return absl::StrCat(year, ".", sequence);
}

absl::StatusOr<std::vector<std::string>> NamesAfter(sql::Connection& connection,
                                                    const std::string& name) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(connection.Query(
      absl::StrCat(
          "SELECT name FROM organizations WHERE name > ?1 AND deleted = 0 ORDER BY name LIMIT ",
          kOrganizationsAtOnce),
      {name}, [&](const sql::Row& row) {
        names.emplace_back(row.Text(0));
        return true;
      }));
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObligationWorker>> ObligationWorker::Open(const store::Store& store,
                                                                         Options options) {
  std::unique_ptr<ObligationWorker> worker(new ObligationWorker(store, std::move(options)));
  RETURN_IF_ERROR(follower::Cursor::Prepare(store.database(), kPass, kService));
  ASSIGN_OR_RETURN(worker->follower_,
                   follower::Follower::Open({.database = &store.database(),
                                             .reader = "obligations",
                                             .source = kService,
                                             .resource_types = {kOrganization},
                                             .read =
                                                 [self = worker.get()](const auto& request) {
                                                   return store::ListChanges(
                                                       self->store_, self->OwnCall(), request);
                                                 },
                                             .handler = worker.get()}));
  return worker;
}

ObligationWorker::~ObligationWorker() { Stop(); }

void ObligationWorker::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void ObligationWorker::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
  }
  ending_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ObligationWorker::Loop() {
  bool failing = false;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!end_) {
    lock.unlock();
    const absl::Time begin = absl::Now();
    const absl::StatusOr<bool> more = Step();
    const absl::Duration took = absl::Now() - begin;
    if (more.ok()) {
      failing = false;
    } else if (!std::exchange(failing, true)) {
      const std::string error(more.status().message());
      telemetry::Log(telemetry::Level::kWarning, "obligations_not_made", {{"error", error}});
    }
    lock.lock();
    const absl::Duration pause =
        more.ok() && *more ? std::min(kRests * took, options_.interval) : options_.interval;
    ending_.wait_for(lock, absl::ToChronoMicroseconds(pause), [this] { return end_; });
  }
}

absl::StatusOr<bool> ObligationWorker::Step() {
  ASSIGN_OR_RETURN(const bool followed, follower_->Step());
  if (followed) return true;
  return PassStep();
}

call::Call ObligationWorker::OwnCall() const {
  call::Call call;
  call.caller = call::Program("services/organizations");
  call.deadline = absl::Now() + kPatience;
  call.clock = options_.clock;
  return call;
}

// What was made stays; the log of a restored database is followed from its beginning.
absl::Status ObligationWorker::Restart(sql::Transaction&) { return absl::OkStatus(); }

absl::Status ObligationWorker::Handle(const follower::Changes& changes, follower::Cursor& cursor) {
  for (int begin = 0; begin < changes.size(); begin += kOrganizationsAtOnce) {
    const int end = std::min(begin + kOrganizationsAtOnce, changes.size());
    std::vector<std::string> names;
    for (int i = begin; i < end; ++i) names.push_back(changes[i].resource_name());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    RETURN_IF_ERROR(MakeFor(names, changes[end - 1].position(), cursor));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ObligationWorker::PassStep() {
  sql::Database& database = store_.database();
  ASSIGN_OR_RETURN(follower::Cursor cursor, follower::Cursor::Load(database, kPass, kService));
  std::string key;
  std::vector<std::string> names;
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, database.Read(absl::Now() + kPatience));
    ASSIGN_OR_RETURN(key, PassKey(*reader, domain::Today(options_.clock()).year()));
    const std::pair<std::string, std::string> stands = absl::StrSplit(cursor.position(), ' ');
    const std::string after = stands.first == key ? stands.second : "";
    if (after == kDone) return false;
    ASSIGN_OR_RETURN(names, NamesAfter(*reader, after));
  }
  const bool last = static_cast<int>(names.size()) < kOrganizationsAtOnce;
  RETURN_IF_ERROR(MakeFor(names, absl::StrCat(key, " ", last ? kDone : names.back()), cursor));
  return true;
}

absl::Status ObligationWorker::MakeFor(const std::vector<std::string>& organizations,
                                       const std::string& position,
                                       follower::Cursor& cursor) const {
  const call::Call call = OwnCall();
  const store::Collection& collection = *store_.ByDescriptor(Organization::descriptor());
  ASSIGN_OR_RETURN(const ObligationMaking making, ObligationMaking::Read(store_, call));
  const absl::CivilDay last(domain::Today(options_.clock()).year() + 1, 12, 31);
  const auto make = [&](sql::Transaction& transaction) -> absl::Status {
    for (const std::string& name : organizations) {
      ASSIGN_OR_RETURN(const auto row, store::ReadRow(collection.layout(), transaction.connection(),
                                                      name, store::Lock::kNone));
      if (row == nullptr || row->deleted) continue;
      const auto& organization = static_cast<const Organization&>(*row->message);
      const absl::CivilDay recorded =
          domain::Today(absl::FromUnixSeconds(organization.create_time().seconds()));
      RETURN_IF_ERROR(making.Make(call, transaction, organization, recorded, last).status());
    }
    return absl::OkStatus();
  };
  const absl::Status made = RepeatWhereOvertaken([&] { return cursor.Advance(position, make); });
  // Another copy goes on.
  return status::Reason(made) == "OVERTAKEN" ? absl::OkStatus() : made;
}

}  // namespace mostove::organizations
