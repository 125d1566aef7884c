// The search of one resource of a service: its words, kept in the transactions that
// write it, and the answers. See README.md.
//
//   const auto search = std::make_shared<search::Index>(v1::Organization::descriptor(),
//       std::vector<search::Field>{{"legal_name"}, {"description", search::Weight::kText}});
//   Definition{... .collections = {{..., search::Keep(search, rules)}},
//                  .methods = [search](const store::Store& store) { return search::Open(search,
//                  store); }}
//
// with an RPC SearchOrganizations beside the standard methods (method.cc says what its
// messages have). Resources without a parent only.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/call/method.h"
#include "libs/search/dictionary.h"
#include "libs/search/fields.h"
#include "libs/search/query.h"
#include "libs/search/tables.h"
#include "libs/store/store.h"

namespace mostove::search {

inline constexpr int kPageSizeDefault = 20;
inline constexpr int kPageSizeMax = 100;
inline constexpr int kRankedMax = 1000;     // of the rows that answer a query
inline constexpr int kExaminedMax = 10000;  // of them, for those that match a filter

struct Request {
  std::string query;
  std::string filter;
  int64_t page_size = 0;
  std::string page_token;
};

struct Hit {
  call::MessagePtr resource;
  double rank = 0;
  std::vector<v1::Highlight> highlights;
};

struct Page {
  std::vector<Hit> hits;
  std::string next_page_token;
  int64_t total_size = 0;
  bool total_is_minimum = false;
};

class Index {
 public:
  Index(const google::protobuf::Descriptor* descriptor, std::vector<Field> fields)
      : descriptor_(descriptor), declared_(std::move(fields)) {}

  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  const Fields& fields() const { return *fields_; }

  // Once, before the first write. Makes the tables and brings them to what the rows say
  // where they differ: all of them at first and when the fields or the folding changed,
  // else those that a program of an earlier version wrote. A sentence for the operator.
  absl::Status Open(const store::Store& store);

  // What the caller may see of what answers the query, the best first.
  // INVALID_ARGUMENT on `query` (no word in it), `filter`, `page_token`.
  absl::StatusOr<Page> Search(const call::Call& call, const Request& request) const;

  // Names of resources that the caller may see and that have all words of the text but
  // legal forms and small words, typos allowed; the nearest first, `limit` at most.
  absl::StatusOr<std::vector<std::string>> FindNear(const call::Call& call, absl::string_view text,
                                                    size_t limit) const;

 private:
  friend store::Rules Keep(const std::shared_ptr<Index>& index, store::Rules rules);
  struct Ranked;
  struct Sight;

  absl::Status Write(sql::Transaction& transaction, const google::protobuf::Message* before,
                     const google::protobuf::Message& after) const;
  absl::Status PutRow(sql::Transaction& transaction, const std::string& name, int64_t revision,
                      resource::Audience audience, const std::string& words, bool is_new) const;
  resource::Audience AudienceOf(const google::protobuf::Message& resource) const;
  bool IsDeleted(const google::protobuf::Message& resource) const;
  absl::Status Settle() const;
  absl::Status SettleSome(const std::vector<std::string>& names) const;
  // What other processes added.
  absl::Status LearnTerms(sql::Connection& connection) const;
  std::vector<std::vector<std::string>> NearWords(const Query& query, uint32_t audiences) const;
  // Of what the caller may find; empty: no row answers.
  std::vector<AllOf> Expression(const Query& query, const Strictness& strictness,
                                const std::vector<std::vector<std::string>>& near,
                                uint32_t audiences) const;
  Sight SightOf(const call::Caller& caller, resource::Audience narrowest) const;
  absl::Status FindOwn(sql::Connection& connection, const Sight& sight,
                       const resource::Filter& filter, Tables::Each each) const;
  // Adds what answers the query so strictly.
  absl::Status AddRound(sql::Connection& connection, const Sight& sight, const Query& query,
                        const resource::Filter& filter, const Strictness& strictness,
                        const std::vector<std::vector<std::string>>& near,
                        absl::flat_hash_map<std::string, Ranked>& found, bool& more) const;
  // Puts what merged ones stand for in their place, as far as the caller sees it.
  absl::Status PutSurvivors(sql::Connection& connection, const call::Caller& caller,
                            const resource::Filter& filter,
                            absl::flat_hash_map<std::string, Ranked>& found) const;
  absl::StatusOr<std::vector<Ranked>> Rank(sql::Connection& connection, const call::Caller& caller,
                                           const Query& query, const resource::Filter& filter,
                                           bool& more) const;
  absl::Status ReadPage(const call::Call& call, sql::Connection& connection, const Query& query,
                        const std::vector<Ranked>& ranked, Page& page) const;

  const google::protobuf::Descriptor* const descriptor_;
  const std::vector<Field> declared_;
  std::function<resource::Audience(const google::protobuf::Message&)> audience_;

  // Set by Open.
  const store::Store* store_ = nullptr;
  const store::Collection* collection_ = nullptr;
  std::unique_ptr<const Fields> fields_;
  std::unique_ptr<const Tables> tables_;

  mutable Dictionary dictionary_;
  mutable std::mutex terms_mutex_;
  mutable int64_t terms_since_ = 0;  // guarded by terms_mutex_
};

// The rules of the resource, and what keeps the index with every write.
store::Rules Keep(const std::shared_ptr<Index>& index, store::Rules rules);

// Opens the index; the RPC Search<Plural> of the service.
absl::StatusOr<std::vector<call::UnaryMethod>> Open(const std::shared_ptr<Index>& index,
                                                    const store::Store& store,
                                                    absl::string_view service);

}  // namespace mostove::search
