// How the index follows the rows. Searching is in search.cc.
#include "libs/search/index.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"

namespace mostove::search {
namespace {

using google::protobuf::Message;

constexpr int kRowsAtOnce = 200;

uint32_t BitOf(resource::Audience audience) { return 1u << audience; }

int64_t RevisionOf(const resource::Type& type, const Message& message) {
  const std::string etag = message.GetReflection()->GetString(message, type.etag_field());
  int64_t revision = 0;
  (void)absl::SimpleAtoi(absl::StrReplaceAll(etag, {{"\"", ""}}), &revision);
  return revision;
}

absl::StatusOr<std::vector<std::string>> Names(sql::Connection& connection,
                                               const std::string& statement,
                                               const std::vector<sql::Value>& values) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(connection.Query(statement, values, [&](const sql::Row& row) {
    names.emplace_back(row.Text(0));
    return true;
  }));
  return names;
}

}  // namespace

store::Rules Keep(const std::shared_ptr<Index>& index, store::Rules rules) {
  index->audience_ = rules.audience;
  rules.accompany = [index, also = std::move(rules.accompany)](
                        const store::Store& store, const call::Call& call,
                        sql::Transaction& transaction, const Message* before,
                        const Message& after) -> absl::Status {
    if (also) RETURN_IF_ERROR(also(store, call, transaction, before, after));
    return index->Write(transaction, before, after);
  };
  return rules;
}

absl::Status Index::Open(const store::Store& store) {
  store_ = &store;
  collection_ = store.ByDescriptor(descriptor_);
  if (collection_ == nullptr || collection_->parent() != nullptr ||
      collection_->type().etag_field() == nullptr ||
      collection_->type().delete_time_field() == nullptr) {
    return status::Internal(absl::StrCat(descriptor_->full_name(),
                                         " cannot be searched: it has to be a resource of the "
                                         "service without a parent, with etag and delete_time"));
  }
  ASSIGN_OR_RETURN(Fields fields, Fields::Make(collection_->type(), declared_));
  fields_ = std::make_unique<const Fields>(std::move(fields));
  tables_ = std::make_unique<const Tables>(collection_->type().table());
  RETURN_IF_ERROR(tables_->Install(store.database()));
  RETURN_IF_ERROR(Settle());
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(absl::InfiniteFuture()));
  return LearnTerms(*reader);
}

resource::Audience Index::AudienceOf(const Message& resource) const {
  return audience_ ? audience_(resource) : resource::v1::OWNER;
}

bool Index::IsDeleted(const Message& resource) const {
  return resource.GetReflection()->HasField(resource, collection_->type().delete_time_field());
}

absl::Status Index::PutRow(sql::Transaction& transaction, const std::string& name, int64_t revision,
                           resource::Audience audience, const std::string& words,
                           bool is_new) const {
  RETURN_IF_ERROR(tables_->Put(transaction, name, revision, audience, words, is_new));
  std::vector<std::string> unknown;
  for (const absl::string_view form : FormsOf(words)) {
    if (!dictionary_.Has(form, BitOf(audience))) unknown.emplace_back(form);
  }
  if (unknown.empty()) return absl::OkStatus();
  std::vector<std::string> terms;
  terms.reserve(unknown.size());
  for (const std::string& form : unknown) {
    terms.push_back(absl::StrCat(std::string(1, LetterOf(audience)), form));
  }
  transaction.AfterCommit([this, unknown = std::move(unknown), audience] {
    for (const std::string& form : unknown) dictionary_.Add(form, BitOf(audience));
  });
  return tables_->AddTerms(transaction.connection(), std::move(terms));
}

absl::Status Index::Write(sql::Transaction& transaction, const Message* before,
                          const Message& after) const {
  const resource::Type& type = collection_->type();
  const std::string name = after.GetReflection()->GetString(after, type.name_field());
  if (IsDeleted(after)) return tables_->Remove(transaction, name);
  const int64_t revision = before == nullptr ? 1 : RevisionOf(type, *before) + 1;
  const resource::Audience audience = AudienceOf(after);
  const std::string words = fields_->WordsOf(after);
  if (before != nullptr && !IsDeleted(*before) && AudienceOf(*before) == audience &&
      fields_->WordsOf(*before) == words) {
    return tables_->Touch(transaction.connection(), name, revision);
  }
  return PutRow(transaction, name, revision, audience, words, before == nullptr);
}

