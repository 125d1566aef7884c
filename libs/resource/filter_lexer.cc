#include "libs/resource/filter_lexer.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mostove::resource::filter {
namespace {

constexpr int kCharactersMax = 4000;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Length, encoding and control characters, before anything else is read.
absl::Status CheckCharacters(absl::string_view text) {
  const int32_t size = static_cast<int32_t>(text.size());
  int position = 0;
  for (int32_t i = 0; i < size;) {
    ++position;
    if (position > kCharactersMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("the filter is longer than ", kCharactersMax, " characters"));
    }
    UChar32 character;
    U8_NEXT(text.data(), i, size, character);
    if (character < 0) return ErrorAt(position, "this is not valid UTF-8");
    const bool control = character < 0x20 || character == 0x7F;
    if (control && !IsSpace(static_cast<char>(character))) {
      return ErrorAt(position, "control characters cannot stand in a filter");
    }
  }
  return absl::OkStatus();
}

// "2026-01-31T10" at the beginning.
bool LooksLikeTime(absl::string_view text) {
  constexpr absl::string_view kShape = "0000-00-00T00";
  if (text.size() <= kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool matches =
        kShape[i] == '0' ? absl::ascii_isdigit(text[i]) : absl::ascii_toupper(text[i]) == kShape[i];
    if (!matches) return false;
  }
  return true;
}

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (true) {
      const bool space = SkipSpace() || tokens_.empty();
      tokens_.push_back({.kind = TokenKind::kEnd, .position = position_, .space_before = space});
      if (offset_ == text_.size()) return std::move(tokens_);
      if (absl::Status status = Next(tokens_.back()); !status.ok()) return status;
    }
  }

 private:
  char Peek(size_t ahead = 0) const {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }

  void Advance() {
    do {
      ++offset_;
    } while (offset_ < text_.size() && IsContinuation(text_[offset_]));
    ++position_;
  }

  bool SkipSpace() {
    const size_t begin = offset_;
    while (IsSpace(Peek())) Advance();
    return offset_ > begin;
  }

  absl::Status Next(Token& token) {
    switch (Peek()) {
      case '(':
        return Single(TokenKind::kOpen, token);
      case ')':
        return Single(TokenKind::kClose, token);
      case ',':
        return Single(TokenKind::kComma, token);
      case '.':
        return Single(TokenKind::kDot, token);
      case '-':
        return Single(TokenKind::kMinus, token);
      case '"':
      case '\'':
        return String(token);
    }
    if (ReadComparator(token)) return absl::OkStatus();
    Word(token);
    return absl::OkStatus();
  }

  absl::Status Single(TokenKind kind, Token& token) {
    token.kind = kind;
    Advance();
    return absl::OkStatus();
  }

  bool ReadComparator(Token& token) {
    constexpr std::pair<absl::string_view, Comparator> kComparators[] = {
        {"<=", Comparator::kLessOrEqual}, {">=", Comparator::kGreaterOrEqual},
        {"!=", Comparator::kNotEqual},    {"<", Comparator::kLess},
        {">", Comparator::kGreater},      {"=", Comparator::kEqual},
        {":", Comparator::kHas},
    };
    for (const auto& [spelling, comparator] : kComparators) {
      if (!absl::StartsWith(text_.substr(offset_), spelling)) continue;
      token.kind = TokenKind::kComparator;
      token.comparator = comparator;
      for (size_t i = 0; i < spelling.size(); ++i) Advance();
      return true;
    }
    return false;
  }

  bool EndsWord(bool time) const {
    switch (Peek()) {
      case '\0':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case '(':
      case ')':
      case ',':
      case '=':
      case '<':
      case '>':
      case '"':
      case '\'':
        return true;
      case '!':
        return Peek(1) == '=';
      case '.':
      case ':':
        return !time || !absl::ascii_isdigit(Peek(1));
    }
    return false;
  }

  void Word(Token& token) {
    token.kind = TokenKind::kText;
    const size_t begin = offset_;
    const bool time = LooksLikeTime(text_.substr(begin));
    while (!EndsWord(time)) {
      if (Peek() == '*') token.stars.push_back(offset_ - begin);
      Advance();
    }
    token.text = std::string(text_.substr(begin, offset_ - begin));
  }

  absl::Status String(Token& token) {
    token.kind = TokenKind::kString;
    const char quote = Peek();
    Advance();
    while (Peek() != quote) {
      if (offset_ == text_.size()) return ErrorAt(token.position, "this quote is never closed");
      if (Peek() == '\\') {
        if (absl::Status status = Escape(token.text); !status.ok()) return status;
        continue;
      }
      if (Peek() == '*') token.stars.push_back(token.text.size());
      const size_t begin = offset_;
      Advance();
      token.text.append(text_.data() + begin, offset_ - begin);
    }
    Advance();
    return absl::OkStatus();
  }

  absl::Status Escape(std::string& out) {
    constexpr absl::string_view kEscapes = "\\\"'*nrt";
    constexpr absl::string_view kMeanings = "\\\"'*\n\r\t";
    const size_t index = Peek(1) == '\0' ? absl::string_view::npos : kEscapes.find(Peek(1));
    if (index == absl::string_view::npos) {
      return ErrorAt(position_, R"(after \ one of \ " ' * n r t is expected)");
    }
    out.push_back(kMeanings[index]);
    Advance();
    Advance();
    return absl::OkStatus();
  }

  absl::string_view text_;
  size_t offset_ = 0;
  int position_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

absl::Status ErrorAt(int position, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat("at character ", position, ": ", message));
}

absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text) {
  if (absl::Status status = CheckCharacters(text); !status.ok()) return status;
  return Lexer(text).Run();
}

absl::string_view ComparatorText(Comparator comparator) {
  switch (comparator) {
    case Comparator::kEqual:
      return "=";
    case Comparator::kNotEqual:
      return "!=";
    case Comparator::kLess:
      return "<";
    case Comparator::kLessOrEqual:
      return "<=";
    case Comparator::kGreater:
      return ">";
    case Comparator::kGreaterOrEqual:
      return ">=";
    case Comparator::kHas:
      return ":";
  }
  return "";
}

}  // namespace mostove::resource::filter
