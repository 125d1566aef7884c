#include "services/organizations/as_known.h"

#include "absl/strings/str_cat.h"
#include "libs/changelog/changelog.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/store/row.h"

namespace mostove::organizations {
namespace {

constexpr int kRevisionsAtOnce = 20;

}  // namespace

absl::StatusOr<call::MessagePtr> ReadOneAsKnown(const store::Store& store,
                                                sql::Connection& connection,
                                                const std::string& name, absl::Time known) {
  const store::Collection* collection = store.ByName(name);
  if (collection == nullptr) return nullptr;
  int64_t below = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<changelog::Entry> entries,
                     changelog::History(connection, name, below, kRevisionsAtOnce));
    for (const changelog::Entry& entry : entries) {
      if (entry.time > known) continue;
      if (entry.kind == changelog::Kind::kDeleted) return nullptr;
      return store::ParsePayload(collection->type(), entry.payload, entry.revision);
    }
    if (entries.size() < kRevisionsAtOnce) return nullptr;
    below = entries.back().revision;
  }
}

absl::StatusOr<std::vector<call::MessagePtr>> ReadAsKnown(
    const store::Store& store, sql::Connection& connection,
    const google::protobuf::Descriptor* descriptor, const std::string& parent, absl::Time known) {
  std::vector<std::string> names;
  for (const std::string& each : store.aliases().NamesOf(parent)) {
    RETURN_IF_ERROR(connection.Query(
        absl::StrCat("SELECT name FROM ", store.ByDescriptor(descriptor)->type().table(),
                     " WHERE parent = ?1 ORDER BY name"),
        {each}, [&](const sql::Row& row) {
          names.push_back(std::string(row.Text(0)));
          return true;
        }));
  }
  std::vector<call::MessagePtr> found;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(call::MessagePtr message, ReadOneAsKnown(store, connection, name, known));
    if (message != nullptr) found.push_back(std::move(message));
  }
  return found;
}

}  // namespace mostove::organizations
