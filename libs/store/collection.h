// All resources of one type in one database, with the standard methods.
//
// Messages come validated against their annotations when they come through a
// service table; every write validates the whole resource again here, after
// prepare and mask, so that whatever is stored is valid.
//
// What a caller may not see answers as if it did not exist (NOT_FOUND), by the
// same statements; what the caller may see but does not act for cannot be written
// (PERMISSION_DENIED, reason NOT_OWNER). Fields are not stripped here: that is done at the exit of
// the service table.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/call/call.h"
#include "libs/call/method.h"
#include "libs/changelog/changelog.h"
#include "libs/resource/mask.h"
#include "libs/store/reference_keeper.h"
#include "libs/store/row.h"
#include "libs/store/store.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::store {

using call::Call;
using call::MessagePtr;

struct CreateRequest {
  std::string parent;
  std::string id;  // empty: a UUID
  const google::protobuf::Message* resource = nullptr;
  // Sets what callers cannot: OUTPUT_ONLY fields. May be empty.
  std::function<void(google::protobuf::Message& resource)> set = nullptr;
};

struct ListRequest {
  std::string parent;  // "organizations/x", "organizations/-"; empty for top-level types
  int64_t page_size = 0;
  std::string page_token;
  std::string filter;
  std::string order_by;
  bool show_deleted = false;
  bool show_total_size = false;
};

struct ListPage {
  std::vector<MessagePtr> resources;  // none from ListRows
  std::string next_page_token;
  // -1: not asked for. Exact unless `total_is_minimum`.
  int64_t total_size = -1;
  bool total_is_minimum = false;
  int rows_examined = 0;
};

inline constexpr int kPageSizeDefault = 50;
inline constexpr int kPageSizeMax = 1000;
inline constexpr int kHistoryPageMax = 100;
inline constexpr int kRowsExaminedMax = 2000;           // by one page
inline constexpr int kRowsCountedMax = 10000;           // by one total
inline constexpr size_t kResourceBytesMax = 256 << 10;  // of one resource, as protobuf
inline constexpr size_t kAnswerBytesMax = 4 << 20;      // of one page or batch, as protobuf

class Collection {
 public:
  Collection(const Store& store, const resource::Type& type, Rules rules, const Collection* parent);

  const resource::Type& type() const { return layout_.type(); }
  const Layout& layout() const { return layout_; }
  const Collection* parent() const { return parent_; }

  absl::StatusOr<MessagePtr> Get(const Call& call, absl::string_view name) const;
  // The bytes of the same message, for an administrator, who sees every row.
  absl::StatusOr<std::string> GetBytes(const Call& call, absl::string_view name) const;
  // In the order of the names; NOT_FOUND for the first that is not there.
  absl::StatusOr<std::vector<MessagePtr>> BatchGet(const Call& call,
                                                   const std::vector<std::string>& names) const;
  absl::StatusOr<ListPage> List(const Call& call, const ListRequest& request) const;
  // The same, but gives each resource's payload and revision to `each`.
  using RowFunction = absl::FunctionRef<absl::Status(absl::string_view payload, int64_t revision)>;
  absl::StatusOr<ListPage> ListRows(const Call& call, const ListRequest& request,
                                    RowFunction each) const;

  // Writes. With `validate_only` everything is done and rolled back. `field`
  // is where the resource stands in the request, for paths in errors. The
  // response of a repeated request (same idempotency key) is the first one's.
  absl::StatusOr<MessagePtr> Create(const Call& call, const CreateRequest& request,
                                    bool validate_only) const;
  // All or none; `response` gets the messages in its repeated field `field`.
  absl::Status BatchCreate(const Call& call, const std::vector<CreateRequest>& requests,
                           bool validate_only, google::protobuf::Message& response,
                           const google::protobuf::FieldDescriptor* field) const;
  // `patch` carries name and, optionally, etag.
  absl::StatusOr<MessagePtr> Update(const Call& call, const google::protobuf::Message& patch,
                                    const google::protobuf::FieldMask& mask, bool allow_missing,
                                    bool validate_only) const;
  absl::StatusOr<MessagePtr> Delete(const Call& call, absl::string_view name,
                                    absl::string_view etag, bool allow_missing,
                                    bool validate_only) const;
  absl::StatusOr<MessagePtr> Undelete(const Call& call, absl::string_view name,
                                      absl::string_view etag, bool validate_only) const;

