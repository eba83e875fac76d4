// Walk: what a hand does on the map. Customers are selected by shapes, in German and in English, and
// the figures are those that the cube gives for the same shape; lengths are measured; a second map
// follows the first one; the period plays.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';

const MAP = 'at=country:DE&map=10.5,51.2,5.6';

const LANGUAGES = {
  de: { locale: 'de-DE', tools: 'Kunden auf der Karte auswählen', circle: /^Kreis, Radius [\d.,]+\u00a0km$/ },
  en: { locale: 'en-GB', tools: 'Select customers on the map', circle: /^Circle, radius [\d.,]+\u00a0km$/ },
};

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const [language, words] of Object.entries(LANGUAGES)) {
  test(`a drawn shape filters what is counted, in ${language}`, { timeout: 120_000 }, async () => {
    const { page, context, faults } = await openPage(browser, { locale: words.locale });
    const days = recentDays(await ask('/api/model'));
    const shapes = shapesOf(page);
    await visit(page, `/?${MAP}`);
    const whole = await revenueOf(page);

    await take(page, words.tools, language === 'de' ? 'lasso' : 'circle');
    const middle = await middleOf(page);
    const around = [0, 1, 2, 3, 4, 5].map((k) => [middle.x + 90 * Math.cos(k), middle.y + 60 * Math.sin(k)]);
    await drag(page, language === 'de' ? around : [[middle.x, middle.y], around[0]]);
    await settle(page);
    const drawn = shapes.last;
    const { total } = await ask('/api/cube', {
      measures: ['revenue', 'customers'],
      rows: [],
      filters: [{ level: 'region.country', in: ['DE'] }, days, { within: drawn }],
    });
    assert.ok(total.revenue > 0 && total.revenue < whole, 'a part of the customers is selected');
    assert.equal(await revenueOf(page), total.revenue);
    assert.equal(Number(await page.locator('[data-selected]').getAttribute('data-selected')), total.customers);
    const name = (await page.locator('[data-selection] .name').innerText()).trim();
    if (language === 'en') assert.match(name, words.circle);
    await picture(page, `select-${language}-drawn`);

    await page.locator('[data-selected]').click();
    await settle(page);
    const rows = page.locator('[data-account]');
    assert.equal(await rows.count(), Math.min(100, total.customers));
    assert.equal(await page.getByRole('group', { name: /^Export/ }).count(), 1, 'the list can be taken along');

    const address = page.url();
    await page.locator('[data-pick="shape"]').click();
    await settle(page);
    assert.equal(await page.locator('[data-selection]').count(), 0);
    assert.equal(await revenueOf(page), whole);
    await page.keyboard.press('Control+z');
    await settle(page);
    assert.equal(page.url(), address, 'undo brings the selection back');
    assert.equal(await revenueOf(page), total.revenue);
    assert.ok(address.length < 1200, `an address of ${address.length} signs`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('a circle is typed, a measured way is told and left, without a mouse', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, `/?${MAP}`);
  const tools = page.getByRole('button', { name: LANGUAGES.de.tools });
  await tools.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Radius in km').fill('80');
  await page.keyboard.press('Enter');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('within'), 'circle:10.5,51.2,80000');
  await page.keyboard.press('Control+z');
  await settle(page);

  await take(page, 'Messen', 'distance');
  const { x, y } = await middleOf(page);
  await page.mouse.click(x - 100, y);
  await page.mouse.click(x + 100, y);
  await page.keyboard.press('Enter');
  // 200 pixels at zoom 5.6 along 51.2° north, a little less on the ellipsoid's shorter way.
  const metres = (200 * 40_075_016.7 * Math.cos((51.2 * Math.PI) / 180)) / (512 * 2 ** 5.6);
  const told = await page.locator('[data-measured]').innerText();
  const km = Number(/([\d,]+)\u00a0km/.exec(told)?.[1].replace(',', '.'));
  assert.ok(Math.abs(km * 1000 - metres) < metres * 0.005, `${told} of ${metres} m`);
  await picture(page, 'select-distance');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('[data-tool]').count(), 0);
  assert.ok(!page.url().includes('within'), 'nothing is kept');
  assert.deepEqual(faults, []);
  await context.close();
});

