#include "libs/search/tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/sql/before_commit.h"
#include "libs/status/macros.h"

namespace mostove::search {
namespace {

using sql::Value;

constexpr size_t kTermsAtOnce = 8;

// $ stands for the resource's table. Words are made of [a-z0-9] by libs/words, so the
// simplest tokenizer does. Prefixes count the letter of the audience.
constexpr char kSqliteScript[] = R"sql(
  CREATE TABLE $_search (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, revision BIGINT NOT NULL,
    audience BIGINT NOT NULL, words TEXT NOT NULL);
  CREATE VIRTUAL TABLE $_search_fts USING fts5(
    terms, content='', detail=none, columnsize=0, prefix='3 4 5', tokenize='ascii');
  CREATE TABLE $_search_terms (added INTEGER PRIMARY KEY AUTOINCREMENT, term TEXT NOT NULL UNIQUE);
  CREATE TABLE $_search_layout (only_row BIGINT NOT NULL PRIMARY KEY, digest BLOB NOT NULL);
)sql";
// Without the list of pending entries: a search would have to walk it.
constexpr char kPostgresScript[] = R"sql(
  CREATE TABLE $_search (
    name TEXT PRIMARY KEY, revision BIGINT NOT NULL,
    audience BIGINT NOT NULL, words TEXT NOT NULL, terms TSVECTOR NOT NULL);
  CREATE INDEX $_search_by_terms ON $_search USING gin (terms) WITH (fastupdate = off);
  CREATE TABLE $_search_terms (
    term TEXT PRIMARY KEY, added BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint));
  CREATE INDEX $_search_terms_by_added ON $_search_terms (added);
  CREATE TABLE $_search_layout (only_row BIGINT NOT NULL PRIMARY KEY, digest BLOB NOT NULL);
)sql";

std::vector<std::string> TermsOf(absl::string_view words, resource::Audience audience) {
  std::vector<std::string> terms;
  for (const absl::string_view form : FormsOf(words)) {
    terms.push_back(absl::StrCat(std::string(1, LetterOf(audience)), form));
  }
  return terms;
}

// Terms are of [a-z0-9], so quotes need no care.
std::string SqliteMatch(const std::vector<AllOf>& any) {
  const auto term = [](std::string* out, const Term& t) {
    absl::StrAppend(out, "\"", t.text, "\"", t.prefix ? " *" : "");
  };
  const auto group = [&](std::string* out, const AnyOf& terms) {
    absl::StrAppend(out, "(", absl::StrJoin(terms, " OR ", term), ")");
  };
  const auto all = [&](std::string* out, const AllOf& groups) {
    absl::StrAppend(out, "(", absl::StrJoin(groups, " AND ", group), ")");
  };
  return absl::StrJoin(any, " OR ", all);
}

std::string PostgresMatch(const std::vector<AllOf>& any) {
  const auto term = [](std::string* out, const Term& t) {
    absl::StrAppend(out, "'", t.text, "'", t.prefix ? ":*" : "");
  };
  const auto group = [&](std::string* out, const AnyOf& terms) {
    absl::StrAppend(out, "(", absl::StrJoin(terms, "|", term), ")");
  };
  const auto all = [&](std::string* out, const AllOf& groups) {
    absl::StrAppend(out, "(", absl::StrJoin(groups, "&", group), ")");
  };
  return absl::StrJoin(any, "|", all);
}

}  // namespace

char LetterOf(resource::Audience audience) {
  switch (audience) {
    case resource::v1::PUBLIC:
      return 'p';
    case resource::v1::NETWORK:
      return 'n';
    default:
      return 'o';
  }
}

std::vector<absl::string_view> FormsOf(absl::string_view words) {
  std::vector<absl::string_view> forms;
  for (absl::string_view line : absl::StrSplit(words, '\n', absl::SkipEmpty())) {
    line.remove_prefix(1);
    for (const absl::string_view form :
         absl::StrSplit(line, absl::ByAnyChar(" /"), absl::SkipEmpty())) {
      forms.push_back(form);
    }
  }
  std::sort(forms.begin(), forms.end());
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  return forms;
}

