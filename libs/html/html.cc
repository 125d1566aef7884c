#include "libs/html/html.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace mostove::html {

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string Field(const Input& input) {
  std::string html = absl::StrCat("<label for=\"", input.name, "\">", Escape(input.label),
                                  "</label>\n<input id=\"", input.name, "\" name=\"", input.name,
                                  "\" type=\"", input.type, "\" maxlength=\"", input.max_length,
                                  "\" autocapitalize=\"none\" spellcheck=\"false\" required");
  if (!input.autocomplete.empty())
    absl::StrAppend(&html, " autocomplete=\"", input.autocomplete, "\"");
  if (!input.value.empty()) absl::StrAppend(&html, " value=\"", Escape(input.value), "\"");
  if (!input.hint.empty()) absl::StrAppend(&html, " aria-describedby=\"", input.name, "-hint\"");
  if (input.wrong) html += " aria-invalid=\"true\"";
  if (input.focused) html += " autofocus";
  html += ">\n";
  if (!input.hint.empty()) {
    absl::StrAppend(&html, "<p class=\"hint\" id=\"", input.name, "-hint\">", Escape(input.hint),
                    "</p>\n");
  }
  return html;
}

std::string Hidden(absl::string_view name, absl::string_view value) {
  return absl::StrCat("<input type=\"hidden\" name=\"", name, "\" value=\"", Escape(value),
                      "\">\n");
}

std::string Alert(absl::string_view text) {
  return absl::StrCat("<div role=\"alert\"><p>", Escape(text), "</p></div>\n");
}

}  // namespace mostove::html
