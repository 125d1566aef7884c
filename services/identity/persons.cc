#include "services/identity/persons.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/service/directory.h"
#include "libs/sql/scrub.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/resource_store.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "mostove/identity/v1/operation.pb.h"
#include "mostove/identity/v1/user.pb.h"
#include "services/identity/access_records.h"
#include "services/identity/acting.h"

namespace mostove::identity {
namespace {

// The one that keeps the person's address: its part comes last.
constexpr char kIdentity[] = "identity";
constexpr absl::Duration kExportKept = absl::Hours(24);

bool HasPart(const v1::Operation& operation, const std::string& service) {
  return std::any_of(operation.parts().begin(), operation.parts().end(),
                     [&](const v1::Operation::Part& part) { return part.service() == service; });
}

bool OthersAreDone(const v1::Operation& operation) {
  for (const service::DirectoryEntry& entry : service::Directory()) {
    if (entry.name != kIdentity && !HasPart(operation, entry.name)) return false;
  }
  return true;
}

// The account ends with the erasure's beginning; LAST_ADMINISTRATOR where it may not.
absl::Status EndAccount(const store::Store& store, const call::Call& call,
                        sql::Transaction& transaction, const std::string& user) {
  return store::ResourceStore<v1::User>(store)
      .ModifyWithin(call, transaction, user,
                    [](v1::User& ended) {
                      ended.set_disabled(true);
                      return absl::OkStatus();
                    })
      .status();
}

absl::StatusOr<call::MessagePtr> Begin(const store::Store& store, const call::Call& call,
                                       const std::string& user, v1::Operation::Kind kind) {
  // Who may see a user is the person or an administrator.
  ASSIGN_OR_RETURN(const v1::User found, store::ResourceStore<v1::User>(store).Get(call, user));
  auto operation = std::make_unique<v1::Operation>();
  ASSIGN_OR_RETURN(const bool kept, store.idempotency().Find(call, *operation));
  if (kept) return operation;
  const bool erases = kind == v1::Operation::ERASURE;
  const call::Call acting = ActAs(call, call.caller.name);
  const auto begin = [&](sql::Transaction& transaction,
                         google::protobuf::Message& answer) -> absl::Status {
    if (erases && !found.has_delete_time()) {
      RETURN_IF_ERROR(EndAccount(store, acting, transaction, user));
    }
    v1::Operation begun;
    begun.set_kind(kind);
    begun.set_user(user);
    ASSIGN_OR_RETURN(begun, store::ResourceStore<v1::Operation>(store).CreateWithin(
                                acting, transaction, "", begun));
    answer.CopyFrom(begun);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(store.idempotency().Write(call, sql::Extent::kAny, *operation, begin).status());
  RecordAccess(store, call,
               {.kind = erases ? audit::Kind::kErasure : audit::Kind::kExport,
                .caller = call.caller.name,
                .session = call.caller.session,
                .resource = operation->name(),
                .owner = user});
  return operation;
}

// A program, as its socket or certificate says who it is, does its own part and no other's: one
// that is broken into learns nothing by another's name, and finishes nothing in its place.
// Administrators may speak for a service that is there no more.
absl::Status CheckOwnPart(const call::Call& call, const std::string& service) {
  if (!call.caller.service || call.caller.name == absl::StrCat("services/", service)) {
    return absl::OkStatus();
  }
  return status::Make(absl::StatusCode::kPermissionDenied, "NOT_OWN_PART",
                      absl::StrCat("the part of ", service, " is not that of ", call.caller.name));
}

absl::StatusOr<call::MessagePtr> Describe(const store::Store& store, const call::Call& call,
                                          const v1::DescribePersonRequest& request) {
  RETURN_IF_ERROR(CheckOwnPart(call, request.service()));
  auto response = std::make_unique<v1::DescribePersonResponse>();
  ASSIGN_OR_RETURN(const sql::Database::Reader reader, store.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const std::optional<v1::Operation> operation,
                   FindLiving<v1::Operation>(store, *reader, request.name()));
  if (!operation.has_value() || operation->done() || HasPart(*operation, request.service())) {
    return response;
  }
  if (request.service() == kIdentity && !OthersAreDone(*operation)) return response;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::StoredRow> row,
                   store::ReadRow(store.ByDescriptor(v1::User::descriptor())->layout(), *reader,
                                  operation->user(), store::Lock::kNone));
  if (row == nullptr) return response;
  const auto& user = static_cast<const v1::User&>(*row->message);
  response->set_wanted(true);
  response->set_kind(operation->kind());
  response->set_user(operation->user());
  response->set_email(user.email());
  response->set_display_name(user.display_name());
  return response;
}

// What is left of an erased person here: a name that says nothing.
absl::Status EraseUser(const store::Store& store, const call::Call& call, const std::string& name) {
  const auto erase = [](google::protobuf::Message& message) {
    auto& user = static_cast<v1::User&>(message);
    if (user.erased()) return false;
    user.clear_email();
    user.clear_display_name();
    user.set_disabled(true);
    user.set_erased(true);
    return true;
  };
  return store.ByDescriptor(v1::User::descriptor())->ChangeRow(call, name, erase).status();
}

// Copies of what was in the records.
absl::Status EraseExports(const store::Store& store, const call::Call& call,
                          const std::string& user) {
  const auto erase = [&](google::protobuf::Message& message) {
    auto& operation = static_cast<v1::Operation&>(message);
    bool changed = false;
    for (v1::Operation::Part& part : *operation.mutable_parts()) {
      if (operation.user() != user || part.data().empty()) continue;
      part.clear_data();
      changed = true;
    }
    return changed;
  };
  return store.ByDescriptor(v1::Operation::descriptor())
      ->ChangeEach(call, store::Collection::Rows::kAll, erase)
      .status();
}

absl::Status AddPart(const call::Call& call, const v1::FinishPartRequest& request,
                     v1::Operation& operation) {
  if (operation.done() || HasPart(operation, request.service())) return absl::OkStatus();
  v1::Operation::Part& part = *operation.add_parts();
  part.set_service(request.service());
  *part.mutable_done_time() = ToTimestamp(call.Now());
  part.set_resources(request.resources());
  part.set_data(request.data());
  if (!OthersAreDone(operation) || !HasPart(operation, kIdentity)) return absl::OkStatus();
  operation.set_done(true);
  if (operation.kind() == v1::Operation::EXPORT) {
    *operation.mutable_expire_time() = ToTimestamp(call.Now() + kExportKept);
  }
  return absl::OkStatus();
}

absl::StatusOr<call::MessagePtr> Finish(const store::Store& store, const call::Call& call,
                                        const v1::FinishPartRequest& request) {
  RETURN_IF_ERROR(CheckOwnPart(call, request.service()));
  const call::Call acting = ActAs(call, call.caller.name);
  const store::ResourceStore<v1::Operation> operations(store);
  ASSIGN_OR_RETURN(const v1::Operation operation, operations.Get(acting, request.name()));
  if (request.service() == kIdentity && operation.kind() == v1::Operation::ERASURE) {
    RETURN_IF_ERROR(EraseUser(store, acting, operation.user()));
    RETURN_IF_ERROR(EraseExports(store, acting, operation.user()));
    RETURN_IF_ERROR(sql::Scrub(store.database()));
  }
  RETURN_IF_ERROR(
      operations
          .Modify(acting, request.name(), "",
                  [&](v1::Operation& changed) { return AddPart(call, request, changed); })
          .status());
  return std::make_unique<v1::FinishPartResponse>();
}

template <class Request, class Response>
call::UnaryMethod Method(const std::string& name, const store::Store& store,
                         absl::StatusOr<call::MessagePtr> (*run)(const store::Store&,
                                                                 const call::Call&,
                                                                 const Request&)) {
  return {name, Request::descriptor(), Response::descriptor(),
          [&store, run](const call::Call& call, const google::protobuf::Message& request) {
            return run(store, call, static_cast<const Request&>(request));
          }};
}

absl::StatusOr<call::MessagePtr> Export(const store::Store& store, const call::Call& call,
                                        const v1::ExportPersonRequest& request) {
  return Begin(store, call, request.name(), v1::Operation::EXPORT);
}

absl::StatusOr<call::MessagePtr> Erase(const store::Store& store, const call::Call& call,
                                       const v1::ErasePersonRequest& request) {
  return Begin(store, call, request.name(), v1::Operation::ERASURE);
}

}  // namespace

std::vector<call::UnaryMethod> PersonMethods(const store::Store& store) {
  return {Method<v1::ExportPersonRequest, v1::Operation>("ExportPerson", store, Export),
          Method<v1::ErasePersonRequest, v1::Operation>("ErasePerson", store, Erase),
          Method<v1::DescribePersonRequest, v1::DescribePersonResponse>("DescribePerson", store,
                                                                        Describe),
          Method<v1::FinishPartRequest, v1::FinishPartResponse>("FinishPart", store, Finish)};
}

}  // namespace mostove::identity
