// Whatever the bytes, a filter is refused or becomes SQL whose placeholders are
// its values, each at least once and none else, and that holds none of its text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "libs/resource/filter.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace {

using mostove::resource::Filter;
using mostove::resource::Type;

void Require(bool holds) {
  if (!holds) std::abort();
}

const Type& ShelfType() {
  static const Type& type =
      *Type::Build(mostove::testing::v1::Shelf::descriptor()).value().release();
  return type;
}

void CheckSql(const Filter& filter, mostove::sql::Engine engine) {
  std::vector<mostove::sql::Value> values = {int64_t{1}};
  const std::string sql = filter.ToSql(engine, "t", values);
  std::vector<bool> used(values.size() + 1);
  used[0] = used[1] = true;
  for (size_t i = 0; i < sql.size(); ++i) {
    // Quotes, comments and ends of statements are never needed.
    Require(absl::ascii_isprint(sql[i]) &&
            std::string("\"';\\/*").find(sql[i]) == std::string::npos);
    if (sql[i] != '?') continue;
    const size_t end = sql.find_first_not_of("0123456789", i + 1);
    size_t number = 0;
    Require(absl::SimpleAtoi(sql.substr(i + 1, end - i - 1), &number));
    Require(number > 1 && number < used.size());
    used[number] = true;
  }
  for (const bool each : used) Require(each);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto filter = mostove::resource::ParseFilter(ShelfType(), text, "filter");
  if (!filter.ok()) {
    Require(filter.status().code() == absl::StatusCode::kInvalidArgument);
    return 0;
  }
  CheckSql(**filter, mostove::sql::Engine::kSqlite);
  CheckSql(**filter, mostove::sql::Engine::kPostgres);
  return 0;
}
