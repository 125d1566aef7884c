#include "services/dashboard/frame.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/digest/digest.h"
#include "libs/html/html.h"
#include "services/dashboard/text.h"

namespace mostove::dashboard {
namespace {

constexpr Text kProduct{"Мостове", "Мостове", "Mostove"};
constexpr Text kError{"Грешка: ", "Помилка: ", "Error: "};
constexpr Text kSkip{"Към съдържанието", "До змісту", "Skip to content"};
constexpr Text kLanguages{"Език", "Мова", "Language"};
constexpr Text kSignIn{"Вход", "Увійти", "Sign in"};
constexpr Text kSignOut{"Изход", "Вийти", "Sign out"};
constexpr Text kEverybody{
    "Тук никой не доказва кой е: всеки, който достига този адрес, е администратор.",
    "Тут ніхто не підтверджує, хто він: кожен, хто має доступ до цієї адреси, є адміністратором.",
    "Nobody proves who they are here: everyone who reaches this address is an administrator."};
constexpr Text kFooter{"Регистър на партньорска мрежа за интеграция на бежанци.",
                       "Реєстр партнерської мережі інтеграції біженців.",
                       "The records of a refugee-integration partner network."};
constexpr Text kInterface{"За програмисти: интерфейсът", "Для програмістів: інтерфейс",
                          "For programmers: the interface"};

struct LanguageName {
  absl::string_view tag, name;
};
constexpr LanguageName kLanguageNames[] = {
    {"bg", "Български"}, {"uk", "Українська"}, {"en", "English"}};

std::string LanguageSwitch(const Visit& visit) {
  std::string html = absl::StrCat("<nav aria-label=\"", kLanguages.In(visit.language),
                                  "\">\n<ul class=\"languages\">\n");
  for (const LanguageName& language : kLanguageNames) {
    absl::StrAppend(&html, "<li><a href=\"", html::Escape(visit.AddressWith("lang", language.tag)),
                    "\" lang=\"", language.tag, "\" hreflang=\"", language.tag, "\"",
                    language.tag == visit.language ? " aria-current=\"true\"" : "", ">",
                    language.name, "</a></li>\n");
  }
  return html + "</ul>\n</nav>\n";
}

std::string Door(const Visit& visit) {
  if (!visit.tokens || visit.path == "/sign-in") return "";
  if (visit.signed_in()) {
    return absl::StrCat("<form method=\"post\" action=\"/sign-out\" class=\"door\"><button>",
                        kSignOut.In(visit.language), "</button></form>\n");
  }
  const Visit back{.path = "/sign-in", .query = {{"to", visit.AddressWith("lang", "")}}};
  return absl::StrCat("<a class=\"door\" href=\"", html::Escape(back.AddressWith("", "")), "\">",
                      kSignIn.In(visit.language), "</a>\n");
}

struct Explanation {
  int status;
  Text title, text;
};

Explanation Explain(absl::StatusCode code) {
  constexpr Text kAway{"Временно недостъпно", "Тимчасово недоступно", "Not available right now"};
  constexpr Text kLater{"Опитайте отново след малко.", "Спробуйте ще раз трохи пізніше.",
                        "Try again a little later."};
  switch (code) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
      return {404,
              {"Няма такава страница", "Такої сторінки немає", "There is no such page"},
              {"Адресът е грешен, или това, което търсите, не се вижда от всички. Ако имате "
               "достъп, влезте.",
               "Адреса неправильна, або те, що Ви шукаєте, видно не всім. Якщо маєте доступ, "
               "увійдіть.",
               "The address is wrong, or what you look for is not for everybody to see. If you "
               "have access, sign in."}};
    case absl::StatusCode::kInvalidArgument:
      return {400,
              {"Адресът не е разбираем", "Адресу неможливо прочитати",
               "The address cannot be understood"},
              {"Започнете отново от първата страница.", "Почніть знову з першої сторінки.",
               "Begin again at the first page."}};
    case absl::StatusCode::kResourceExhausted:
      return {429, {"Твърде много заявки", "Забагато запитів", "Too many requests"}, kLater};
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
      return {503, kAway, kLater};
    default:
      return {500, kAway, kLater};
  }
}

}  // namespace

Page MakePage(const Visit& visit, const Content& content, int status) {
  const absl::string_view language = visit.language;
  const std::string title = html::Escape(content.title);
  const absl::string_view product = kProduct.In(language);
  return {status,
          absl::StrCat(
              absl::StrCat(
                  "<!DOCTYPE html>\n<html lang=\"", language,
                  "\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  // Answers say "no-referrer", with which forms would not tell their origin.
                  "<meta name=\"referrer\" content=\"same-origin\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
                  content.has_error ? kError.In(language) : "", title, " – ", product,
                  "</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"",
                  StyleAddress(), "\">\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">",
                  kSkip.In(language), "</a>\n<header>\n<a class=\"home\" href=\"/\">", product,
                  "</a>\n", LanguageSwitch(visit), Door(visit), "</header>\n"),
              "<main id=\"main\" tabindex=\"-1\"", content.narrow ? " class=\"narrow\"" : "",
              ">\n<h1>", content.heading.empty() ? title : content.heading, "</h1>\n", content.body,
              "</main>\n<footer>\n",
              visit.tokens ? "" : absl::StrCat("<p>", kEverybody.In(language), "</p>\n"), "<p>",
              kFooter.In(language), " <a href=\"/docs\" hreflang=\"en\">", kInterface.In(language),
              "</a></p>\n</footer>\n</body>\n</html>\n")};
}

Page ErrorPage(const Visit& visit, const absl::Status& error) {
  const Explanation explanation = Explain(error.code());
  constexpr Text kHome{"Всички организации", "Усі організації", "All organizations"};
  return MakePage(
      visit,
      {.title = explanation.title.In(visit.language),
       .body = absl::StrCat("<p>", explanation.text.In(visit.language), "</p>\n<p><a href=\"/\">",
                            kHome.In(visit.language), "</a></p>\n"),
       .has_error = true,
       .narrow = true},
      explanation.status);
}

const std::string& StyleAddress() {
  static const std::string& address =
      *new std::string(absl::StrCat("/style-", digest::Sha256Hex(Style()).substr(0, 16), ".css"));
  return address;
}

}  // namespace mostove::dashboard
