// The page on which a person accepts an invitation.
//
// The link is /invitations/accept#TOKEN: what follows "#" stays in the browser, so the token is in
// no log of a proxy, no Referer and no history of ours. A script of one line, which the policy
// names by its hash, moves it into the form and out of the address; without scripts the person
// copies it there.
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "libs/html/html.h"
#include "libs/status/status.h"
#include "libs/status/texts.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/gateway/html_page.h"
#include "services/gateway/oauth.h"
#include "services/gateway/pages.h"
#include "services/gateway/sign_in.h"

namespace mostove::gateway {
namespace {

using identity::v1::AcceptInvitationRequest;
using identity::v1::AcceptInvitationResponse;

constexpr absl::string_view kPath = "/invitations/accept";
constexpr absl::string_view kScript =
    "if(location.hash.length>1){document.getElementById('token').value=location.hash.slice(1);"
    "history.replaceState(null,'',location.pathname)}";

struct Texts {
  absl::string_view language, title, what, token, token_hint, name, password, password_hint, submit;
  absl::string_view done, sign_in;
  absl::string_view invalid, exists, too_often, away, foreign_form;
};

constexpr Texts kTexts[] = {
    {"bg", "Приемане на покана", "Изберете как да Ви наричаме и парола, с която ще влизате.",
     "Код на поканата", "Това, което стои след знака # в адреса от поканата.", "Вашето име",
     "Нова парола", "Поне 12 знака; няколко думи са по-добри от една.", "Приемане",
     "Поканата е приета",
     "Вече можете да влезете с адреса на електронната си поща и новата парола.",
     "Поканата е непозната, използвана или с изтекъл срок. Поискайте нова от онзи, който Ви "
     "покани.",
     "За този адрес вече има потребител: първо влезте, после приемете поканата.",
     "Твърде много опити. Изчакайте няколко минути и опитайте отново.",
     "В момента това не е възможно. Опитайте отново след малко.",
     "Формулярът не е изпратен от тази страница. Отворете поканата отново."},
    {"uk", "Прийняти запрошення", "Оберіть, як Вас називати, і пароль, з яким входитимете.",
     "Код запрошення", "Те, що стоїть після знака # в адресі із запрошення.", "Ваше ім’я",
     "Новий пароль", "Щонайменше 12 знаків; кілька слів кращі за одне.", "Прийняти",
     "Запрошення прийнято", "Тепер можна ввійти з адресою електронної пошти та новим паролем.",
     "Запрошення невідоме, використане або прострочене. Попросіть нове в того, хто Вас запросив.",
     "Для цієї адреси вже є користувач: спочатку ввійдіть, потім прийміть запрошення.",
     "Забагато спроб. Зачекайте кілька хвилин і спробуйте ще раз.",
     "Зараз це неможливо. Спробуйте трохи пізніше.",
     "Форму надіслано не з цієї сторінки. Відкрийте запрошення знову."},
    {"en", "Accept an invitation", "Choose what to call you, and a password to sign in with.",
     "Code of the invitation", "What stands behind the # in the invitation's address.", "Your name",
     "New password", "At least 12 characters; some words are better than one.", "Accept",
     "The invitation is accepted",
     "You can now sign in with your e-mail address and the new password.",
     "The invitation is unknown, used or has expired. Ask for a new one from whoever invited you.",
     "There is a user with this address already: sign in first, then accept the invitation.",
     "Too many attempts. Wait some minutes and try again.",
     "This is not possible at the moment. Try again a little later.",
     "The form was not sent by this page. Open the invitation again."},
};

const Texts& TextsOf(absl::string_view language) {
  for (const Texts& texts : kTexts) {
    if (texts.language == language) return texts;
  }
  return kTexts[2];
}

// What identity said, for the person.
std::string Explanation(const absl::Status& status, const Texts& texts) {
  const std::string reason = status::Reason(status);
  if (reason == "INVITATION_INVALID") return std::string(texts.invalid);
  if (reason == "ACCOUNT_EXISTS") return std::string(texts.exists);
  if (absl::IsResourceExhausted(status)) return std::string(texts.too_often);
  const std::vector<status::Violation> violations = status::FieldViolations(status);
  if (violations.empty()) return std::string(texts.away);
  std::string text;
  for (const status::Violation& violation : violations) {
    const absl::string_view label = violation.field == "password"       ? texts.password
                                    : violation.field == "display_name" ? texts.name
                                                                        : texts.token;
    absl::StrAppend(&text, text.empty() ? "" : " ", label, ": ",
                    status::Translate(violation.reason, violation.description, texts.language),
                    ".");
  }
  return text;
}

http::Response FormPage(const Texts& texts, const Form& form, absl::string_view error,
                        int status = 200) {
  const bool wrong = !error.empty();
  return MakeHtmlPage({.language = texts.language,
                       .title = texts.title,
                       .body = absl::StrCat(wrong ? html::Alert(error) : "", "<p>", texts.what,
                                            "</p>\n<form method=\"post\" action=\"", kPath, "\">\n",
                                            html::Field({.name = "token",
                                                         .label = texts.token,
                                                         .autocomplete = "off",
                                                         .value = form.Get("token"),
                                                         .hint = texts.token_hint,
                                                         .max_length = 200}),
                                            html::Field({.name = "display_name",
                                                         .label = texts.name,
                                                         .autocomplete = "name",
                                                         .value = form.Get("display_name"),
                                                         .max_length = 200,
                                                         .focused = true}),
                                            html::Field({.name = "password",
                                                         .label = texts.password,
                                                         .type = "password",
                                                         .autocomplete = "new-password",
                                                         .hint = texts.password_hint,
                                                         .max_length = 128}),
                                            "<button>", texts.submit, "</button>\n</form>\n"),
                       .has_error = wrong,
                       .script = kScript},
                      status);
}

}  // namespace

bool AnswerInvitation(const http::Request& request, const Entrance& entrance,
                      const IdentityCalls& identity, const std::shared_ptr<Exchange>& exchange) {
  if (request.path != kPath) return false;
  exchange->set_route_label(kPath);
  const Texts& texts = TextsOf(exchange->language());
  Form form;
  if (request.method == http::Method::kGet || request.method == http::Method::kHead) {
    exchange->Respond(FormPage(texts, form, ""));
    return true;
  }
  if (request.method != http::Method::kPost) {
    FailMethod(*exchange, "GET, HEAD, POST");
    return true;
  }
  if (!ComesFromOwnPage(request) || !SendsForm(request) || !form.Parse(request.body)) {
    exchange->Respond(FormPage(texts, Form(), texts.foreign_form, 403));
    return true;
  }
  absl::Status admitted = entrance.AdmitSignIn(request, exchange->quota());
  if (admitted.ok()) admitted = exchange->Enter(/*reads=*/false);
  if (!admitted.ok()) {
    exchange->Respond(
        FormPage(texts, form, Explanation(admitted, texts), OAuthErrorOf(admitted).http_status));
    return true;
  }
  AcceptInvitationRequest accept;
  accept.set_token(form.Get("token"));
  accept.set_display_name(form.Get("display_name"));
  accept.set_password(form.Get("password"));
  accept.set_language(std::string(exchange->language()));
  identity.Call<AcceptInvitationResponse>(
      IdentityCalls::As::kNobody, "AcceptInvitation", *exchange, accept,
      [exchange, form = std::move(form)](const absl::StatusOr<AcceptInvitationResponse>& accepted) {
        const Texts& texts = TextsOf(exchange->language());
        if (!accepted.ok()) {
          return exchange->Respond(FormPage(texts, form, Explanation(accepted.status(), texts),
                                            OAuthErrorOf(accepted.status()).http_status));
        }
        exchange->Respond(
            MakeHtmlPage({.language = texts.language,
                          .title = texts.done,
                          .body = absl::StrCat("<p role=\"status\">", texts.sign_in, "</p>\n")}));
      });
  return true;
}

}  // namespace mostove::gateway
