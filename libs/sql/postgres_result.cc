#include "libs/sql/postgres_result.h"

#include <bit>
#include <string>

#include "absl/base/internal/endian.h"
#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

bool IsKnown(Oid type) {
  switch (type) {
    case kBool:
    case kBytea:
    case kName:
    case kInt8:
    case kInt2:
    case kInt4:
    case kText:
    case kFloat8:
    case kVarchar:
    case kVoid:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status CheckColumnTypes(const PGresult* result) {
  for (int i = 0; i < PQnfields(result); ++i) {
    if (IsKnown(PQftype(result, i))) continue;
    return status::Internal(
        absl::StrCat("column ", PQfname(result, i), " of the result has PostgreSQL's type ",
                     PQftype(result, i), "; CAST it to BIGINT, DOUBLE PRECISION or TEXT"));
  }
  return absl::OkStatus();
}

int64_t PostgresRow::Int64(int column) const {
  if (IsNull(column)) return 0;
  const char* bytes = PQgetvalue(result_, row_, column);
  switch (PQgetlength(result_, row_, column)) {
    case 1:
      return *bytes;
    case 2:
      return static_cast<int16_t>(absl::big_endian::Load16(bytes));
    case 4:
      return static_cast<int32_t>(absl::big_endian::Load32(bytes));
    case 8:
      return PQftype(result_, column) == kFloat8
                 ? static_cast<int64_t>(Double(column))
                 : static_cast<int64_t>(absl::big_endian::Load64(bytes));
    default:
      return 0;
  }
}

double PostgresRow::Double(int column) const {
  if (IsNull(column)) return 0;
  if (PQftype(result_, column) != kFloat8) return static_cast<double>(Int64(column));
  return std::bit_cast<double>(absl::big_endian::Load64(PQgetvalue(result_, row_, column)));
}

Value PostgresRow::Get(int column) const {
  if (IsNull(column)) return Null{};
  switch (PQftype(result_, column)) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
      return Int64(column);
    case kFloat8:
      return Double(column);
    case kBytea:
      return Blob{std::string(Bytes(column))};
    default:
      return std::string(Text(column));
  }
}

}  // namespace mostove::sql
