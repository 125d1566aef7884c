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
    // Development plans.
    {"DUPLICATE", "has to stand once in the plan", "трябва да стои веднъж в плана",
     "має стояти в плані один раз"},
    {"REQUIRED", "has to be given too: progress is the way from baseline to target",
     "трябва да се посочи и то: напредъкът е пътят от baseline до target",
     "треба вказати й це: поступ — це шлях від baseline до target"},
    {"TARGET", "has to differ from baseline", "трябва да е различно от baseline",
     "має відрізнятися від baseline"},
    {"AFTER_PLAN", "has to be no later than the plan's end_date",
     "не може да е след end_date на плана", "не може бути пізніше за end_date плану"},
    {"NAME", "has to be an assessment of the same organization",
     "трябва да е оценка на същата организация", "має бути оцінкою тієї самої організації"},
    {"PAST", "has to be today or later", "трябва да е днес или по-късно",
     "має бути сьогодні або пізніше"},
    {"PLAN_CLOSED", "a closed plan stays as it is", "приключен план не се променя",
     "закритий план не змінюється"},
    {"PLAN_ADOPTED",
     "the goals of an adopted plan keep statement, measure, baseline, target and due_date; drop a "
     "goal or add another",
     "целите на приет план запазват statement, measure, baseline, target и due_date; откажете се "
     "от цел или добавете друга",
     "цілі ухваленого плану зберігають statement, measure, baseline, target і due_date; "
     "відмовтеся від цілі або додайте іншу"},
    {"PLAN_ADOPTED", "the plan has been adopted before", "планът вече е приет",
     "план уже ухвалено"},
    {"PLAN_INCOMPLETE", "a plan needs goals, and each of them a due_date, before it is adopted",
     "планът трябва да има цели, и всяка от тях due_date, преди да бъде приет",
     "план потребує цілей, і кожна з них due_date, перш ніж його ухвалити"},
    {"NO_GAPS", "no criterion was answered below that level",
     "няма критерий с отговор под това ниво", "немає критерію з відповіддю нижче цього рівня"},

    // Legal standing.
    {"SCHEDULE", "has to be left out: the schedule does not take it",
     "не се посочва при този schedule", "не вказується за такого schedule"},
    {"REQUIRED", "has to be given: the schedule needs it", "трябва да се посочи за този schedule",
     "треба вказати для такого schedule"},
    {"YEAR", "has to be a day of the calendar's year", "трябва да е ден от годината на календара",
     "має бути днем року календаря"},
    {"DUPLICATE", "has to stand once in the calendar", "трябва да стои веднъж в календара",
     "має стояти в календарі один раз"},
    {"END_BEFORE_START", "has to be the same as first_year or later",
     "трябва да е равно на first_year или по-късно", "має дорівнювати first_year або бути пізніше"},
    {"PERIOD", "has to be a year for which the rule asks something of the organization",
     "трябва да е година, за която правилото иска нещо от организацията",
     "має бути роком, за який правило вимагає чогось від організації"},
    {"OBLIGATION_SETTLED", "the obligation has been fulfilled or exempted before",
     "задължението вече е изпълнено или отпаднало", "обов’язок уже виконано або знято"},
    {"REQUIRED", "has to say what shows it", "трябва да посочи какво го доказва",
     "треба вказати, що це підтверджує"},
    {"REQUIRED", "has to say why", "трябва да посочи защо", "треба вказати чому"},
    {"NOT_OWNER", "only the organization and administrators can read this",
     "само организацията и администраторите могат да четат това",
     "це можуть читати лише організація та адміністратори"},
    {"NOT_OWNER", "only administrators can do this for all organizations",
     "само администратори могат да направят това за всички организации",
     "для всіх організацій це можуть зробити лише адміністратори"},

    // Refugee leadership.
    {"ATTESTED_BY_OTHERS",
     "only the organization in attested_by attests refugee leadership; what was attested is "
     "declared anew with the basis SELF_DECLARED",
     "само организацията в attested_by потвърждава бежанското ръководство; потвърденото се заявява "
     "наново с basis SELF_DECLARED",
     "лише організація в attested_by підтверджує лідерство біженців; підтверджене заявляють "
     "наново з basis SELF_DECLARED"},
    {"NOT_ASKED", "the organization has not asked this one to attest its refugee leadership",
     "организацията не е поискала тази да потвърди бежанското ѝ ръководство",
     "організація не просила цю підтвердити її лідерство біженців"},
    {"NOT_ATTESTER", "only an administrator of the attester can attest in its name",
     "само администратор на потвърждаващата организация може да потвърди от нейно име",
     "лише адміністратор організації, що підтверджує, може зробити це від її імені"},
};

}  // namespace

absl::Span<const Text> TextsOfOrganizations() { return kOrganizations; }

}  // namespace mostove::status
