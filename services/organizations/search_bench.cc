// How long searches take and how many typos they bear, on each engine: one caller,
// through the service's table. Prints; nothing fails on time.
//
//   search_bench [organizations, 100000] [searches of each kind, 500]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/service/service.h"
#include "libs/testing/databases.h"
#include "mostove/organizations/v1/organization_search.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/definition.h"
#include "services/organizations/made_names.h"

namespace mostove::organizations {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatch = 500;

double Milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

template <class Response>
Response Ask(const service::Service& service, const char* method,
             const google::protobuf::Message& request, bool administrator) {
  const rpc::Method* found = service.table().Find(method);
  call::MessagePtr copy(request.New());
  copy->CopyFrom(request);
  call::Call call;
  if (administrator) call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + absl::Minutes(10);
  auto answer = service.table().Run(*found, std::move(call), std::move(copy));
  if (!answer.ok()) {
    std::fprintf(stderr, "%s: %s\n", method, answer.status().ToString().c_str());
    std::exit(1);
  }
  return static_cast<const Response&>(**answer);
}

std::vector<std::string> Fill(const service::Service& service, int count, MadeNames& names) {
  std::vector<std::string> made;
  while (static_cast<int>(made.size()) < count) {
    v1::BatchCreateOrganizationsRequest batch;
    for (int i = 0; i < kBatch && static_cast<int>(made.size()) < count; ++i) {
      auto* request = batch.add_requests();
      request->set_organization_id(absl::StrCat("o", made.size()));
      auto* organization = request->mutable_organization();
      made.push_back(names.Name());
      organization->set_legal_name(made.back());
      // One in twenty is hidden from the caller who searches.
      organization->set_state(names.Below(20) == 0 ? v1::Organization::DRAFT
                                                   : v1::Organization::LISTED);
      organization->set_kind(names.Below(3) == 0 ? v1::Organization::REFUGEE_LED
                                                 : v1::Organization::LOCAL);
      if (names.Below(2) == 0) {
        (*organization->mutable_description()->mutable_texts())["bg"] = names.Description();
      }
      if (names.Below(2) == 0) {
        auto* identifier = organization->add_identifiers();
        identifier->set_scheme("BG-EIK");
        identifier->set_value(names.Eik());
      }
    }
    Ask<v1::BatchCreateOrganizationsResponse>(service, "BatchCreateOrganizations", batch, true);
  }
  return made;
}

// Of this thread: on SQLite all that a search costs.
double CpuMilliseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Times {
  std::vector<double> all;
  double cpu = 0;
  void Print(const char* kind) {
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) {
      return all[std::min(all.size() - 1,
                          static_cast<size_t>(share * static_cast<double>(all.size())))];
    };
    std::printf("  %-34s %7.2f %7.2f %7.2f %7.2f\n", kind, at(0.5), at(0.99), all.back(),
                cpu / static_cast<double>(all.size()));
  }
};

void Run(sql::Engine engine, int count, int searches) {
  auto fresh = testing::FreshDatabase::Make(engine);
  if (!fresh.ok()) {
    std::fprintf(stderr, "%s\n", fresh.status().ToString().c_str());
    std::exit(1);
  }
  auto database = sql::Database::Open({.url = (*fresh)->url()});
  auto opened = service::Service::Open(Define(), {.database = database->get()});
  if (!opened.ok()) {
    std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
    std::exit(1);
  }
  MadeNames names(7);
  const auto begin = Clock::now();
  const std::vector<std::string> made = Fill(**opened, count, names);
  std::printf("\n%s: %d organizations, %.1f s to create\n  %-34s %7s %7s %7s %7s\n",
              engine == sql::Engine::kSqlite ? "SQLite" : "PostgreSQL", count,
              Milliseconds(begin) / 1000, "ms of a search", "p50", "p99", "worst", "CPU");
  if (engine == sql::Engine::kPostgres) {  // as autovacuum does within minutes
    (void)(*database)->Write(absl::InfiniteFuture(), [](sql::Transaction& transaction) {
      return transaction.connection().Script("ANALYZE");
    });
  }
  Times all;
  const auto measure = [&](const char* kind, const auto& query, const char* filter = "") {
    Times times;
    for (int i = 0; i < searches; ++i) {
      v1::SearchOrganizationsRequest request;
      request.set_query(query(made[names.Below(made.size())]));
      request.set_filter(filter);
      const double cpu = CpuMilliseconds();
      const auto since = Clock::now();
      Ask<v1::SearchOrganizationsResponse>(**opened, "SearchOrganizations", request, false);
      times.all.push_back(Milliseconds(since));
      times.cpu += CpuMilliseconds() - cpu;
    }
    all.cpu += times.cpu;
    all.all.insert(all.all.end(), times.all.begin(), times.all.end());
    times.Print(kind);
  };
  using Text = const std::string&;
  measure("the whole name", [](Text name) { return name; });
  measure("in Latin letters", [](Text name) { return MadeNames::InLatin(name); });
  measure("one word of it", [&](Text name) {
    const std::vector<std::string> words = absl::StrSplit(name, ' ');
    return words[names.Below(words.size())];
  });
  measure("its first half, as it is typed", [](Text name) {
    size_t half = name.size() / 2;
    while ((static_cast<unsigned char>(name[half]) & 0xC0) == 0x80) ++half;
    return name.substr(0, half);
  });
  measure("a typo in each word", [&](Text name) { return names.WithTypos(name); });
  measure("a word of a third of the names", [](Text) { return std::string("фондация"); });
  measure("two words of many descriptions", [](Text) { return std::string("правна подкрепа"); });
  measure(
      "the whole name, with a filter", [](Text name) { return name; }, "kind = REFUGEE_LED");
  measure(
      "a frequent word, with a filter", [](Text) { return std::string("софия"); },
      "kind = REFUGEE_LED");
  all.Print("all of these");

  int found = 0;
  constexpr int kTried = 1000;
  int tried = 0;
  while (tried < kTried) {
    const size_t which = names.Below(made.size());
    v1::SearchOrganizationsRequest request;
    request.set_query(names.WithTypos(made[which]));
    request.set_page_size(10);
    const auto answer =
        Ask<v1::SearchOrganizationsResponse>(**opened, "SearchOrganizations", request, true);
    ++tried;
    const std::string name = absl::StrCat("organizations/o", which);
    for (const auto& result : answer.results()) {
      if (result.organization().name() == name) ++found;
    }
  }
  std::printf("  with a typo in each word among the first ten: %.1f of 100\n",
              100.0 * found / kTried);
}

}  // namespace
}  // namespace mostove::organizations

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100000;
  const int searches = argc > 2 ? std::atoi(argv[2]) : 500;
  mostove::organizations::Run(mostove::sql::Engine::kSqlite, count, searches);
  mostove::organizations::Run(mostove::sql::Engine::kPostgres, count, searches);
  return 0;
}
