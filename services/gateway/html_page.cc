#include "services/gateway/html_page.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/digest/digest.h"

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

std::string HtmlEscape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

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
                   page.has_error ? words.error : "", HtmlEscape(page.title), " – ", words.product,
                   "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", kStyle,
                   "</style>\n</head>\n<body>\n<main>\n<h1>", HtmlEscape(page.title), "</h1>\n",
                   page.body, "</main>\n");
  if (!page.script.empty()) absl::StrAppend(&response.body, "<script>", page.script, "</script>\n");
  response.body += "</body>\n</html>\n";
  return response;
}

std::string HtmlField(const HtmlInput& input) {
  std::string html = absl::StrCat("<label for=\"", input.name, "\">", HtmlEscape(input.label),
                                  "</label>\n<input id=\"", input.name, "\" name=\"", input.name,
                                  "\" type=\"", input.type, "\" maxlength=\"", input.max_length,
                                  "\" autocapitalize=\"none\" spellcheck=\"false\" required");
  if (!input.autocomplete.empty())
    absl::StrAppend(&html, " autocomplete=\"", input.autocomplete, "\"");
  if (!input.value.empty()) absl::StrAppend(&html, " value=\"", HtmlEscape(input.value), "\"");
  if (!input.hint.empty()) absl::StrAppend(&html, " aria-describedby=\"", input.name, "-hint\"");
  if (input.wrong) html += " aria-invalid=\"true\"";
  if (input.focused) html += " autofocus";
  html += ">\n";
  if (!input.hint.empty()) {
    absl::StrAppend(&html, "<p class=\"hint\" id=\"", input.name, "-hint\">",
                    HtmlEscape(input.hint), "</p>\n");
  }
  return html;
}

std::string HtmlHidden(absl::string_view name, absl::string_view value) {
  return absl::StrCat("<input type=\"hidden\" name=\"", name, "\" value=\"", HtmlEscape(value),
                      "\">\n");
}

std::string HtmlAlert(absl::string_view text) {
  return absl::StrCat("<div role=\"alert\"><p>", HtmlEscape(text), "</p></div>\n");
}

}  // namespace mostove::gateway
