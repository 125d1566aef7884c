// Searching: what answers the query, as far as the caller sees it, in its order.
//
// Three rounds, each more lenient: all words as they are (the last as a prefix); near
// words too; one word missing.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/name.h"
#include "libs/resource/page_token.h"
#include "libs/search/index.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"

namespace mostove::search {
namespace {

using resource::Audience;

// Fewer results than these and near words are asked for. Rows that miss a word are
// only when there is nothing else.
constexpr size_t kEnough = 10;
// Near words of one word of the query.
constexpr size_t kNearMax = 24;
// Beginnings of words: shorter ones find nothing; those of up to four letters stand in
// the index; for longer ones the words are looked up first, so that the database reads
// them one by one and may stop, where it would gather all.
constexpr size_t kPrefixLengthMin = 2;
constexpr size_t kPrefixLengthIndexed = 4;
constexpr size_t kBeginningMax = 200;

constexpr Audience kAudiences[] = {resource::v1::OWNER, resource::v1::NETWORK,
                                   resource::v1::PUBLIC};

std::string QueryText(const Request& request) {
  return absl::StrCat("search\n", request.query, "\n", request.filter);
}

std::string Places(size_t first, size_t count) {
  std::vector<std::string> places;
  for (size_t i = 0; i < count; ++i) places.push_back(absl::StrCat("?", first + i));
  return absl::StrJoin(places, ", ");
}

}  // namespace

struct Index::Ranked {
  std::string name;
  double rank = 0;
  bool own = false;  // seen as its owner only

