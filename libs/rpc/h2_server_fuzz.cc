// Any bytes of a client, in any pieces, are answered or end the connection, and
// leave nothing behind.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "libs/rpc/h2_server_call.h"
#include "libs/rpc/health.h"

namespace mostove::rpc {
namespace {

class Peer : public ServerPeer, public std::enable_shared_from_this<Peer> {
 public:
  explicit Peer(ServerRuntime& runtime)
      : session_({.streams_max = 10, .header_bytes_max = 1024}, [&runtime, this](h2::StreamId id) {
          return std::make_shared<ServerCall>(runtime, weak_from_this(), id);
        }) {}
  h2::Session& session() override { return session_; }
  void FlushSoon() override {}

 private:
  h2::Session session_;
};

void Serve(Invoker* invoker, const uint8_t* data, size_t size) {
  ServerRuntime runtime({.invokers = {invoker},
                         .caller_of = [](const MetadataReader&) { return call::Caller(); },
                         .limits = {.request_bytes_max = 1024}},
                        nullptr);
  const auto peer = std::make_shared<Peer>(runtime);
  h2::Session& session = peer->session();
  session.Receive(absl::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33));
  const size_t piece = data[0] + 1;
  std::string out;
  bool goes_on = true;
  for (size_t position = 1; goes_on && position < size; position += piece) {
    goes_on = session.Receive(
        {reinterpret_cast<const char*>(data) + position, std::min(piece, size - position)});
    out.clear();
    goes_on = session.Produce(out, 1 << 20) && goes_on && !session.finished();
  }
  session.CloseAll();
  if (session.streams() > 0 || runtime.request_bytes != 0) std::abort();
  if (!runtime.WaitUntilNoneRuns(absl::InfinitePast())) std::abort();
}

}  // namespace
}  // namespace mostove::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mostove;  // NOLINT: the target stands outside
  if (size == 0) return 0;
  static rpc::Health health;
  static const auto table = health.Table(nullptr);
  static const auto invoker = rpc::MakeLocalInvoker({table.get()}, nullptr);
  rpc::Serve(invoker.get(), data, size);
  return 0;
}
