#include "libs/auth/identity.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/auth/directory.h"
#include "libs/auth/identity_log.h"
#include "libs/auth/token_authenticator.h"
#include "libs/follower/follower.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/status/status.h"
#include "libs/telemetry/metrics.h"

namespace mostove::auth {
namespace {

// Without a wake-up a revocation is seen so late; a look is one read of an index.
constexpr absl::Duration kInterval = absl::Milliseconds(500);
constexpr absl::Duration kPauseMax = absl::Seconds(1);
// One who has just got a role calls at once.
constexpr absl::Duration kPace = absl::Milliseconds(20);

// A directory as a follower's sink: the place is kept with what was learned.
class Learner final : public follower::Sink {
 public:
  explicit Learner(Directory& directory) : directory_(directory) {}

  absl::StatusOr<std::string> Position() override { return position_; }
  absl::Status Restart() override {
    position_.clear();
    directory_.StartAgain();
    return absl::OkStatus();
  }
  absl::Status Take(const changes::v1::ListChangesResponse& page) override {
    directory_.Apply(page.changes());
    position_ = page.next_position();
    return absl::OkStatus();
  }
  void AtEnd() override { directory_.AtEnd(absl::Now()); }

 private:
  Directory& directory_;
  std::string position_;
};

// Every request is the local administrator's.
class LocalAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<call::Caller> Authenticate(absl::string_view) const override {
    return call::LocalAdministrator();
  }
  absl::Status CheckStillValid(const call::Caller&) const override { return absl::OkStatus(); }
};

}  // namespace

struct Identity::Parts {
  Directory directory;
  std::unique_ptr<const TokenAuthenticator> tokens;
  const LocalAuthenticator local{};
  std::unique_ptr<follower::Follower> follower;  // null: nothing is followed
};

void AddIdentitySettings(config::Settings& settings, IdentityOptions* options) {
  const config::Check<std::string> is_kind = [](const std::string& callers) -> std::string {
    return callers == "tokens" || callers == "local" ? "" : "\"tokens\" or \"local\"";
  };
  settings.Add("callers", &options->callers,
               "Who calls: \"tokens\" (whom a token names, else the public), or \"local\" (every "
               "request is an administrator's; loopback and Unix sockets only).",
               is_kind);
  settings.Add("auth.issuer", &options->issuer,
               "Issuer of the installation's own tokens: the address by which clients know it. The "
               "same in all programs.",
               config::NotEmpty());
}

Identity::Identity(IdentityOptions options, std::string program, telemetry::Metrics* metrics)
    : options_(std::move(options)),
      program_(std::move(program)),
      metrics_(metrics),
      parts_(std::make_unique<Parts>()) {
  parts_->tokens = std::make_unique<TokenAuthenticator>(TokenAuthenticatorOptions{
      .directory = &parts_->directory, .issuer = options_.issuer, .behind = [this] {
        Wake(kIdentityService);
      }});
}

Identity::~Identity() { Stop(); }

const Authenticator& Identity::authenticator() const {
  if (local()) return parts_->local;
  return *parts_->tokens;
}

void Identity::Start(rpc::Invoker* services) {
  if (local() || !IdentityLog::IsReached(*services)) return;
  const auto read =
      [log = IdentityLog(*services, program_)](const changes::v1::ListChangesRequest& request) {
        return log.Read(request);
      };
  auto follower =
      std::make_unique<follower::Follower>(follower::Options{.reader = "auth",
                                                             .source = kIdentityService,
                                                             .resource_types = DirectoryTypes(),
                                                             .read = read,
                                                             .pace = kPace,
                                                             .interval = kInterval,
                                                             .pause_max = kPauseMax},
                                           std::make_unique<Learner>(parts_->directory));
  if (metrics_ != nullptr) {
    metrics_->Gauge("mostove_log_reader_lag_seconds",
                    "How old what a reader of a change log knows may be.",
                    {{"reader", absl::StrCat(program_, "/auth")}, {"source", kIdentityService}},
                    [follower = follower.get()] { return absl::ToDoubleSeconds(follower->Lag()); });
    metrics_->Gauge(
        "mostove_auth_tokens_kept", "Verified tokens that are kept.",
        [tokens = parts_->tokens.get()] { return static_cast<double>(tokens->tokens_kept()); });
  }
  follower->Start();
  parts_->follower = std::move(follower);
}

void Identity::Stop() {
  if (parts_->follower != nullptr) parts_->follower->Stop();
}

void Identity::Wake(absl::string_view service) {
  const bool concerns = service.empty() || service == kIdentityService;
  if (concerns && parts_->follower != nullptr) parts_->follower->Wake();
}

absl::Status Identity::Check() const {
  if (local() || parts_->directory.known()) return absl::OkStatus();
  return status::Unavailable("IDENTITY_AWAY", "the identity service has not answered yet",
                             absl::Seconds(1));
}

rpc::CallerOf Identity::Callers() const {
  return [authenticator = &authenticator()](const rpc::MetadataReader& metadata) {
    return authenticator->Authenticate(metadata(rpc::kAuthorizationMetadata));
  };
}

rpc::CallerOf Identity::CallersBetweenServices(bool trusted) const {
  const bool believed = trusted || local();
  return [authenticator = &authenticator(),
          believed](const rpc::MetadataReader& metadata) -> absl::StatusOr<call::Caller> {
    const absl::string_view service = metadata(rpc::kServiceMetadata);
    if (service.empty()) {
      return authenticator->Authenticate(metadata(rpc::kAuthorizationMetadata));
    }
    std::string name = absl::StrCat("services/", service);
    const absl::string_view peer = metadata(rpc::kPeerKey);
    if (peer.empty() ? believed : peer == name) return call::Program(std::move(name));
    return status::Make(absl::StatusCode::kUnauthenticated, "PROGRAM_NOT_PROVEN",
                        "a program that calls in its own name has to show its certificate");
  };
}

}  // namespace mostove::auth
