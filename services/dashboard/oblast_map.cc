#include "services/dashboard/oblast_map.h"

#include "absl/strings/str_cat.h"
#include "libs/domain/oblasts.h"
#include "libs/html/html.h"
#include "services/dashboard/labels.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

// Of the style sheet: the more, the stronger.
int StepOf(int64_t count) {
  int step = 0;
  for (const int64_t least : {1, 3, 10, 30}) step += count >= least;
  return step;
}

// For tiles on narrow screens, where the name stays for those who hear it. That of a Sofia would be
// the other's.
std::string ShortName(const domain::Oblast& oblast, absl::string_view language) {
  if (oblast.iso == "BG-23") return language == "en" ? "Obl" : "Обл";
  const absl::string_view name = LabelOf(oblast).In(language);
  return std::string(name.substr(0, language == "en" ? 3 : 6));  // two bytes a letter
}

}  // namespace

std::string OblastMap(const Visit& visit, const std::map<std::string, OblastCount>& counts) {
  std::string html = "<ul class=\"map\">\n";
  for (const domain::Oblast& oblast : domain::Oblasts()) {
    const std::string iso(oblast.iso);
    const auto found = counts.find(iso);
    const std::string name = html::Escape(LabelOf(oblast).In(visit.language));
    Visit target{.path = "/", .query = visit.query};
    target.query.erase("page");
    absl::StrAppend(
        &html, "<li class=\"", iso, " s", found == counts.end() ? 0 : StepOf(found->second.count),
        "\"><a href=\"", html::Escape(target.AddressWith("oblast", iso)), "\"",
        visit.Get("oblast") == iso ? " aria-current=\"true\"" : "",
        "><span class=\"short\" aria-hidden=\"true\">", ShortName(oblast, visit.language),
        "</span><span class=\"full\">", name, "</span>");
    if (found != counts.end()) {
      absl::StrAppend(&html, " <b>", found->second.at_least ? "≥" : "",
                      NumberText(found->second.count, visit.language), "</b>");
    }
    html += "</a></li>\n";
  }
  return html + "</ul>\n";
}

}  // namespace mostove::dashboard
