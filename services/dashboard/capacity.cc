#include "services/dashboard/capacity.h"

#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

using organizations::v1::Assessment;

bool IsShown(const Assessment& assessment) {
  return assessment.kind() == Assessment::SELF || assessment.kind() == Assessment::FACILITATED;
}

// The newest but `skipped`; null if there is none.
const Assessment* Newest(const Assessments& assessments, const std::string& framework,
                         Assessment::Kind kind, int skipped = 0) {
  for (const Assessment& assessment : assessments) {
    if (assessment.framework() != framework || assessment.kind() != kind) continue;
    if (skipped-- == 0) return &assessment;
  }
  return nullptr;
}

std::optional<double> LevelOf(const Assessment* assessment, const std::string& domain) {
  if (assessment == nullptr) return std::nullopt;
  for (const auto& score : assessment->domain_scores()) {
    if (score.domain() == domain && score.has_mean()) return score.mean();
  }
  return std::nullopt;
}

google::type::Date DateOf(const Assessment* assessment) {
  return assessment == nullptr ? google::type::Date() : assessment->assess_date();
}

}  // namespace

std::string FrameworkOf(const Assessments& assessments) {
  for (const Assessment& assessment : assessments) {
    if (IsShown(assessment)) return assessment.framework();
  }
  return "";
}

Capacity CapacityOf(const Assessments& assessments,
                    const organizations::v1::CapacityFramework& framework,
                    absl::string_view language) {
  const Assessment* self = Newest(assessments, framework.name(), Assessment::SELF);
  const Assessment* before = Newest(assessments, framework.name(), Assessment::SELF, 1);
  const Assessment* facilitated = Newest(assessments, framework.name(), Assessment::FACILITATED);
  Capacity capacity{.framework_html = HtmlOf(Choose(framework.title(), language), language),
                    .self_date = DateOf(self),
                    .facilitated_date = DateOf(facilitated),
                    .before_date = DateOf(before)};
  for (const auto& domain : framework.domains()) {
    capacity.domains.push_back({.title_html = HtmlOf(Choose(domain.title(), language), language),
                                .self = LevelOf(self, domain.code()),
                                .facilitated = LevelOf(facilitated, domain.code()),
                                .before = LevelOf(before, domain.code())});
  }
  return capacity;
}

}  // namespace mostove::dashboard
