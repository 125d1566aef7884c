#include "services/gateway/site.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/html/html.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "mostove/identity/v1/identity_service.pb.h"
#include "services/dashboard/text.h"
#include "services/gateway/conditional.h"
#include "services/gateway/headers.h"
#include "services/gateway/oauth.h"
#include "services/gateway/pages.h"
#include "services/gateway/password_form.h"

namespace mostove::gateway {
namespace {

using dashboard::Page;
using dashboard::Text;
using dashboard::Visit;
using identity::v1::IssueTokenRequest;
using identity::v1::RevokeTokenRequest;
using identity::v1::RevokeTokenResponse;
using identity::v1::TokenResponse;

constexpr absl::string_view kSignInPath = "/sign-in";
constexpr absl::string_view kSignOutPath = "/sign-out";
constexpr absl::string_view kHtml = "text/html; charset=utf-8";
constexpr absl::string_view kPolicy =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";
constexpr size_t kAddressMax = 2'000;

constexpr Text kWhat{
    "За хора от организации в мрежата. Достъп се получава с покана от организацията.",
    "Для людей з організацій мережі. Доступ надають за запрошенням організації.",
    "For people of organizations in the network. Access is given by an organization’s invitation."};
constexpr Text kSubmit{"Вход", "Увійти", "Sign in"};
constexpr Text kNotEnded{"Излязохте на това устройство", "Ви вийшли на цьому пристрої",
                         "You are signed out on this device"};
constexpr Text kNotEndedText{
    "Сървърът не можа да приключи сесията Ви. Ако някой друг може да я има, влезте и излезте "
    "отново по-късно.",
    "Сервер не зміг завершити Ваш сеанс. Якщо його може мати хтось інший, увійдіть і вийдіть ще "
    "раз пізніше.",
    "The server could not end your session. If somebody else may have it, sign in and out again "
    "later."};

// "" for what is no language of the pages.
absl::string_view LanguageOf(absl::string_view text) {
  for (const absl::string_view language : {"bg", "uk", "en"}) {
    if (text == language) return language;
  }
  return "";
}

bool Gets(const http::Request& request) {
  return request.method == http::Method::kGet || request.method == http::Method::kHead;
}

// A page of ours to come back to, and nothing else; "/" for any other text.
std::string OwnAddress(const std::string& address) {
  const bool plain = address.size() <= kAddressMax &&
                     std::all_of(address.begin(), address.end(), [](unsigned char c) {
                       return absl::ascii_isgraph(c) && c != '\\';
                     });
  const absl::string_view path = absl::string_view(address).substr(0, address.find_first_of("?#"));
  return plain && !dashboard::TemplateOf(path).empty() ? address : "/";
}

}  // namespace

struct Site::Asked {
  std::shared_ptr<Exchange> exchange;
  Visit visit;
  std::string address;  // of the browser
  PageSession session;  // as it came
  std::string fields;   // further lines of the answer's header
  std::string if_none_match;
  bool personal = true;  // shows what others may not see

