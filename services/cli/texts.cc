#include "services/cli/texts.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace mostove::cli {
namespace {

struct Row {
  Text text;
  const char* english;
  const char* bulgarian;
  const char* ukrainian;
};

constexpr Row kTable[] = {
    {Text::kNotReachable, "The gateway cannot be reached: $0. MOSTOVE_ADDRESS says where it is.",
     "Няма връзка със сървъра: $0. Адресът му се задава с MOSTOVE_ADDRESS.",
     "Немає зв’язку із сервером: $0. Його адресу задає MOSTOVE_ADDRESS."},
    {Text::kRefused, "Refused: $0", "Отказано: $0", "Відмовлено: $0"},
    {Text::kNothingFound, "Nothing found.", "Нищо не е намерено.", "Нічого не знайдено."},
    {Text::kMore, "The first $0 are shown; --limit N or --all shows more.",
     "Показани са първите $0; с --limit N или --all ще видите повече.",
     "Показано перші $0; --limit N або --all покаже більше."},
    {Text::kDone, "Import of $0 is finished.", "Импортът на $0 завърши.", "Імпорт $0 завершено."},
    {Text::kDryRun, "Dry run: nothing was changed; this is what an import would do.",
     "Проба: нищо не е променено; така би протекъл импортът.",
     "Пробний запуск: нічого не змінено; так відбувся б імпорт."},
    {Text::kStopped, "Stopped: $0. Run it again: what is there already stays as it is.",
     "Прекъснато: $0. Пуснете го отново: което вече е внесено, остава както е.",
     "Зупинено: $0. Запустіть ще раз: уже внесене залишиться як є."},
    {Text::kRowsRefused, "Refused ($0):", "Отказани ($0):", "Відмовлено ($0):"},
    {Text::kRowsDiffer, "Different there, left as it is ($0; --update changes it):",
     "Там е различно, оставено е както е ($0; --update го променя):",
     "Там інакше, залишено як є ($0; --update змінить):"},
    {Text::kRowsAlike, "Created, but they may be there already under another name ($0):",
     "Създадени, но може вече да са записани под друго име ($0):",
     "Створено, але, можливо, їх уже внесено під іншою назвою ($0):"},
    {Text::kMoreInReport, "... and $0 more; --report FILE writes them all.",
     "... и още $0; --report ФАЙЛ записва всички.", "... і ще $0; --report ФАЙЛ запише всі."},
    {Text::kReportWritten, "The full report is in $0.", "Пълният отчет е в $0.",
     "Повний звіт у $0."},
    {Text::kCheckedHere,
     "Records of which only the form was checked, as what they belong to does not exist yet: $0.",
     "Записи, проверени само по форма, тъй като това, към което принадлежат, още го няма: $0.",
     "Записи, перевірені лише за формою, бо того, до чого вони належать, ще немає: $0."},
    {Text::kRow, "row", "ред", "рядок"},
    {Text::kCreated, "created", "нови", "створено"},
    {Text::kUnchanged, "unchanged", "без промяна", "без змін"},
    {Text::kUpdated, "updated", "променени", "змінено"},
    {Text::kDiffers, "differs", "различни", "відрізняється"},
    {Text::kRefusedCount, "refused", "отказани", "відмовлено"},
    {Text::kLost, "Values that do not fit, or not as they are ($0):",
     "Стойности, които не се побират или се променят ($0):",
     "Значення, яким немає місця або які змінено ($0):"},
    {Text::kLogsVerified, "All logs are as they were sealed.",
     "Всички дневници са такива, каквито са запечатани.", "Усі журнали такі, якими їх запечатано."},
    {Text::kLogsTampered, "Logs are not as they were sealed: $0 differences.",
     "Дневниците не са такива, каквито са запечатани: разлики: $0.",
     "Журнали не такі, якими їх запечатано: відмінностей: $0."},
    {Text::kLogsUnread, "A database cannot be read: $0", "База данни не може да се прочете: $0",
     "Базу даних неможливо прочитати: $0"},
    {Text::kHeadMissing,
     "No log has the head $0: its end was cut off, it was made anew, or it is another database.",
     "Никой дневник няма върха $0: краят му е отрязан, направен е наново или базата е друга.",
     "Жоден журнал не має вершини $0: його кінець відрізано, його створено наново, або це інша "
     "база."},
    {Text::kSignIn, "Not signed in: $0. 'mostove login' signs you in.",
     "Не сте влезли: $0. Входът е с „mostove login“.",
     "Вхід не виконано: $0. Увійдіть командою «mostove login»."},
    {Text::kSessionEnded, "Your session has ended: $0. 'mostove login' begins a new one.",
     "Сесията ви е приключила: $0. Нова започва с „mostove login“.",
     "Ваш сеанс завершено: $0. Новий починає «mostove login»."},
    {Text::kNotRead, "rows not read", "непрочетени редове", "непрочитані рядки"},
};

}  // namespace

Language LanguageOfEnvironment() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    if (absl::StartsWith(value, "bg")) return Language::kBulgarian;
    if (absl::StartsWith(value, "uk")) return Language::kUkrainian;
    return Language::kEnglish;
  }
  return Language::kEnglish;
}

absl::string_view LanguageTag(Language language) {
  switch (language) {
    case Language::kBulgarian:
      return "bg";
    case Language::kUkrainian:
      return "uk";
    case Language::kEnglish:
      break;
  }
  return "en";
}

std::string Say(Language language, Text text, absl::string_view argument) {
  for (const Row& row : kTable) {
    if (row.text != text) continue;
    const char* sentence = language == Language::kBulgarian   ? row.bulgarian
                           : language == Language::kUkrainian ? row.ukrainian
                                                              : row.english;
    return absl::StrReplaceAll(sentence, {{"$0", argument}});
  }
  return "";
}

}  // namespace mostove::cli
