#include "tests/access/recorded_database.h"

#include <utility>

namespace mostove::access {
namespace {

using sql::Value;

class RecordedConnection : public sql::Connection {
 public:
  RecordedConnection(sql::Connection& inner, Statements* statements)
      : inner_(inner), statements_(statements) {}

  sql::Engine engine() const override { return inner_.engine(); }
  absl::Status Query(absl::string_view statement, absl::Span<const Value> values,
                     absl::FunctionRef<bool(const sql::Row&)> each) override {
    statements_->Add(statement);
    return inner_.Query(statement, values, each);
  }
  absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                  absl::Span<const Value> values) override {
    statements_->Add(statement);
    return inner_.Execute(statement, values);
  }
  absl::Status Queue(absl::string_view statement, absl::Span<const Value> values,
                     Explain explain) override {
    statements_->Add(statement);
    return inner_.Queue(statement, values, std::move(explain));
  }
  absl::Status Flush() override { return inner_.Flush(); }
  absl::Status Script(absl::string_view statements) override { return inner_.Script(statements); }
  void SetDeadline(absl::Time deadline) override { inner_.SetDeadline(deadline); }
  bool healthy() const override { return inner_.healthy(); }

 private:
  sql::Connection& inner_;
  Statements* const statements_;
};

// A connection that goes back to its own database.
class RecordedReader : public RecordedConnection {
 public:
  RecordedReader(sql::Database::Reader reader, Statements* statements)
      : RecordedConnection(*reader, statements), reader_(std::move(reader)) {}

 private:
  const sql::Database::Reader reader_;
};

class RecordedDatabase : public sql::Database {
 public:
  RecordedDatabase(std::unique_ptr<sql::Database> inner, Statements* statements)
      : inner_(std::move(inner)), statements_(statements) {}

  sql::Engine engine() const override { return inner_->engine(); }
  absl::StatusOr<Reader> Read(absl::Time deadline) override {
    auto reader = inner_->Read(deadline);
    if (!reader.ok()) return std::move(reader).status();
    return Reader(this, std::make_unique<RecordedReader>(*std::move(reader), statements_));
  }
  absl::Status Write(absl::Time deadline, const sql::Change& change, sql::Extent extent) override {
    const auto recorded = [&](sql::Transaction& transaction) {
      RecordedConnection connection(transaction.connection(), statements_);
      sql::Transaction::Shared shared{.next_ordinal = transaction.NextOrdinal(),
                                      .number = transaction.number(),
                                      .optimistic = transaction.optimistic()};
      sql::Transaction inner(connection, shared);
      absl::Status changed = change(inner);
      transaction.number() = shared.number;
      for (auto& action : inner.TakeAfterCommit()) transaction.AfterCommit(std::move(action));
      return changed;
    };
    return inner_->Write(deadline, recorded, extent);
  }
  absl::Status Migrate(absl::string_view space,
                       const std::vector<sql::Migration>& migrations) override {
    return inner_->Migrate(space, migrations);
  }
  absl::StatusOr<std::vector<Column>> Columns() override { return inner_->Columns(); }

 private:
  void GiveBack(std::unique_ptr<sql::Connection>) override {}  // it goes by itself

  const std::unique_ptr<sql::Database> inner_;
  Statements* const statements_;
};

}  // namespace

void Statements::Add(absl::string_view text) {
  const std::lock_guard lock(mutex_);
  texts_.emplace_back(text);
}

std::vector<std::string> Statements::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(texts_, {});
}

std::unique_ptr<sql::Database> Recorded(std::unique_ptr<sql::Database> database,
                                        Statements* statements) {
  return std::make_unique<RecordedDatabase>(std::move(database), statements);
}

}  // namespace mostove::access
