#include "services/dashboard/directory_page.h"

#include <list>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/domain/oblasts.h"
#include "libs/html/html.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/dashboard/labels.h"
#include "services/dashboard/oblast_map.h"
#include "services/dashboard/questions.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

namespace v1 = organizations::v1;
using v1::Organization;

constexpr char kList[] = "mostove.organizations.v1.OrganizationsService.ListOrganizations";
constexpr char kSearch[] = "mostove.organizations.v1.OrganizationsService.SearchOrganizations";
constexpr int kPageSize = 25;
constexpr int kWordsMax = 100;  // characters
constexpr int kSnippet = 180;   // characters

constexpr Text kTitle{"Организации", "Організації", "Organizations"};
constexpr Text kWords{"Думи", "Слова", "Words"};
constexpr Text kKind{"Вид", "Вид", "Kind"};
constexpr Text kOblast{"Област", "Область", "Oblast"};
constexpr Text kAny{"Всички", "Усі", "All"};
constexpr Text kFind{"Търсене", "Шукати", "Search"};
constexpr Text kFilters{"Търсене и филтри", "Пошук і фільтри", "Search and filters"};
constexpr Text kFound{"Намерени: ", "Знайдено: ", "Found: "};
constexpr Text kAtLeast{"повече от ", "понад ", "more than "};
constexpr Text kNone{"Няма намерени организации.", "Організацій не знайдено.",
                     "No organizations were found."};
constexpr Text kNext{"Следващи", "Наступні", "Next"};
constexpr Text kFirst{"От началото", "З початку", "From the beginning"};
constexpr Text kPages{"Страници", "Сторінки", "Pages"};
constexpr Text kByOblast{"По области", "За областями", "By oblast"};
constexpr Text kByOblastHint{
    "Колко организации имат седалище във всяка "
    "област. Местата са приблизителни.",
    "Скільки організацій мають осідок у кожній "
    "області. Розташування приблизне.",
    "How many organizations have their seat in each "
    "oblast. Places are approximate."};

struct State {
  std::shared_ptr<const Visit> visit;
  absl::StatusOr<v1::ListOrganizationsResponse> listed;   // without words
  absl::StatusOr<v1::SearchOrganizationsResponse> found;  // with words, the best first
  // By ISO code; nodes stay where they are.
  std::map<std::string, absl::StatusOr<v1::ListOrganizationsResponse>> by_oblast;
};

std::string FilterOf(absl::string_view kind, absl::string_view oblast) {
  std::vector<std::string> parts;
  if (!oblast.empty()) parts.push_back(absl::StrCat("seat.area.code = \"", oblast, "\""));
  if (!kind.empty()) parts.push_back(absl::StrCat("kind = ", kind));
  return absl::StrJoin(parts, " AND ");
}

bool ShowsMap(const Visit& visit) { return visit.Get("q").empty() && visit.Get("page").empty(); }

std::string Option(absl::string_view value, absl::string_view label, absl::string_view chosen) {
  return absl::StrCat("<option value=\"", value, "\"", value == chosen ? " selected" : "", ">",
                      html::Escape(label), "</option>\n");
}

std::string SearchForm(const Visit& visit) {
  const absl::string_view language = visit.language;
  std::string html = absl::StrCat(
      "<form class=\"find\" role=\"search\" aria-label=\"", kFilters.In(language),
      "\" action=\"/\">\n<div><label for=\"q\">", kWords.In(language),
      "</label><input id=\"q\" name=\"q\" type=\"search\" maxlength=\"", kWordsMax, "\" value=\"",
      html::Escape(visit.Get("q")), "\"></div>\n<div><label for=\"kind\">", kKind.In(language),
      "</label><select id=\"kind\" name=\"kind\">\n", Option("", kAny.In(language), ""));
  for (int kind = 1; Organization::OrganizationKind_IsValid(kind); ++kind) {
    const auto value = static_cast<Organization::OrganizationKind>(kind);
    const Text label = LabelOf(value);
    if (label.en.empty()) continue;
    html +=
        Option(Organization::OrganizationKind_Name(value), label.In(language), visit.Get("kind"));
  }
  absl::StrAppend(&html, "</select></div>\n<div><label for=\"oblast\">", kOblast.In(language),
                  "</label><select id=\"oblast\" name=\"oblast\">\n",
                  Option("", kAny.In(language), ""));
  for (const domain::Oblast& oblast : domain::Oblasts()) {
    html += Option(oblast.iso, LabelOf(oblast).In(language), visit.Get("oblast"));
  }
  return absl::StrCat(html, "</select></div>\n<button>", kFind.In(language),
                      "</button>\n</form>\n");
}

std::string Item(const Organization& organization, absl::string_view language) {
  std::vector<std::string> facts;
  const auto add = [&](std::string fact) {
    if (!fact.empty()) facts.push_back(std::move(fact));
  };
  add(std::string(LabelOf(organization.kind()).In(language)));
  add(html::Escape(PlaceText(organization.seat(), language)));
  if (organization.state() != Organization::LISTED) {
    add(absl::StrCat("<span class=\"badge\">", LabelOf(organization.state()).In(language),
                     "</span>"));
  }
  std::string html =
      absl::StrCat("<li><h3><a href=\"/", html::Escape(organization.name()), "\">",
                   HtmlOf(NameOf(organization, language), language),
                   "</a></h3>\n<p class=\"soft\">", absl::StrJoin(facts, " · "), "</p>\n");
  Chosen description = Choose(organization.description(), language);
  const std::string snippet = Shortened(description.text, kSnippet);
  if (!snippet.empty()) {
    description.text = snippet;
    absl::StrAppend(&html, "<p>", HtmlOf(description, language), "</p>\n");
  }
  return html + "</li>\n";
}

