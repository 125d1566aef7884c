// An organization's way in one piece: it is registered, assesses itself, is assessed together with a
// facilitator, sees its gaps, makes a plan of them, knows what falls due and how it stands with the
// law, and all of it on its page, in three languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, close, desktop, expectAccessible, launch, phone, picture, url, visitor } from './browser.mjs';

const organization = 'organizations/journey-bridge';
const email = 'olena.journey@example.org';
const password = 'four yellow trains at dawn';
const framework = 'capacityFrameworks/opi-1';
const criteria = ['results', 'standards', 'delivery', 'reach', 'target-population', 'learning', 'resources', 'social-capital'];
const words = {
  bg: { capacity: 'Капацитет', plan: 'План за развитие', standing: 'Правно състояние', risk: 'В риск', sector: 'Обучение за бежанци', duty: 'Избор на управителен орган' },
  uk: { capacity: 'Спроможність', plan: 'План розвитку', standing: 'Правовий стан', risk: 'Під загрозою', sector: 'Навчання для біженців', duty: 'Обрання керівного органу' },
  en: { capacity: 'Capacity', plan: 'Development plan', standing: 'Legal standing', risk: 'At risk', sector: 'Training for refugees', duty: 'Electing the board' },
};
const daysAgo = (days) => {
  const date = new Date(Date.now() - days * 86400e3);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function assess(id, kind, levels) {
  const path = `${organization}/assessments`;
  await api('POST', `${path}?assessmentId=${id}`, {
    framework,
    kind,
    assessDate: daysAgo(30),
    facilitator: kind === 'FACILITATED' ? 'organizations/example-network-bridges' : undefined,
  });
  await api('POST', `${path}/${id}:answer`, { answers: levels.map((level, index) => ({ criterion: criteria[index], level, evidence: 'Protocol' })) });
  const submitted = await api('POST', `${path}/${id}:submit`, {});
  assert.equal(submitted.state, 'SUBMITTED');
  return submitted;
}

test('it is registered', async () => {
  const made = await api('POST', 'organizations?organizationId=journey-bridge', {
    legalName: 'Сдружение „Мост през Дунав“',
    displayName: { sourceLanguage: 'bg', texts: { bg: 'Мост през Дунав', uk: 'Міст через Дунай', en: 'Bridge over the Danube' } },
    description: { sourceLanguage: 'bg', texts: { bg: 'Езикови курсове и правна помощ в Русе.', uk: 'Мовні курси та правова допомога в Русе.', en: 'Language courses and legal aid in Ruse.' } },
    kind: 'UKRAINIAN_COMMUNITY',
    legalForm: 'ASSOCIATION',
    benefitStatus: 'PUBLIC_BENEFIT',
    seat: { countryCode: 'BG', area: { scheme: 'ISO3166_2', code: 'BG-18' } },
    foundingDate: { year: 2022, month: 5, day: 9 },
    registration: { register: 'REGISTRY_AGENCY', boardMandateEnd: daysAgo(10) },
    themes: [{ scheme: 'DAC-5', code: '93012', label: 'Refugees/asylum seekers in donor countries - training' }],
    languages: ['bg', 'uk'],
    state: 'LISTED',
  });
  assert.equal(made.name, organization);
});

test('it assesses itself and is assessed together', async () => {
  const self = await assess('self', 'SELF', [3, 2, 2, 4, 1, 3, 3, 3]);
  const facilitated = await assess('facilitated', 'FACILITATED', [2, 2, 2, 3, 1, 2, 3, 2]);
  assert.equal(self.score.mean, 2.625);
  assert.equal(facilitated.score.mean, 2.125);
  const { differences } = await api('GET', `${organization}/assessments:compare`);
  assert.equal(differences.length, 1);
});

test('its gaps become a plan', async () => {
  const { gaps } = await api('GET', `${organization}/assessments:gaps?kind=FACILITATED`);
  assert.deepEqual(gaps.map(({ criterion }) => criterion).sort(), criteria.filter((_, index) => [2, 2, 2, 3, 1, 2, 3, 2][index] < 3).sort());
  const soon = new Date().getUTCFullYear() + 1;
  const plan = await api('POST', `${organization}/plans:draft`, { assessment: `${organization}/assessments/facilitated`, planId: 'first', endDate: { year: soon, month: 12, day: 1 } });
  assert.equal(plan.goals.length, gaps.length);
  assert.equal((await api('POST', `${organization}/plans/first:adopt`, {})).state, 'ADOPTED');
});

test('it knows what falls due, without having asked', async () => {
  // Made by the service itself, a moment after the organization.
  let due = [];
  for (let tries = 0; due.length < 2 && tries < 300; tries += 1) {
    ({ due } = await api('GET', `${organization}/obligations:due?days=800`));
    if (due.length < 2) await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  const rules = due.map(({ obligation }) => obligation.rule);
  assert.ok(rules.includes('complianceRules/bg-financial-statement'), rules.join());
  assert.ok(rules.includes('complianceRules/bg-activity-report'), rules.join());
  const network = await api('GET', 'organizations/-/obligations:due?days=800');
  assert.ok(network.due.some(({ obligation }) => obligation.name.startsWith(`${organization}/`)));
});

test('it stands at risk once its board has no mandate, until that is settled', async () => {
  assert.equal((await api('GET', `${organization}:legalStanding`)).standing, 'GOOD');
  const obligation = await api('POST', `${organization}/obligations?obligationId=board`, { rule: 'complianceRules/bg-board-mandate', year: daysAgo(10).year });
  const standing = await api('GET', `${organization}:legalStanding`);
  assert.equal(standing.standing, 'AT_RISK');
  assert.equal(standing.reasons[0].obligation, obligation.name);
  await assert.rejects(
    api('POST', `${organization}/obligations`, { rule: 'complianceRules/bg-board-mandate', year: daysAgo(10).year }),
    /journey-bridge\/obligations\/board exists already/u,
  );
});

test('its people see all of it on its page, in three languages', async () => {
  const invitation = await api('POST', 'invitations', { organization, role: 'ORGANIZATION_EDITOR', email });
  const page = await visitor(browser, { ...desktop, locale: 'en' });
  await page.goto(`${url}/invitations/accept#${invitation.token}`);
  await page.getByLabel('Your name').fill('Olena');
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('status').waitFor();
  await page.goto(`${url}/sign-in?to=%2F${encodeURIComponent(organization)}`);
  await page.getByLabel(/e-mail/iu).fill(email);
  await page.getByLabel(/password/iu).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${url}/${organization}`);
  const state = await page.context().storageState();
  await close(page);
  const narrow = { ...phone, viewport: { width: 360, height: 740 } };
  for (const [device, options] of Object.entries({ phone: narrow, desktop })) {
    for (const [language, expected] of Object.entries(words)) {
      const own = await visitor(browser, { ...options, storageState: state, locale: language });
      await own.goto(`${url}/${organization}?lang=${language}`);
      await expectAccessible(own, language);
      const text = await own.getByRole('main').innerText();
      for (const word of Object.values(expected)) assert.ok(text.includes(word), `${word} in ${text}`);
      await picture(own, `journey-${language}-${device}`);
      await close(own);
    }
  }
  await api('POST', `${organization}/obligations/board:fulfill`, { evidence: 'Entry 1 of the register' });
  assert.equal((await api('GET', `${organization}:legalStanding`)).standing, 'GOOD');
});
