#include "libs/status/texts_tables.h"

namespace mostove::status {
namespace {

constexpr Text kOrganizations[] = {
    // Capacity.
    {"CRITERION", "has to be the code of a criterion of the framework",
     "трябва да е код на критерий от рамката", "має бути кодом критерію рамки"},
    {"SELF", "has to be another framework", "трябва да е друга рамка", "має бути іншою рамкою"},
    {"SELF", "has to be another organization than the one that is assessed",
     "трябва да е организация, различна от оценяваната",
     "має бути іншою організацією, ніж та, що оцінюється"},
    {"DUPLICATE", "has to stand once in the framework", "трябва да стои веднъж в рамката",
     "має стояти в рамці один раз"},
    {"DUPLICATE", "has to be answered once", "трябва да има един отговор",
     "має мати одну відповідь"},
    {"FRAMEWORK_IN_USE",
     "the domains of a framework in use stay as they are; make the next version of it",
     "областите на рамка, която се използва, не се променят; направете следващата ѝ версия",
     "сфери рамки, що використовується, не змінюються; створіть її наступну версію"},
    {"FRAMEWORK_PREPARED", "has to be a framework that is in use",
     "трябва да е рамка, която се използва", "має бути рамкою, що використовується"},
    {"NAME", "has to be the name of a framework: capacityFrameworks/opi-1",
     "трябва да е име на рамка: capacityFrameworks/opi-1",
     "має бути назвою рамки: capacityFrameworks/opi-1"},
    {"ASSESSMENT_SUBMITTED",
     "a submitted assessment stays as it is; a correction is a new assessment",
     "подадена оценка не се променя; поправката е нова оценка",
     "подана оцінка не змінюється; виправлення — це нова оцінка"},
    {"ASSESSMENT_VERIFIED", "the assessment has been verified before", "оценката вече е потвърдена",
     "оцінку вже підтверджено"},
    {"NOTHING_ANSWERED", "an assessment needs an answer before it is submitted",
     "оценката трябва да има отговор, преди да бъде подадена",
     "оцінка потребує відповіді, перш ніж її подати"},
    {"FACILITATOR", "has to be left out of a self-assessment", "не се посочва при самооценка",
     "не вказується в самооцінці"},
    {"REQUIRED", "has to name the organization that asks",
     "трябва да посочи организацията, която пита", "треба вказати організацію, що запитує"},
    {"END_BEFORE_START", "has to be the same as start_date or later",
     "трябва да е равно на start_date или по-късно", "має дорівнювати start_date або бути пізніше"},
    {"TOO_MANY_TO_READ", "there are too many records to read them all; ask for fewer",
     "записите са твърде много, за да се прочетат всички; поискайте по-малко",
     "записів забагато, щоб прочитати всі; запитайте менше"},
};

}  // namespace

absl::Span<const Text> TextsOfOrganizations() { return kOrganizations; }

}  // namespace mostove::status
