#include "services/dashboard/capacity_picture.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

constexpr Text kCapacity{"Капацитет", "Спроможність", "Capacity"};
constexpr Text kDomain{"Област на работа", "Сфера", "Domain"};
constexpr Text kSelf{"Само\u00ADоценка", "Само\u00ADоцінка", "Self"};
constexpr Text kFacilitated{"С водещ", "Спільна", "Facili\u00ADtated"};
constexpr Text kSelfOf{"Самооценка: ", "Самооцінка: ", "Self-assessment: "};
constexpr Text kFacilitatedOf{"С водещ: ", "Спільна, з фасилітатором: ", "Facilitated: "};
constexpr Text kChange{"Промяна", "Зміна", "Change"};
constexpr Text kLevels{"Нива от 1 до 4", "Рівні від 1 до 4", "Levels from 1 to 4"};
constexpr Text kSince{"Промяна спрямо самооценката: ", "Зміна щодо самооцінки: ",
                      "Change since the self-assessment: "};
constexpr Text kKey{"Кръг: самооценка; точка: с водещ; линията тръгва от предишната самооценка.",
                    "Коло: самооцінка; крапка: з фасилітатором; лінія йде від попередньої "
                    "самооцінки.",
                    "Ring: self-assessment; dot: facilitated; the line comes from the "
                    "self-assessment before."};

constexpr double kWidth = 320, kHeight = 28, kMargin = 14;

std::string At(double level) {
  const double part = (std::clamp(level, 1.0, 4.0) - 1) / 3;
  return absl::StrFormat("%.1f", kMargin + part * (kWidth - 2 * kMargin));
}

std::string Axis() {
  std::string marks;
  for (int level = 1; level <= 4; ++level) {
    absl::StrAppend(&marks, "<path class=\"grid\" d=\"M", At(level), " 6v16\"/>");
  }
  return absl::StrCat("<path class=\"grid\" d=\"M", At(1), " 14H", At(4), "\"/>", marks);
}

// The table says what it shows.
std::string Drawing(const DomainLevels& levels) {
  std::string svg = absl::StrFormat(
      "<svg class=\"picture\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
      "aria-hidden=\"true\" focusable=\"false\">",
      kWidth, kHeight, kWidth, kHeight);
  svg += Axis();
  if (levels.self.has_value() && levels.before.has_value()) {
    absl::StrAppend(&svg, "<path class=\"change\" d=\"M", At(*levels.before), " 14H",
                    At(*levels.self), "\"/>");
  }
  if (levels.self.has_value()) {
    absl::StrAppend(&svg, "<circle class=\"self\" r=\"9\" cy=\"14\" cx=\"", At(*levels.self),
                    "\"/>");
  }
  if (levels.facilitated.has_value()) {
    absl::StrAppend(&svg, "<circle class=\"together\" r=\"4\" cy=\"14\" cx=\"",
                    At(*levels.facilitated), "\"/>");
  }
  return svg + "</svg>\n";
}

std::string Cell(const std::string& text) {
  return absl::StrCat("<td class=\"n\">", text.empty() ? "–" : text, "</td>");
}

std::string LevelText(const std::optional<double>& level, absl::string_view language) {
  return level.has_value() ? DecimalText(*level, language) : "";
}

// With a sign: "+0,5", "−0,3".
std::string ChangeText(const DomainLevels& levels, absl::string_view language) {
  if (!levels.self.has_value() || !levels.before.has_value()) return "";
  const double change = *levels.self - *levels.before;
  std::string size = DecimalText(std::abs(change), language);
  if (size == DecimalText(0, language)) return size;
  return absl::StrCat(change > 0 ? "+" : "−", size);
}

std::string Head(const Text& name, absl::string_view language) {
  return absl::StrCat("<th scope=\"col\">", name.In(language), "</th>");
}

// "Self-assessment: 5 March 2026" on a line of its own.
std::string Dated(const Text& what, const google::type::Date& date, absl::string_view language) {
  if (date.year() == 0) return "";
  return absl::StrCat("<br>", what.In(language), DateText(date, language));
}

std::string Table(const Capacity& capacity, absl::string_view language) {
  std::string html =
      absl::StrCat("<table>\n<caption id=\"levels\">", capacity.framework_html, ". ",
                   kLevels.In(language), ".", Dated(kSelfOf, capacity.self_date, language),
                   Dated(kFacilitatedOf, capacity.facilitated_date, language),
                   Dated(kSince, capacity.before_date, language), "</caption>\n<thead><tr>",
                   Head(kDomain, language), Head(kSelf, language), Head(kFacilitated, language),
                   Head(kChange, language), "</tr></thead>\n<tbody>\n");
  for (const DomainLevels& levels : capacity.domains) {
    absl::StrAppend(&html, "<tr><th scope=\"row\">", levels.title_html, "</th>",
                    Cell(LevelText(levels.self, language)),
                    Cell(LevelText(levels.facilitated, language)),
                    Cell(ChangeText(levels, language)), "</tr>\n");
  }
  // Where a word is too long for a phone the table scrolls, and not the page.
  return absl::StrCat(
      "<div class=\"wide\" role=\"region\" aria-labelledby=\"levels\" tabindex=\"0\">\n", html,
      "</tbody>\n</table>\n</div>\n");
}

}  // namespace

std::string CapacitySection(const Capacity& capacity, absl::string_view language) {
  if (capacity.domains.empty()) return "";
  std::string html = absl::StrCat("<section>\n<h2>", kCapacity.In(language),
                                  "</h2>\n<figure>\n<div aria-hidden=\"true\">\n");
  for (const DomainLevels& levels : capacity.domains) {
    absl::StrAppend(&html, "<p class=\"row\">", levels.title_html, "</p>\n", Drawing(levels));
  }
  absl::StrAppend(&html, "<p class=\"soft\">", kKey.In(language), "</p>\n</div>\n",
                  Table(capacity, language), "</figure>\n</section>\n");
  return html;
}

}  // namespace mostove::dashboard