  bool operator<(const Ranked& other) const {
    return rank != other.rank ? rank > other.rank : name < other.name;
  }
};

struct Index::Sight {
  uint32_t audiences = 0;           // bits; rows of these are seen
  std::vector<std::string> owners;  // and all rows of these
};

// As in lists: a filter on what only owners see restricts all to what is the caller's.
Index::Sight Index::SightOf(const call::Caller& caller, Audience narrowest) const {
  Sight sight;
  if (caller.administrator) {
    for (const Audience audience : kAudiences) sight.audiences |= 1u << audience;
    return sight;
  }
  if (narrowest <= resource::v1::ADMINISTRATOR) return sight;
  sight.owners = caller.organizations;
  const Audience level = resource::LevelOf(caller);
  if (narrowest < level) return sight;
  for (const Audience audience : kAudiences) {
    if (audience >= level) sight.audiences |= 1u << audience;
  }
  return sight;
}

// Of each word that is not weak.
std::vector<std::vector<std::string>> Index::NearWords(const Query& query,
                                                       uint32_t audiences) const {
  std::vector<std::vector<std::string>> near;
  for (const QueryWord& word : query.words()) {
    std::vector<std::string>& all = near.emplace_back();
    if (word.weak || word.typos_allowed == 0) continue;
    for (const std::string& form : word.forms) {
      for (std::string& other :
           dictionary_.Nearest(form, audiences, word.typos_allowed, kNearMax)) {
        all.push_back(std::move(other));
      }
    }
  }
  return near;
}

std::vector<AllOf> Index::Expression(const Query& query, const Strictness& strictness,
                                     const std::vector<std::vector<std::string>>& near,
                                     uint32_t audiences) const {
  AllOf groups;
  for (size_t i = 0; i < query.words().size(); ++i) {
    const QueryWord& word = query.words()[i];
    if (strictness.typos && word.weak) continue;
    AnyOf& group = groups.emplace_back();
    // The dictionary knows what stands in no row, so the database is not asked.
    const auto add = [&](const std::string& form, bool prefix) {
      for (const Audience audience : kAudiences) {
        if ((audiences & 1u << audience) == 0) continue;
        if (!prefix && !dictionary_.Has(form, 1u << audience)) continue;
        group.push_back({absl::StrCat(std::string(1, LetterOf(audience)), form), prefix});
      }
    };
    for (const std::string& form : word.forms) {
      const bool indexed = form.size() >= kPrefixLengthMin && form.size() <= kPrefixLengthIndexed;
      add(form, word.prefix && indexed);
      if (!word.prefix || form.size() <= kPrefixLengthIndexed) continue;
      for (const std::string& longer : dictionary_.Beginning(form, audiences, kBeginningMax)) {
        add(longer, false);
      }
    }
    if (!strictness.typos) continue;
    for (const std::string& form : near[i]) add(form, false);
  }
  const auto answerable = [](const AllOf& all) {
    return !all.empty() &&
           std::none_of(all.begin(), all.end(), [](const AnyOf& group) { return group.empty(); });
  };
  std::vector<AllOf> any;
  if (strictness.missing == 0) {
    if (answerable(groups)) any.push_back(std::move(groups));
    return any;
  }
  for (size_t left_out = 0; left_out < groups.size(); ++left_out) {
    AllOf all = groups;
    all.erase(all.begin() + static_cast<int64_t>(left_out));
    if (answerable(all)) any.push_back(std::move(all));
  }
  return any;
}

// Few enough to be looked at one by one: the index of words is by audience, and not
// by owner.
absl::Status Index::FindOwn(sql::Connection& connection, const Sight& sight,
                            const resource::Filter& filter, Tables::Each each) const {
  const store::Layout& layout = collection_->layout();
  std::vector<sql::Value> values;
  for (const std::string& owner : sight.owners) {
    if (layout.owner_path() == store::OwnerPath::kTable ||
        resource::MatchesName(layout.type(), owner)) {
      values.emplace_back(owner);
    }
  }
  if (values.empty() || layout.owner_path() == store::OwnerPath::kNone) return absl::OkStatus();
  const std::string owned = Places(1, values.size());
  std::string condition = layout.owner_path() == store::OwnerPath::kSelf
                              ? absl::StrCat("s.name IN (", owned, ")")
                              : absl::StrCat("s.name IN (SELECT o.name FROM ", layout.OwnersTable(),
                                             " o WHERE o.owner IN (", owned, "))");
  for (const Audience audience : kAudiences) {
    if ((sight.audiences & 1u << audience) != 0) {
      absl::StrAppend(&condition, " AND s.audience <> ", static_cast<int>(audience));
    }
  }
  std::string from = absl::StrCat(tables_->own(), " s");
  if (!filter.empty()) {
    absl::StrAppend(&from, " JOIN ", layout.table(), " m ON m.name = s.name");
    absl::StrAppend(&condition, " AND (", filter.ToSql(connection.engine(), "m", values), ")");
  }
  return connection.Query(absl::StrCat("SELECT s.name, s.words FROM ", from, " WHERE ", condition,
                                       " LIMIT ", kRankedMax),
                          values, [&](const sql::Row& row) {
                            each(row.Text(0), row.Text(1));
                            return true;
                          });
}

absl::Status Index::AddRound(sql::Connection& connection, const Sight& sight, const Query& query,
                             const resource::Filter& filter, const Strictness& strictness,
                             const std::vector<std::vector<std::string>>& near,
                             absl::flat_hash_map<std::string, Ranked>& found, bool& more) const {
  const KnownWords known = query.Known(near);
  const auto add = [&](absl::string_view name, double rank, bool own) {
    if (rank <= 0) return;
    Ranked& ranked = found[std::string(name)];
    ranked = {std::string(name), std::max(rank, ranked.rank), own};
  };
  const std::vector<AllOf> expression = Expression(query, strictness, near, sight.audiences);
  if (!expression.empty()) {
    int rows = 0;
    RETURN_IF_ERROR(tables_->Find(connection, expression, filter, kExaminedMax, kRankedMax,
                                  [&](absl::string_view name, absl::string_view words) {
                                    ++rows;
                                    add(name, query.Rank(words, strictness, &known), false);
                                  }));
    if (rows == kRankedMax) more = true;
  }
  RETURN_IF_ERROR(
      FindOwn(connection, sight, filter, [&](absl::string_view name, absl::string_view words) {
        add(name, query.Rank(words, strictness), true);
      }));
  return absl::OkStatus();
}

absl::Status Index::PutSurvivors(sql::Connection& connection, const call::Caller& caller,
                                 const resource::Filter& filter,
                                 absl::flat_hash_map<std::string, Ranked>& found) const {
  const resource::Aliases& aliases = store_->aliases();
  if (aliases.empty()) return absl::OkStatus();
  absl::flat_hash_map<std::string, double> merged;  // rank by what they stand for
  for (const auto& [name, one] : found) {
    std::string survivor = aliases.Resolve(name);
    if (survivor == name) continue;
    double& rank = merged[std::move(survivor)];
    rank = std::max(rank, one.rank);
  }
  absl::erase_if(found,
                 [&](const auto& each) { return aliases.Resolve(each.first) != each.first; });
  const store::Layout& layout = collection_->layout();
  for (const auto& [name, rank] : merged) {
    ASSIGN_OR_RETURN(const std::unique_ptr<store::StoredRow> row,
                     store::ReadVisibleRow(layout, caller, connection, name, store::Lock::kNone));
    if (row == nullptr || row->deleted) continue;
    if (!filter.empty()) {
      std::vector<sql::Value> values = {name};
      const std::string matches = filter.ToSql(connection.engine(), "m", values);
      bool match = false;
      RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT 1 FROM ", layout.table(),
                                                    " m WHERE m.name = ?1 AND (", matches, ")"),
                                       values, [&](const sql::Row&) {
                                         match = true;
                                         return false;
                                       }));
      if (!match) continue;
    }
    Ranked& ranked = found[name];
    ranked = {name, std::max(rank, ranked.rank), /*own=*/true};
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Index::Ranked>> Index::Rank(sql::Connection& connection,
                                                       const call::Caller& caller,
                                                       const Query& query,
                                                       const resource::Filter& filter,
                                                       bool& more) const {
  const Sight sight = SightOf(caller, filter.narrowest());
  absl::flat_hash_map<std::string, Ranked> found;
  const Strictness kRounds[] = {{}, {.typos = true}, {.typos = true, .missing = 1}};
  std::vector<std::vector<std::string>> near;
  RETURN_IF_ERROR(LearnTerms(connection));
  for (const Strictness& strictness : kRounds) {
    if (strictness.missing > 0 && (query.significant() < 2 || !found.empty())) break;
    if (strictness.typos && near.empty()) near = NearWords(query, sight.audiences);
    RETURN_IF_ERROR(AddRound(connection, sight, query, filter, strictness, near, found, more));
    RETURN_IF_ERROR(PutSurvivors(connection, caller, filter, found));
    if (found.size() >= kEnough) break;
  }
  std::vector<Ranked> ranked;
  ranked.reserve(found.size());
  for (auto& [name, one] : found) ranked.push_back(std::move(one));
  std::sort(ranked.begin(), ranked.end());
  return ranked;
}

