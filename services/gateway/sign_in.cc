#include "services/gateway/sign_in.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/html/html.h"
#include "libs/status/status.h"
#include "libs/transcoding/percent.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/gateway/html_page.h"
#include "services/gateway/oauth.h"
#include "services/gateway/pages.h"
#include "services/gateway/password_form.h"

namespace mostove::gateway {
namespace {

using identity::v1::AuthorizeClientRequest;
using identity::v1::AuthorizeClientResponse;
using identity::v1::DescribeClientRequest;
using identity::v1::DescribeClientResponse;

constexpr absl::string_view kPath = "/oauth2/authorize";
// What the page passes on from its address to its form.
constexpr absl::string_view kParameters[] = {
    "response_type", "response_mode",  "client_id", "redirect_uri",          "scope",
    "state",         "code_challenge", "prompt",    "code_challenge_method", "nonce"};
constexpr size_t kChallengeSize = 43;  // SHA-256 in base64url
constexpr size_t kStateMax = 2'000;

struct Texts {
  absl::string_view language, wants, reads, writes, leads, submit, cancel;
  absl::string_view cannot, bad_client, again;
};

constexpr Texts kTexts[] = {
    {"bg", "{client} иска да работи от Ваше име:", "ще чете това, което виждате Вие",
     "ще чете и променя записите, които можете да променяте Вие",
     "След това ще Ви върнем на {host}.", "Вход", "Отказ", "Входът не може да започне",
     "Програмата, от която идвате, не е регистрирана тук или препраща на непознат адрес. Съобщете "
     "на онзи, който я поддържа.",
     "Върнете се в програмата и започнете входа отначало."},
    {"uk", "{client} хоче працювати від Вашого імені:", "читатиме те, що бачите Ви",
     "читатиме й змінюватиме записи, які можете змінювати Ви", "Потім ми повернемо Вас на {host}.",
     "Увійти", "Скасувати", "Вхід не може початися",
     "Програму, з якої Ви прийшли, тут не зареєстровано, або вона веде на невідому адресу. "
     "Повідомте того, хто її підтримує.",
     "Поверніться до програми й почніть вхід спочатку."},
    {"en", "{client} wants to work in your name:", "it will read what you see",
     "it will read and change the records that you may change",
     "After that we will send you back to {host}.", "Sign in", "Cancel", "Signing in cannot begin",
     "The program that sent you is not registered here, or leads to an unknown address. Tell those "
     "who run it.",
     "Go back to the program and start signing in again."},
};

const Texts& TextsOf(absl::string_view language) {
  for (const Texts& texts : kTexts) {
    if (texts.language == language) return texts;
  }
  return kTexts[2];
}

// "https://app.example.org" of a web address, "org.example.app:" of an app's own scheme: where a
// form may lead, since browsers hold its redirect to the policy as well. An address whose host a
// policy cannot name goes by its scheme.
std::string PolicySourceOf(absl::string_view uri) {
  const size_t colon = uri.find(':');
  const absl::string_view scheme = uri.substr(0, colon);
  const bool plain_scheme =
      !scheme.empty() && std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("+-.", c);
      });
  if (!plain_scheme || colon == absl::string_view::npos) return "";
  absl::string_view rest = uri.substr(colon + 1);
  if ((scheme == "https" || scheme == "http") && absl::ConsumePrefix(&rest, "//")) {
    const absl::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    const bool plain = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-.:", c);
    });
    if (plain) return absl::StrCat(scheme, "://", host);
  }
  return absl::StrCat(scheme, ":");
}

// What a person reads of it: the host, or the scheme of an app.
absl::string_view HostShown(absl::string_view uri) {
  const size_t slashes = uri.find("://");
  if (slashes == absl::string_view::npos || !absl::StartsWith(uri, "http")) {
    return uri.substr(0, uri.find(':'));
  }
  uri.remove_prefix(slashes + 3);
  return uri.substr(0, uri.find_first_of("/?#"));
}

bool IsChallenge(absl::string_view text) {
  return text.size() == kChallengeSize && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

http::Response MistakePage(absl::string_view language, absl::string_view what, int status) {
  const Texts& texts = TextsOf(language);
  return MakeHtmlPage({.language = texts.language,
                       .title = texts.cannot,
                       .body = absl::StrCat(html::Alert(what), "<p>", texts.again, "</p>\n"),
                       .has_error = true},
                      status);
}

}  // namespace

struct SignIn::Asked {
  std::shared_ptr<Exchange> exchange;
  Form form;
  std::string address;
  bool submitted = false;
  DescribeClientResponse client;

