#include "services/trainings/session_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/oblasts.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/domain/time_zone.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "mostove/trainings/v1/program.pb.h"

namespace mostove::trainings {
namespace {

using domain::Join;
using v1::Quota;
using v1::Session;

constexpr domain::Step<Session::State> kSteps[] = {
    {Session::DRAFT, Session::PUBLISHED},     {Session::PUBLISHED, Session::RUNNING},
    {Session::PUBLISHED, Session::CANCELLED}, {Session::RUNNING, Session::COMPLETED},
    {Session::RUNNING, Session::CANCELLED},
};

void CheckAnnounced(const Session& session, absl::string_view path,
                    status::Violations& violations) {
  constexpr char kWhy[] = "has to be given before the session is announced";
  if (!session.has_start_time()) violations.Add(Join(path, "start_time"), "REQUIRED", kWhy);
  if (!session.has_end_time()) violations.Add(Join(path, "end_time"), "REQUIRED", kWhy);
  if (!session.has_venue() && session.join_link().empty()) {
    violations.Add(Join(path, "venue"), "REQUIRED",
                   absl::StrCat(kWhy, ", or join_link where people meet online"));
  }
}

void CheckQuota(const Quota& quota, absl::string_view path, status::Violations& violations) {
  const std::string oblast = Join(path, "oblast_code");
  if (quota.basis() == Quota::OBLAST) {
    if (quota.oblast_code().empty()) {
      violations.Add(oblast, "REQUIRED", "has to name the oblast that the seats are kept for");
    } else if (domain::FindOblastByIso(quota.oblast_code()) == nullptr) {
      violations.Add(oblast, "OBLAST", "has to be one of the 28 oblasts, such as BG-05 for Vidin");
    }
  } else if (!quota.oblast_code().empty()) {
    violations.Add(oblast, "OBLAST", "has to be left out where the basis is not OBLAST");
  }
}

void CheckQuotas(const Session& session, absl::string_view path, status::Violations& violations) {
  int64_t sum = 0;
  std::set<std::pair<int, std::string>> seen;
  for (int i = 0; i < session.quotas_size(); ++i) {
    const Quota& quota = session.quotas(i);
    const std::string at = Join(path, absl::StrCat("quotas[", i, "]"));
    CheckQuota(quota, at, violations);
    if (!seen.emplace(quota.basis(), quota.oblast_code()).second) {
      violations.Add(at, "DUPLICATE", "has to be joined with the quota before for the same");
    }
    sum += quota.seats();
  }
  if (session.quotas().empty()) return;
  if (!session.has_seats()) {
    violations.Add(Join(path, "seats"), "REQUIRED", "has to be given where seats are kept");
  } else if (sum > session.seats()) {
    violations.Add(Join(path, "quotas"), "QUOTAS_SUM",
                   absl::StrCat("has to keep no more than the ", session.seats(),
                                " seats that there are, keeps ", sum));
  }
}

}  // namespace

void PrepareSession(Session& session) {
  if (session.state() == Session::STATE_UNSPECIFIED) session.set_state(Session::DRAFT);
  if (session.time_zone().empty()) session.set_time_zone(domain::kHomeTimeZone);
}

void CheckSession(const Session& session, absl::string_view path, status::Violations& violations) {
  if (!session.time_zone().empty()) {
    domain::CheckTimeZone(session.time_zone(), Join(path, "time_zone"), violations);
  }
  if (!session.language().empty()) {
    domain::CheckLanguageTag(session.language(), Join(path, "language"), violations);
  }
  domain::CheckLanguageTags(session.interpretation_languages(),
                            Join(path, "interpretation_languages"), violations);
  if (session.state() > Session::DRAFT && session.state() != Session::CANCELLED) {
    CheckAnnounced(session, path, violations);
  }
  CheckQuotas(session, path, violations);
}

absl::Status CheckSessionChange(const Session& before, const Session& after) {
  return domain::CheckStep("state", kSteps, before.state(), after.state());
}

absl::Status SettleSession(const store::Neighbours& neighbours, Session& session,
                           absl::string_view path, status::Violations& violations) {
  ASSIGN_OR_RETURN(const auto program,
                   neighbours.Find<v1::Program>(resource::ParentOf(session.name())));
  if (!program) return absl::OkStatus();  // the store refuses that by itself
  *session.mutable_organizers() = program->organizers();
  const auto& topics = program->topics();
  if (!topics.empty() && std::find(topics.begin(), topics.end(), session.topic()) == topics.end()) {
    violations.Add(Join(path, "topic"), "TOPIC", "has to be one of the program's topics");
  }
  return absl::OkStatus();
}

resource::Audience SessionAudience(const Session& session) {
  return session.state() == Session::DRAFT ? resource::v1::OWNER : resource::v1::PUBLIC;
}

}  // namespace mostove::trainings
