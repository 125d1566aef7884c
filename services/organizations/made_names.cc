#include "services/organizations/made_names.h"

#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/words/words.h"
#include "unicode/translit.h"
#include "unicode/unistr.h"

namespace mostove::organizations {
namespace {

using Words = std::vector<std::string>;

Words List(const char* text) { return absl::StrSplit(text, ',', absl::SkipEmpty()); }

const Words& BulgarianForms() {
  static const auto* const words =
      new Words(List("Фондация,Сдружение,Фондация,Сдружение,Асоциация,Народно "
                     "читалище,Неправителствена организация"));
  return *words;
}
const Words& UkrainianForms() {
  static const auto* const words =
      new Words(List("Громадська організація,Благодійний фонд,Спілка,Благодійна організація"));
  return *words;
}
const Words& LatinForms() {
  static const auto* const words = new Words(List("Foundation,Association,NGO,Charity,Society"));
  return *words;
}
const Words& Known() {
  static const auto* const words = new Words(List(
      "Надежда,Мост,Заедно,Помощ,Слънце,Бъдеще,Дом,Приятели,Доброта,Светлина,Нов живот,Хоризонт,"
      "Крила,Солидарност,Диалог,Пътека,Извор,Дъга,Врата,Алтернатива,Каритас,Милосърдие,Подкрепа,"
      "Човешки права,Детски свят,Жени,Младежи,Майки,Родители,Доброволци,Бежанци,Интеграция,"
      "Толерантност,Равенство,Вдъхновение,Просвета,Съзидание,Единство,Искра,Зора,Пролет"));
  return *words;
}
const Words& KnownUkrainian() {
  static const auto* const words =
      new Words(List("Барвінок,Надія,Родина,Джерело,Єдність,Берегиня,Калина,Світло,Крила надії,"
                     "Разом,Матуся,Промінь,Злагода,Вишиванка,Мрія,Відродження,Жінки України"));
  return *words;
}
const Words& Purposes() {
  static const auto* const words =
      new Words(List("за развитие,за бежанци,за децата,и приятели,за хората,за правна помощ,"
                     "за образование,за култура,и партньори,за здраве,за заетост,за мир"));
  return *words;
}
const Words& Towns() {
  static const auto* const words = new Words(List(
      "София,Пловдив,Варна,Бургас,Русе,Стара Загора,Плевен,Сливен,Добрич,Шумен,Перник,Хасково,"
      "Ямбол,Пазарджик,Благоевград,Велико Търново,Враца,Габрово,Асеновград,Видин,Казанлък,"
      "Кюстендил,Кърджали,Монтана,Димитровград,Търговище,Силистра,Ловеч,Разград,Дупница,Петрич,"
      "Свищов,Смолян,Самоков,Сандански,Севлиево,Лом,Карлово,Троян,Ботевград,Харманли,Свиленград,"
      "Балчик,Каварна,Поморие,Несебър,Банско,Разлог,Девня,Козлодуй,Чирпан,Панагюрище"));
  return *words;
}
const Words& Said() {
  static const auto* const words = new Words(List(
      "организацията,предоставя,правна,психологическа,подкрепа,на,търсещи,закрила,и,бежанци,в,"
      "града,обучения,по,български,език,за,деца,възрастни,жени,с,хуманитарен,статут,помага,при,"
      "намиране,работа,жилище,посредничи,пред,институциите,провежда,срещи,общността,доброволци,"
      "кампании,дарения,храна,дрехи,занимания,младежи,лагер,училище,културни,събития,партньори"));
  return *words;
}

std::u32string Wide(const std::string& text) {
  const icu::UnicodeString from = icu::UnicodeString::fromUTF8(text);
  std::u32string wide;
  for (int32_t i = 0; i < from.length(); i = from.moveIndex32(i, 1)) wide += from.char32At(i);
  return wide;
}

std::string Narrow(const std::u32string& text) {
  icu::UnicodeString from;
  for (const char32_t c : text) from.append(static_cast<UChar32>(c));
  std::string narrow;
  return from.toUTF8String(narrow);
}

std::string Capital(const std::string& text) {
  icu::UnicodeString word = icu::UnicodeString::fromUTF8(text);
  const icu::UnicodeString first = icu::UnicodeString(word, 0, 1).toUpper();
  std::string capital;
  return word.replace(0, 1, first).toUTF8String(capital);
}

}  // namespace

// Names of people, places and things that are in no list: most words of a register
// stand in few names.
std::string MadeNames::ProperWord() {
  static const Words syllables = List(
      "бо,ва,ве,ви,га,да,де,ди,до,жа,за,зо,ка,ки,ко,ла,ле,ли,ло,ма,ме,ми,мо,на,не,ни,но,па,пе,"
      "ра,ре,ри,ро,са,се,си,со,ста,та,те,ти,то,тра,фа,хо,ца,че,ша,ян");
  static const Words ends = List("на,ра,в,ст,лия,нец,ка,дин,вар,мир,та,слав,нов");
  std::string word;
  for (size_t count = 2 + Below(2); count-- > 0;) word += syllables[Below(syllables.size())];
  return Capital(word + ends[Below(ends.size())]);
}

std::string MadeNames::Name() {
  while (true) {
    std::string name;
    const size_t kind = Below(10);
    if (kind < 2) {
      name = absl::StrCat(UkrainianForms()[Below(UkrainianForms().size())], " ",
                          KnownUkrainian()[Below(KnownUkrainian().size())], " ", ProperWord());
    } else if (kind == 2) {
      name = absl::StrCat(InLatin(ProperWord()), " ", InLatin(Known()[Below(Known().size())]), " ",
                          LatinForms()[Below(LatinForms().size())]);
    } else {
      name = BulgarianForms()[Below(BulgarianForms().size())];
      if (Below(2) == 0) absl::StrAppend(&name, " ", Known()[Below(Known().size())]);
      absl::StrAppend(&name, " ", ProperWord());
      if (Below(3) == 0) absl::StrAppend(&name, " ", Purposes()[Below(Purposes().size())]);
      if (Below(2) == 0) absl::StrAppend(&name, " ", Towns()[Below(Towns().size())]);
    }
    // Two that differ in the legal form alone would be a pair that is alike indeed.
    std::string core;
    for (const words::Word& word : words::Split(name, 20)) {
      if (!words::IsLegalForm(word.forms[0])) absl::StrAppend(&core, word.forms[0], " ");
    }
    if (names_.insert(core).second) return name;
  }
}

std::string MadeNames::Description() {
  std::string text;
  for (size_t count = 15 + Below(40); count-- > 0;) {
    absl::StrAppend(&text, text.empty() ? "" : " ", Said()[Below(Said().size())]);
  }
  return Capital(text) + ".";
}

std::string MadeNames::Eik() {
  while (true) {
    std::array<int, 8> digits;
    std::string text;
    int sum = 0;
    int second = 0;
    for (int i = 0; i < 8; ++i) {
      digits[i] = static_cast<int>(i == 0 ? 1 + Below(2) : Below(10));
      sum += digits[i] * (i + 1);
      second += digits[i] * (i + 3);
      absl::StrAppend(&text, digits[i]);
    }
    int check = sum % 11;
    if (check == 10) check = second % 11 % 10;
    absl::StrAppend(&text, check);
    if (eiks_.insert(text).second) return text;
  }
}

std::u32string MadeNames::Spoil(std::u32string word) {
  static const std::u32string cyrillic = U"абвгдежзиклмнопрстуфхцчш";
  static const std::u32string latin = U"abcdefghiklmnoprstuvz";
  const std::u32string& letters = word[0] < 0x80 ? latin : cyrillic;
  const size_t at = Below(word.size());
  const char32_t letter = letters[Below(letters.size())];
  switch (Below(4)) {
    case 0:
      word.erase(at, 1);
      break;
    case 1:
      word.insert(at, 1, letter);
      break;
    case 2:
      word[at] = letter;
      break;
    default:
      std::swap(word[at], word[at == 0 ? 1 : at - 1]);
  }
  return word;
}

std::string MadeNames::WithTypos(const std::string& text) {
  Words words = absl::StrSplit(text, ' ');
  for (std::string& word : words) {
    const std::u32string wide = Wide(word);
    if (wide.size() >= 3) word = Narrow(Spoil(wide));
  }
  return absl::StrJoin(words, " ");
}

std::string MadeNames::WithOneTypo(const std::string& text) {
  Words words = absl::StrSplit(text, ' ');
  while (true) {
    std::string& word = words[Below(words.size())];
    const std::u32string wide = Wide(word);
    if (wide.size() < 4 || words::IsLegalForm(words::FoldText(word))) continue;
    const std::string before = word;
    word = Narrow(Spoil(wide));
    if (words::FoldText(before) != words::FoldText(word)) return absl::StrJoin(words, " ");
  }
}

std::string MadeNames::WithOtherForm(const std::string& text) {
  const Words words = absl::StrSplit(text, ' ');
  Words kept;
  std::string old;
  for (const std::string& word : words) {
    const std::string folded = words::FoldText(word);
    if (words::IsLegalForm(folded)) {
      old += folded;
    } else {
      kept.push_back(word);
    }
  }
  const Words forms =
      List("Фондация,Сдружение,Асоциация,Foundation,Association,НПО,Благодійний фонд");
  std::string form;
  do {
    form = forms[Below(forms.size())];
  } while (words::FoldText(form) == old);
  const std::string rest = absl::StrJoin(kept, " ");
  return Below(3) == 0 ? absl::StrCat(rest, " ", form) : absl::StrCat(form, " ", rest);
}

std::string MadeNames::InLatin(const std::string& text) {
  // Words, and not our own folding: what is tested must not make the test.
  static const char* const kRules =
      "Щ > Sht; щ > sht; Ъ > A; ъ > a; Ж > Zh; ж > zh; Ц > Ts; ц > ts; Ч > Ch; ч > ch; Ш > Sh; ш > "
      "sh;"
      "Ю > Yu; ю > yu; ия } [^[:L:]] > ia; Я > Ya; я > ya; Х > H; х > h; Й > Y; й > y; ь > ; Ь > ;"
      "А > A; а > a; Б > B; б > b; В > V; в > v; Г > G; г > g; Д > D; д > d; Е > E; е > e; З > Z; "
      "з > z;"
      "И > I; и > i; К > K; к > k; Л > L; л > l; М > M; м > m; Н > N; н > n; О > O; о > o; П > P; "
      "п > p;"
      "Р > R; р > r; С > S; с > s; Т > T; т > t; У > U; у > u; Ф > F; ф > f; І > I; і > i; Ї > Yi; "
      "ї > i;"
      "Є > Ye; є > ie; Ґ > G; ґ > g;";
  static const icu::Transliterator* const rules = [] {
    UErrorCode error = U_ZERO_ERROR;
    UParseError where;
    return icu::Transliterator::createFromRules("bg", kRules, UTRANS_FORWARD, where, error);
  }();
  icu::UnicodeString latin = icu::UnicodeString::fromUTF8(text);
  rules->transliterate(latin);
  std::string out;
  return latin.toUTF8String(out);
}

}  // namespace mostove::organizations
