#include "services/gateway/password_form.h"

#include "absl/strings/str_cat.h"
#include "libs/html/html.h"

namespace mostove::gateway {
namespace {

constexpr PasswordTexts kTexts[] = {
    {"bg", "Вход", "Адрес на електронна поща", "Парола",
     "Адресът или паролата не са верни. Проверете ги и опитайте отново.",
     "Твърде много опити. Изчакайте няколко минути и опитайте отново.",
     "В момента влизането не е възможно. Опитайте отново след малко.",
     "Формулярът не е изпратен от тази страница."},
    {"uk", "Вхід", "Адреса електронної пошти", "Пароль",
     "Адреса або пароль неправильні. Перевірте їх і спробуйте ще раз.",
     "Забагато спроб. Зачекайте кілька хвилин і спробуйте ще раз.",
     "Зараз увійти неможливо. Спробуйте трохи пізніше.", "Форму надіслано не з цієї сторінки."},
    {"en", "Sign in", "E-mail address", "Password",
     "Address or password are not right. Check them and try again.",
     "Too many attempts. Wait some minutes and try again.",
     "Signing in is not possible at the moment. Try again a little later.",
     "The form was not sent by this page."},
};

}  // namespace

const PasswordTexts& PasswordTextsOf(absl::string_view language) {
  for (const PasswordTexts& texts : kTexts) {
    if (texts.language == language) return texts;
  }
  return kTexts[2];
}

std::string PasswordFields(absl::string_view language, absl::string_view username, bool wrong) {
  const PasswordTexts& texts = PasswordTextsOf(language);
  return absl::StrCat(html::Field({.name = "username",
                                   .label = texts.email,
                                   .type = "email",
                                   .autocomplete = "username",
                                   .value = username,
                                   .max_length = 254,
                                   .focused = !wrong,
                                   .wrong = wrong}),
                      html::Field({.name = "password",
                                   .label = texts.password,
                                   .type = "password",
                                   .autocomplete = "current-password",
                                   .max_length = 128,
                                   .focused = wrong,
                                   .wrong = wrong}));
}

absl::string_view PasswordRefusal(absl::string_view language, const OAuthError& error) {
  const PasswordTexts& texts = PasswordTextsOf(language);
  if (error.code == "invalid_grant") return texts.wrong;
  if (error.http_status == 429) return texts.too_often;
  return error.http_status >= 500 ? texts.away : "";
}

}  // namespace mostove::gateway
