// Walk 3: a shared link opens the same view, large and small, light and dark.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, launch, openPage, picture, settle, valueOf, visit } from './browser.mjs';

const LINK = '/?at=state:09&measure=margin&level=district&time=2025-01..2025-12&open=district:09162';

const FORMS = [
  { name: 'laptop', options: { viewport: { width: 1280, height: 720 } } },
  {
    name: 'laptop-dark',
    options: { viewport: { width: 1280, height: 720 }, colorScheme: 'dark' },
  },
  { name: 'desk', options: { viewport: { width: 1440, height: 900 } } },
  {
    name: 'desk-dark-en',
    options: {
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      locale: 'en-GB',
    },
  },
  {
    name: 'phone',
    options: {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    },
  },
  {
    name: 'phone-dark',
    options: {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme: 'dark',
    },
  },
];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const { name, options } of FORMS) {
  test(`a link opens on a ${name}`, { timeout: 180_000 }, async () => {
    const { page, context, faults } = await openPage(browser, options);
    await visit(page, LINK);
    assert.equal(await page.locator('html').getAttribute('data-theme'), options.colorScheme ?? 'light');
    assert.equal(await page.locator('.map').getAttribute('data-level'), 'district');
    await picture(page, `link-${name}`);

    const isPhone = options.viewport.width < 500;
    if (isPhone) {
      for (const sheet of ['Auswertung', 'Ergebnis', 'Zeitraum']) {
        await page.locator('nav button', { hasText: sheet }).click();
        await settle(page);
        await picture(page, `link-${name}-${sheet.toLowerCase()}`);
      }
      await page.locator('nav button', { hasText: 'Ergebnis' }).click();
    } else {
      const [map, whole] = [await page.locator('.map').boundingBox(), options.viewport.width];
      assert.ok(map.width >= whole * 0.49, `the map has ${map.width} of ${whole} px`);
    }

    const filters = [
      { level: 'region.state', in: ['09'] },
      { level: 'time.day', from: '2025-01-01', to: '2025-12-31' },
    ];
    const answer = await ask('/api/cube', {
      measures: ['margin'],
      rows: ['region.district'],
      filters,
    });
    assert.equal(await valueOf(page.locator('[data-total="margin"]')), answer.total.margin);
    assert.equal(await page.locator('[data-ask="measure"]').inputValue(), 'margin');
    assert.equal(await cutOff(page), 0, 'nothing is wider than the window');
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('back and forward restore what was seen', { timeout: 180_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE');
  await page.locator('[data-ask="measure"]').selectOption('customers');
  await settle(page);
  await page.locator('[data-region="05"]').click();
  await settle(page);
  await page.goBack();
  await settle(page);
  assert.equal(await page.locator('[data-region="05"]').count(), 1);
  assert.equal(await page.locator('[data-ask="measure"]').inputValue(), 'customers');
  await page.goBack();
  await settle(page);
  assert.equal(await page.locator('[data-ask="measure"]').inputValue(), 'revenue');
  await page.goForward();
  await page.goForward();
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('at'), 'state:05');
  assert.deepEqual(faults, []);
  await context.close();
});

test('language and colours are remembered', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE');
  await page.locator('[data-language="de"]').click();
  await page.getByRole('button', { name: 'Dark colours' }).click();
  await settle(page);
  await page.reload();
  await settle(page);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.deepEqual(faults, []);
  await context.close();
});

test('levels have the words of their country', { timeout: 120_000 }, async () => {
  for (const [locale, country, words] of [
    ['de-DE', 'US', ['Bundesstaat', 'County']],
    ['en-GB', 'US', ['State', 'County']],
    ['de-DE', 'CH', ['Kanton', 'Bezirk', 'Gemeinde']],
    ['en-GB', 'DE', ['State', 'Government district', 'District', 'Municipality']],
  ]) {
    const { page, context, faults } = await openPage(browser, { locale });
    await visit(page, `/?at=country:${country}`);
    const options = await page.locator('[data-ask="level"] option').allTextContents();
    for (const word of words) assert.ok(options.includes(word), `${word} is none of ${options.join()}`);
    await picture(page, `link-levels-${country}-${locale}`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

/** Pixels by which the page is wider than its window. */
const cutOff = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
