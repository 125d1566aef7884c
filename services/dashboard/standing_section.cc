#include "services/dashboard/standing_section.h"

#include "absl/strings/str_cat.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

using organizations::v1::LegalStanding;

constexpr Text kTitle{"Правно състояние", "Правовий стан", "Legal standing"};
constexpr Text kDue{"срок ", "строк ", "due "};
constexpr Text kDays{"дни закъснение: ", "днів прострочення: ", "days overdue: "};

Text TextOf(LegalStanding::Standing standing) {
  switch (standing) {
    case LegalStanding::GOOD:
      return {"Изрядно: нищо не е просрочено.", "Гаразд: нічого не прострочено.",
              "Good: nothing is overdue."};
    case LegalStanding::AT_RISK:
      return {"В риск: има просрочени задължения.", "Під загрозою: є прострочені зобов’язання.",
              "At risk: something is overdue."};
    case LegalStanding::CANNOT_SIGN:
      return {"Не може да подписва.", "Не може підписувати.", "Cannot sign."};
    default:
      return {"Неизвестно.", "Невідомо.", "Not known."};
  }
}

}  // namespace

std::string StandingSection(const LegalStanding& standing, absl::string_view language) {
  const bool good = standing.standing() == LegalStanding::GOOD;
  std::string html = absl::StrCat("<section>\n<h2>", kTitle.In(language), "</h2>\n<p",
                                  good ? "" : " class=\"late\"", "><b>",
                                  TextOf(standing.standing()).In(language), "</b></p>\n");
  if (!standing.reasons().empty()) html += "<ul class=\"list\">\n";
  for (const LegalStanding::Reason& reason : standing.reasons()) {
    absl::StrAppend(&html, "<li>", HtmlOf(Choose(reason.title(), language), language),
                    reason.year() == 0 ? "" : absl::StrCat(", ", reason.year()),
                    "<p class=\"soft\">", kDue.In(language), DateText(reason.due_date(), language),
                    " · ", kDays.In(language), NumberText(reason.days_overdue(), language),
                    "</p></li>\n");
  }
  if (!standing.reasons().empty()) html += "</ul>\n";
  return html + "</section>\n";
}

}  // namespace mostove::dashboard
