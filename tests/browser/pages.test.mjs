// The pages as people use them: on a phone and a desk, in three languages, by keyboard, without
// scripts, signed in and out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, close, desktop, expectAccessible, launch, phone, picture, url, visitor, weightOf } from './browser.mjs';

const weightMax = 150 * 1024;
const organization = 'organizations/browser-home';
const email = 'maria.browser@example.org';
const password = 'seven green boats at noon';
const languages = {
  bg: { directory: 'Организации', search: 'Търсене', signIn: 'Вход', signOut: 'Изход', wrong: 'не са верни', missing: 'Няма такава страница' },
  uk: { directory: 'Організації', search: 'Шукати', signIn: 'Увійти', signOut: 'Вийти', wrong: 'неправильні', missing: 'Такої сторінки немає' },
  en: { directory: 'Organizations', search: 'Search', signIn: 'Sign in', signOut: 'Sign out', wrong: 'are not right', missing: 'There is no such page' },
};

let browser;
let invitation;

before(async () => {
  browser = await launch();
  await api('POST', 'organizations?organizationId=browser-home', {
    legalName: 'Сдружение „Дом на бежанеца“',
    displayName: { sourceLanguage: 'bg', texts: { bg: 'Дом на бежанеца', uk: 'Дім біженця' } },
    description: { sourceLanguage: 'bg', texts: { bg: 'Подслон и правна помощ във Видин.', en: 'Shelter and legal aid in Vidin.' } },
    kind: 'REFUGEE_LED',
    legalForm: 'ASSOCIATION',
    seat: { countryCode: 'BG', area: { scheme: 'ISO3166_2', code: 'BG-05' } },
    foundingDate: { year: 2019, month: 3, day: 5 },
    languages: ['bg', 'uk', 'ar'],
    targetGroups: ['REFUGEES', 'WOMEN'],
    contacts: [{ title: 'Мария', email: 'office@example.org', phone: '+359 94 123456' }],
    internalNote: 'Наемът изтича през май.',
    state: 'LISTED',
  });
  await assess('self-2025', 'SELF', 2025, [2, 1, 2, 3, 1, 2, 2, 1]);
  await assess('self-2026', 'SELF', 2026, [3, 2, 2, 4, 1, 3, 3, 3]);
  await assess('facilitated-2026', 'FACILITATED', 2026, [2, 2, 2, 3, 1, 2, 3, 2]);
  await api('POST', `${organization}/plans?planId=plan-2026`, {
    title: { sourceLanguage: 'bg', texts: { bg: 'План за 2026 г.', en: 'Plan for 2026' } },
    goals: [
      { code: 'reserve', statement: { texts: { bg: 'Резерв за три месеца' } }, baseline: 0, target: 4, current: 1, dueDate: { year: 2090, month: 12, day: 1 },
        milestones: [{ title: { texts: { bg: 'Сметка за резерва' } }, dueDate: { year: 2025, month: 2, day: 1 } }] },
      { code: 'board', statement: { sourceLanguage: 'bg', texts: { bg: 'Нов управителен съвет', en: 'A new board' } }, baseline: 0, target: 4, current: 3, dueDate: { year: 2090, month: 6, day: 1 } },
    ],
  });
  await api('POST', `${organization}/plans/plan-2026:adopt`, {});
  invitation = await api('POST', 'invitations', { organization, role: 'ORGANIZATION_EDITOR', email });
});

after(() => browser.close());

async function assess(id, kind, year, levels) {
  const criteria = ['results', 'standards', 'delivery', 'reach', 'target-population', 'learning', 'resources', 'social-capital'];
  await api('POST', `${organization}/assessments?assessmentId=${id}`, {
    framework: 'capacityFrameworks/opi-1',
    kind,
    assessDate: { year, month: 9, day: 1 },
    facilitator: kind === 'FACILITATED' ? 'organizations/example-network-bridges' : undefined,
    answers: levels.map((level, index) => ({ criterion: criteria[index], level })),
  });
  await api('POST', `${organization}/assessments/${id}:submit`, {});
}

async function signIn(page, words = languages.en) {
  await page.getByLabel(/e-mail|поща|пошти/iu).fill(email);
  await page.getByLabel(/password|парола|пароль/iu).fill(password);
  await page.getByRole('main').getByRole('button', { name: words.signIn }).click();
}

