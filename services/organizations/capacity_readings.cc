#include "services/organizations/capacity_readings.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "libs/domain/date.h"
#include "libs/resource/name.h"
#include "services/organizations/capacity_framework_rules.h"

namespace mostove::organizations {
namespace {

using v1::Assessment;
using v1::CapacityScore;

constexpr int kNamesMax = 1000;

std::string OrganizationOf(const Assessment& assessment, const resource::Aliases& aliases) {
  return aliases.Resolve(resource::ParentOf(assessment.name()));
}

bool IsLater(const Assessment& one, const Assessment& other) {
  const auto key = [](const Assessment& assessment) {
    return std::make_tuple(domain::LastDay(assessment.assess_date()),
                           assessment.submit_time().seconds(), assessment.submit_time().nanos(),
                           assessment.name());
  };
  return key(other) < key(one);
}

// The mean of means; how many were answered is summed.
class MeanScore {
 public:
  void Add(const CapacityScore& score) {
    result_.set_domain(score.domain());
    result_.set_answered(result_.answered() + score.answered());
    result_.set_criteria(result_.criteria() + score.criteria());
    if (!score.has_mean()) return;
    sum_ += score.mean();
    ++count_;
  }
  CapacityScore Result() const {
    CapacityScore result = result_;
    if (count_ > 0) result.set_mean(sum_ / count_);
    return result;
  }

 private:
  CapacityScore result_;
  double sum_ = 0;
  int count_ = 0;
};

void AddLatest(const std::vector<const Assessment*>& latest,
               v1::ReadLatestCapacityResponse& response) {
  std::map<std::string, std::vector<const Assessment*>> by_framework;
  for (const Assessment* assessment : latest) {
    by_framework[assessment->framework()].push_back(assessment);
  }
  for (const auto& [framework, assessments] : by_framework) {
    auto& reading = *response.add_readings();
    reading.set_framework(framework);
    reading.set_kind(assessments.front()->kind());
    reading.set_organizations(static_cast<int>(assessments.size()));
    MeanScore overall;
    std::vector<MeanScore> domains(assessments.front()->domain_scores_size());
    for (const Assessment* assessment : assessments) {
      if (reading.assessments_size() < kNamesMax) reading.add_assessments(assessment->name());
      overall.Add(assessment->score());
      const int count =
          std::min(assessment->domain_scores_size(), static_cast<int>(domains.size()));
      for (int i = 0; i < count; ++i) domains[i].Add(assessment->domain_scores(i));
    }
    *reading.mutable_score() = overall.Result();
    for (const MeanScore& domain : domains) *reading.add_domain_scores() = domain.Result();
  }
}

struct Pair {
  const Assessment* before;
  const Assessment* after;
};

// One line of a difference, summed over organizations.
class RowSum {
 public:
  void Add(double before, double after) {
    before_ += before;
    after_ += after;
    ++count_;
  }
  void AddTo(const std::string& domain, const std::string& criterion,
             v1::CapacityDifference& difference) const {
    if (count_ == 0) return;
    auto& row = *difference.add_rows();
    row.set_domain(domain);
    row.set_criterion(criterion);
    row.set_before(before_ / count_);
    row.set_after(after_ / count_);
    row.set_difference(row.after() - row.before());
    row.set_organizations(count_);
  }

