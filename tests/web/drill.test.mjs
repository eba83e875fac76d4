// Walk 1: from Germany down to the sales lines, in German and in English. At every step the figures
// of the key figures, the table, the map and the API are the same.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, drawn, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';

const MUNICH = [
  { level: 'state', key: '09', name: 'Bayern' },
  { level: 'government_district', key: '091', name: 'Oberbayern' },
  { level: 'district', key: '09184', name: 'München' },
];

const LANGUAGES = {
  de: {
    locale: 'de-DE',
    germany: 'Deutschland',
    world: 'Welt',
    lines: 'Belege',
    total: 'Summe',
    table: 'Tabelle',
  },
  en: {
    locale: 'en-GB',
    germany: 'Germany',
    world: 'World',
    lines: 'Sales lines',
    total: 'Total',
    table: 'Table',
  },
};

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const [language, words] of Object.entries(LANGUAGES)) {
  describe(`drilling down in ${language}`, () => {
    test('from Germany to the sales lines', { timeout: 300_000 }, async () => {
      const { page, context, faults } = await openPage(browser, {
        locale: words.locale,
      });
      const model = await ask('/api/model');
      const days = recentDays(model);
      const revenueOf = async (level, key) => {
        const filters = [{ level: `region.${level}`, in: [key] }, days];
        return (
          await ask('/api/cube', {
            measures: ['revenue'],
            rows: [`region.${level}`],
            filters,
          })
        ).total.revenue;
      };

      await visit(page, '/');
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      await crumb(page, words.germany).waitFor();
      assert.ok(new URL(page.url()).searchParams.get('at'), 'the address names the place');
      const germany = await revenueOf('country', 'DE');
      await sumsUpTo(page, germany);
      await picture(page, `drill-${language}-1-germany`);

      for (const { level, key, name } of MUNICH) {
        const expected = await revenueOf(level, key);
        const row = page.locator(`[data-region="${key}"][data-level="${level}"]`);
        await row.scrollIntoViewIfNeeded();
        assert.equal(await valueOf(row.locator('.value')), expected, `${name} in the table`);
        await row.click();
        await settle(page);
        await crumb(page, name).waitFor();
        await sumsUpTo(page, expected);
        await picture(page, `drill-${language}-2-${level}`);
      }

      const onMap = await pointAtSome(page);
      assert.equal(onMap.value, await revenueOf(onMap.level, onMap.key), `${onMap.key} on the map`);
      const lit = page.locator(`[data-region="${onMap.key}"]`);
      assert.equal(await valueOf(lit.locator('.value')), onMap.value, `${onMap.key} in the table`);
      await picture(page, `drill-${language}-3-hover`);

      await page.mouse.click(onMap.x, onMap.y);
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), `municipality:${onMap.key}`);
      await sumsUpTo(page, onMap.value);
      await picture(page, `drill-${language}-4-municipality`);

      const customer = page.locator('tr[data-account]').first();
      const key = await customer.getAttribute('data-account');
      const filters = [
        { level: 'account.account', in: [key] },
        { level: 'region.municipality', in: [onMap.key] },
        days,
      ];
      const { total } = await ask('/api/cube', {
        measures: ['revenue'],
        rows: ['account.account'],
        filters,
      });
      assert.equal(await valueOf(customer.locator('td.number').first()), total.revenue, `customer ${key}`);
      await customer.locator('button').click();
      await settle(page);
      const card = page.locator(`[data-account-card="${key}"]`);
      await card.waitFor();
      const account = await ask(`/api/accounts/${encodeURIComponent(key)}`);
      const newest = account.years.toSorted((a, b) => b.year.localeCompare(a.year))[0];
      const shownYear = card.locator('tr', {
        has: page.locator('th', { hasText: newest.year }),
      });
      assert.equal(await valueOf(shownYear.locator('[data-value]')), newest.revenue);
      const lines = await ask('/api/lines', {
        filters: [{ level: 'account.account', in: [key] }],
        limit: 1,
      });
      assert.equal(Number(await card.locator('[data-lines]').getAttribute('data-lines')), lines.total);
      await picture(page, `drill-${language}-5-account`);
      await assertAccessible(page, 'drill-5-account');

      await page.goBack();
      await settle(page);
      await page.getByRole('tab', { name: words.lines }).click();
      await settle(page);
      const scope = [{ level: 'region.municipality', in: [onMap.key] }, days];
      const below = await ask('/api/lines', { filters: scope, limit: 1 });
      assert.equal(Number(await page.locator('[data-lines]').getAttribute('data-lines')), below.total);
      assert.equal(await valueOf(page.locator('[data-lines] tbody td[data-value]').first()), below.lines[0].revenue);
      await picture(page, `drill-${language}-6-lines`);

      await crumb(page, 'Oberbayern').click();
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), 'government_district:091');
      await crumb(page, words.world).click();
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), 'world');
      await picture(page, `drill-${language}-7-world`);

      assert.deepEqual(faults, []);
      await context.close();
    });

    test('by keyboard alone', { timeout: 120_000 }, async () => {
      const { page, context, faults } = await openPage(browser, {
        locale: words.locale,
        // Once the map flies, as it does for readers.
        reducedMotion: 'no-preference',
      });
      await visit(page, '/?at=country:DE');
      await page.getByRole('treegrid').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      await settle(page);
      assert.ok((await page.locator('[role="row"][aria-level="2"]').count()) > 0, 'the branch is open');
      await page.keyboard.press('ArrowDown');
      const first = await page.locator('.row.active').getAttribute('data-region');
      await page.keyboard.press('Enter');
      await settle(page);
      assert.match(new URL(page.url()).searchParams.get('at'), new RegExp(`:${first}$`));
      await page.keyboard.press('Backspace');
      await settle(page);
      assert.match(new URL(page.url()).searchParams.get('at'), /^state:/);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('/');
      await page.keyboard.type('Passau');
      await page.getByRole('option').first().waitFor();
      await settle(page);
      await page.keyboard.press('Enter');
      await settle(page);
      assert.notEqual(new URL(page.url()).search, '');
      assert.deepEqual(faults, []);
      await context.close();
    });
  });
}

const crumb = (page, name) => page.locator('nav ol li', { hasText: name }).locator('button, [aria-current]').first();

/** The key figure and the total of the table are both `revenue`. */
async function sumsUpTo(page, revenue) {
  assert.equal(await valueOf(page.locator('[data-figure="revenue"]')), revenue, 'key figure');
  const total = page.locator('[data-total="revenue"]');
  if ((await total.count()) > 0) assert.equal(await valueOf(total), revenue, 'total row');
}

/** Moves over the map until a region with a figure is under the pointer. */
async function pointAtSome(page) {
  const box = await page.locator('.map').boundingBox();
  for (let step = 0; step < 120; step += 1) {
    const x = box.x + box.width * (0.3 + 0.4 * ((step * 0.37) % 1));
    const y = box.y + box.height * (0.25 + 0.5 * ((step * 0.61) % 1));
    await page.mouse.move(x, y);
    await drawn(page);
    const shown = page.locator('[data-hover="revenue"]');
    if ((await shown.count()) === 0) continue;
    const lit = page.locator('.row.lit[data-level="municipality"]');
    if ((await lit.count()) === 0) continue;
    return {
      x,
      y,
      value: await valueOf(shown),
      level: 'municipality',
      key: await lit.getAttribute('data-region'),
    };
  }
  throw new Error('no municipality with a figure was found on the map');
}
