// Lists: a page is read in one or two stretches (list_statement.h).
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/list_statement.h"
#include "libs/telemetry/metrics.h"

namespace mostove::store {
namespace {

// What a token must not be used with otherwise.
std::string QueryText(const resource::Type& type, const ListRequest& request) {
  return absl::StrCat(type.type(), "\n", request.parent, "\n", request.filter, "\n",
                      request.order_by, "\n", request.show_deleted ? "deleted" : "");
}

absl::Status ReadPage(sql::Connection& connection, const Layout& layout, const ListQuery& query,
                      const call::Caller& caller, const resource::PageToken* token, int page_size,
                      const std::string& query_text, Collection::RowFunction each, ListPage& page) {
  resource::PageToken last;
  const resource::PageToken* after = token;
  bool full = false;
  int count = 0;
  size_t bytes = 0;
  int budget = kRowsExaminedMax;
  // Where not every row matches, a second and longer stretch is read only when
  // the first did not fill the page.
  ListLimits limits = {page_size + 1, std::min(kRowsExaminedMax, 4 * page_size)};
  while (!full && budget > 0) {
    const ListStatement statement =
        StatementForPage(layout, query, caller, connection.engine(), after, limits);
    if (statement.text.empty()) return absl::OkStatus();
    int examined = 0;
    absl::Status taken;
    RETURN_IF_ERROR(connection.Query(statement.text, statement.values, [&](const sql::Row& row) {
      if (count == page_size || bytes > kAnswerBytesMax) {
        full = true;  // there is at least one more row
        return false;
      }
      ++examined;
      last.key.clear();
      if (query.order.column != nullptr) last.key.push_back(row.Get(1));
      last.key.push_back(std::string(row.Text(0)));
      if (row.IsNull(3)) return true;
      bytes += row.Bytes(3).size();
      ++count;
      taken = each(row.Bytes(3), row.Int64(2));
      return taken.ok();
    }));
    RETURN_IF_ERROR(taken);
    page.rows_examined += examined;
    budget -= examined;
    if (!full && examined < statement.limit) return absl::OkStatus();  // the end
    after = &last;
    limits = {budget, budget};
    if (count == page_size) full = true;
  }
  page.next_page_token = resource::EncodePageToken(last, query_text);
  return absl::OkStatus();
}

absl::Status CountTotal(sql::Connection& connection, const Layout& layout, const ListQuery& query,
                        const call::Caller& caller, ListPage& page) {
  const ListStatement statement =
      StatementForTotal(layout, query, caller, connection.engine(), kRowsCountedMax + 1);
  page.total_size = 0;
  if (statement.text.empty()) return absl::OkStatus();
  return connection.Query(statement.text, statement.values, [&](const sql::Row& row) {
    page.total_is_minimum = row.Int64(0) > kRowsCountedMax;
    page.total_size = row.Int64(1);
    return false;
  });
}

}  // namespace

absl::StatusOr<ListPage> Collection::List(const Call& call, const ListRequest& request) const {
  std::vector<MessagePtr> resources;
  ASSIGN_OR_RETURN(ListPage page,
                   ListRows(call, request, [&](absl::string_view payload, int64_t revision) {
                     auto message = ParsePayload(type(), payload, revision);
                     if (message.ok()) resources.push_back(*std::move(message));
                     return message.status();
                   }));
  page.resources = std::move(resources);
  return page;
}

absl::StatusOr<ListPage> Collection::ListRows(const Call& call, const ListRequest& request,
                                              RowFunction each) const {
  RestOnAll(call);
  status::Violations violations;
  if (type().has_parent()) {
    violations.Add(resource::CheckParent(type(), "parent", request.parent, /*wildcard=*/true));
  }
  if (request.page_size < 0) violations.Add("page_size", "TOO_SMALL", "has to be 0 or more");
  const resource::Aliases& aliases = store_.aliases();
  auto filter = resource::ParseFilter(type(), request.filter, "filter", &aliases);
  auto order = resource::ParseOrder(type(), request.order_by, "order_by");
  violations.Add(filter.status());
  violations.Add(order.status());
  const std::string query_text = QueryText(type(), request);
  resource::PageToken token;
  if (!request.page_token.empty()) {
    auto decoded = resource::DecodePageToken(request.page_token, query_text, "page_token");
    violations.Add(decoded.status());
    if (decoded.ok()) token = *std::move(decoded);
  }
  RETURN_IF_ERROR(violations.ToStatus());

  ListQuery query{filter->get(), *order, request.parent, request.show_deleted};
  if (absl::EndsWith(query.parent, "/-")) query.parent.clear();
  const size_t key_size = order->column == nullptr ? 1 : 2;
  if (!request.page_token.empty() && token.key.size() != key_size) {
    return status::InvalidField("page_token", "PAGE_TOKEN", "is not a token of this list");
  }
  if (!query.parent.empty() && !aliases.empty()) {
    query.other_parents = aliases.NamesOf(query.parent);
    query.parent = query.other_parents.front();
    query.other_parents.erase(query.other_parents.begin());
  }
  if (!query.parent.empty() && parent_ != nullptr) {
    ASSIGN_OR_RETURN(const MessagePtr above, parent_->Get(call, query.parent));
  }
  const int page_size = request.page_size == 0
                            ? kPageSizeDefault
                            : static_cast<int>(std::min<int64_t>(request.page_size, kPageSizeMax));

  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ListPage page;
  RETURN_IF_ERROR(ReadPage(*reader, layout_, query, call.caller,
                           request.page_token.empty() ? nullptr : &token, page_size, query_text,
                           each, page));
  if (request.show_total_size) {
    RETURN_IF_ERROR(CountTotal(*reader, layout_, query, call.caller, page));
  }
  if (store_.options().metrics != nullptr) {
    store_.options().metrics->CountListPage(type().type(), page.rows_examined);
  }
  return page;
}

}  // namespace mostove::store
