// Sends requests at a fixed rate, whether answers come or not, and says what became of them.
//
//   open_loop PORT RATE SECONDS CONNECTIONS METHOD PATH [BODY]
//
// Prints one line of JSON: answers of 2xx and of 503 per second, the time from sending to the
// answer of each kind (ms: half, 99 of 100, the longest), how late requests were sent, and what
// failed. "%d" in the body becomes a number that is another in each request. A connection has one
// request under way; requests that find none free are sent as soon as one is.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Where the number goes; as long as it.
constexpr char kNumber[] = "%%%%%%%%%";

struct Peer {
  int socket = -1;
  bool under_way = false;
  Clock::time_point sent;
  std::string received;
};

struct Kind {
  std::vector<double> times;  // ms

  void Print(const char* name, double seconds) {
    std::sort(times.begin(), times.end());
    const auto at = [&](double part) {
      return times.empty() ? 0.0 : times[static_cast<size_t>(part * (times.size() - 1))];
    };
    std::printf("\"%s\":{\"per_s\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f},", name,
                times.size() / seconds, at(0.5), at(0.99), at(1));
  }
};

class Run {
 public:
  Run(int port, double rate, double seconds, int connections, const std::string& request)
      : port_(port),
        rate_(rate),
        seconds_(seconds),
        request_(request),
        number_at_(request.find(kNumber)),
        peers_(connections) {
    epoll_ = epoll_create1(0);
    for (Peer& peer : peers_) {
      Open(peer);
      free_.push_back(&peer);
    }
  }

  void Go() {
    const Clock::time_point begin = Clock::now();
    long due_before = 0;
    while (true) {
      const double now = MillisecondsSince(begin) / 1000;
      if (now < seconds_) {
        const long due = static_cast<long>(now * rate_);
        for (; due_before < due; ++due_before) waiting_.push_back(Clock::now());
        if (waiting_.size() > kWaitingMax) Drop();
      } else if (free_.size() == peers_.size() || now > seconds_ + 5) {
        break;
      } else {
        waiting_.clear();
      }
      while (!waiting_.empty() && !free_.empty()) Send();
      epoll_event events[256];
      const int count = epoll_wait(epoll_, events, 256, 1);
      for (int i = 0; i < count; ++i) OnReadable(*static_cast<Peer*>(events[i].data.ptr));
    }
    std::printf("{\"offered_per_s\":%.0f,", rate_);
    good_.Print("good", seconds_);
    busy_.Print("busy", seconds_);
    late_.Print("late", seconds_);
    std::printf("\"other\":%ld,\"failed\":%ld,\"not_sent\":%ld}\n", other_, failed_, not_sent_);
  }

 private:
  static constexpr size_t kWaitingMax = 100'000;
  static constexpr size_t kDigits = 9;
  static constexpr long kFirstNumber = 100'000'000;

  void Drop() {
    not_sent_ += static_cast<long>(waiting_.size() - kWaitingMax);
    waiting_.resize(kWaitingMax);
  }

  void Open(Peer& peer) {
    peer.socket = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const int on = 1;
    setsockopt(peer.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(peer.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::perror("connect");
      std::exit(1);
    }
    epoll_event event = {.events = EPOLLIN, .data = {.ptr = &peer}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.socket, &event);
    peer.received.clear();
  }

  void Send() {
    Peer& peer = *free_.front();
    free_.pop_front();
    late_.times.push_back(MillisecondsSince(waiting_.front()));
    waiting_.pop_front();
    peer.under_way = true;
    peer.sent = Clock::now();
    if (number_at_ != std::string::npos) {
      request_.replace(number_at_, kDigits, std::to_string(kFirstNumber + ++sent_));
    }
    if (send(peer.socket, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) Reopen(peer);
  }

  void Reopen(Peer& peer) {
    failed_ += peer.under_way;
    close(peer.socket);
    Open(peer);
    if (peer.under_way) free_.push_back(&peer);
    peer.under_way = false;
  }

  void OnReadable(Peer& peer) {
    char bytes[65536];
    const ssize_t count = recv(peer.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) return Reopen(peer);
    peer.received.append(bytes, static_cast<size_t>(count));
    const size_t end = peer.received.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const size_t length = peer.received.find("Content-Length: ");
    const size_t body = length > end ? 0 : std::strtoul(&peer.received[length + 16], nullptr, 10);
    if (peer.received.size() < end + 4 + body) return;
    const int status = std::atoi(&peer.received[9]);
    const double time = MillisecondsSince(peer.sent);
    if (status / 100 == 2) {
      good_.times.push_back(time);
    } else if (status == 503 || status == 429) {
      busy_.times.push_back(time);
    } else {
      ++other_;
    }
    peer.received.clear();
    peer.under_way = false;
    free_.push_back(&peer);
  }

  const int port_;
  const double rate_;
  const double seconds_;
  std::string request_;
  size_t number_at_;  // npos: none
  long sent_ = 0;
  int epoll_ = -1;
  std::vector<Peer> peers_;
  std::deque<Peer*> free_;
  std::deque<Clock::time_point> waiting_;
  Kind good_, busy_, late_;
  long other_ = 0;
  long failed_ = 0;
  long not_sent_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fprintf(stderr, "usage: open_loop PORT RATE SECONDS CONNECTIONS METHOD PATH [BODY]\n");
    return 2;
  }
  rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  std::string body = argc > 7 ? argv[7] : "";
  if (const size_t at = body.find("%d"); at != std::string::npos) body.replace(at, 2, kNumber);
  std::string request =
      std::string(argv[5]) + " " + argv[6] + " HTTP/1.1\r\nHost: localhost:" + argv[1] + "\r\n";
  if (const char* token = std::getenv("MOSTOVE_TOKEN"); token != nullptr && *token != 0) {
    request += std::string("Authorization: Bearer ") + token + "\r\n";
  }
  if (!body.empty()) {
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  Run(std::atoi(argv[1]), std::atof(argv[2]), std::atof(argv[3]), std::atoi(argv[4]),
      request + "\r\n" + body)
      .Go();
  return 0;
}