for (const [language, words] of Object.entries(languages)) {
  test(`the directory is usable on a phone and a desk (${language})`, async () => {
    for (const [device, options] of Object.entries({ phone, desktop })) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await visitor(browser, { ...options, colorScheme, locale: language });
        await page.goto(`${url}/`);
        await expectAccessible(page, language);
        assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), words.directory);
        assert.equal(await page.locator('.map li').count(), 28);
        await picture(page, `directory-${language}-${device}-${colorScheme}`);
        await close(page);
      }
    }
  });

  test(`an organization's page says what everybody may know (${language})`, async () => {
    for (const [device, options] of Object.entries({ phone, desktop })) {
      const page = await visitor(browser, { ...options, locale: language });
      await page.goto(`${url}/${organization}`);
      await expectAccessible(page, language);
      const text = await page.getByRole('main').innerText();
      for (const secret of ['Капацитет', 'Спроможність', 'Capacity', 'План за', 'Резерв', 'Правно състояние', 'Правовий стан', 'Legal standing', 'Мария', 'office@example.org', '+359', 'Наемът']) assert.ok(!text.includes(secret), secret);
      assert.match(text, { bg: /5 март 2019/u, uk: /5 березня 2019/u, en: /5 March 2019/u }[language]);
      // Where there is no text in the visitor's language, the one that there is says its own.
      const heading = page.getByRole('heading', { level: 1 });
      assert.equal(await heading.innerText(), language === 'uk' ? 'Дім біженця' : 'Дом на бежанеца');
      assert.equal(await heading.locator('[lang]').count(), language === 'en' ? 1 : 0);
      await picture(page, `organization-${language}-${device}`);
      await close(page);
    }
  });
}

test('a missing page, a search without results and a query that makes no sense say so', async () => {
  for (const [language, words] of Object.entries(languages)) {
    const page = await visitor(browser, { ...phone, locale: language });
    const missing = await page.goto(`${url}/organizations/nobody-knows-it`);
    assert.equal(missing.status(), 404);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), words.missing);
    await expectAccessible(page, language);
    await picture(page, `missing-${language}`);
    assert.equal((await page.goto(`${url}/anything/else`)).status(), 404);
    await expectAccessible(page, language);
    await page.goto(`${url}/?q=xqwjkvbp`);
    await expectAccessible(page, language);
    assert.equal(await page.locator('.list li').count(), 0);
    assert.equal((await page.goto(`${url}/?oblast=BG-99`)).status(), 400);
    await expectAccessible(page, language);
    await close(page);
  }
});

test('the map leads to the organizations of an oblast, and counts them', async () => {
  const page = await visitor(browser, desktop);
  await page.goto(`${url}/`);
  const tile = page.getByRole('link', { name: /^Vidin/u });
  const count = Number(/\d+/u.exec(await tile.innerText())[0]);
  assert.ok(count >= 1);
  await tile.click();
  await page.waitForURL('**/?oblast=BG-05');
  assert.equal(await page.locator('.list li').count(), count);
  for (const facts of await page.locator('.list li .soft').allInnerTexts()) assert.match(facts, /Vidin/u);
  // The capital and the oblast around it are two.
  await page.goto(`${url}/`);
  assert.equal(await page.getByRole('link', { name: /^Sofia \(capital\)/u }).getAttribute('href'), '/?oblast=BG-22');
  assert.equal(await page.getByRole('link', { name: /^Sofia oblast/u }).getAttribute('href'), '/?oblast=BG-23');
  await close(page);
});

test('everything works by keyboard, in the order in which it is read', async () => {
  const page = await visitor(browser, desktop);
  await page.goto(`${url}/`);
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return {
      name: element === document.body ? 'body' : element.id || element.textContent.trim().slice(0, 30), top: box.top + scrollY, left: box.left,
      outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
  });
  await page.keyboard.press('Tab');
  assert.equal((await focused()).name, 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal((await focused()).name, 'main');
  await page.keyboard.press('Tab');
  assert.equal((await focused()).name, 'q');
  await page.keyboard.type('Помощ');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/?q=*');
  const stops = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await focused();
    if (stop.name === 'body' || stops.length > 100 || stops.some((other) => other.name === stop.name && other.top === stop.top)) break;
    stops.push(stop);
  }
  assert.ok(stops.length > 8, `${stops.length} stops`);
  for (const stop of stops) assert.ok(stop.outlined, `${stop.name} shows no focus`);
  // Down the page, but for what stands in one row.
  for (let i = 2; i < stops.length; i += 1) assert.ok(stops[i].top > stops[i - 1].top - 60, `${stops[i - 1].name}, then ${stops[i].name}`);
  await close(page);
});

test('a language that was chosen stays, and the page stays the same', async () => {
  const page = await visitor(browser, { ...phone, locale: 'bg' });
  await page.goto(`${url}/?kind=REFUGEE_LED`);
  await page.getByRole('link', { name: 'Українська' }).click();
  await expectAccessible(page, 'uk');
  assert.match(page.url(), /kind=REFUGEE_LED/u);
  await page.goto(`${url}/${organization}`);
  await expectAccessible(page, 'uk');
  assert.equal(await page.getByRole('link', { name: 'Українська' }).getAttribute('aria-current'), 'true');
  await close(page);
});