  void AddField(absl::string_view name, absl::string_view value) {
    http::Response line;
    line.AddHeader(name, value);
    fields += line.headers;
  }
  void AddCookie(absl::string_view cookie) { AddField("Set-Cookie", cookie); }
  void AddRetryAfter(const absl::Status& status);
  void Respond(Page page) const;
  // 303: the browser comes with GET.
  void Redirect(absl::string_view address) const;
  void RespondError(const absl::Status& status);
  void ShowSignIn(absl::string_view username, absl::string_view error, int status) const;
};

void Site::Asked::Respond(Page page) const {
  http::Response response{.status = page.status};
  response.headers = fields;
  response.AddHeader("Content-Type", kHtml);
  response.AddHeader("Content-Language", visit.language);
  response.AddHeader("Content-Security-Policy", kPolicy);
  response.AddHeader("X-Frame-Options", "DENY");
  response.AddHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.AddHeader("Vary", "Cookie");
  if (personal || page.status != 200) {
    // Packed, a page that shows secrets beside words of its address would tell by its length how
    // alike they are (BREACH), to whoever makes a browser open it and sees the length.
    const bool repeats = !visit.query.empty();
    response.AddHeader("Cache-Control", repeats ? "no-store, no-transform" : "no-store");
  } else {
    const std::string tag = TagOfBytes(page.html);
    response.AddHeader("Cache-Control", "private, no-cache");
    response.AddHeader("ETag", tag);
    if (!if_none_match.empty() && NamesTag(if_none_match, tag)) {
      response.status = 304;
      page.html.clear();
    }
  }
  response.body = std::move(page.html);
  exchange->Respond(std::move(response));
}

void Site::Asked::Redirect(absl::string_view to) const {
  http::Response response{.status = 303};
  response.headers = fields;
  response.AddHeader("Location", to);
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  exchange->Respond(std::move(response));
}

void Site::Asked::AddRetryAfter(const absl::Status& status) {
  const absl::Duration wait = status::RetryAfter(status);
  if (wait <= absl::ZeroDuration()) return;
  AddField("Retry-After", absl::StrCat(absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)))));
}

void Site::Asked::RespondError(const absl::Status& status) {
  AddRetryAfter(status);
  Respond(dashboard::ErrorPage(visit, status));
}

void Site::Asked::ShowSignIn(absl::string_view username, absl::string_view error,
                             int status) const {
  const absl::string_view language = visit.language;
  const bool wrong = !error.empty();
  Respond(dashboard::MakePage(
      visit,
      {.title = PasswordTextsOf(language).title,
       .body = absl::StrCat(wrong ? html::Alert(error) : "", "<p>", kWhat.In(language),
                            "</p>\n<form method=\"post\" action=\"", kSignInPath, "\">\n",
                            html::Hidden("to", visit.Get("to")),
                            PasswordFields(language, username, wrong), "<button>",
                            kSubmit.In(language), "</button>\n</form>\n"),
       .has_error = wrong,
       .narrow = true},
      status));
}

Site::Site(const EntranceOptions& options, const Entrance& entrance, const IdentityCalls& identity,
           std::vector<rpc::Invoker*> invokers, absl::Duration request_time)
    : tokens_(options.tokens && identity.available()),
      cookie_(options.edge_terminates_tls || absl::StartsWith(options.issuer, "https://")),
      language_attributes_("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"),
      entrance_(entrance),
      identity_(identity),
      invokers_(std::move(invokers)),
      request_time_(request_time),
      renewals_(std::make_shared<PageRenewals>(identity)),
      style_(std::make_shared<const std::string>(dashboard::Style())) {}

