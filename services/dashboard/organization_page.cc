#include "services/dashboard/organization_page.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/domain/date.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/dashboard/capacity.h"
#include "services/dashboard/facts.h"
#include "services/dashboard/labels.h"
#include "services/dashboard/plan_section.h"
#include "services/dashboard/questions.h"
#include "services/dashboard/standing_section.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

namespace v1 = organizations::v1;
using v1::Organization;

constexpr char kService[] = "mostove.organizations.v1.OrganizationsService.";
constexpr int kActivitiesMax = 50;
constexpr int kAssessmentsMax = 50;
constexpr int kPlansMax = 3;

constexpr Text kActivities{"Какво прави и къде", "Що робить і де", "What it does where"};
constexpr Text kMore{"Има и още: тук са последните.", "Є й інші: тут останні.",
                     "There are more: these are the latest."};

struct State {
  std::shared_ptr<const Visit> visit;
  absl::StatusOr<Organization> organization;
  absl::StatusOr<v1::ListActivitiesResponse> activities;
  absl::StatusOr<v1::ListAssessmentsResponse> assessments;
  absl::StatusOr<v1::ListPlansResponse> plans;
  absl::StatusOr<v1::LegalStanding> standing;
  absl::StatusOr<v1::CapacityFramework> framework;  // of the newest one
};

// Who may not read the standing does not ask: refusals are recorded.
bool IsTheirOwn(const Visit& visit, const std::string& name) {
  const call::Caller& caller = visit.call.caller;
  const auto& own = caller.organizations;
  return caller.administrator || std::find(own.begin(), own.end(), name) != own.end();
}

std::string Activities(const v1::ListActivitiesResponse& listed, absl::string_view language) {
  if (listed.activities().empty()) return "";
  std::string html =
      absl::StrCat("<section>\n<h2>", kActivities.In(language), "</h2>\n<ul class=\"list\">\n");
  for (const v1::Activity& activity : listed.activities()) html += ItemOf(activity, language);
  html += "</ul>\n";
  if (!listed.next_page_token().empty()) {
    absl::StrAppend(&html, "<p class=\"soft\">", kMore.In(language), "</p>\n");
  }
  return html + "</section>\n";
}

Page Render(const State& state) {
  const Visit& visit = *state.visit;
  if (!state.organization.ok()) return ErrorPage(visit, state.organization.status());
  const Organization& organization = *state.organization;
  const absl::string_view language = visit.language;
  const Chosen name = NameOf(organization, language);
  std::string heading = HtmlOf(name, language);
  if (organization.state() != Organization::LISTED) {
    absl::StrAppend(&heading, " <span class=\"badge\">", LabelOf(organization.state()).In(language),
                    "</span>");
  }
  std::string body;
  const Chosen description = Choose(organization.description(), language);
  if (!description.text.empty()) {
    absl::StrAppend(&body, "<p>", HtmlOf(description, language), "</p>\n");
  }
  body += FactsOf(organization, language);
  body += PrivateFactsOf(organization, language);
  if (state.framework.ok()) {
    body += CapacitySection(
        CapacityOf(state.assessments->assessments(), *state.framework, language), language);
  }
  if (state.plans.ok()) {
    body += PlanSection(*state.plans, domain::Today(visit.call.Now()), language);
  }
  if (state.standing.ok()) body += StandingSection(*state.standing, language);
  if (state.activities.ok()) body += Activities(*state.activities, language);
  return MakePage(visit,
                  {.title = name.text, .heading = std::move(heading), .body = std::move(body)});
}

// Its domains have the names of the picture's rows.
void AskForFramework(const std::vector<rpc::Invoker*>& invokers,
                     const std::shared_ptr<State>& state, std::function<void(Page)> done) {
  v1::GetCapacityFrameworkRequest get;
  if (state->assessments.ok()) get.set_name(FrameworkOf(state->assessments->assessments()));
  if (!state->organization.ok() || get.name().empty()) return done(Render(*state));
  const auto questions = std::make_shared<Questions>(invokers, state->visit->call);
  questions->Ask(absl::StrCat(kService, "GetCapacityFramework"), get, &state->framework);
  questions->Then([state, done = std::move(done)] { done(Render(*state)); });
}

}  // namespace

void AnswerOrganization(const std::vector<rpc::Invoker*>& invokers,
                        const std::shared_ptr<const Visit>& visit, std::function<void(Page)> done) {
  auto state = std::make_shared<State>();
  state->visit = visit;
  const std::string name = visit->path.substr(1);
  const auto questions = std::make_shared<Questions>(invokers, visit->call);
  v1::GetOrganizationRequest get;
  get.set_name(name);
  questions->Ask(absl::StrCat(kService, "GetOrganization"), get, &state->organization);
  v1::ListActivitiesRequest activities;
  activities.set_parent(name);
  activities.set_page_size(kActivitiesMax);
  questions->Ask(absl::StrCat(kService, "ListActivities"), activities, &state->activities);
  v1::ListAssessmentsRequest assessments;
  assessments.set_parent(name);
  assessments.set_page_size(kAssessmentsMax);
  assessments.set_filter("state = SUBMITTED OR state = VERIFIED");
  questions->Ask(absl::StrCat(kService, "ListAssessments"), assessments, &state->assessments);
  v1::ListPlansRequest plans;
  plans.set_parent(name);
  plans.set_page_size(kPlansMax);
  plans.set_filter("state = ADOPTED");
  questions->Ask(absl::StrCat(kService, "ListPlans"), plans, &state->plans);
  if (IsTheirOwn(*visit, name)) {
    v1::ReadLegalStandingRequest standing;
    standing.set_name(name);
    questions->Ask(absl::StrCat(kService, "ReadLegalStanding"), standing, &state->standing);
  }
  questions->Then([&invokers, state, done = std::move(done)]() mutable {
    AskForFramework(invokers, state, std::move(done));
  });
}

}  // namespace mostove::dashboard
