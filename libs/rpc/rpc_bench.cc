// What the table and the gRPC hop cost.
#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/grpc_server.h"
#include "libs/telemetry/metrics.h"
#include "mostove/testing/v1/shelves_service.grpc.pb.h"

namespace mostove::rpc {
namespace {

using testing::v1::GetShelfRequest;
using testing::v1::Shelf;

constexpr char kShelf[] = "organizations/reading-room/shelves/poetry";

std::unique_ptr<const ServiceTable> Table(telemetry::Metrics* metrics) {
  FakeShelves shelves;
  shelves.On<GetShelfRequest, Shelf>("GetShelf",
                                     [](const call::Call&, const GetShelfRequest& request) {
                                       Shelf shelf;
                                       shelf.set_name(request.name());
                                       shelf.set_title(std::string(500, 'x'));
                                       return shelf;
                                     });
  return shelves.Bind({.metrics = metrics});
}

void DirectCall(benchmark::State& state) {
  const auto metrics = telemetry::Metrics::Make();
  const auto table = Table(metrics.get());
  const Method& method = *table->Find("GetShelf");
  call::Call call;
  call.caller = call::LocalAdministrator();
  call.request_id = "bench";
  for (auto _ : state) {
    auto request = std::make_unique<GetShelfRequest>();
    request->set_name(kShelf);
    benchmark::DoNotOptimize(table->Run(method, call, std::move(request)));
  }
}
BENCHMARK(DirectCall);

void CountRpc(benchmark::State& state) {
  const auto metrics = telemetry::Metrics::Make();
  for (auto _ : state) {
    metrics->CountRpc("mostove.testing.v1.ShelvesService/GetShelf", "OK", absl::Microseconds(5));
  }
}
BENCHMARK(CountRpc);

// One call that is sent again whenever it was answered.
struct Outstanding {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Shelf>> reader;
  Shelf shelf;
  grpc::Status status;
};

// Process time is that of server and client together.
void UnaryOverLoopback(benchmark::State& state) {
  const auto metrics = telemetry::Metrics::Make();
  const auto table = Table(metrics.get());
  const auto pool = WorkerPool::Start({.threads = 4});
  const auto invoker = MakeLocalInvoker({table.get()}, pool.get());
  auto server = GrpcServer::Start(
      {.invokers = {invoker.get()},
       .address = "127.0.0.1:0",
       .caller_of = [](const MetadataReader&) { return call::LocalAdministrator(); }});
  if (!server.ok()) return state.SkipWithError(server.status().ToString().c_str());
  const auto stub = testing::v1::ShelvesService::NewStub(grpc::CreateChannel(
      absl::StrCat("127.0.0.1:", (*server)->port()), grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  GetShelfRequest request;
  request.set_name(kShelf);
  const auto send = [&](Outstanding* call) {
    call->context = std::make_unique<grpc::ClientContext>();
    call->reader = stub->AsyncGetShelf(call->context.get(), request, &queue);
    call->reader->Finish(&call->shelf, &call->status, call);
  };
  std::vector<Outstanding> calls(state.range(0));
  for (Outstanding& call : calls) send(&call);
  void* tag = nullptr;
  bool ok = false;
  for (auto _ : state) {
    queue.Next(&tag, &ok);
    auto* call = static_cast<Outstanding*>(tag);
    if (!call->status.ok()) return state.SkipWithError(call->status.error_message().c_str());
    send(call);
  }
  for (size_t i = 0; i < calls.size(); ++i) queue.Next(&tag, &ok);
}
BENCHMARK(UnaryOverLoopback)->Arg(1)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace mostove::rpc
