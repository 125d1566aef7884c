# Writes requests for :batchCreate, one body a line.
# Variables: kind organizations or activities, from, to, batch: how many records a
# line, each: activities of one organization, body: 1 for one organization alone,
# with "%d" for its number.

BEGIN {
  split("LOCAL REFUGEE_LED UKRAINIAN_COMMUNITY NATIONAL_NETWORK INTERNATIONAL DONOR", kinds)
  split("ASSOCIATION FOUNDATION CHITALISHTE INFORMAL_GROUP", forms)
  split("BG-22 BG-23 BG-16 BG-03 BG-02 BG-26 BG-18 BG-04", areas)
  split("REFUGEES ASYLUM_SEEKERS TEMPORARY_PROTECTION WOMEN CHILDREN_AND_YOUTH HOST_COMMUNITY", groups)
  split("72010 72040 72050 11220 12220 13010 15160 16010", sectors)
  split("EMERGENCY INTEGRATION EMERGENCY_AND_INTEGRATION", phases)
  if (body) {
    print organization("%d")
    exit
  }
  for (i = from; i <= to; ++i) {
    record = kind == "organizations" ? request_of_organization(i) : request_of_activity(i)
    line = line (line == "" ? "" : ",") record
    if ((i - from + 1) % batch == 0 || i == to) {
      print "{\"requests\":[" line "]}"
      line = ""
    }
  }
}

function pick(list, count, number) { return list[number % count + 1] }

function localized(en, bg, uk) {
  return "{\"sourceLanguage\":\"bg\",\"texts\":{\"bg\":\"" bg "\",\"uk\":\"" uk "\",\"en\":\"" en "\"}}"
}

# As long and as full as those of deploy/sample.
function organization(i) {
  return "{\"legalName\":\"Сдружение bench " i "\"" \
    ",\"displayName\":" localized("Bridge " i, "Мост " i, "Міст " i) \
    ",\"description\":" localized("Legal aid, language courses and work for newcomers.",
      "Правна помощ, езикови курсове и работа за новодошлите.",
      "Правова допомога, мовні курси та робота для новоприбулих.") \
    ",\"legalForm\":\"" pick(forms, 4, i) "\",\"benefitStatus\":\"PUBLIC_BENEFIT\"" \
    ",\"kind\":\"" pick(kinds, 6, i) "\"" \
    ",\"identifiers\":[{\"scheme\":\"XX-BENCH\",\"value\":\"" i "\"}]" \
    ",\"seat\":{\"countryCode\":\"BG\",\"area\":{\"scheme\":\"ISO3166_2\",\"code\":\"" pick(areas, 8, int(i / 6)) "\"}}" \
    ",\"themes\":[{\"scheme\":\"DAC-5\",\"code\":\"" pick(sectors, 8, i) "\"}]" \
    ",\"targetGroups\":[\"" pick(groups, 6, i) "\",\"MIGRANTS\"]" \
    ",\"phase\":\"" pick(phases, 3, i) "\",\"languages\":[\"bg\",\"uk\"]" \
    ",\"foundingDate\":{\"year\":" 1990 + i % 35 "}" \
    ",\"website\":\"https://bench.example.org/" i "\"" \
    ",\"contacts\":[{\"title\":\"Office\",\"email\":\"office@example.org\"}]" \
    ",\"state\":\"LISTED\"}"
}

function request_of_organization(i) {
  return "{\"organizationId\":\"bench-" i "\",\"organization\":" organization(i) "}"
}

# Every 5,000th comes from the rare source, which no index knows.
function request_of_activity(i) {
  return "{\"parent\":\"organizations/bench-" int((i - 1) / each) + 1 "\",\"activityId\":\"a" i "\"" \
    ",\"activity\":{\"sector\":{\"scheme\":\"DAC-5\",\"code\":\"" pick(sectors, 8, i) "\"}" \
    ",\"place\":{\"countryCode\":\"BG\",\"area\":{\"scheme\":\"ISO3166_2\",\"code\":\"" pick(areas, 8, int(i / 8)) "\"}}" \
    ",\"targetGroups\":[\"" pick(groups, 6, i) "\"],\"phase\":\"" pick(phases, 3, i) "\"" \
    ",\"startDate\":{\"year\":" 2000 + i % 25 ",\"month\":" 1 + i % 12 "}" \
    ",\"source\":\"" (i % 5000 == 0 ? "rare" : "bench") "\"}}"
}
