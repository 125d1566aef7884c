#include "libs/domain/oblasts.h"

#include <algorithm>

namespace mostove::domain {
namespace {

constexpr Oblast kOblasts[] = {
    {"BG-01", "BG413", "BLG", "Благоевград", "Blagoevgrad"},
    {"BG-02", "BG341", "BGS", "Бургас", "Burgas"},
    {"BG-03", "BG331", "VAR", "Варна", "Varna"},
    {"BG-04", "BG321", "VTR", "Велико Търново", "Veliko Tarnovo"},
    {"BG-05", "BG311", "VID", "Видин", "Vidin"},
    {"BG-06", "BG313", "VRC", "Враца", "Vratsa"},
    {"BG-07", "BG322", "GAB", "Габрово", "Gabrovo"},
    {"BG-08", "BG332", "DOB", "Добрич", "Dobrich"},
    {"BG-09", "BG425", "KRZ", "Кърджали", "Kardzhali"},
    {"BG-10", "BG415", "KNL", "Кюстендил", "Kyustendil"},
    {"BG-11", "BG315", "LOV", "Ловеч", "Lovech"},
    {"BG-12", "BG312", "MON", "Монтана", "Montana"},
    {"BG-13", "BG423", "PAZ", "Пазарджик", "Pazardzhik"},
    {"BG-14", "BG414", "PER", "Перник", "Pernik"},
    {"BG-15", "BG314", "PVN", "Плевен", "Pleven"},
    {"BG-16", "BG421", "PDV", "Пловдив", "Plovdiv"},
    {"BG-17", "BG324", "RAZ", "Разград", "Razgrad"},
    {"BG-18", "BG323", "RSE", "Русе", "Ruse"},
    {"BG-19", "BG325", "SLS", "Силистра", "Silistra"},
    {"BG-20", "BG342", "SLV", "Сливен", "Sliven"},
    {"BG-21", "BG424", "SML", "Смолян", "Smolyan"},
    {"BG-22", "BG411", "SOF", "София (столица)", "Sofia (stolitsa)"},
    {"BG-23", "BG412", "SFO", "София", "Sofia"},
    {"BG-24", "BG344", "SZR", "Стара Загора", "Stara Zagora"},
    {"BG-25", "BG334", "TGV", "Търговище", "Targovishte"},
    {"BG-26", "BG422", "HKV", "Хасково", "Haskovo"},
    {"BG-27", "BG333", "SHU", "Шумен", "Shumen"},
    {"BG-28", "BG343", "JAM", "Ямбол", "Yambol"},
};

const Oblast* Find(absl::string_view Oblast::*code, absl::string_view value) {
  const Oblast* found = std::find_if(std::begin(kOblasts), std::end(kOblasts),
                                     [&](const Oblast& oblast) { return oblast.*code == value; });
  return found == std::end(kOblasts) ? nullptr : found;
}

}  // namespace

absl::Span<const Oblast> Oblasts() { return kOblasts; }

const Oblast* FindOblastByIso(absl::string_view iso) { return Find(&Oblast::iso, iso); }
const Oblast* FindOblastByNsi(absl::string_view nsi) { return Find(&Oblast::nsi, nsi); }
const Oblast* FindOblastByNuts(absl::string_view nuts) { return Find(&Oblast::nuts, nuts); }

}  // namespace mostove::domain
