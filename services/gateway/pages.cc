#include "services/gateway/pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

struct Texts {
  absl::string_view language, title, what, docs, listing, health, figures, everybody, signed_in;
};

constexpr Texts kTexts[] = {
    {"bg", "Мостове",
     "Регистър на партньорска мрежа за интеграция на бежанци. Тук отговаря програмният му "
     "интерфейс.",
     "Документация на интерфейса", "Организации", "Състояние на услугата",
     "Показатели за Prometheus",
     "Още няма вход с потребител: всеки, който достига този адрес, е администратор.",
     "Без вход се вижда само публичното; документацията казва как програмите получават токен."},
    {"uk", "Мостове",
     "Реєстр партнерської мережі інтеграції біженців. Тут відповідає його програмний інтерфейс.",
     "Документація інтерфейсу", "Організації", "Стан служби", "Показники для Prometheus",
     "Входу для користувачів ще немає: кожен, хто має доступ до цієї адреси, є адміністратором.",
     "Без входу видно лише публічне; документація пояснює, як програми отримують токен."},
    {"en", "Mostove",
     "The records of a refugee-integration partner network. This is where its programming "
     "interface answers.",
     "Documentation of the interface", "Organizations", "Health of the service",
     "Figures for Prometheus",
     "There is no sign-in yet: everyone who reaches this address is an administrator.",
     "Without signing in only what is public is seen; the documentation says how programs get a "
     "token."},
};

http::Response Plain(absl::string_view content_type, std::string body) {
  http::Response response;
  response.AddHeader("Content-Type", content_type);
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

http::Response FirstPage(absl::string_view language, bool tokens) {
  const Texts* texts = std::end(kTexts) - 1;
  for (const Texts& candidate : kTexts) {
    if (candidate.language == language) texts = &candidate;
  }
  const auto item = [](absl::string_view address, absl::string_view text) {
    return absl::StrCat("<li><a href=\"", address, "\">", text, "</a></li>\n");
  };
  http::Response response = Plain(
      "text/html; charset=utf-8",
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"", texts->language,
                   "\">\n<head>\n<meta charset=\"utf-8\">\n",
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>", texts->title,
                   "</title>\n</head>\n<body>\n<main>\n<h1>", texts->title, "</h1>\n<p>",
                   texts->what, "</p>\n<p>", tokens ? texts->signed_in : texts->everybody,
                   "</p>\n<ul>\n", item("/docs", texts->docs),
                   item("/v1/organizations", texts->listing), item("/healthz", texts->health),
                   item("/metrics", texts->figures), "</ul>\n</main>\n</body>\n</html>\n"));
  response.AddHeader("Content-Language", texts->language);
  response.AddHeader("Cross-Origin-Opener-Policy", "same-origin");
  return response;
}

void Ready(const PageSources& sources, Exchange& exchange) {
  const absl::Status ready = sources.ready ? sources.ready() : absl::OkStatus();
  if (ready.ok()) return exchange.Respond(Plain("text/plain; charset=utf-8", "ready\n"));
  exchange.Fail(ready, 503);
}

}  // namespace

bool AnswerPage(const http::Request& request, const PageSources& sources, Exchange& exchange) {
  enum class Page { kFirst, kHealth, kReady, kMetrics, kRobots };
  constexpr std::pair<absl::string_view, Page> kPages[] = {{"/", Page::kFirst},
                                                           {"/healthz", Page::kHealth},
                                                           {"/readyz", Page::kReady},
                                                           {"/metrics", Page::kMetrics},
                                                           {"/robots.txt", Page::kRobots}};
  for (const auto& [path, page] : kPages) {
    if (request.path != path) continue;
    exchange.set_route_label(path);
    if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
      FailMethod(exchange, "GET, HEAD");
      return true;
    }
    switch (page) {
      case Page::kFirst:
        exchange.Respond(FirstPage(exchange.language(), sources.tokens));
        break;
      case Page::kHealth:
        exchange.Respond(Plain("text/plain; charset=utf-8", "healthy\n"));
        break;
      case Page::kReady:
        Ready(sources, exchange);
        break;
      case Page::kMetrics:
        exchange.Respond(Plain("text/plain; version=0.0.4; charset=utf-8",
                               sources.metrics == nullptr ? "" : sources.metrics->Text()));
        break;
      case Page::kRobots:
        exchange.Respond(Plain("text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"));
        break;
    }
    return true;
  }
  return false;
}

void FailMethod(Exchange& exchange, absl::string_view methods) {
  exchange.Fail(status::Make(absl::StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED",
                             absl::StrCat("this path is served for ", methods, " only")),
                405, "Allow", absl::StrCat(methods, ", OPTIONS"));
}

}  // namespace mostove::gateway