  // Loads the row, compares the etag (empty: any), applies `change`, checks,
  // and writes row and log entry. `change` may run more than once. A change
  // that changes nothing makes no revision.
  using ChangeFunction = std::function<absl::Status(google::protobuf::Message& resource)>;
  absl::StatusOr<MessagePtr> Modify(const Call& call, absl::string_view name,
                                    absl::string_view etag, bool validate_only,
                                    const ChangeFunction& change) const;

  // The same within a transaction that does more, and without idempotency key.
  // References to other services' resources are not asked about.
  absl::StatusOr<MessagePtr> CreateWithin(const Call& call, sql::Transaction& transaction,
                                          const CreateRequest& request) const;
  absl::StatusOr<MessagePtr> ModifyWithin(const Call& call, sql::Transaction& transaction,
                                          absl::string_view name,
                                          const ChangeFunction& change) const;

  // The name stands for `into` from now on (or for what that stands for). Answers with
  // the one that stays. See README.md. INVALID_ARGUMENT when both are one already,
  // FAILED_PRECONDITION, reason ALREADY_MERGED or RESOURCE_DELETED. Of types without
  // a parent; whoever may call it may see and write both.
  struct MergeRequest {
    std::string name, etag;
    std::string into, into_etag;
  };
  absl::StatusOr<MessagePtr> Merge(const Call& call, const MergeRequest& request,
                                   bool validate_only) const;
  // Answers with the resource of this name; FAILED_PRECONDITION, reason NOT_MERGED.
  absl::StatusOr<MessagePtr> Unmerge(const Call& call, const std::string& name,
                                     bool validate_only) const;

  // For what is kept about people. `change` says whether it has changed the row
  // (it is asked again when the row is locked), which gets a revision and its entry
  // in the log; what checks writes of callers is not asked, since it must not keep
  // a person's data in. Deleted rows are changed as well.
  using RowChange = std::function<bool(google::protobuf::Message& resource)>;
  // Answers whether it changed; false when there is no such row.
  absl::StatusOr<bool> ChangeRow(const Call& call, const std::string& name,
                                 const RowChange& change) const;
  // Gives it every row of the type, or every deleted one. Answers how many changed.
  enum class Rows { kAll, kDeleted };
  absl::StatusOr<int64_t> ChangeEach(const Call& call, Rows rows, const RowChange& change) const;
  // Takes a row away for good, of a type that nothing refers to; the log says that
  // it was deleted, and keeps its history.
  absl::Status RemoveWithin(const Call& call, sql::Transaction& transaction,
                            const std::string& name) const;

  absl::StatusOr<changes::v1::ListHistoryResponse> ListHistory(
      const Call& call, const changes::v1::ListHistoryRequest& request) const;

  // Whether the name is that of a living resource that the caller may see.
  absl::StatusOr<bool> Lives(const Call& call, sql::Connection& connection,
                             absl::string_view name) const;

  // As Modify with a change that changes nothing, within a transaction: brings a
  // resource to what its rules and the state of its references ask for now. What
  // Rules::settle finds wrong stays as it is.
  absl::Status Refresh(const Call& call, sql::Transaction& transaction,
                       absl::string_view name) const;

