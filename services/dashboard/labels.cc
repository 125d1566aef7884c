#include "services/dashboard/labels.h"

#include <cstddef>

#include "absl/types/span.h"

namespace mostove::dashboard {
namespace {

// By the number of the enum's value, from 1.
constexpr Text kKinds[] = {
    {"Местна организация", "Місцева організація", "Local organization"},
    {"Водена от бежанци", "Під проводом біженців", "Refugee-led"},
    {"Украинска общност", "Українська громада", "Ukrainian community"},
    {"Национална мрежа", "Національна мережа", "National network"},
    {"Международна организация", "Міжнародна організація", "International organization"},
    {"Организация на ООН", "Організація ООН", "United Nations"},
    {"Донор", "Донор", "Donor"},
    {"Публична институция", "Державна установа", "Public institution"},
};

constexpr Text kForms[] = {
    {"Сдружение", "Об’єднання", "Association"},
    {"Фондация", "Фонд", "Foundation"},
    {"Читалище", "Читалиште", "Chitalishte (community centre)"},
    {"Клон на чуждестранна организация", "Філія іноземної організації",
     "Branch of a foreign organization"},
    {"Неформална група", "Неформальна група", "Informal group"},
    {"Публичен орган", "Державний орган", "Public body"},
    {"Агенция на ООН", "Агентство ООН", "UN agency"},
    {"Друга", "Інша", "Other"},
};

constexpr Text kBenefits[] = {
    {"В обществена полза", "Суспільно корисна", "Public benefit"},
    {"В частна полза", "На користь членів", "Private benefit"},
};

constexpr Text kStates[] = {
    {"Чернова", "Чернетка", "Draft"},
    {"В регистъра", "У реєстрі", "Listed"},
    {"В архива", "В архіві", "Archived"},
};

constexpr Text kTargetGroups[] = {
    {"Търсещи закрила", "Шукачі притулку", "Asylum seekers"},
    {"Бежанци", "Біженці", "Refugees"},
    {"Хора с хуманитарен статут", "Особи з додатковим захистом",
     "Holders of subsidiary protection"},
    {"Хора с временна закрила", "Особи з тимчасовим захистом", "Holders of temporary protection"},
    {"Хора без гражданство", "Особи без громадянства", "Stateless people"},
    {"Непридружени деца", "Діти без супроводу", "Unaccompanied children"},
    {"Деца и младежи", "Діти та молодь", "Children and young people"},
    {"Жени", "Жінки", "Women"},
    {"Възрастни хора", "Літні люди", "Older people"},
    {"Хора с увреждания", "Люди з інвалідністю", "People with disabilities"},
    {"Преживели насилие или трафик", "Постраждалі від насильства чи торгівлі людьми",
     "Survivors of violence or trafficking"},
    {"ЛГБТИК хора", "ЛГБТІК люди", "LGBTIQ people"},
    {"Приемащи общности", "Громади, що приймають", "Host communities"},
    {"Мигранти", "Мігранти", "Migrants"},
};

constexpr Text kPhases[] = {
    {"Спешна помощ", "Невідкладна допомога", "Emergency"},
    {"Интеграция", "Інтеграція", "Integration"},
    {"Спешна помощ и интеграция", "Невідкладна допомога та інтеграція",
     "Emergency and integration"},
};

struct Purpose {
  absl::string_view code;
  Text text;
};
// Of the OECD's list: the humanitarian ones, those about refugees, and what goes with them.
constexpr Purpose kPurposes[] = {
    {"11120",
     {"Образователни сгради и обучение", "Освітні заклади й навчання",
      "Education facilities and training"}},
    {"11220", {"Начално образование", "Початкова освіта", "Primary education"}},
    {"11230",
     {"Основни умения за възрастни", "Базові навички для дорослих",
      "Basic life skills for adults"}},
    {"11320", {"Средно образование", "Середня освіта", "Secondary education"}},
    {"11330", {"Професионално обучение", "Професійне навчання", "Vocational training"}},
    {"12220", {"Основни здравни грижи", "Базова медична допомога", "Basic health care"}},
    {"12340",
     {"Психично здраве и благополучие", "Психічне здоров’я та благополуччя",
      "Mental health and well-being"}},
    {"15130",
     {"Правна помощ и правосъдие", "Правова допомога й правосуддя",
      "Legal and judicial development"}},
    {"15150",
     {"Гражданско участие и гражданско общество", "Демократична участь і громадянське суспільство",
      "Democratic participation and civil society"}},
    {"15160", {"Права на човека", "Права людини", "Human rights"}},
    {"15180",
     {"Прекратяване на насилието над жени и момичета", "Подолання насильства щодо жінок і дівчат",
      "Ending violence against women and girls"}},
    {"15190",
     {"Подредена и сигурна миграция", "Впорядкована й безпечна міграція",
      "Orderly, safe and regular migration"}},
    {"16010", {"Социална закрила", "Соціальний захист", "Social protection"}},
    {"16020", {"Заетост", "Зайнятість", "Employment creation"}},
    {"16030", {"Жилищна политика", "Житлова політика", "Housing policy"}},
    {"72010",
     {"Материална помощ и услуги", "Матеріальна допомога й послуги",
      "Material relief assistance and services"}},
    {"72011",
     {"Основни здравни грижи при криза", "Базова медична допомога в кризі",
      "Basic health care in emergencies"}},
    {"72012", {"Образование при криза", "Освіта в умовах кризи", "Education in emergencies"}},
    {"72040",
     {"Спешна хранителна помощ", "Невідкладна продовольча допомога", "Emergency food assistance"}},
    {"72050",
     {"Координация и подкрепа на помощта", "Координація та підтримка допомоги",
      "Relief co-ordination and support services"}},
    {"73010",
     {"Възстановяване след криза", "Відновлення після кризи",
      "Immediate post-emergency reconstruction"}},
    {"93010", {"Подкрепа за бежанци", "Підтримка біженців", "Support to refugees"}},
    {"93011",
     {"Храна и подслон за бежанци", "Харчування й житло для біженців",
      "Food and shelter for refugees"}},
    {"93012", {"Обучение за бежанци", "Навчання для біженців", "Training for refugees"}},
    {"93013",
     {"Здравни грижи за бежанци", "Медична допомога біженцям", "Health care for refugees"}},
    {"93014",
     {"Друга временна издръжка за бежанци", "Інша тимчасова підтримка біженців",
      "Other temporary sustenance for refugees"}},
    {"93016", {"Транспорт за бежанци", "Транспорт для біженців", "Transport for refugees"}},
};

// By the number of the ISO code; the names in Bulgarian and English are domain::Oblasts', but for
// the two Sofias.
constexpr absl::string_view kUkrainianOblasts[] = {
    "Благоєвград",
    "Бургас",
    "Варна",
    "Велико-Тирново",
    "Видин",
    "Враца",
    "Габрово",
    "Добрич",
    "Кирджалі",
    "Кюстендил",
    "Ловеч",
    "Монтана",
    "Пазарджик",
    "Перник",
    "Плевен",
    "Пловдив",
    "Разград",
    "Русе",
    "Сілістра",
    "Сливен",
    "Смолян",
    "Софія (столиця)",
    "Софійська область",
    "Стара-Загора",
    "Тирговиште",
    "Хасково",
    "Шумен",
    "Ямбол",
};

Text At(absl::Span<const Text> texts, int value) {
  return value >= 1 && value <= static_cast<int>(texts.size()) ? texts[value - 1] : Text{};
}

}  // namespace

Text LabelOf(organizations::v1::Organization::OrganizationKind kind) { return At(kKinds, kind); }
Text LabelOf(organizations::v1::Organization::LegalForm form) { return At(kForms, form); }
Text LabelOf(organizations::v1::Organization::BenefitStatus status) {
  return At(kBenefits, status);
}
Text LabelOf(organizations::v1::Organization::State state) { return At(kStates, state); }
Text LabelOf(organizations::v1::TargetGroup group) { return At(kTargetGroups, group); }
Text LabelOf(organizations::v1::Phase phase) { return At(kPhases, phase); }

Text LabelOf(const common::v1::Classification& classification) {
  if (classification.scheme() != "DAC-5") return {};
  for (const Purpose& purpose : kPurposes) {
    if (purpose.code == classification.code()) return purpose.text;
  }
  return {};
}

Text LabelOf(const domain::Oblast& oblast) {
  const auto index = static_cast<size_t>(&oblast - domain::Oblasts().data());
  const absl::string_view uk = kUkrainianOblasts[index];
  if (oblast.iso == "BG-22") return {"София (столица)", uk, "Sofia (capital)"};
  if (oblast.iso == "BG-23") return {"Софийска област", uk, "Sofia oblast"};
  return {oblast.name_bg, uk, oblast.name_en};
}

}  // namespace mostove::dashboard
