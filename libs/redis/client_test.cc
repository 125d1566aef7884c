// The client and the wake-ups with real servers, in health and in trouble.
#include "libs/redis/client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/redis/redis_server.h"
#include "libs/redis/wakeups.h"
#include "libs/testing/matchers.h"

namespace mostove::redis {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

class RedisTest : public ::testing::Test {
 protected:
  // As every program does.
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  void StartServer(std::vector<std::string> options = {}) {
    auto server = RedisServer::Start(std::move(options));
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  // Patient, so that a loaded machine is not taken for a slow Redis.
  ClientOptions Options() const {
    ClientOptions options;
    options.address = *Address::Parse(server_->address());
    options.command_time = absl::Seconds(10);
    options.connect_time = absl::Seconds(10);
    options.pause = absl::Milliseconds(50);
    return options;
  }
  // Until Redis is asked again and answers.
  static void AwaitAnswer(Client& client) {
    while (!client.Do({"PING"}, Soon()).ok()) absl::SleepFor(absl::Milliseconds(10));
  }

  std::unique_ptr<RedisServer> server_;
};

TEST(AddressTest, ThreeForms) {
  EXPECT_EQ(Address::Parse("unix:/run/redis.sock")->socket, "/run/redis.sock");
  EXPECT_EQ(Address::Parse("127.0.0.1:6379")->server.port, 6379);
  const auto sentinel = Address::Parse("sentinel:main@a:26379,b:26380");
  ASSERT_THAT(sentinel, IsOk());
  EXPECT_EQ(sentinel->master, "main");
  ASSERT_EQ(sentinel->sentinels.size(), 2u);
  EXPECT_EQ(sentinel->sentinels[1].host, "b");
  for (const char* wrong : {"", "unix:redis.sock", "host", "host:0", ":6379", "host:65536",
                            "sentinel:main", "sentinel:@a:1", "sentinel:main@"}) {
    EXPECT_THAT(Address::Parse(wrong), StatusIs(StatusCode::kInvalidArgument)) << wrong;
  }
}

TEST_F(RedisTest, EveryCallerGetsItsOwnReply) {
  StartServer();
  Client client(Options());
  std::vector<std::thread> threads;
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string text = absl::StrCat(t, " ", i);
        const auto reply = client.Do({"ECHO", text}, Soon());
        ASSERT_THAT(reply, IsOk());
        ASSERT_EQ(reply->text, text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RedisTest, RepliesOfAllKinds) {
  StartServer();
  Client client(Options());
  EXPECT_EQ(client.Do({"GET", "none"}, Soon())->kind, Reply::Kind::kNil);
  EXPECT_EQ(client.Do({"INCR", "n"}, Soon())->integer, 1);
  EXPECT_EQ(client.Do({"SET", "k", std::string("a\0b", 3)}, Soon())->text, "OK");
  EXPECT_EQ(client.Do({"GET", "k"}, Soon())->text, std::string("a\0b", 3));
  EXPECT_EQ(client.Do({"MGET", "k", "none"}, Soon())->elements.size(), 2u);
  EXPECT_THAT(client.Do({"LPUSH", "k", "x"}, Soon()),
              StatusIs(StatusCode::kAborted, HasReason("REDIS_ERROR")));
  EXPECT_THAT(client.Do({"PING"}, Soon()), IsOk());  // an error of Redis is no failure
}

TEST_F(RedisTest, AKilledServerIsNotAskedForAWhileAndThenServesAgain) {
  StartServer();
  Client client(Options());
  ASSERT_THAT(client.Do({"PING"}, Soon()), IsOk());
  server_->Kill();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(client.Do({"PING"}, Soon()).ok());
  EXPECT_THAT(client.Do({"PING"}, Soon()),
              StatusIs(StatusCode::kUnavailable, HasReason("REDIS_AWAY")));
  ASSERT_THAT(server_->Restart(), IsOk());
  AwaitAnswer(client);
}

TEST_F(RedisTest, APausedServerHoldsNobodyBeyondTheCommandTime) {
  StartServer();
  ClientOptions options = Options();
  options.command_time = absl::Milliseconds(100);
  Client client(options);
  AwaitAnswer(client);
  server_->Pause();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      // No deadline of their own, and yet they come back.
      EXPECT_FALSE(client.Do({"PING"}, absl::InfiniteFuture()).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (client.available()) (void)client.Do({"PING"}, Soon());
  server_->Resume();
  AwaitAnswer(client);
}

TEST_F(RedisTest, CallersKeepTheirOwnDeadlines) {
  StartServer();
  Client client(Options());
  ASSERT_THAT(client.Do({"PING"}, Soon()), IsOk());
  server_->Pause();
  std::thread patient([&] { EXPECT_THAT(client.Do({"ECHO", "late"}, Soon()), IsOk()); });
  EXPECT_THAT(client.Do({"PING"}, absl::Now() + absl::Milliseconds(50)),
              StatusIs(StatusCode::kDeadlineExceeded, HasReason("REDIS_SLOW")));
  server_->Resume();
  patient.join();
}

TEST_F(RedisTest, AFullServerRefusesAndStaysInUse) {
  StartServer({"--maxmemory", "1500kb", "--maxmemory-policy", "noeviction"});
  Client client(Options());
  absl::Status full;
  for (int i = 0; i < 1000 && full.ok(); ++i) {
    full = client.Do({"SET", absl::StrCat("k", i), std::string(10'000, 'x')}, Soon()).status();
  }
  EXPECT_THAT(full, StatusIs(StatusCode::kAborted, HasReason("REDIS_ERROR")));
  EXPECT_THAT(client.Do({"PING"}, Soon()), IsOk());
  EXPECT_TRUE(client.available());
}

// What a listener was told.
class Heard {
 public:
  Wakeups::Woken Function() {
    return [this](const std::string& service) {
      const std::lock_guard lock(mutex_);
      ++count_[service];
      changed_.notify_all();
    };
  }
  void Await(const std::string& service, int times = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_[service] >= times; });
  }
  int count(const std::string& service) {
    const std::lock_guard lock(mutex_);
    return count_[service];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> count_;
};

TEST_F(RedisTest, OthersAreWokenAlsoAfterRedisCameBack) {
  StartServer();
  Client client(Options());
  WakeupOptions options;
  options.client = &client;
  options.address = Options().address;
  options.retry = absl::Milliseconds(10);
  Heard heard_here, heard_there;
  Wakeups here(options, heard_here.Function());
  Wakeups there(options, heard_there.Function());
  here.Start();
  there.Start();
  heard_there.Await("");  // it listens
  here.Tell("funding");
  heard_there.Await("funding");
  server_->Kill();
  here.Tell("lost");  // nobody is woken, and nobody waits
  ASSERT_THAT(server_->Restart(), IsOk());
  heard_there.Await("", 2);
  AwaitAnswer(client);
  here.Tell("trainings");
  heard_there.Await("trainings");
  EXPECT_EQ(heard_here.count("funding") + heard_here.count("trainings"), 0);  // not by oneself
  here.Stop();
  there.Stop();
}

// A port that nobody has, for servers that take none by themselves.
int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(probe);
  return ntohs(address.sin_port);
}

TEST_F(RedisTest, TheMasterIsFoundByItsSentinelAlsoAfterAFailover) {
  const int first_port = FreePort(), second_port = FreePort(), sentinel_port = FreePort();
  auto folder = testing::TemporaryFolder::Make("sentinel");
  ASSERT_THAT(folder, IsOk());
  const std::string path = folder->path().string();
  const auto serve = [&](int port, std::vector<std::string> more) {
    std::vector<std::string> command = {
        "redis-server", "--port", absl::StrCat(port), "--bind", "127.0.0.1", "--save", "",
        "--dir",        path};
    command.insert(command.end(), more.begin(), more.end());
    return SpawnRedis(command, path + "/redis.log");
  };
  pid_t first = serve(first_port, {});
  pid_t second = serve(second_port, {"--replicaof", "127.0.0.1", absl::StrCat(first_port),
                                     "--repl-diskless-sync-delay", "0"});
  const std::string config = path + "/sentinel.conf";
  FILE* file = fopen(config.c_str(), "w");
  fprintf(file,
          "port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor main 127.0.0.1 %d 1\n"
          "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 5000\n",
          sentinel_port, path.c_str(), first_port);
  fclose(file);
  pid_t sentinel = SpawnRedis({"redis-server", config, "--sentinel"}, path + "/sentinel.log");
  ClientOptions options;
  options.address = *Address::Parse(
      absl::StrCat("sentinel:main@127.0.0.1:", FreePort(), ",127.0.0.1:", sentinel_port));
  options.command_time = absl::Seconds(10);
  options.connect_time = absl::Seconds(10);
  options.pause = absl::Milliseconds(50);
  Client client(options);
  const auto port = [&] {
    const auto config_reply = client.Do({"CONFIG", "GET", "port"}, Soon());
    return config_reply.ok() && config_reply->elements.size() == 2 ? config_reply->elements[1].text
                                                                   : "";
  };
  AwaitAnswer(client);
  EXPECT_EQ(port(), absl::StrCat(first_port));
  // Before the failover the Sentinel has to know the replica.
  const Address at_sentinel = *Address::Parse(absl::StrCat("127.0.0.1:", sentinel_port));
  auto ask = Connection::Open(at_sentinel, Soon());
  ASSERT_THAT(ask, IsOk());
  while (true) {
    const auto replicas = (*ask)->Do({"SENTINEL", "REPLICAS", "main"}, Soon());
    ASSERT_THAT(replicas, IsOk());
    if (!replicas->elements.empty()) break;
    absl::SleepFor(absl::Milliseconds(50));
  }
  EndProcess(first);
  while (port() != absl::StrCat(second_port)) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_THAT(client.Do({"SET", "k", "v"}, Soon()), IsOk());
  for (pid_t* process : {&second, &sentinel}) EndProcess(*process);
}

}  // namespace
}  // namespace mostove::redis
