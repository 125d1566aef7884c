// The statement that reads a stretch of a list: which indexes of which tables a
// caller's page is merged from.
#pragma once

#include <string>
#include <vector>

#include "libs/call/call.h"
#include "libs/resource/filter.h"
#include "libs/resource/order.h"
#include "libs/resource/page_token.h"
#include "libs/sql/sql.h"
#include "libs/store/row.h"

namespace mostove::store {

// What a list asks for, checked.
struct ListQuery {
  const resource::Filter* filter;
  resource::Order order;
  std::string parent;  // "" for all
  bool show_deleted = false;
  // Other names of the parent, since resources were merged into it.
  std::vector<std::string> other_parents = {};
};

struct ListStatement {
  std::string text;  // empty: the caller can see nothing of what is asked for
  std::vector<sql::Value> values;
  int limit = 0;  // of its rows
};

// How many rows a statement reads at most.
struct ListLimits {
  int matching;  // where every row matches the filter
  int examined;  // where rows come that do not match, without their payload
};

// Rows of (name, sort key, revision, payload) in the list's order after `after`
// (null: from the start). Every row is visible to the caller.
ListStatement StatementForPage(const Layout& layout, const ListQuery& query,
                               const call::Caller& caller, sql::Engine engine,
                               const resource::PageToken* after, ListLimits limits);

// One row: how many rows, `limit` at most, and how many of these match.
ListStatement StatementForTotal(const Layout& layout, const ListQuery& query,
                                const call::Caller& caller, sql::Engine engine, int limit);

}  // namespace mostove::store