  const std::string& Get(absl::string_view name) const { return form.Get(name); }
  bool MayWrite() const {
    const std::vector<absl::string_view> asked = absl::StrSplit(Get("scope"), ' ');
    const auto& of_client = client.scopes();
    const bool all = Get("scope").empty();
    return all ? std::find(of_client.begin(), of_client.end(), "write") != of_client.end()
               : std::find(asked.begin(), asked.end(), "write") != asked.end();
  }
  void ShowForm(absl::string_view error, int status, absl::Duration retry_after = {}) const;
};

void SignIn::Asked::ShowForm(absl::string_view error, int status,
                             absl::Duration retry_after) const {
  const Texts& texts = TextsOf(exchange->language());
  const auto filled = [](absl::string_view text, absl::string_view name, absl::string_view value) {
    return html::Escape(absl::StrReplaceAll(text, {{name, value}}));
  };
  const bool wrong = !error.empty();
  std::string body;
  if (wrong) body += html::Alert(error);
  absl::StrAppend(&body, "<p>", filled(texts.wants, "{client}", client.display_name()),
                  "</p>\n<ul>\n<li>", MayWrite() ? texts.writes : texts.reads, "</li>\n</ul>\n<p>",
                  filled(texts.leads, "{host}", HostShown(Get("redirect_uri"))),
                  "</p>\n<form method=\"post\" action=\"", kPath, "\">\n");
  for (const absl::string_view name : kParameters) {
    if (form.Has(name)) body += html::Hidden(name, Get(name));
  }
  absl::StrAppend(&body, PasswordFields(texts.language, Get("username"), wrong),
                  "<button name=\"action\" value=\"sign-in\">", texts.submit,
                  "</button>\n<button name=\"action\" value=\"cancel\" formnovalidate>",
                  texts.cancel, "</button>\n</form>\n");
  http::Response page = MakeHtmlPage({.language = texts.language,
                                      .title = PasswordTextsOf(texts.language).title,
                                      .body = std::move(body),
                                      .has_error = wrong,
                                      .form_targets = PolicySourceOf(Get("redirect_uri"))},
                                     status);
  if (retry_after > absl::ZeroDuration()) {
    page.AddHeader("Retry-After",
                   absl::StrCat(absl::ToInt64Seconds(absl::Ceil(retry_after, absl::Seconds(1)))));
  }
  exchange->Respond(std::move(page));
}

bool SignIn::Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const {
  if (request.path != kPath) return false;
  exchange->set_route_label(kPath);
  const bool posts = request.method == http::Method::kPost;
  if (!posts && request.method != http::Method::kGet && request.method != http::Method::kHead) {
    FailMethod(*exchange, "GET, HEAD, POST");
    return true;
  }
  const Texts& texts = TextsOf(exchange->language());
  if (posts && !ComesFromOwnPage(request)) {
    exchange->Respond(
        MistakePage(texts.language, PasswordTextsOf(texts.language).foreign_form, 403));
    return true;
  }
  auto asked = std::make_shared<Asked>();
  asked->exchange = exchange;
  asked->submitted = posts;
  asked->address = entrance_.ClientAddress(request);
  const bool parsed =
      posts ? SendsForm(request) && request.query.empty() && asked->form.Parse(request.body)
            : asked->form.Parse(request.query);
  if (!parsed || !asked->form.Has("client_id") || !asked->form.Has("redirect_uri")) {
    exchange->Respond(MistakePage(texts.language, texts.bad_client, 400));
    return true;
  }
  const bool tries = posts && asked->Get("action") != "cancel";
  absl::Status admitted = tries ? entrance_.AdmitSignIn(request, exchange->quota())
                                : entrance_.AdmitPublic(request, exchange->quota());
  if (admitted.ok()) admitted = exchange->Enter(/*reads=*/!posts);
  if (!admitted.ok()) {
    const bool often = absl::IsResourceExhausted(admitted);
    http::Response page = MistakePage(
        texts.language, PasswordRefusal(texts.language, OAuthErrorOf(admitted)), often ? 429 : 503);
    page.AddHeader("Retry-After", absl::StrCat(absl::ToInt64Seconds(
                                      absl::Ceil(status::RetryAfter(admitted), absl::Seconds(1)))));
    exchange->Respond(std::move(page));
    return true;
  }
  DescribeClientRequest describe;
  describe.set_client_id(asked->Get("client_id"));
  describe.set_redirect_uri(asked->Get("redirect_uri"));
  identity_.Call<DescribeClientResponse>(
      IdentityCalls::As::kGateway, "DescribeClient", *exchange, describe,
      [self = shared_from_this(), asked](const absl::StatusOr<DescribeClientResponse>& client) {
        const Texts& texts = TextsOf(asked->exchange->language());
        if (client.ok()) {
          asked->client = *client;
          return self->Check(asked);
        }
        const int status = OAuthErrorOf(client.status()).http_status;
        const bool away = status >= 429;
        asked->exchange->Respond(MistakePage(
            texts.language, away ? PasswordTextsOf(texts.language).away : texts.bad_client,
            away ? status : 400));
      });
  return true;
}

