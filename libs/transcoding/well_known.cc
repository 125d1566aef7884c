#include "libs/transcoding/well_known.h"

#include <charconv>
#include <chrono>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mostove::transcoding {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kTimestampSecondsMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kTimestampSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr int64_t kDurationSecondsMax = 315'576'000'000;   // as duration.proto says
constexpr int64_t kSecondsPerDay = 86'400;

void AppendTwoDigits(unsigned value, std::string& out) {
  out.push_back(static_cast<char>('0' + value / 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

// ".123" with three, six or nine digits; nothing for zero.
void AppendFraction(int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  char digits[10] = {'.'};
  for (int i = 9, rest = nanos; i > 0; --i, rest /= 10) {
    digits[i] = static_cast<char>('0' + rest % 10);
  }
  const int count = nanos % 1'000'000 == 0 ? 3 : nanos % 1'000 == 0 ? 6 : 9;
  out.append(digits, 1 + count);
}

// Takes exactly `count` digits from the front of `text`.
bool TakeDigits(absl::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!absl::ascii_isdigit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool TakeChar(absl::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// Takes ".5" if the text goes on with it; one to nine digits.
bool TakeFraction(absl::string_view& text, int32_t& nanos) {
  nanos = 0;
  if (!TakeChar(text, '.')) return true;
  int digits = 0;
  for (; !text.empty() && absl::ascii_isdigit(text.front()); ++digits) {
    if (digits == 9) return false;
    nanos = nanos * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (int i = digits; i < 9; ++i) nanos *= 10;
  return digits > 0;
}

// Takes "Z" or "+02:00", which ends the text.
bool TakeOffset(absl::string_view text, int64_t& seconds) {
  seconds = 0;
  if (text == "Z") return true;
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!is_negative && (text.empty() || text.front() != '+')) return false;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!TakeDigits(text, 2, hours) || !TakeChar(text, ':') || !TakeDigits(text, 2, minutes)) {
    return false;
  }
  if (!text.empty() || hours > 23 || minutes > 59) return false;
  seconds = (hours * 3'600 + minutes * 60) * (is_negative ? -1 : 1);
  return true;
}

// Up to the dot after which the next step begins; dots in backquotes do not count.
absl::string_view TakeStep(absl::string_view& path) {
  bool is_quoted = false;
  size_t end = 0;
  for (; end < path.size() && (is_quoted || path[end] != '.'); ++end) {
    if (path[end] == '`') is_quoted = !is_quoted;
  }
  const absl::string_view step = path.substr(0, end);
  path.remove_prefix(end);
  return step;
}

bool LooksLikeField(absl::string_view step) {
  if (step.empty() || !absl::ascii_islower(step.front())) return false;
  for (const char c : step) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

void AppendCamelCase(absl::string_view step, std::string& out) {
  for (size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '_' && i + 1 < step.size() && absl::ascii_islower(step[i + 1])) {
      out.push_back(absl::ascii_toupper(step[++i]));
    } else {
      out.push_back(step[i]);
    }
  }
}

void AppendSnakeCase(absl::string_view step, std::string& out) {
  for (const char c : step) {
    if (absl::ascii_isupper(c)) out.push_back('_');
    out.push_back(absl::ascii_tolower(c));
  }
}

template <class AppendStep>
std::string ConvertPath(absl::string_view path, AppendStep append_step) {
  std::string result;
  while (true) {
    const absl::string_view step = TakeStep(path);
    if (LooksLikeField(step)) {
      append_step(step, result);
    } else {
      absl::StrAppend(&result, step);
    }
    if (path.empty()) return result;
    path.remove_prefix(1);
    result.push_back('.');
  }
}

}  // namespace

bool AppendTimestamp(SecondsAndNanos time, std::string& out) {
  if (time.seconds < kTimestampSecondsMin || time.seconds > kTimestampSecondsMax ||
      time.nanos < 0 || time.nanos >= kNanosPerSecond) {
    return false;
  }
  int64_t days = time.seconds / kSecondsPerDay;
  int64_t second = time.seconds % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  AppendTwoDigits(year / 100, out);
  AppendTwoDigits(year % 100, out);
  out.push_back('-');
  AppendTwoDigits(static_cast<unsigned>(date.month()), out);
  out.push_back('-');
  AppendTwoDigits(static_cast<unsigned>(date.day()), out);
  out.push_back('T');
  AppendTwoDigits(static_cast<unsigned>(second / 3'600), out);
  out.push_back(':');
  AppendTwoDigits(static_cast<unsigned>(second / 60 % 60), out);
  out.push_back(':');
  AppendTwoDigits(static_cast<unsigned>(second % 60), out);
  AppendFraction(time.nanos, out);
  out.push_back('Z');
  return true;
}

TextFault ParseTimestamp(absl::string_view text, SecondsAndNanos& time) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int64_t offset_seconds = 0;
  if (!TakeDigits(text, 4, year) || !TakeChar(text, '-') || !TakeDigits(text, 2, month) ||
      !TakeChar(text, '-') || !TakeDigits(text, 2, day) || !TakeChar(text, 'T') ||
      !TakeDigits(text, 2, hour) || !TakeChar(text, ':') || !TakeDigits(text, 2, minute) ||
      !TakeChar(text, ':') || !TakeDigits(text, 2, second) || !TakeFraction(text, time.nanos) ||
      !TakeOffset(text, offset_seconds)) {
    return TextFault::kForm;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return TextFault::kRange;
  time.seconds = std::chrono::sys_days{date}.time_since_epoch().count() * kSecondsPerDay +
                 hour * 3'600 + minute * 60 + second - offset_seconds;
  const bool fits = time.seconds >= kTimestampSecondsMin && time.seconds <= kTimestampSecondsMax;
  return fits ? TextFault::kNone : TextFault::kRange;
}

bool AppendDuration(SecondsAndNanos duration, std::string& out) {
  const auto [seconds, nanos] = duration;
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax ||
      nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond || (seconds > 0 && nanos < 0) ||
      (seconds < 0 && nanos > 0)) {
    return false;
  }
  if (seconds < 0 || nanos < 0) out.push_back('-');
  absl::StrAppend(&out, std::abs(seconds));
  AppendFraction(std::abs(nanos), out);
  out.push_back('s');
  return true;
}

TextFault ParseDuration(absl::string_view text, SecondsAndNanos& duration) {
  const bool is_negative = TakeChar(text, '-');
  if (text.empty() || !absl::ascii_isdigit(text.front())) return TextFault::kForm;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), duration.seconds);
  text.remove_prefix(end - text.data());
  if (!TakeFraction(text, duration.nanos) || text != "s") return TextFault::kForm;
  if (error != std::errc() || duration.seconds > kDurationSecondsMax ||
      (duration.seconds == kDurationSecondsMax && duration.nanos > 0)) {
    return TextFault::kRange;
  }
  if (is_negative) {
    duration.seconds = -duration.seconds;
    duration.nanos = -duration.nanos;
  }
  return TextFault::kNone;
}

std::string MaskPathToJson(absl::string_view path) { return ConvertPath(path, AppendCamelCase); }

std::string MaskPathFromJson(absl::string_view path) { return ConvertPath(path, AppendSnakeCase); }

bool ParseMask(absl::string_view text, std::vector<std::string>& paths) {
  if (text.empty()) return true;
  bool is_quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '`') is_quoted = !is_quoted;
    if (i < text.size() && (is_quoted || text[i] != ',')) continue;
    if (i == begin) return false;
    paths.push_back(MaskPathFromJson(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return !is_quoted;
}

bool IsJsonNumber(absl::string_view text) {
  const auto take_digits = [&text] {
    size_t count = 0;
    while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
    text.remove_prefix(count);
    return count > 0;
  };
  TakeChar(text, '-');
  if (!TakeChar(text, '0') && !take_digits()) return false;
  if (TakeChar(text, '.') && !take_digits()) return false;
  if (TakeChar(text, 'e') || TakeChar(text, 'E')) {
    if (!TakeChar(text, '+')) TakeChar(text, '-');
    if (!take_digits()) return false;
  }
  return text.empty();
}

}  // namespace mostove::transcoding