absl::StatusOr<std::vector<std::string>> Index::FindNear(const call::Call& call,
                                                         absl::string_view text,
                                                         size_t limit) const {
  const Query query = Query::Parse(text, /*whole=*/true);
  if (query.words().empty()) return std::vector<std::string>();
  ASSIGN_OR_RETURN(const auto filter, resource::ParseFilter(collection_->type(), "", "filter"));
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_->database().Read(call.deadline));
  RETURN_IF_ERROR(LearnTerms(*reader));
  const Sight sight = SightOf(call.caller, resource::v1::PUBLIC);
  absl::flat_hash_map<std::string, Ranked> found;
  bool more = false;
  RETURN_IF_ERROR(AddRound(*reader, sight, query, *filter, {.typos = true},
                           NearWords(query, sight.audiences), found, more));
  RETURN_IF_ERROR(PutSurvivors(*reader, call.caller, *filter, found));
  std::vector<Ranked> ranked;
  for (auto& [name, one] : found) ranked.push_back(std::move(one));
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (Ranked& one : ranked) {
    if (names.size() < limit) names.push_back(std::move(one.name));
  }
  return names;
}

absl::Status Index::ReadPage(const call::Call& call, sql::Connection& connection,
                             const Query& query, const std::vector<Ranked>& ranked,
                             Page& page) const {
  const store::Layout& layout = collection_->layout();
  absl::flat_hash_map<std::string, call::MessagePtr> read;
  std::vector<sql::Value> names;
  for (const Ranked& one : ranked) {
    if (!one.own) {
      names.emplace_back(one.name);
      continue;
    }
    ASSIGN_OR_RETURN(
        std::unique_ptr<store::StoredRow> row,
        store::ReadVisibleRow(layout, call.caller, connection, one.name, store::Lock::kNone));
    if (row != nullptr && !row->deleted) read[one.name] = std::move(row->message);
  }
  absl::Status parsed;
  if (!names.empty()) {
    // In powers of two, so that there are few statements.
    size_t places = 4;
    while (places < names.size()) places *= 2;
    names.resize(places, names.back());
    RETURN_IF_ERROR(connection.Query(
        absl::StrCat("SELECT name, payload, revision FROM ", layout.table(), " WHERE name IN (",
                     Places(1, places), ") AND deleted = 0 AND audience >= ",
                     call.caller.administrator ? static_cast<int>(resource::v1::OWNER)
                                               : static_cast<int>(resource::LevelOf(call.caller))),
        names, [&](const sql::Row& row) {
          auto message = store::ParsePayload(layout.type(), row.Bytes(1), row.Int64(2));
          parsed = message.status();
          if (parsed.ok()) read[std::string(row.Text(0))] = *std::move(message);
          return parsed.ok();
        }));
    RETURN_IF_ERROR(parsed);
  }
  size_t bytes = 0;
  for (const Ranked& one : ranked) {
    const auto found = read.find(one.name);
    if (found == read.end()) continue;  // it has left the caller's sight meanwhile
    bytes += found->second->ByteSizeLong();
    if (!page.hits.empty() && bytes > store::kAnswerBytesMax) break;
    Hit& hit = page.hits.emplace_back();
    hit.rank = one.rank;
    for (const Text& text : fields_->TextsOf(*found->second)) {
      v1::Highlight highlight = query.Highlight(text);
      if (highlight.parts_size() > 0) hit.highlights.push_back(std::move(highlight));
    }
    hit.resource = std::move(found->second);
  }
  return absl::OkStatus();
}