bool Site::Answer(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const {
  const absl::string_view path = request.path;
  if (path == dashboard::StyleAddress()) {
    AnswerStyle(request, *exchange);
    return true;
  }
  const absl::string_view page = dashboard::TemplateOf(path);
  const bool signs_in = tokens_ && path == kSignInPath;
  const bool signs_out = tokens_ && path == kSignOutPath;
  if (page.empty() && !signs_in && !signs_out) return false;
  exchange->set_route_label(signs_in ? kSignInPath : signs_out ? kSignOutPath : page);
  const bool posts = request.method == http::Method::kPost && page.empty();
  if (!posts && (signs_out || !Gets(request))) {
    FailMethod(*exchange, signs_out ? "POST" : signs_in ? "GET, HEAD, POST" : "GET, HEAD");
    return true;
  }
  const AskedPtr asked = Read(request, exchange);
  if (asked == nullptr) return true;
  if (signs_out) {
    SignOut(request, asked);
  } else if (signs_in) {
    SignIn(request, asked);
  } else {
    Identify(asked, [self = shared_from_this(), asked] { self->Show(asked); });
  }
  return true;
}

bool Site::AnswerMissing(const http::Request& request,
                         const std::shared_ptr<Exchange>& exchange) const {
  if (!Gets(request) || absl::StartsWith(request.path, "/v1/") ||
      !absl::StrContains(request.headers.Get("Accept"), "text/html")) {
    return false;
  }
  exchange->set_route_label("missing page");
  const AskedPtr asked = Read(request, exchange);
  if (asked == nullptr) return true;
  // Whoever looks: the page says nothing of anybody. Its links lead home.
  asked->visit.path = "/";
  asked->visit.query.clear();
  asked->RespondError(absl::NotFoundError("page"));
  return true;
}

// Null, and answered, where the query is malformed.
Site::AskedPtr Site::Read(const http::Request& request,
                          const std::shared_ptr<Exchange>& exchange) const {
  auto asked = std::make_shared<Asked>();
  asked->exchange = exchange;
  asked->address = entrance_.ClientAddress(request);
  asked->session = tokens_ ? cookie_.Read(request.headers) : PageSession();
  asked->if_none_match = JoinedField(request.headers, "If-None-Match");
  Visit& visit = asked->visit;
  visit.tokens = tokens_;
  visit.path = std::string(request.path);
  Form query;
  const bool parsed = query.Parse(request.query);
  absl::string_view language = LanguageOf(query.Get("lang"));
  if (!language.empty()) {
    asked->AddCookie(absl::StrCat("lang=", language, language_attributes_));
  } else {
    language = LanguageOf(CookieOf(request.headers, "lang"));
  }
  visit.language = language.empty() ? exchange->language() : language;
  if (!parsed) {
    asked->RespondError(absl::InvalidArgumentError("query"));
    return nullptr;
  }
  visit.query = query.fields();
  visit.query.erase("lang");
  visit.call.deadline = absl::Now() + request_time_;
  visit.call.request_id = exchange->request_id();
  visit.call.traceparent = exchange->traceparent();
  visit.call.language = std::string(visit.language);
  visit.call.cancelled = request.cancelled;
  return asked;
}

void Site::AnswerStyle(const http::Request& request, Exchange& exchange) const {
  exchange.set_route_label("/style.css");
  if (!Gets(request)) return FailMethod(exchange, "GET, HEAD");
  http::Response response;
  response.AddHeader("Content-Type", "text/css; charset=utf-8");
  response.AddHeader("Cache-Control", "public, max-age=31536000, immutable");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.shared_body = style_;
  exchange.Respond(std::move(response));
}

absl::Status Site::IdentifyBy(const std::string& access_token, Asked& asked) const {
  const std::string authorization =
      access_token.empty() ? "" : absl::StrCat("Bearer ", access_token);
  ASSIGN_OR_RETURN(Entrance::Entry entry,
                   entrance_.IdentifyPage(authorization, asked.address, asked.exchange->quota()));
  asked.visit.call.caller = std::move(entry.caller);
  asked.visit.call.authorization = std::move(entry.authorization);
  asked.personal = !asked.visit.call.caller.name.empty();
  return absl::OkStatus();
}

void Site::Identify(const AskedPtr& asked, std::function<void()> then) const {
  const bool has_session = !asked->session.empty();
  absl::Status entered = asked->exchange->Enter(/*reads=*/true);
  if (!entered.ok()) return asked->RespondError(entered);
  const absl::Status identified = IdentifyBy(asked->session.access_token, *asked);
  if (identified.ok()) return then();
  if (!has_session || !absl::IsUnauthenticated(identified)) return asked->RespondError(identified);
  Renew(asked, std::move(then));
}

void Site::Renew(const AskedPtr& asked, std::function<void()> then) const {
  renewals_->Renew(asked->session.refresh_token, asked->address, *asked->exchange,
                   [self = shared_from_this(), asked,
                    then = std::move(then)](const absl::StatusOr<PageSession>& session) {
                     const bool ended =
                         !session.ok() && OAuthErrorOf(session.status()).http_status < 429;
                     if (!session.ok() && !ended) return asked->RespondError(session.status());
                     // An ended session is nobody's: pages that are public stay so.
                     asked->AddCookie(ended ? self->cookie_.Clear() : self->cookie_.Set(*session));
                     const absl::Status identified =
                         self->IdentifyBy(ended ? "" : session->access_token, *asked);
                     if (!identified.ok()) return asked->RespondError(identified);
                     then();
                   });
}

void Site::Show(const AskedPtr& asked) const {
  dashboard::Answer(invokers_, asked->visit, [self = shared_from_this(), asked](Page page) {
    asked->Respond(std::move(page));
  });
}

void Site::SignIn(const http::Request& request, const AskedPtr& asked) const {
  const absl::string_view language = asked->visit.language;
  if (request.method != http::Method::kPost) return asked->ShowSignIn("", "", 200);
  Form form;
  const bool parsed = SendsForm(request) && request.query.empty() && form.Parse(request.body);
  asked->visit.query = {{"to", OwnAddress(form.Get("to"))}};
  if (!parsed || !ComesFromOwnPage(request)) {
    return asked->ShowSignIn("", PasswordTextsOf(language).foreign_form, 403);
  }
  absl::Status admitted = entrance_.AdmitSignIn(request, asked->exchange->quota());
  if (admitted.ok()) admitted = asked->exchange->Enter(/*reads=*/false);
  const auto refuse = [asked, username = form.Get("username")](const absl::Status& status) {
    const OAuthError error = OAuthErrorOf(status);
    const absl::string_view text = PasswordRefusal(asked->visit.language, error);
    asked->AddRetryAfter(status);
    asked->ShowSignIn(username, text.empty() ? PasswordTextsOf(asked->visit.language).wrong : text,
                      error.http_status);
  };
  if (!admitted.ok()) return refuse(admitted);
  IssueTokenRequest issue;
  issue.set_grant_type("password");
  issue.set_scope("read");
  issue.set_username(form.Get("username"));
  issue.set_password(form.Get("password"));
  issue.set_address(asked->address);
  identity_.Call<TokenResponse>(
      IdentityCalls::As::kGateway, "IssueToken", *asked->exchange, issue,
      [self = shared_from_this(), asked, refuse](const absl::StatusOr<TokenResponse>& token) {
        if (!token.ok()) return refuse(token.status());
        asked->AddCookie(self->cookie_.Set({token->access_token(), token->refresh_token()}));
        asked->Redirect(asked->visit.Get("to"));
      });
}

void Site::SignOut(const http::Request& request, const AskedPtr& asked) const {
  if (!ComesFromOwnPage(request)) {
    asked->visit.path = std::string(kSignInPath);
    return asked->ShowSignIn("", PasswordTextsOf(asked->visit.language).foreign_form, 403);
  }
  asked->AddCookie(cookie_.Clear());
  if (asked->session.empty()) return asked->Redirect("/");
  const auto tell = [asked] {
    const absl::string_view language = asked->visit.language;
    asked->visit.path = "/";
    asked->Respond(
        dashboard::MakePage(asked->visit,
                            {.title = kNotEnded.In(language),
                             .body = absl::StrCat("<p>", kNotEndedText.In(language), "</p>\n"),
                             .has_error = true,
                             .narrow = true},
                            503));
  };
  absl::Status admitted = entrance_.AdmitPublic(request, asked->exchange->quota());
  if (admitted.ok()) admitted = asked->exchange->Enter(/*reads=*/false);
  if (!admitted.ok()) return tell();
  RevokeTokenRequest revoke;
  revoke.set_token(asked->session.refresh_token);
  revoke.set_address(asked->address);
  identity_.Call<RevokeTokenResponse>(
      IdentityCalls::As::kGateway, "RevokeToken", *asked->exchange, revoke,
      [asked, tell](const absl::StatusOr<RevokeTokenResponse>& revoked) {
        if (!revoked.ok()) return tell();
        asked->Redirect("/");
      });
}

}  // namespace mostove::gateway
