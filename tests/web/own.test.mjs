// Walk 5: a company's own regions come in as a file, are chosen as the level of the map, and lead down
// to their customers, in German and in English. Map, table and API say the same, and they add up.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';

const NAME = 'Vertriebsgebiete';

/** A box as a feature: west, south, east, north. */
const area = (key, name, [west, south, east, north]) => ({
  type: 'Feature',
  properties: { key, name },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  },
});

// The capital lies on the east, which is drawn below it; the far west is in no region.
const REGIONS = {
  type: 'FeatureCollection',
  features: [
    area('H', 'Hauptstadt', [13.0, 52.3, 13.8, 52.7]),
    area('NW', 'Nordwest', [7.0, 51.0, 10.5, 55.0]),
    area('O', 'Ost', [10.5, 50.2, 15.1, 55.0]),
    area('SW', 'Südwest', [7.0, 47.2, 10.5, 51.0]),
    area('SO', 'Südost', [10.5, 47.2, 14.0, 50.2]),
    area('M', 'Nordsee', [4.0, 54.0, 6.5, 56.0]),
  ],
};

// All of Germany, so that a position of it is known on the screen.
const CAMERA = { lon: 10.4, lat: 51.2, zoom: 4.8 };
const MAP = `map=${CAMERA.lon},${CAMERA.lat},${CAMERA.zoom}`;

const LANGUAGES = {
  de: { locale: 'de-DE', world: 'Welt', group: 'Eigene Gebiete', outside: 'außerhalb der Gebiete' },
  en: { locale: 'en-GB', world: 'World', group: 'Own regions', outside: 'outside the regions' },
};

let browser;
let batch;

before(async () => {
  browser = await launch();
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&imports=all');
  await page
    .locator('.body input[type="file"]')
    .first()
    .setInputFiles({
      name: `${NAME}.geojson`,
      mimeType: 'application/geo+json',
      buffer: Buffer.from(JSON.stringify(REGIONS)),
    });
  await page.locator('[data-import-step="looking"] footer .primary').click();
  await page.locator('[data-import-step="done"]').waitFor({ timeout: 60_000 });
  await settle(page);
  batch = Number(await page.locator('[data-batch]').getAttribute('data-batch'));
  assert.deepEqual(faults, []);
  await context.close();
});

after(async () => {
  const { page, context } = await openPage(browser);
  await visit(page, '/?at=country:DE&imports=all');
  await page.locator(`[data-undo="${batch}"]`).click();
  await page.locator(`[data-batch-row="${batch}"]`).waitFor({ state: 'detached' });
  await context.close();
  await browser.close();
});

