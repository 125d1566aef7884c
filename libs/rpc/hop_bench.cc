// What a call from one process to another costs: `server_us` and `client_us` are
// CPU per call of each. The server is this program again, with --serve ADDRESS.
#include <benchmark/benchmark.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/h2_server.h"
#include "libs/telemetry/metrics.h"

namespace mostove::rpc {
namespace {

using testing::v1::GetShelfRequest;
using testing::v1::Shelf;

constexpr char kTcpAddress[] = "127.0.0.1:47391";
constexpr int kCallsPerRound = 1000;

// `kind`: "h2" or "grpc++".
[[noreturn]] void Serve(const std::string& kind, const std::string& address) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  FakeShelves shelves;
  shelves.On<GetShelfRequest, Shelf>("GetShelf",
                                     [](const call::Call&, const GetShelfRequest& request) {
                                       Shelf shelf;
                                       shelf.set_name(request.name());
                                       shelf.set_title(std::string(500, 'x'));
                                       return shelf;
                                     });
  const auto metrics = telemetry::Metrics::Make();
  const auto table = shelves.Bind({.metrics = metrics.get()});
  const auto pool = WorkerPool::Start({.threads = 4});
  const auto invoker = MakeLocalInvoker({table.get()}, pool.get());
  const GrpcServerOptions options = {
      .invokers = {invoker.get()},
      .address = address,
      .caller_of = [](const auto&) { return call::LocalAdministrator(); },
      .limits = LimitsBetweenServices()};
  const auto server = kind == "h2" ? StartH2Server(options) : GrpcServer::Start(options);
  if (!server.ok()) _exit(1);
  while (true) pause();
}

// Another process that serves until it is destroyed.
class ServerProcess {
 public:
  ServerProcess(const std::string& kind, const std::string& address) : pid_(fork()) {
    if (pid_ != 0) return;
    execl("/proc/self/exe", "rpc_bench", "--serve", kind.c_str(), address.c_str(), nullptr);
    _exit(1);
  }
  ~ServerProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  double CpuSeconds() const {
    clockid_t clock;
    clock_getcpuclockid(pid_, &clock);
    return Seconds(clock);
  }
  static double OwnCpuSeconds() { return Seconds(CLOCK_PROCESS_CPUTIME_ID); }

 private:
  static double Seconds(clockid_t clock) {
    timespec time = {};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  const pid_t pid_;
};

// Calls that are made anew as soon as they are answered, until all are.
class Round {
 public:
  explicit Round(Invoker& invoker) : invoker_(invoker) {}
  // False if one failed.
  bool Run(int at_once) {
    for (int i = 0; i < at_once; ++i) Next();
    all_.get_future().wait();
    return !failed_;
  }

 private:
  void Next() {
    if (begun_.fetch_add(1) >= kCallsPerRound) return;
    static const auto* const method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            absl::StrCat(FakeShelves::kService, ".GetShelf"));
    auto request = std::make_unique<GetShelfRequest>();
    request->set_name("organizations/reading-room/shelves/poetry");
    call::Call call;
    call.caller = call::LocalAdministrator();
    call.request_id = "bench";
    call.deadline = absl::Now() + absl::Seconds(10);
    invoker_.Invoke(method, std::move(call), std::move(request),
                    [this](const absl::StatusOr<call::MessagePtr>& answer) {
                      if (!answer.ok()) failed_ = true;
                      Next();
                      if (answered_.fetch_add(1) + 1 == kCallsPerRound) all_.set_value();
                    });
  }

  Invoker& invoker_;
  std::atomic<int> begun_ = 0, answered_ = 0;
  std::atomic<bool> failed_ = false;
  std::promise<void> all_;
};

void Hop(benchmark::State& state, const std::string& kind, const std::string& address) {
  Shelf::descriptor();
  const ServerProcess server(kind, address);
  const auto invoker = MakeGrpcInvoker(
      {.services = {google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
           FakeShelves::kService)},
       .addresses = {address},
       .wait_max = absl::Seconds(10)});
  const int at_once = static_cast<int>(state.range(0));
  if (!Round(*invoker).Run(at_once)) return state.SkipWithError("a call failed");
  const double server_begin = server.CpuSeconds(), client_begin = ServerProcess::OwnCpuSeconds();
  for (auto _ : state) {
    if (!Round(*invoker).Run(at_once)) return state.SkipWithError("a call failed");
  }
  const double calls = static_cast<double>(state.iterations()) * kCallsPerRound;
  state.SetItemsProcessed(static_cast<int64_t>(calls));
  state.counters["server_us"] = 1e6 * (server.CpuSeconds() - server_begin) / calls;
  state.counters["client_us"] = 1e6 * (ServerProcess::OwnCpuSeconds() - client_begin) / calls;
}
const std::string& UnixAddress() {
  static const std::string address = absl::StrCat("unix:/tmp/mostove_hop_bench.", getpid());
  return address;
}
BENCHMARK_CAPTURE(Hop, unix, "h2", UnixAddress())->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(Hop, unix_grpcpp, "grpc++", UnixAddress())->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(Hop, tcp, "h2", kTcpAddress)->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(Hop, tcp_grpcpp, "grpc++", kTcpAddress)->Arg(1)->Arg(64)->UseRealTime();

}  // namespace
}  // namespace mostove::rpc

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--serve") == 0) mostove::rpc::Serve(argv[2], argv[3]);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