absl::Status Index::LearnTerms(sql::Connection& connection) const {
  const std::lock_guard lock(terms_mutex_);
  // A file has one process, and what that commits is in the dictionary.
  if (terms_since_ != 0 && connection.engine() == sql::Engine::kSqlite) return absl::OkStatus();
  return tables_->ReadTerms(connection, terms_since_, [&](absl::string_view term) {
    if (term.empty()) return;
    for (const auto audience : {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC}) {
      if (LetterOf(audience) == term[0]) dictionary_.Add(term.substr(1), BitOf(audience));
    }
  });
}

absl::Status Index::Settle() const {
  const std::string& main = collection_->type().table();
  const std::string& own = tables_->own();
  const std::string digest = fields_->Digest();
  bool same = false;
  const auto read =
      [&](const std::string& statement,
          const std::vector<sql::Value>& values) -> absl::StatusOr<std::vector<std::string>> {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_->database().Read(absl::InfiniteFuture()));
    return Names(*reader, statement, values);
  };
  {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_->database().Read(absl::InfiniteFuture()));
    RETURN_IF_ERROR(reader->Query(absl::StrCat("SELECT digest FROM ", own, "_layout"), {},
                                  [&](const sql::Row& row) {
                                    same = row.Bytes(0) == digest;
                                    return false;
                                  }));
  }
  const std::string stale =
      absl::StrCat("SELECT m.name FROM ", main, " m LEFT JOIN ", own,
                   " s ON s.name = m.name WHERE m.name > ?1 AND m.deleted = 0",
                   same ? " AND (s.revision IS NULL OR s.revision <> m.revision)" : "",
                   " ORDER BY m.name LIMIT ", kRowsAtOnce);
  for (std::string last;;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, read(stale, {last}));
    if (names.empty()) break;
    RETURN_IF_ERROR(SettleSome(names));
    last = names.back();
  }
  const std::string gone = absl::StrCat("SELECT s.name FROM ", own, " s LEFT JOIN ", main,
                                        " m ON m.name = s.name AND m.deleted = 0 WHERE s.name > ?1 "
                                        "AND m.name IS NULL ORDER BY s.name LIMIT ",
                                        kRowsAtOnce);
  for (std::string last;;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, read(gone, {last}));
    if (names.empty()) break;
    RETURN_IF_ERROR(SettleSome(names));
    last = names.back();
  }
  if (same) return absl::OkStatus();
  return store_->database().Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) {
    return transaction.connection()
        .Execute(absl::StrCat("INSERT INTO ", own,
                              "_layout (only_row, digest) VALUES (1, ?1) ON CONFLICT (only_row) DO "
                              "UPDATE SET digest = excluded.digest"),
                 {sql::Blob{digest}})
        .status();
  });
}

absl::Status Index::SettleSome(const std::vector<std::string>& names) const {
  const store::Layout& layout = collection_->layout();
  return store_->database().Write(
      absl::InfiniteFuture(), [&](sql::Transaction& transaction) -> absl::Status {
        sql::Connection& connection = transaction.connection();
        for (const std::string& name : names) {
          ASSIGN_OR_RETURN(const std::unique_ptr<store::StoredRow> row,
                           store::ReadRow(layout, connection, name, store::Lock::kShare));
          if (row == nullptr || row->deleted) {
            RETURN_IF_ERROR(tables_->Remove(transaction, name));
            continue;
          }
          RETURN_IF_ERROR(PutRow(transaction, name, row->revision, AudienceOf(*row->message),
                                 fields_->WordsOf(*row->message), /*is_new=*/false));
        }
        return absl::OkStatus();
      });
}

}  // namespace mostove::search
