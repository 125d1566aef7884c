#include "services/dashboard/facts.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/domain/oblasts.h"
#include "libs/html/html.h"
#include "libs/transcoding/percent.h"
#include "services/dashboard/labels.h"
#include "services/dashboard/text.h"
#include "services/dashboard/words.h"

namespace mostove::dashboard {
namespace {

namespace v1 = organizations::v1;

constexpr Text kLegalName{"Регистрирано име", "Зареєстрована назва", "Registered name"};
constexpr Text kKind{"Вид", "Вид", "Kind"};
constexpr Text kForm{"Правна форма", "Правова форма", "Legal form"};
constexpr Text kBenefit{"Полза", "Користь", "Benefit"};
constexpr Text kSeat{"Седалище", "Осідок", "Seat"};
constexpr Text kFounded{"Основана", "Заснована", "Founded"};
constexpr Text kIdentifiers{"Номера в регистри", "Номери в реєстрах", "Numbers in registers"};
constexpr Text kThemes{"Теми", "Теми", "Themes"};
constexpr Text kGroups{"За кого работи", "Для кого працює", "Whom it serves"};
constexpr Text kPhase{"Етап", "Етап", "Phase"};
constexpr Text kLanguages{"Езици", "Мови", "Languages"};
constexpr Text kWebsite{"Уебсайт", "Вебсайт", "Web site"};
constexpr Text kLocations{"Къде се намира", "Де її знайти", "Where to find it"};

constexpr Text kLeadership{"Ръководство от бежанци", "Керівництво біженців", "Refugee leadership"};
constexpr Text kBoard{"В управителния орган", "У правлінні", "On the board"};
constexpr Text kStaff{"Сред служителите", "Серед працівників", "Among the staff"};
constexpr Text kMembers{"Сред членовете", "Серед членів", "Among the members"};
constexpr Text kBasis{"Основание", "Підстава", "Basis"};
constexpr Text kSelfDeclared{"Заявено от организацията", "Заявлено організацією",
                             "By the organization’s own word"};
constexpr Text kAttested{"Потвърдено от друга организация", "Підтверджено іншою організацією",
                         "Confirmed by another organization"};
constexpr Text kUntil{"Важи до", "Чинне до", "Holds until"};
constexpr Text kContacts{"Контакти", "Контакти", "Contacts"};
constexpr Text kNetworkNote{"За членовете на мрежата", "Для членів мережі",
                            "For members of the network"};
constexpr Text kInternalNote{"Вътрешна бележка", "Внутрішня нотатка", "Internal note"};

std::string Row(absl::string_view name, absl::string_view value_html) {
  if (value_html.empty()) return "";
  return absl::StrCat("<dt>", name, "</dt><dd>", value_html, "</dd>\n");
}

std::string ListOf(const std::vector<std::string>& items_html) {
  if (items_html.size() <= 1) return absl::StrJoin(items_html, "");
  return absl::StrCat("<ul>",
                      absl::StrJoin(items_html, "",
                                    [](std::string* out, const auto& item) {
                                      absl::StrAppend(out, "<li>", item, "</li>");
                                    }),
                      "</ul>");
}

// In the language of the page where the code is known, else in the words of the source, else the
// code.
std::string ClassificationText(const common::v1::Classification& classification,
                               absl::string_view language) {
  const absl::string_view known = LabelOf(classification).In(language);
  if (!known.empty()) return html::Escape(known);
  if (!classification.label().empty()) return html::Escape(classification.label());
  return html::Escape(absl::StrCat(classification.scheme(), " ", classification.code()));
}

std::string Seat(const common::v1::Place& seat, absl::string_view language) {
  std::string text = html::Escape(PlaceText(seat, language));
  if (domain::FindOblastByIso(seat.area().code()) == nullptr) return text;
  return absl::StrCat("<a href=\"/?oblast=", seat.area().code(), "\">", text, "</a>");
}

template <class Groups>
std::vector<std::string> GroupTexts(const Groups& groups, absl::string_view language) {
  std::vector<std::string> texts;
  for (const int group : groups) {
    const absl::string_view text = LabelOf(static_cast<v1::TargetGroup>(group)).In(language);
    if (!text.empty()) texts.emplace_back(text);
  }
  return texts;
}

std::string Leadership(const v1::RefugeeLeadership& leadership, absl::string_view language) {
  const absl::string_view basis =
      (leadership.basis() == v1::RefugeeLeadership::ATTESTED ? kAttested : kSelfDeclared)
          .In(language);
  return absl::StrCat("<section>\n<h2>", kLeadership.In(language), "</h2>\n<dl>\n",
                      Row(kBoard.In(language), PercentText(leadership.board_share(), language)),
                      Row(kStaff.In(language), PercentText(leadership.staff_share(), language)),
                      Row(kMembers.In(language), PercentText(leadership.member_share(), language)),
                      Row(kBasis.In(language), basis),
                      Row(kUntil.In(language), DateText(leadership.expire_date(), language)),
                      "</dl>\n</section>\n");
}

std::string ContactItem(const v1::Contact& contact) {
  std::vector<std::string> parts;
  for (const std::string& part : {contact.title(), contact.role()}) {
    if (!part.empty()) parts.push_back(html::Escape(part));
  }
  const auto link = [&](absl::string_view scheme, const std::string& value,
                        absl::string_view also_plain) {
    if (value.empty()) return;
    std::string address;
    for (const char c : value) {
      absl::StrAppend(&address, absl::StrContains(also_plain, c)
                                    ? std::string(1, c)
                                    : transcoding::EncodePercent(absl::string_view(&c, 1)));
    }
    parts.push_back(
        absl::StrCat("<a href=\"", scheme, address, "\">", html::Escape(value), "</a>"));
  };
  link("mailto:", contact.email(), "@");
  std::string digits;
  for (const char c : contact.phone()) {
    if (absl::StrContains("+0123456789", c)) digits += c;
  }
  if (!digits.empty()) {
    parts.push_back(
        absl::StrCat("<a href=\"tel:", digits, "\">", html::Escape(contact.phone()), "</a>"));
  }
  return absl::StrCat("<li>", absl::StrJoin(parts, "<br>"), "</li>\n");
}

std::string Note(const Text& title, const std::string& note, absl::string_view language) {
  if (note.empty()) return "";
  return absl::StrCat("<section>\n<h2>", title.In(language), "</h2>\n<p>", html::Escape(note),
                      "</p>\n</section>\n");
}

}  // namespace

std::string FactsOf(const v1::Organization& organization, absl::string_view language) {
  std::vector<std::string> identifiers, themes, languages, locations;
  for (const auto& identifier : organization.identifiers()) {
    identifiers.push_back(html::Escape(absl::StrCat(identifier.scheme(), " ", identifier.value())));
  }
  for (const auto& theme : organization.themes())
    themes.push_back(ClassificationText(theme, language));
  for (const std::string& tag : organization.languages()) {
    languages.push_back(html::Escape(LanguageText(tag, language)));
  }
  for (const auto& location : organization.locations()) {
    std::string place = html::Escape(PlaceText(location.place(), language));
    if (!location.place().address().empty()) {
      absl::StrAppend(&place, place.empty() ? "" : ", ", html::Escape(location.place().address()));
    }
    if (!place.empty()) locations.push_back(std::move(place));
  }
  const std::string& site = organization.website();
  const bool is_web = absl::StartsWith(site, "https://") || absl::StartsWith(site, "http://");
  return absl::StrCat(
      "<dl>\n", Row(kLegalName.In(language), html::Escape(organization.legal_name())),
      Row(kKind.In(language), LabelOf(organization.kind()).In(language)),
      Row(kForm.In(language), LabelOf(organization.legal_form()).In(language)),
      Row(kBenefit.In(language), LabelOf(organization.benefit_status()).In(language)),
      Row(kSeat.In(language), Seat(organization.seat(), language)),
      Row(kLocations.In(language), ListOf(locations)),
      Row(kFounded.In(language), DateText(organization.founding_date(), language)),
      Row(kIdentifiers.In(language), ListOf(identifiers)),
      absl::StrCat(
          Row(kThemes.In(language), ListOf(themes)),
          Row(kGroups.In(language), ListOf(GroupTexts(organization.target_groups(), language))),
          Row(kPhase.In(language), LabelOf(organization.phase()).In(language)),
          Row(kLanguages.In(language), absl::StrJoin(languages, ", "))),
      Row(kWebsite.In(language),
          is_web ? absl::StrCat("<a rel=\"noopener external\" href=\"", html::Escape(site), "\">",
                                html::Escape(site), "</a>")
                 : ""),
      "</dl>\n");
}

std::string PrivateFactsOf(const v1::Organization& organization, absl::string_view language) {
  std::string html;
  if (organization.has_refugee_leadership()) {
    html += Leadership(organization.refugee_leadership(), language);
  }
  if (!organization.contacts().empty()) {
    absl::StrAppend(&html, "<section>\n<h2>", kContacts.In(language),
                    "</h2>\n<ul class=\"list\">\n");
    for (const v1::Contact& contact : organization.contacts()) html += ContactItem(contact);
    html += "</ul>\n</section>\n";
  }
  return absl::StrCat(html, Note(kNetworkNote, organization.network_note(), language),
                      Note(kInternalNote, organization.internal_note(), language));
}

std::string ItemOf(const v1::Activity& activity, absl::string_view language) {
  std::vector<std::string> facts;
  const std::string place = html::Escape(PlaceText(activity.place(), language));
  if (!place.empty()) facts.push_back(place);
  const std::string start = DateText(activity.start_date(), language);
  const std::string end = DateText(activity.end_date(), language);
  if (!start.empty() || !end.empty()) facts.push_back(absl::StrCat(start, " – ", end));
  const std::string groups = absl::StrJoin(GroupTexts(activity.target_groups(), language), ", ");
  if (!groups.empty()) facts.push_back(groups);
  const std::string sector = ClassificationText(activity.sector(), language);
  const Chosen description = Choose(activity.description(), language);
  return absl::StrCat(
      "<li>\n<h3>", sector, "</h3>\n",
      description.text.empty() ? "" : absl::StrCat("<p>", HtmlOf(description, language), "</p>\n"),
      facts.empty() ? ""
                    : absl::StrCat("<p class=\"soft\">", absl::StrJoin(facts, " · "), "</p>\n"),
      "</li>\n");
}

}  // namespace mostove::dashboard