test('somebody is invited, signs in, sees what is theirs, and signs out; without scripts too', async () => {
  const page = await visitor(browser, desktop);
  await page.goto(`${url}/invitations/accept#${invitation.token}`);
  await page.getByLabel('Your name').fill('Maria');
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('status').waitFor();
  await close(page);

  for (const javaScriptEnabled of [true, false]) {
    const visit = await visitor(browser, { ...phone, javaScriptEnabled });
    await visit.goto(`${url}/${organization}`);
    await visit.getByRole('link', { name: 'Sign in' }).click();
    if (javaScriptEnabled) await expectAccessible(visit, 'en');
    await picture(visit, 'sign-in');
    await signIn(visit);
    await visit.waitForURL(`${url}/${organization}`);
    const text = await visit.getByRole('main').innerText();
    for (const own of ['Мария', 'office@example.org', '+359 94 123456', 'Наемът изтича']) assert.ok(text.includes(own), own);
    if (javaScriptEnabled) {
      await expectAccessible(visit, 'en');
      const levels = await visit.getByRole('row', { name: /effectiveness/iu }).getByRole('cell').allInnerTexts();
      assert.deepEqual(levels, ['2.5', '2.0', '+1.0']);
      assert.equal(await visit.locator('svg.picture').count(), 4);
      assert.ok(text.includes('Overdue: Сметка за резерва (1 February 2025)'), text);
      assert.ok((await visit.getByRole('progressbar').count()) === 1);
      assert.match(text, /Legal standing\s+Good: nothing is overdue/u);
      await picture(visit, 'organization-own');
      assert.equal(await visit.evaluate(() => document.cookie), '');
    }
    const [cookie] = (await visit.context().cookies()).filter(({ name }) => name.endsWith('session'));
    assert.ok(cookie.httpOnly);
    assert.equal(cookie.sameSite, 'Lax');
    const headers = { cookie: `${cookie.name}=${cookie.value}` };
    // It proves nothing to the API: contacts stay unseen.
    const answer = await fetch(`${url}/v1/${organization}`, { headers }).then((response) => response.json());
    assert.equal(answer.legalName, 'Сдружение „Дом на бежанеца“');
    assert.equal(answer.contacts, undefined);
    await visit.getByRole('button', { name: 'Sign out' }).click();
    await visit.getByRole('link', { name: 'Sign in' }).waitFor();
    await visit.goBack();
    assert.ok(!(await visit.getByRole('main').innerText()).includes('office@example.org'), 'kept by the browser');
    await close(visit);
    // Whoever has the cookie still has nothing, soon.
    for (let tries = 0; ; tries += 1) {
      const page = await fetch(`${url}/${organization}`, { headers });
      if (!(await page.text()).includes('office@example.org')) break;
      assert.ok(tries < 100, 'the session lives on');
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
});

test('a wrong password is said in the language of the page', async () => {
  for (const [language, words] of Object.entries(languages)) {
    const page = await visitor(browser, { ...phone, locale: language });
    await page.goto(`${url}/sign-in?to=%2F`);
    await expectAccessible(page, language);
    await page.locator('#username').fill('nobody@example.org');
    await page.locator('#password').fill('not the password');
    await page.getByRole('main').getByRole('button').click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.innerText(), new RegExp(words.wrong, 'u'));
    await expectAccessible(page, language);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
    await picture(page, `wrong-password-${language}`);
    await close(page);
  }
});

test('a page with all that belongs to it weighs little on the wire', async () => {
  for (const path of ['/', '/?kind=LOCAL', `/${organization}`, '/sign-in', '/nothing']) {
    const bytes = await weightOf(browser, path);
    console.log(`# ${path}: ${(bytes / 1024).toFixed(1)} KiB`);
    assert.ok(bytes > 500 && bytes < weightMax, `${path}: ${bytes} bytes`);
  }
});

test('capacity is a picture with a table beside it, for those who may see it', async () => {
  const page = await visitor(browser, { ...phone, locale: 'bg' });
  await page.goto(`${url}/sign-in?to=%2F${encodeURIComponent(organization)}`);
  await signIn(page, languages.bg);
  await page.waitForURL(`${url}/${organization}`);
  for (const language of Object.keys(languages)) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${url}/${organization}?lang=${language}`);
      await expectAccessible(page, language);
      await picture(page, `capacity-${language}-${colorScheme}`);
    }
  }
  await close(page);
});

test('printed and in forced colours nothing is lost', async () => {
  const page = await visitor(browser, { ...desktop, forcedColors: 'active' });
  await page.goto(`${url}/`);
  await picture(page, 'directory-forced-colors');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
  assert.ok(!(await page.getByRole('search').isVisible()));
  await close(page);
});
