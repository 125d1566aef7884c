#include "services/gateway/html_page.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/digest/digest.h"
#include "libs/html/html.h"

namespace mostove::gateway {
namespace {

constexpr absl::string_view kStyle =
    "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;padding:1rem;color-scheme:light dark}"
    "main{max-width:26rem;margin:2rem auto}"
    "label,input,button{display:block;font:inherit}"
    "label{margin-top:1rem;font-weight:600}"
    "input,button{box-sizing:border-box;width:100%;min-height:2.75rem;padding:.5rem .75rem}"
    "button{margin-top:1.25rem;cursor:pointer}"
    ".hint{margin:.25rem 0 0;font-size:.95rem}"
    "[role=alert]{border:2px solid;border-left-width:.5rem;padding:.25rem 1rem}"
    "input[aria-invalid]{border-width:2px}"
    ":focus-visible{outline:3px solid;outline-offset:2px}";

// As Content-Security-Policy names what is written in the page itself.
std::string SourceOf(absl::string_view text) {
  return absl::StrCat("'sha256-", absl::Base64Escape(digest::Sha256(text)), "'");
}

struct Words {
  absl::string_view language, product, error;
};
constexpr Words kWords[] = {
    {"bg", "Мостове", "Грешка: "}, {"uk", "Мостове", "Помилка: "}, {"en", "Mostove", "Error: "}};

const Words& WordsOf(absl::string_view language) {
  for (const Words& words : kWords) {
    if (words.language == language) return words;
  }
  return kWords[2];
}

}  // namespace

http::Response MakeHtmlPage(const HtmlPage& page, int status) {
  const Words& words = WordsOf(page.language);
  http::Response response{.status = status};
  response.AddHeader("Content-Type", "text/html; charset=utf-8");
  response.AddHeader("Content-Language", words.language);
  response.AddHeader("Cache-Control", "no-store");
  response.AddHeader("X-Frame-Options", "DENY");
  response.AddHeader("Content-Security-Policy",
                     absl::StrCat("default-src 'none'; style-src ", SourceOf(kStyle),
                                  "; img-src data:", page.script.empty() ? "" : "; script-src ",
                                  page.script.empty() ? "" : SourceOf(page.script),
                                  "; form-action 'self'", page.form_targets.empty() ? "" : " ",
                                  page.form_targets, "; base-uri 'none'; frame-ancestors 'none'"));
  // Answers say "no-referrer", with which browsers would not tell the origin of a form either.
  response.body =
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"", words.language,
                   "\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"referrer\" content=\"same-origin\">\n<title>",
                   page.has_error ? words.error : "", html::Escape(page.title), " – ",
                   words.product, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", kStyle,
                   "</style>\n</head>\n<body>\n<main>\n<h1>", html::Escape(page.title), "</h1>\n",
                   page.body, "</main>\n");
  if (!page.script.empty()) absl::StrAppend(&response.body, "<script>", page.script, "</script>\n");
  response.body += "</body>\n</html>\n";
  return response;
}

}  // namespace mostove::gateway