 private:
  // A new row, checked but for its references, and not yet stored.
  absl::StatusOr<std::unique_ptr<StoredRow>> Prepare(const Call& call, const CreateRequest& request,
                                                     absl::string_view path,
                                                     status::Violations& violations,
                                                     std::vector<AddedReference>& added) const;
  absl::Status Insert(const Call& call, sql::Transaction& transaction, StoredRow& row) const;
  // Replaces `before`, which is locked, by `after`.
  absl::Status Replace(const Call& call, sql::Transaction& transaction, const StoredRow& before,
                       StoredRow& after, changelog::Kind kind) const;
  // `before`: null for a new row.
  absl::Status AppendToLog(const Call& call, sql::Transaction& transaction, const StoredRow* before,
                           StoredRow& row, changelog::Kind kind) const;
  // Locks the row for a write and checks that this caller may write it.
  absl::StatusOr<std::unique_ptr<StoredRow>> Lock(const Call& call, sql::Transaction& transaction,
                                                  absl::string_view name,
                                                  absl::string_view etag) const;
  // ABORTED, reason ETAG_MISMATCH; an empty one fits every revision.
  static absl::Status CheckEtag(const StoredRow& row, absl::string_view name,
                                absl::string_view etag);
  // Default, computed and checked: what every write does before it stores.
  void Complete(const google::protobuf::Message* before, google::protobuf::Message& after) const;
  void Check(const google::protobuf::Message& resource, absl::string_view path,
             status::Violations& violations) const;
  absl::Status CheckChangedReferences(const Call& call, const std::string& name,
                                      const resource::Mask& mask,
                                      const google::protobuf::Message& patch) const;
  absl::Status CheckDeletable(const Call& call, const std::string& name) const;
  // Rules::settle over what this connection reads; `lock` in a transaction.
  absl::Status Settle(const Call& call, sql::Connection& connection, bool lock,
                      google::protobuf::Message& resource, absl::string_view path,
                      status::Violations& violations) const;
  absl::Status CheckWriter(const Call& call, const google::protobuf::Message* before,
                           const google::protobuf::Message& after) const;
  // How widely what stands below the row may be seen: as both, where it was merged.
  absl::StatusOr<resource::Audience> AudienceBelow(sql::Connection& connection,
                                                   const StoredRow& row) const;
  // Gives it to all that stands below the name, and below the names of what was
  // merged into it.
  absl::Status NarrowBelow(sql::Connection& connection, const std::string& name,
                           resource::Audience audience) const;
  // Rows of `names`, locked in an order that is the same for all.
  absl::Status LockRows(sql::Connection& connection, const std::vector<std::string>& names,
                        absl::flat_hash_map<std::string, std::unique_ptr<StoredRow>>& rows) const;
  absl::Status LogAlias(const Call& call, sql::Transaction& transaction, const StoredRow& row,
                        const std::string& target, resource::Audience audience,
                        changelog::Kind kind) const;
  // Settles the resources below this one anew after its owners changed.
  absl::Status RefreshBelow(const Call& call, sql::Transaction& transaction,
                            const StoredRow& before, const StoredRow& after) const;
  // Modify within its transaction, or Refresh where `change` is empty; `added`
  // gets the references that came in.
  absl::Status Change(const Call& call, sql::Transaction& transaction, absl::string_view name,
                      absl::string_view etag, const ChangeFunction& change,
                      google::protobuf::Message& answer, std::vector<AddedReference>& added) const;
  absl::Status CheckMayCreate(const Call& call, const google::protobuf::Message& resource,
                              const CreateRequest& request) const;
  resource::Audience OwnAudience(const google::protobuf::Message& resource) const;
  // The row if the caller may see it; of one that was merged, none.
  absl::StatusOr<std::unique_ptr<StoredRow>> ReadVisible(const Call& call,
                                                         sql::Connection& connection,
                                                         absl::string_view name,
                                                         store::Lock lock) const;
  bool Writable(const call::Caller& caller, const StoredRow& row) const;
  // "only its owner or an administrator can `what`", and which role on what.
  absl::Status NotOwner(const Call& call, const google::protobuf::Message& resource,
                        absl::string_view what) const;
  absl::Status NotFound(absl::string_view name) const;
  // The kept answer to a repeated request; false if there is none.
  absl::StatusOr<bool> FindKept(const Call& call, bool validate_only,
                                google::protobuf::Message& response) const;
  // Gives a kept answer the personal fields of the present rows.
  absl::Status FillPersonal(const Call& call, google::protobuf::Message& response) const;
  // Runs a write with idempotency; rolled back when `validate_only`.
  absl::Status Write(
      const Call& call, bool validate_only, sql::Extent extent, google::protobuf::Message& response,
      const std::function<absl::Status(sql::Transaction&, google::protobuf::Message&)>& change)
      const;

  // Says, before it is read, that the answer rests on this resource and on those
  // above it: they decide who sees it, and its row changes with them.
  void RestOn(const Call& call, absl::string_view name) const;
  // The resource that the name stands for: itself, or `held`. Rests on it.
  absl::string_view RestOnSurvivor(const Call& call, absl::string_view name,
                                   std::string& held) const;
  // The same for all resources of the type.
  void RestOnAll(const Call& call) const;

  friend class Neighbours;

  const Store& store_;
  Layout layout_;
  Rules rules_;
  const Collection* parent_;
};

}  // namespace mostove::store