Tables::Tables(const std::string& table)
    : main_(table),
      own_(table + "_search"),
      add_to_fts_(absl::StrCat("INSERT INTO ", own_, "_fts (rowid, terms) VALUES (?1, ?2)")),
      remove_from_fts_(absl::StrCat("INSERT INTO ", own_, "_fts (", own_,
                                    "_fts, rowid, terms) VALUES ('delete', ?1, ?2)")) {}

absl::Status Tables::Install(sql::Database& database) const {
  const bool sqlite = database.engine() == sql::Engine::kSqlite;
  const std::string script =
      absl::StrReplaceAll(sqlite ? kSqliteScript : kPostgresScript, {{"$", main_}});
  RETURN_IF_ERROR(database.Migrate(own_, {{1, "search", script}}));
  if (sqlite) return absl::OkStatus();
  // After a dump and restore the numbers of transactions begin anew.
  return database.Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) {
    return transaction.connection()
        .Execute(absl::StrCat("UPDATE ", own_,
                              "_terms SET added = 0 WHERE added > "
                              "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"),
                 {})
        .status();
  });
}

absl::Status Tables::Put(sql::Transaction& transaction, const std::string& name, int64_t revision,
                         resource::Audience audience, const std::string& words, bool is_new) const {
  if (transaction.connection().engine() == sql::Engine::kSqlite) {
    return PutOnSqlite(transaction, name, revision, audience, words, is_new);
  }
  return transaction.connection().Queue(
      absl::StrCat("INSERT INTO ", own_,
                   " (name, revision, audience, words, terms) VALUES "
                   "(?1, ?2, ?3, ?4, CAST(?5 AS tsvector)) ON CONFLICT (name) DO UPDATE SET "
                   "revision = excluded.revision, audience = excluded.audience, "
                   "words = excluded.words, terms = excluded.terms"),
      {name, revision, static_cast<int64_t>(audience), words,
       absl::StrJoin(TermsOf(words, audience), " ")});
}

absl::Status Tables::WriteFts(sql::Transaction& transaction, const std::string& statement,
                              int64_t id, std::string terms) const {
  return sql::BeforeCommit(transaction,
                           [&statement, id, terms = std::move(terms)](sql::Connection& connection) {
                             return connection.Execute(statement, {id, terms}).status();
                           });
}

// An index without content is told what it had.
absl::Status Tables::RemoveFromFts(
    sql::Transaction& transaction, const std::string& name,
    absl::FunctionRef<bool(int64_t audience, absl::string_view words)> wanted, int64_t& id) const {
  std::string terms;
  bool remove = false;
  id = 0;
  RETURN_IF_ERROR(transaction.connection().Query(
      absl::StrCat("SELECT id, audience, words FROM ", own_, " WHERE name = ?1"), {name},
      [&](const sql::Row& row) {
        id = row.Int64(0);
        remove = wanted(row.Int64(1), row.Text(2));
        terms =
            absl::StrJoin(TermsOf(row.Text(2), static_cast<resource::Audience>(row.Int64(1))), " ");
        return false;
      }));
  if (!remove) return absl::OkStatus();
  return WriteFts(transaction, remove_from_fts_, id, std::move(terms));
}

absl::Status Tables::PutOnSqlite(sql::Transaction& transaction, const std::string& name,
                                 int64_t revision, resource::Audience audience,
                                 const std::string& words, bool is_new) const {
  const auto number = static_cast<int64_t>(audience);
  int64_t id = 0;
  bool same = false;
  if (!is_new) {
    const auto differs = [&](int64_t old_audience, absl::string_view old_words) {
      same = old_audience == number && old_words == words;
      return !same;
    };
    RETURN_IF_ERROR(RemoveFromFts(transaction, name, differs, id));
  }
  sql::Connection& connection = transaction.connection();
  if (same) return Touch(connection, name, revision);
  const std::string statement =
      id != 0 ? absl::StrCat("UPDATE ", own_, " SET revision = ?2, audience = ?3, words = ?4 ",
                             "WHERE name = ?1 RETURNING id")
              : absl::StrCat("INSERT INTO ", own_, " (name, revision, audience, words) ",
                             "VALUES (?1, ?2, ?3, ?4) RETURNING id");
  RETURN_IF_ERROR(
      connection.Query(statement, {name, revision, number, words}, [&](const sql::Row& row) {
        id = row.Int64(0);
        return true;
      }));
  return WriteFts(transaction, add_to_fts_, id, absl::StrJoin(TermsOf(words, audience), " "));
}