 private:
  double before_ = 0, after_ = 0;
  int count_ = 0;
};

// 0 where it is not answered.
int LevelOf(const Assessment& assessment, const std::string& criterion) {
  for (const v1::Answer& answer : assessment.answers()) {
    if (answer.criterion() == criterion) return answer.level();
  }
  return 0;
}

// Unset scores count as missing.
const CapacityScore* ScoreOf(const Assessment& assessment, const std::string& domain) {
  if (domain.empty()) return assessment.score().has_mean() ? &assessment.score() : nullptr;
  for (const CapacityScore& score : assessment.domain_scores()) {
    if (score.domain() == domain && score.has_mean()) return &score;
  }
  return nullptr;
}

void AddScoreRow(const std::vector<Pair>& pairs, const std::string& domain,
                 v1::CapacityDifference& difference) {
  RowSum sum;
  for (const Pair& pair : pairs) {
    const CapacityScore* before = ScoreOf(*pair.before, domain);
    const CapacityScore* after = ScoreOf(*pair.after, domain);
    if (before != nullptr && after != nullptr) sum.Add(before->mean(), after->mean());
  }
  sum.AddTo(domain, "", difference);
}

v1::CapacityDifference DifferenceOf(const v1::CapacityFramework& framework,
                                    const std::vector<Pair>& pairs) {
  v1::CapacityDifference difference;
  difference.set_framework(framework.name());
  difference.set_organizations(static_cast<int>(pairs.size()));
  AddScoreRow(pairs, "", difference);
  for (const v1::CapacityDomain& domain : framework.domains()) {
    AddScoreRow(pairs, domain.code(), difference);
  }
  for (const v1::CapacityDomain& domain : framework.domains()) {
    for (const v1::CapacityCriterion& criterion : domain.criteria()) {
      RowSum sum;
      for (const Pair& pair : pairs) {
        const int before = LevelOf(*pair.before, criterion.code());
        const int after = LevelOf(*pair.after, criterion.code());
        if (before > 0 && after > 0) sum.Add(before, after);
      }
      sum.AddTo(domain.code(), criterion.code(), difference);
    }
  }
  return difference;
}

void AddGaps(const v1::CapacityFramework& framework,
             const std::vector<const Assessment*>& assessments, int below,
             std::vector<v1::CapacityGap>& gaps) {
  for (const v1::CapacityDomain& domain : framework.domains()) {
    for (const v1::CapacityCriterion& criterion : domain.criteria()) {
      int answered = 0, low = 0, sum = 0;
      for (const Assessment* assessment : assessments) {
        const int level = LevelOf(*assessment, criterion.code());
        if (level == 0) continue;
        ++answered;
        if (level >= below) continue;
        ++low;
        sum += level;
      }
      if (low == 0) continue;
      v1::CapacityGap& gap = gaps.emplace_back();
      gap.set_framework(framework.name());
      gap.set_domain(domain.code());
      gap.set_criterion(criterion.code());
      *gap.mutable_title() = criterion.title();
      gap.set_level(static_cast<double>(sum) / low);
      gap.set_organizations(low);
      gap.set_answered(answered);
      // A level of 1.5 on the mean has level 2 before it; `below` is at most 4.
      const int next = sum / low;
      if (next < criterion.levels_size()) *gap.mutable_next_level() = criterion.levels(next);
      *gap.mutable_topics() = criterion.topics();
    }
  }
}

}  // namespace

const resource::Aliases& NoAliases() {
  static const auto& none = *new resource::Aliases();
  return none;
}

std::vector<const Assessment*> LatestOfEach(const Assessments& assessments, absl::CivilDay day,
                                            Assessment::Kind kind,
                                            const resource::Aliases& aliases) {
  std::map<std::pair<std::string, std::string>, const Assessment*> latest;
  for (const Assessment& assessment : assessments) {
    if (kind != Assessment::KIND_UNSPECIFIED && assessment.kind() != kind) continue;
    if (domain::IsAfter(assessment.assess_date(), day)) continue;
    const Assessment*& best = latest[{assessment.framework(), OrganizationOf(assessment, aliases)}];
    if (best == nullptr || IsLater(assessment, *best)) best = &assessment;
  }
  std::vector<const Assessment*> result;
  for (const auto& [key, assessment] : latest) result.push_back(assessment);
  return result;
}

v1::ReadLatestCapacityResponse LatestCapacity(const Assessments& assessments, absl::CivilDay day,
                                              const resource::Aliases& aliases) {
  v1::ReadLatestCapacityResponse response;
  for (const Assessment::Kind kind :
       {Assessment::SELF, Assessment::FACILITATED, Assessment::DONOR_LED}) {
    AddLatest(LatestOfEach(assessments, day, kind, aliases), response);
  }
  return response;
}

std::vector<v1::CapacityDifference> Differences(const std::vector<const Assessment*>& before,
                                                const std::vector<const Assessment*>& after,
                                                const Frameworks& frameworks,
                                                const resource::Aliases& aliases) {
  std::map<std::pair<std::string, std::string>, const Assessment*> first;
  for (const Assessment* assessment : before) {
    first[{assessment->framework(), OrganizationOf(*assessment, aliases)}] = assessment;
  }
  std::map<std::string, std::vector<Pair>> pairs;
  for (const Assessment* assessment : after) {
    const auto found = first.find({assessment->framework(), OrganizationOf(*assessment, aliases)});
    if (found != first.end()) pairs[assessment->framework()].push_back({found->second, assessment});
  }
  std::vector<v1::CapacityDifference> differences;
  for (const auto& [name, framework] : frameworks) {
    const auto found = pairs.find(name);
    if (found != pairs.end()) differences.push_back(DifferenceOf(framework, found->second));
  }
  return differences;
}

std::vector<v1::CapacityGap> Gaps(const std::vector<const Assessment*>& latest,
                                  const Frameworks& frameworks, int below) {
  std::map<std::string, std::vector<const Assessment*>> by_framework;
  for (const Assessment* assessment : latest) {
    by_framework[assessment->framework()].push_back(assessment);
  }
  std::vector<v1::CapacityGap> gaps;
  for (const auto& [name, framework] : frameworks) {
    AddGaps(framework, by_framework[name], below, gaps);
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const auto& one, const auto& other) {
    return std::make_pair(-one.organizations(), one.level()) <
           std::make_pair(-other.organizations(), other.level());
  });
  return gaps;
}

}  // namespace mostove::organizations
