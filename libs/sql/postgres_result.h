// The binary rows of a PostgreSQL result.
#pragma once

#include <libpq-fe.h>

#include <memory>

#include "libs/sql/sql.h"

namespace mostove::sql {

// The server's numbers of the types that we know.
inline constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23,
                     kText = 25, kFloat8 = 701, kVarchar = 1043, kVoid = 2278;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

// INTERNAL when a column has a type that Row cannot read: SUM of a BIGINT is
// NUMERIC and wants a CAST.
absl::Status CheckColumnTypes(const PGresult* result);

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* result) : result_(result) {}
  void MoveTo(int row) { row_ = row; }

  int size() const override { return PQnfields(result_); }
  bool IsNull(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  int64_t Int64(int column) const override;
  double Double(int column) const override;
  absl::string_view Text(int column) const override { return Bytes(column); }
  absl::string_view Bytes(int column) const override {
    return absl::string_view(PQgetvalue(result_, row_, column), PQgetlength(result_, row_, column));
  }
  Value Get(int column) const override;

 private:
  const PGresult* const result_;
  int row_ = 0;
};

}  // namespace mostove::sql
