// A browser, what is asked of every page in it, and the API beside it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const url = process.env.MOSTOVE_URL;
const folder = process.env.MOSTOVE_SCREENSHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wanted = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const phone = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const desktop = { viewport: { width: 1280, height: 900 } };

export const launch = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
});

// A page of a visitor of their own. What it loads from elsewhere, and what it complains about, fails
// the test at the end: see `closeAll`.
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) page.complaints.push(`asked ${request.url()}`);
  });
  page.on('console', (message) => {
    // A status of 4xx is what some tests are about.
    const expected = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !expected) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  return page;
}

export async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

// What holds for every page: axe finds nothing, one heading of the first level, the landmarks, a
// title and a language, nothing to scroll sideways, and only the first tab stop is off the screen.
export async function expectAccessible(page, language) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), wanted);
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
  assert.deepEqual(found, [], page.url());
  const seen = await page.evaluate(() => ({
    headings: document.querySelectorAll('h1').length,
    landmarks: ['header', 'main', 'footer'].every((name) => document.querySelectorAll(`body > ${name}`).length === 1),
    language: document.documentElement.lang,
    title: document.title,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    scripts: document.scripts.length,
  }));
  assert.equal(seen.headings, 1);
  assert.ok(seen.landmarks);
  if (language) assert.equal(seen.language, language);
  assert.match(seen.title, / – (Мостове|Mostove)$/u);
  assert.ok(seen.sideways <= 0, `${page.url()} is ${seen.sideways} px too wide`);
  assert.equal(seen.scripts, 0);
}

export async function picture(page, name) {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

// Bytes on the wire of a first visit to this path, headers included.
export async function weightOf(browser, path, cookies = []) {
  const page = await visitor(browser);
  await page.context().addCookies(cookies);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await page.goto(url + path, { waitUntil: 'networkidle' });
  await close(page);
  return bytes;
}

// The API in the administrator's name.
export async function api(method, path, body) {
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${process.env.MOSTOVE_TOKEN}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}
