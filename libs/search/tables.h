// How words stand in the database: FTS5 on SQLite, tsvector and GIN on PostgreSQL.
//
// Every word is indexed under the audience of its row: "psofia" in a row that is
// public, "nsofia" in one for the network. So a search reads nothing that the caller
// may not see, and needs no look at the rows to know. Of the resource <table>:
//   <table>_search (name, revision, audience, words): words as Fields::WordsOf
//     writes them; what is deleted is not in it, what is merged into another stays;
//   <table>_search_fts, or the column terms: the index;
//   <table>_search_terms (term, added): all terms there ever were, in an order in
//     which a reader misses none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "libs/resource/filter.h"
#include "libs/resource/visibility.h"
#include "libs/sql/database.h"

namespace mostove::search {

// 'p' of PUBLIC, 'n' of NETWORK, 'o' of OWNER.
char LetterOf(resource::Audience audience);

// The words, each form once and without what tells names from texts.
std::vector<absl::string_view> FormsOf(absl::string_view words);

// What to look for: one form of each group, with the terms of one audience.
struct Term {
  std::string text;  // "psofia"
  bool prefix = false;
};
using AnyOf = std::vector<Term>;
// A conjunction; several of them are alternatives.
using AllOf = std::vector<AnyOf>;

class Tables {
 public:
  // `table`: that of the resource, "organizations".
  explicit Tables(const std::string& table);

  const std::string& own() const { return own_; }

  absl::Status Install(sql::Database& database) const;

  // The row as it is now; `is_new`: there is none for sure.
  absl::Status Put(sql::Transaction& transaction, const std::string& name, int64_t revision,
                   resource::Audience audience, const std::string& words, bool is_new) const;
  // The row but for its words and audience, which did not change.
  absl::Status Touch(sql::Connection& connection, const std::string& name, int64_t revision) const;
  absl::Status Remove(sql::Transaction& transaction, const std::string& name) const;
  // Terms that may not be known yet.
  absl::Status AddTerms(sql::Connection& connection, std::vector<std::string> terms) const;

  // Rows that have one of the conjunctions: name and words. `filter` may be empty;
  // where it is not, so many are examined at most.
  using Each = absl::FunctionRef<void(absl::string_view name, absl::string_view words)>;
  absl::Status Find(sql::Connection& connection, const std::vector<AllOf>& any,
                    const resource::Filter& filter, int examined_max, int limit, Each each) const;

  // All terms added since; moves `since`, which begins at 0.
  absl::Status ReadTerms(sql::Connection& connection, int64_t& since,
                         absl::FunctionRef<void(absl::string_view term)> each) const;

 private:
  absl::Status PutOnSqlite(sql::Transaction& transaction, const std::string& name, int64_t revision,
                           resource::Audience audience, const std::string& words,
                           bool is_new) const;
  // `id`: of the row, whether removed or not; 0: there is none.
  absl::Status RemoveFromFts(
      sql::Transaction& transaction, const std::string& name,
      absl::FunctionRef<bool(int64_t audience, absl::string_view words)> wanted, int64_t& id) const;
  // At the end of the group, all rows together.
  absl::Status WriteFts(sql::Transaction& transaction, const std::string& statement, int64_t id,
                        std::string terms) const;

  const std::string main_, own_;
  const std::string add_to_fts_, remove_from_fts_;
};

}  // namespace mostove::search