const Organization& OrganizationOf(const Organization& listed) { return listed; }
const Organization& OrganizationOf(const v1::SearchOrganizationsResponse::Result& found) {
  return found.organization();
}

// The answer of a list or of a search, and what it has found.
template <class Response, class Items>
std::string Results(const Visit& visit, const Response& listed, const Items& items) {
  const absl::string_view language = visit.language;
  std::string html = "<h2 class=\"found\">";
  if (listed.has_total_size() && listed.total_size() == 0) {
    absl::StrAppend(&html, kNone.In(language));
  } else {
    absl::StrAppend(
        &html, kFound.In(language), listed.has_total_size() ? "" : kAtLeast.In(language),
        NumberText(listed.has_total_size() ? listed.total_size() : listed.total_size_at_least(),
                   language));
  }
  html += "</h2>\n<ul class=\"list\">\n";
  for (const auto& item : items) html += Item(OrganizationOf(item), language);
  html += "</ul>\n";
  if (listed.next_page_token().empty() && visit.Get("page").empty()) return html;
  absl::StrAppend(&html, "<nav class=\"more\" aria-label=\"", kPages.In(language), "\">\n");
  if (!listed.next_page_token().empty()) {
    absl::StrAppend(&html, "<p><a rel=\"next\" href=\"",
                    html::Escape(visit.AddressWith("page", listed.next_page_token())), "\">",
                    kNext.In(language), "</a></p>\n");
  }
  if (!visit.Get("page").empty()) {
    absl::StrAppend(&html, "<p><a href=\"", html::Escape(visit.AddressWith("page", "")), "\">",
                    kFirst.In(language), "</a></p>\n");
  }
  return html + "</nav>\n";
}

std::map<std::string, OblastCount> CountsOf(const State& state) {
  std::map<std::string, OblastCount> counts;
  for (const auto& [iso, listed] : state.by_oblast) {
    if (!listed.ok()) continue;  // the list is what matters; the tile has no number
    const bool exact = listed->has_total_size();
    counts[iso] = {.count = exact ? listed->total_size() : listed->total_size_at_least(),
                   .at_least = !exact};
  }
  return counts;
}

Page Render(const State& state) {
  const Visit& visit = *state.visit;
  const bool searched = !visit.Get("q").empty();
  const absl::Status& status = searched ? state.found.status() : state.listed.status();
  if (!status.ok()) return ErrorPage(visit, status);
  const absl::string_view language = visit.language;
  std::string body = SearchForm(visit);
  if (ShowsMap(visit)) {
    absl::StrAppend(&body, "<p class=\"more\"><a href=\"#map\">", kByOblast.In(language),
                    "</a></p>\n");
  }
  body += searched ? Results(visit, *state.found, state.found->results())
                   : Results(visit, *state.listed, state.listed->organizations());
  if (ShowsMap(visit)) {
    absl::StrAppend(&body, "<section aria-labelledby=\"map\">\n<h2 id=\"map\">",
                    kByOblast.In(language), "</h2>\n<p class=\"soft\">", kByOblastHint.In(language),
                    "</p>\n", OblastMap(visit, CountsOf(state)), "</section>\n");
  }
  return MakePage(visit, {.title = kTitle.In(language), .body = std::move(body)});
}

bool IsUnderstood(const Visit& visit) {
  Organization::OrganizationKind kind;
  return (visit.Get("kind").empty() ||
          Organization::OrganizationKind_Parse(visit.Get("kind"), &kind)) &&
         (visit.Get("oblast").empty() || domain::FindOblastByIso(visit.Get("oblast")) != nullptr) &&
         visit.Get("q").size() <= 4 * kWordsMax;
}

}  // namespace

void AnswerDirectory(const std::vector<rpc::Invoker*>& invokers,
                     const std::shared_ptr<const Visit>& visit, std::function<void(Page)> done) {
  if (!IsUnderstood(*visit)) {
    return done(ErrorPage(*visit, absl::InvalidArgumentError("parameters")));
  }
  auto state = std::make_shared<State>();
  state->visit = visit;
  const auto questions = std::make_shared<Questions>(invokers, visit->call);
  const std::string filter = FilterOf(visit->Get("kind"), visit->Get("oblast"));
  if (visit->Get("q").empty()) {
    v1::ListOrganizationsRequest list;
    list.set_page_size(kPageSize);
    list.set_page_token(visit->Get("page"));
    list.set_order_by("legal_name");
    list.set_filter(filter);
    list.set_show_total_size(true);
    questions->Ask(kList, list, &state->listed);
  } else {
    v1::SearchOrganizationsRequest search;
    search.set_query(visit->Get("q"));
    search.set_page_size(kPageSize);
    search.set_page_token(visit->Get("page"));
    search.set_filter(filter);
    questions->Ask(kSearch, search, &state->found);
  }
  if (ShowsMap(*visit)) {
    for (const domain::Oblast& oblast : domain::Oblasts()) {
      v1::ListOrganizationsRequest count;
      count.set_page_size(1);
      count.set_filter(FilterOf(visit->Get("kind"), oblast.iso));
      count.set_show_total_size(true);
      questions->Ask(kList, count, &state->by_oblast[std::string(oblast.iso)]);
    }
  }
  questions->Then([state, done = std::move(done)] { done(Render(*state)); });
}

}  // namespace mostove::dashboard