absl::StatusOr<Page> Index::Search(const call::Call& call, const Request& request) const {
  const resource::Type& type = collection_->type();
  const Query query = Query::Parse(request.query);
  const auto filter = resource::ParseFilter(type, request.filter, "filter", &store_->aliases());
  status::Violations violations;
  if (query.words().empty()) {
    violations.Add("query", "REQUIRED", "has to have a word to look for");
  }
  violations.Add(filter.status());
  resource::PageToken token;
  if (!request.page_token.empty()) {
    auto decoded = resource::DecodePageToken(request.page_token, QueryText(request), "page_token");
    violations.Add(decoded.status());
    if (decoded.ok()) token = *decoded;
    if (decoded.ok() && (token.key.size() != 2 || !std::holds_alternative<double>(token.key[0]) ||
                         !std::holds_alternative<std::string>(token.key[1]))) {
      violations.Add("page_token", "PAGE_TOKEN", "is not a token of this list");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  const auto size = static_cast<size_t>(request.page_size == 0
                                            ? kPageSizeDefault
                                            : std::min<int64_t>(request.page_size, kPageSizeMax));

  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_->database().Read(call.deadline));
  Page page;
  ASSIGN_OR_RETURN(std::vector<Ranked> ranked,
                   Rank(*reader, call.caller, query, **filter, page.total_is_minimum));
  page.total_size = static_cast<int64_t>(ranked.size());
  auto from = ranked.begin();
  if (!token.key.empty()) {
    const Ranked last = {std::get<std::string>(token.key[1]), std::get<double>(token.key[0])};
    from = std::upper_bound(ranked.begin(), ranked.end(), last);
  }
  const auto to =
      from + static_cast<int64_t>(std::min(size, static_cast<size_t>(ranked.end() - from)));
  if (to != ranked.end()) {
    const Ranked& last = *(to - 1);
    page.next_page_token = resource::EncodePageToken({{last.rank, last.name}}, QueryText(request));
  }
  RETURN_IF_ERROR(ReadPage(call, *reader, query, {from, to}, page));
  return page;
}

}  // namespace mostove::search