for (const [language, words] of Object.entries(LANGUAGES)) {
  describe(`own regions in ${language}`, () => {
    test('from the level to the customer', { timeout: 300_000 }, async () => {
      const { page, context, faults } = await openPage(browser, { locale: words.locale });
      const model = await ask('/api/model');
      assert.deepEqual(model.hierarchies, [{ level: 'own.1', name: NAME, regions: REGIONS.features.length }]);
      const days = recentDays(model);
      const scope = [{ level: 'region.country', in: ['DE'] }, days];
      const answer = await ask('/api/cube', { measures: ['revenue'], rows: ['own.1'], filters: scope });
      const expected = Object.fromEntries(answer.rows);

      await visit(page, `/?at=country:DE&${MAP}`);
      const chooser = page.locator('[data-ask="level"]');
      assert.equal(await chooser.locator('optgroup').getAttribute('label'), words.group);
      await chooser.selectOption({ label: NAME });
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('level'), 'own-1');
      assert.equal(await page.locator('.map').getAttribute('data-level'), 'own-1');
      assert.ok(await page.locator('nav ol', { hasText: NAME }).isVisible(), 'the breadcrumb names the hierarchy');

      let sum = 0;
      for (const [key, revenue] of Object.entries(expected)) {
        const row = page.locator(`[data-region="${key}"][data-level="own-1"]`);
        assert.equal(await valueOf(row.locator('.value')), revenue, `${key} in the table`);
        sum += revenue;
      }
      assert.ok(expected.unassigned > 0, 'the far west is in no region');
      assert.ok(await page.locator('.row.unplaced', { hasText: words.outside }).isVisible());
      assert.equal(await valueOf(page.locator('[data-total="revenue"]')), sum, 'regions and the rest are the whole');
      assert.equal(sum, answer.total.revenue);
      await picture(page, `own-${language}-1-level`);

      // Berlin, which lies in two regions: the smaller is on top and has the customers.
      const onMap = await pointAt(page, 'H', [13.5, 52.45]);
      assert.equal(onMap.value, expected.H);
      await picture(page, `own-${language}-2-hover`);
      await page.mouse.click(onMap.x, onMap.y);
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), 'own-1:H');
      await page.locator('nav [aria-current]', { hasText: 'Hauptstadt' }).waitFor();
      const filters = [{ level: 'own.1', in: ['H'] }, days];
      const inside = await ask('/api/cube', { measures: ['revenue'], rows: ['account.account'], filters });
      assert.equal(await valueOf(page.locator('[data-figure="revenue"]')), inside.total.revenue);
      await picture(page, `own-${language}-3-region`);

      const customer = page.locator('tr[data-account]').first();
      const key = await customer.getAttribute('data-account');
      await customer.locator('button').click();
      await settle(page);
      const own = page.locator('[data-own="own-1"]');
      assert.equal(await own.textContent(), 'Hauptstadt');
      const account = await ask(`/api/accounts/${encodeURIComponent(key)}`);
      assert.deepEqual(account.own, [{ level: 'own.1', key: 'H', name: 'Hauptstadt' }]);
      await picture(page, `own-${language}-4-account`);

      // The same view by its address, and from there the official districts in the own region.
      await visit(page, '/?at=own-1:H&level=own-1&tab=table');
      const only = page.locator('[data-region="H"][data-level="own-1"]');
      assert.equal(await valueOf(only.locator('.value')), expected.H);
      await page.locator('[data-ask="level"]').selectOption('district');
      await settle(page);
      const districts = await ask('/api/cube', { measures: ['revenue'], rows: ['region.district'], filters });
      for (const [district, revenue] of districts.rows.slice(0, 20)) {
        const row = page.locator(`[data-region="${district}"][data-level="district"]`);
        assert.equal(await valueOf(row.locator('.value')), revenue, `${district} in the own region`);
      }
      await picture(page, `own-${language}-5-districts`);

      // A district that is entered there keeps the own region as a filter, up to the world.
      const [within, both] = districts.rows[0];
      await page.locator(`[data-region="${within}"][data-level="district"]`).click();
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), `district:${within}`);
      assert.equal(await valueOf(page.locator('[data-figure="revenue"]')), both, 'of the district in the own region');
      assert.match(await page.locator('[data-pick="own.1"]').innerText(), new RegExp(`${NAME}: Hauptstadt`));
      await picture(page, `own-${language}-5-within`);
      await page.locator('nav ol button', { hasText: words.world }).click();
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), 'world');
      assert.equal(await page.locator('[data-pick]').count(), 0);

      // It is found by its name.
      await page.keyboard.press('/');
      await page.keyboard.type('südo');
      await page.locator('#search-results [role="option"]', { hasText: NAME }).waitFor();
      await picture(page, `own-${language}-5-search`);
      await page.keyboard.press('Enter');
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('at'), 'own-1:SO');
      await visit(page, '/?at=state:11');
      assert.equal(await page.locator('p[data-own="own-1"]').textContent(), `${NAME}: Hauptstadt`);
      assert.deepEqual(faults, []);
      await context.close();
    });

    test('in the dark', { timeout: 120_000 }, async () => {
      const { page, context, faults } = await openPage(browser, { locale: words.locale, colorScheme: 'dark' });
      await visit(page, `/?at=country:DE&level=own-1&${MAP}`);
      assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
      await pointAt(page, 'SO', [12.0, 48.9]);
      await picture(page, `own-${language}-6-dark`);
      assert.deepEqual(faults, []);
      await context.close();
    });
  });
}

/** Moves to a position on the map, which stands at `CAMERA`, and gives what is shown of own region `key` there. */
async function pointAt(page, key, [lon, lat]) {
  const box = await page.locator('.map').boundingBox();
  // Web Mercator, in which the whole world is 512 pixels wide at zoom 0.
  const scale = (512 * 2 ** CAMERA.zoom) / (2 * Math.PI);
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const north = (degrees) => Math.log(Math.tan(Math.PI / 4 + radians(degrees) / 2));
  const x = box.x + box.width / 2 + scale * radians(lon - CAMERA.lon);
  const y = box.y + box.height / 2 - scale * (north(lat) - north(CAMERA.lat));
  await page.mouse.move(x - 5, y);
  await page.mouse.move(x, y);
  await page.locator(`.row.lit[data-region="${key}"][data-level="own-1"]`).waitFor();
  const shown = page.locator('[data-hover="revenue"]');
  await shown.waitFor();
  return { x, y, value: await valueOf(shown) };
}