// From here on the redirect URI is the client's: what the client did wrong goes there.
void SignIn::Check(const std::shared_ptr<Asked>& asked) const {
  if (asked->Get("response_type") != "code") {
    return RefuseClient(*asked, "unsupported_response_type", "response_type is code");
  }
  if (asked->form.Has("response_mode") && asked->Get("response_mode") != "query") {
    return RefuseClient(*asked, "invalid_request", "response_mode is query");
  }
  if (asked->Get("code_challenge_method") != "S256" || !IsChallenge(asked->Get("code_challenge"))) {
    return RefuseClient(*asked, "invalid_request",
                        "PKCE is needed: code_challenge with code_challenge_method=S256");
  }
  if (asked->Get("state").size() > kStateMax) {
    return RefuseClient(*asked, "invalid_request", "state is longer than 2000 bytes");
  }
  const auto& scopes = asked->client.scopes();
  for (const absl::string_view scope :
       absl::StrSplit(asked->Get("scope"), ' ', absl::SkipEmpty())) {
    if (std::find(scopes.begin(), scopes.end(), scope) != scopes.end()) continue;
    return RefuseClient(*asked, "invalid_scope", "the client may not ask for that scope");
  }
  if (asked->Get("prompt") == "none") {
    return RefuseClient(*asked, "login_required", "a person has to sign in");
  }
  if (!asked->submitted) return asked->ShowForm("", 200);
  if (asked->Get("action") == "cancel") {
    return RefuseClient(*asked, "access_denied", "the person went back");
  }
  SubmitPassword(asked);
}

void SignIn::SubmitPassword(const std::shared_ptr<Asked>& asked) const {
  AuthorizeClientRequest authorize;
  authorize.set_client_id(asked->Get("client_id"));
  authorize.set_redirect_uri(asked->Get("redirect_uri"));
  authorize.set_scope(asked->Get("scope"));
  authorize.set_code_challenge(asked->Get("code_challenge"));
  authorize.set_code_challenge_method(asked->Get("code_challenge_method"));
  authorize.set_username(asked->Get("username"));
  authorize.set_password(asked->Get("password"));
  authorize.set_address(asked->address);
  identity_.Call<AuthorizeClientResponse>(
      IdentityCalls::As::kGateway, "AuthorizeClient", *asked->exchange, authorize,
      [self = shared_from_this(), asked](const absl::StatusOr<AuthorizeClientResponse>& answer) {
        if (answer.ok()) {
          return self->Redirect(*asked,
                                absl::StrCat("code=", transcoding::EncodePercent(answer->code())));
        }
        const OAuthError error = OAuthErrorOf(answer.status());
        const absl::string_view refusal = PasswordRefusal(asked->exchange->language(), error);
        if (!refusal.empty()) return asked->ShowForm(refusal, error.http_status, error.retry_after);
        self->RefuseClient(*asked, error.code, error.description);
      });
}

void SignIn::RefuseClient(const Asked& asked, absl::string_view code,
                          absl::string_view description) const {
  Redirect(asked, absl::StrCat("error=", transcoding::EncodePercent(code),
                               "&error_description=", transcoding::EncodePercent(description)));
}

// 303: the browser sends no form on.
void SignIn::Redirect(const Asked& asked, absl::string_view parameters) const {
  const std::string& uri = asked.Get("redirect_uri");
  std::string location = absl::StrCat(uri, absl::StrContains(uri, '?') ? "&" : "?", parameters);
  if (asked.form.Has("state")) {
    absl::StrAppend(&location, "&state=", transcoding::EncodePercent(asked.Get("state")));
  }
  absl::StrAppend(&location, "&iss=", transcoding::EncodePercent(issuer_));
  http::Response response{.status = 303};
  response.AddHeader("Location", location);
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  asked.exchange->Respond(std::move(response));
}

}  // namespace mostove::gateway
