// How long requests for hidden records take beside those for missing ones: in
// this process, through the services' tables, on each database.
//
//   access_hidden_bench [requests of each kind, 1000]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/access/world.h"

namespace mostove::access {
namespace {

using Clock = std::chrono::steady_clock;

double Median(std::vector<double>& times) {
  std::nth_element(times.begin(), times.begin() + static_cast<int>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

double Microseconds(const World& world, const Rule& rule, const Kind& kind, Case which,
                    const call::Caller& caller) {
  const call::MessagePtr request = RequestOf(rule, kind, which);
  const auto begin = Clock::now();
  (void)world.Run(MethodOf(rule), caller, *request);
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// In turns, each of the two first in every other turn, so that whatever else goes
// on here meets both alike.
void Compare(const World& world, const Rule& rule, const Kind& kind, const Person& person,
             int requests) {
  std::vector<double> hidden, missing;
  for (int i = 0; i < 2 * requests; ++i) {
    const bool first = (i ^ (i >> 1)) % 2 == 0;
    (first ? hidden : missing)
        .push_back(Microseconds(world, rule, kind, first ? Case::kForeign : Case::kMissing,
                                person.caller));
  }
  const double h = Median(hidden), m = Median(missing);
  std::printf("%-22s %-14s %9.1f %9.1f %+8.1f %%\n", rule.rpc.c_str(), person.title.c_str(), h, m,
              100 * (h - m) / m);
}

void Run(sql::Engine engine, int requests) {
  const auto world = World::Make(engine);
  if (world == nullptr) std::exit(1);
  std::printf("\n%s, medians of %d in us\n%-22s %-14s %9s %9s\n",
              engine == sql::Engine::kSqlite ? "SQLite" : "PostgreSQL", requests, "RPC", "caller",
              "hidden", "missing");
  for (const Rule& rule : {Rule{"Organizations", "GetOrganization", "get", "Organization", {}},
                           Rule{"Organizations", "ListActivities", "list", "Activity", {}},
                           Rule{"Funding", "GetGrant", "get", "Grant", {}},
                           Rule{"Funding", "UpdateGrant", "update", "Grant", {}},
                           Rule{"Funding", "DeleteGrant", "delete", "Grant", {}},
                           Rule{"Funding", "ListHistory", "history", "Grant", {}},
                           Rule{"Funding", "CheckReferences", "check", "Grant", {}},
                           Rule{"Trainings", "CreateSession", "create", "Session", {}}}) {
    for (const Person& person : People()) {
      const bool reads = rule.what == "get" || rule.what == "list" || rule.what == "check";
      if (person.title == "own editor" || (reads && person.title == "anonymous")) {
        Compare(*world, rule, *FindKind(rule.type), person, requests);
      }
    }
  }
}

}  // namespace
}  // namespace mostove::access

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::atoi(argv[1]) : 1000;
  mostove::access::Run(mostove::sql::Engine::kSqlite, requests);
  mostove::access::Run(mostove::sql::Engine::kPostgres, requests);
  return 0;
}