absl::Status Tables::Touch(sql::Connection& connection, const std::string& name,
                           int64_t revision) const {
  return connection.Queue(absl::StrCat("UPDATE ", own_, " SET revision = ?2 WHERE name = ?1"),
                          {name, revision});
}

absl::Status Tables::Remove(sql::Transaction& transaction, const std::string& name) const {
  sql::Connection& connection = transaction.connection();
  if (connection.engine() == sql::Engine::kSqlite) {
    int64_t id;
    RETURN_IF_ERROR(RemoveFromFts(
        transaction, name, [](int64_t, absl::string_view) { return true; }, id));
  }
  return connection.Queue(absl::StrCat("DELETE FROM ", own_, " WHERE name = ?1"), {name});
}

absl::Status Tables::AddTerms(sql::Connection& connection, std::vector<std::string> terms) const {
  // In one order, so that writers of the same new terms wait and do not deadlock.
  std::sort(terms.begin(), terms.end());
  for (size_t done = 0, rows = kTermsAtOnce; done < terms.size(); done += rows) {
    while (rows > terms.size() - done) rows /= 2;
    std::vector<std::string> places;
    std::vector<Value> values;
    for (size_t i = 0; i < rows; ++i) {
      places.push_back(absl::StrCat("(?", i + 1, ")"));
      values.emplace_back(terms[done + i]);
    }
    RETURN_IF_ERROR(connection.Queue(
        absl::StrCat("INSERT INTO ", own_, "_terms (term) VALUES ", absl::StrJoin(places, ", "),
                     " ON CONFLICT (term) DO NOTHING"),
        values));
  }
  return absl::OkStatus();
}

absl::Status Tables::Find(sql::Connection& connection, const std::vector<AllOf>& any,
                          const resource::Filter& filter, int examined_max, int limit,
                          Each each) const {
  const bool sqlite = connection.engine() == sql::Engine::kSqlite;
  std::vector<Value> values = {sqlite ? SqliteMatch(any) : PostgresMatch(any)};
  const std::string found =
      sqlite ? absl::StrCat("SELECT s.name, s.words FROM ", own_, "_fts CROSS JOIN ", own_,
                            " s WHERE ", own_, "_fts MATCH ?1 AND s.id = ", own_, "_fts.rowid")
             : absl::StrCat("SELECT s.name, s.words FROM ", own_,
                            " s WHERE s.terms @@ CAST(?1 AS tsquery)");
  std::string statement = absl::StrCat(found, " LIMIT ", limit);
  if (!filter.empty()) {
    const std::string matches = filter.ToSql(connection.engine(), "m", values);
    statement = absl::StrCat("SELECT c.name, c.words FROM (", found, " LIMIT ", examined_max,
                             ") c CROSS JOIN ", main_, " m WHERE m.name = c.name AND (", matches,
                             ") LIMIT ", limit);
  }
  return connection.Query(statement, values, [&](const sql::Row& row) {
    each(row.Text(0), row.Text(1));
    return true;
  });
}

absl::Status Tables::ReadTerms(sql::Connection& connection, int64_t& since,
                               absl::FunctionRef<void(absl::string_view term)> each) const {
  if (connection.engine() == sql::Engine::kSqlite) {
    // One writer: numbers become visible in their order.
    return connection.Query(
        absl::StrCat("SELECT term, added FROM ", own_, "_terms WHERE added > ?1"), {since},
        [&](const sql::Row& row) {
          each(row.Text(0));
          since = std::max(since, row.Int64(1));
          return true;
        });
  }
  // What a transaction wrote that is still running is read the next time: everything
  // below the oldest of them is there.
  int64_t next = since;
  RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT t.term, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS "
                   "BIGINT) FROM (SELECT 1) AS one LEFT JOIN ",
                   own_, "_terms t ON t.added >= ?1"),
      {since}, [&](const sql::Row& row) {
        if (!row.IsNull(0)) each(row.Text(0));
        next = row.Int64(1);
        return true;
      }));
  since = next;
  return absl::OkStatus();
}

}  // namespace mostove::search