test('two maps follow each other in camera and pointing', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  const days = recentDays(await ask('/api/model'));
  const yearBefore = (day) => `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  await visit(page, '/?at=country:DE&level=state');
  await page.locator('[data-tools="second"]').click();
  await page.locator('[data-layout="side"]').click();
  await page.keyboard.press('Escape');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('second'), 'side');
  const [first, second] = await page.locator('[data-title]').allInnerTexts();
  assert.ok(first !== second, `titles tell the maps apart: ${first}, ${second}`);

  const { x, y, width, height } = await page.locator('[data-second]').boundingBox();
  await page.mouse.move(x + width * 0.55, y + height * 0.75);
  const card = page.locator('[data-hover-second="revenue"]');
  await card.waitFor();
  const { rows } = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['region.state'],
    filters: [
      { level: 'region.country', in: ['DE'] },
      { ...days, from: yearBefore(days.from), to: yearBefore(days.to) },
    ],
  });
  const told = await valueOf(card);
  assert.ok(
    rows.some(([, revenue]) => revenue === told),
    `${told} is the revenue of a state in the year before`,
  );
  await picture(page, 'select-two-maps');
  await assertAccessible(page, 'select-two-maps');

  const zoom = () => page.locator('.map').getAttribute('data-zoom');
  const before = await zoom();
  await page.mouse.wheel(0, -400);
  await page.waitForURL(/map=/);
  await settle(page);
  assert.notEqual(await zoom(), before, 'the first map follows the second');
  const camera = page.url();
  await page.getByRole('button', { name: 'Zwei Karten' }).click();
  await page.locator('[data-layout="swipe"]').click();
  await page.keyboard.press('Escape');
  await settle(page);
  const divider = page.getByRole('slider', { name: 'Trennlinie zwischen den Karten' });
  await divider.press('PageUp');
  assert.equal(await divider.getAttribute('aria-valuenow'), '60');
  await picture(page, 'select-swipe');
  await page.goBack();
  assert.equal(page.url(), camera);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the period plays and pauses', { timeout: 60_000 }, async () => {
  const { page, context, faults } = await openPage(browser, { reducedMotion: 'no-preference' });
  await visit(page, '/?at=country:DE&level=state&time=2024-01..2024-12');
  await page.locator('[data-ask="step"]').selectOption('year');
  await page.locator('.maplibregl-canvas').first().focus();
  await page.keyboard.press('Space');
  await page.waitForURL(/time=2025-01\.\.2025-12/);
  await page.keyboard.press('Space');
  await page.locator('[data-player="still"]').waitFor();
  await settle(page);
  const { total } = await ask('/api/cube', {
    measures: ['revenue'],
    rows: [],
    filters: [
      { level: 'region.country', in: ['DE'] },
      { level: 'time.year', in: ['2025'] },
    ],
  });
  assert.equal(await revenueOf(page), total.revenue);
  assert.deepEqual(faults, []);
  await context.close();
});

describe('selecting looks right', () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  for (const [name, options] of Object.entries({ dark: { colorScheme: 'dark' }, phone })) {
    test(name, { timeout: 60_000 }, async () => {
      const { page, context, faults } = await openPage(browser, options);
      await visit(page, `/?${MAP}&within=circle:10.5,51.2,150000`);
      await page.locator('[data-tools="select"]').click();
      await picture(page, `select-${name}`);
      await assertAccessible(page, 'select');
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
});

/** The shape of the last question to the cube. */
function shapesOf(page) {
  const shapes = { last: null };
  page.on('request', (request) => {
    if (!request.url().endsWith('/api/cube')) return;
    const found = request.postDataJSON().filters?.find((filter) => filter.within);
    if (found) shapes.last = found.within;
  });
  return shapes;
}

async function take(page, label, tool) {
  await page.getByRole('button', { name: label }).click();
  await page.locator(`[data-draw="${tool}"]`).click();
  await page.locator(`[data-tool="${tool}"]`).waitFor();
  await settle(page);
}

async function drag(page, [first, ...others]) {
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps: 2 });
  await page.mouse.up();
}

async function middleOf(page) {
  const { x, y, width, height } = await page.locator('.map .canvas').boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

const revenueOf = (page) => valueOf(page.locator('[data-figure="revenue"]'));
