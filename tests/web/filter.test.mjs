// Walk: the customers on the map follow the filters of the screen when asked to, in German and in
// English. The counts of the screen, of the tiles and of the cube are the same.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { ask, home, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { VectorTile } = await import(web.resolve('@mapbox/vector-tile'));
const { PbfReader, default: Pbf } = await import(web.resolve('pbf'));
const Reader = PbfReader ?? Pbf;

/** Around Munich, where sites are cells of some customers. */
const CAMERA = { lon: 11.5755, lat: 48.1374, zoom: 9.2 };
const MAP = `at=country:DE&map=${CAMERA.lon},${CAMERA.lat},${CAMERA.zoom}`;

const LANGUAGES = {
  de: {
    locale: 'de-DE',
    meant: /mit Umsatz/,
    legend: /Größe der Punkte: Umsatz/,
    none: /Kein Kunde/,
    figure: /€$/,
  },
  en: {
    locale: 'en-GB',
    meant: /with sales/,
    legend: /Size of dots: Revenue/,
    none: /No customer/,
    figure: /^€/,
  },
};

const FORMS = {
  dark: { colorScheme: 'dark' },
  phone: {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  },
  'phone-dark': {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    colorScheme: 'dark',
  },
};

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const [language, words] of Object.entries(LANGUAGES)) {
  describe(`customers of the filters in ${language}`, () => {
    test('are those that the cube counts', { timeout: 300_000 }, async () => {
      const { page, context, faults } = await openPage(browser, {
        locale: words.locale,
      });
      const asked = questionsOf(page);
      const model = await ask('/api/model');
      const days = recentDays(model);

      await visit(page, `/?${MAP}`);
      assert.equal(await valueOf(page.locator('[data-placed="all"]')), model.accounts - model.precision.none);
      assert.equal(asked.last, null, 'everybody is on the map at first');
      await page.getByRole('radio', { name: words.meant }).check();
      await settle(page);
      assert.equal(new URL(page.url()).searchParams.get('sites'), 'meant');
      const all = await countsAgree(page, asked, [days]);
      assert.match(await page.locator('[data-dots="revenue"]').innerText(), words.legend);
      await figureUnderPointer(page, asked, words.figure);
      await picture(page, `filter-${language}-1-days`);

      const category = page.getByRole('button', {
        name: 'Wärmepumpen',
        exact: true,
      });
      await category.click();
      await settle(page);
      const some = await countsAgree(page, asked, [days, { level: 'product.category', in: ['Wärmepumpen'] }]);
      assert.ok(some < all, `${some} of ${all} customers bought heat pumps`);
      await picture(page, `filter-${language}-2-category`);

      await page.goBack();
      await page.goBack();
      await settle(page);
      assert.equal(asked.last, null, 'everybody is on the map again');
      assert.equal(await page.locator('[data-dots]').count(), 0);
      assert.deepEqual(faults, []);
      await context.close();
    });

    test('may be none', { timeout: 120_000 }, async () => {
      const { page, context, faults } = await openPage(browser, {
        locale: words.locale,
      });
      await visit(page, `/?${MAP}&sites=meant&pick=pivot:account.stage:prospect`);
      assert.equal(await valueOf(page.locator('[data-placed="meant"]')), 0);
      assert.match(await page.locator('[data-note="no-sites"]').innerText(), words.none);
      await picture(page, `filter-${language}-3-none`);
      assert.deepEqual(faults, []);
      await context.close();
    });
  });
}

test('dots show what adds up over customers', { timeout: 180_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, `/?${MAP}&sites=meant&measure=units`);
  await page.locator('[data-dots="units"]').waitFor();
  await page.locator('[data-ask="measure"]').selectOption('average_order');
  await settle(page);
  assert.equal(await page.locator('[data-dots="revenue"]').count(), 1, 'an average does not add up');
  await page.locator('[data-precision="postal"]').click();
  await settle(page);
  assert.equal(await page.locator('[data-dots]').count(), 0, 'the measure is of all customers of a point');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a stack holds those that the filters mean', { timeout: 180_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  const asked = questionsOf(page);
  const camera = { ...CAMERA, zoom: 12.5 };
  await visit(page, `/?at=country:DE&map=${camera.lon},${camera.lat},${camera.zoom}&sites=meant`);
  const [stack] = (await pointsInSight(page, asked, camera)).filter(({ count }) => count > 1);
  assert.ok(stack, 'some customers of Munich share a point');
  await page.mouse.click(stack.x, stack.y);
  const list = page.locator('.map header + ol li');
  await list.first().waitFor();
  assert.equal(await list.count(), stack.count);
  await picture(page, 'filter-stack');
  assert.deepEqual(faults, []);
  await context.close();
});

for (const [name, options] of Object.entries(FORMS)) {
  test(`look right: ${name}`, { timeout: 120_000 }, async () => {
    const { page, context, faults } = await openPage(browser, options);
    await visit(page, `/?${MAP}&sites=meant`);
    assert.equal(await page.locator('[data-dots="revenue"]').count(), 1);
    await picture(page, `filter-${name}`);
    if (name === 'phone') {
      await page.locator('nav button', { hasText: 'Auswertung' }).click();
      await page.getByRole('radio', { name: /mit Umsatz/ }).scrollIntoViewIfNeeded();
      await picture(page, 'filter-phone-ask');
    }
    assert.deepEqual(faults, []);
    await context.close();
  });
}

/** The question that the page asked for tiles of sites with last; null for all of them. */
function questionsOf(page) {
  const asked = { last: null };
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^\/tiles\/sites[./]/.test(url.pathname)) asked.last = url.searchParams.get('question');
  });
  return asked;
}

/** The points of a tile of sites, by what they tell. */
async function pointsOf(z, x, y, question) {
  const response = await fetch(new URL(`/tiles/sites/${z}/${x}/${y}.mvt?question=${question}`, home));
  if (response.status === 204) return [];
  const layer = new VectorTile(new Reader(new Uint8Array(await response.arrayBuffer()))).layers.sites;
  return Array.from({ length: layer.length }, (_, index) => {
    const point = layer.feature(index);
    return {
      ...point.properties,
      lonLat: point.toGeoJSON(x, y, z).geometry.coordinates,
    };
  });
}

/** Screen, tiles and cube count the same customers of `filters`; gives how many. */
async function countsAgree(page, asked, filters) {
  const shown = await valueOf(page.locator('[data-placed="meant"]'));
  const described = await ask(`/tiles/sites.json?question=${asked.last}`);
  const { total } = await ask('/api/cube', {
    measures: ['customers', 'revenue'],
    rows: [],
    filters,
  });
  assert.equal(described.total.count, total.customers, 'the question of the tiles is that of the screen');
  assert.equal(described.total.revenue, total.revenue);
  assert.equal(shown, total.customers - described.without_site.count);
  const world = await pointsOf(0, 0, 0, asked.last);
  assert.equal(
    world.reduce((sum, { count }) => sum + count, 0),
    shown,
    'the tiles hold what the screen counts',
  );
  return shown;
}

/** The points in the middle of the map with where they are on the page, the largest revenue first. */
async function pointsInSight(page, asked, { lon, lat, zoom }) {
  const z = Math.floor(zoom);
  const world = ([lon, lat]) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };
  const middle = world([lon, lat]);
  const [x, y] = middle.map((part) => Math.floor(part * 2 ** z));
  const box = await page.locator('.map .canvas').boundingBox();
  const inside = (value, from, length) => value > from + length * 0.15 && value < from + length * 0.6;
  return (await pointsOf(z, x, y, asked.last))
    .map((point) => {
      const [dx, dy] = world(point.lonLat).map((part, axis) => (part - middle[axis]) * 512 * 2 ** zoom);
      return {
        ...point,
        x: box.x + box.width / 2 + dx,
        y: box.y + box.height / 2 + dy,
      };
    })
    .filter(({ x, y }) => inside(x, box.x, box.width) && inside(y, box.y, box.height))
    .sort((a, b) => b.revenue - a.revenue);
}

/** What the map tells of a cell under the pointer is what its tile says. */
async function figureUnderPointer(page, asked, form) {
  const cells = (await pointsInSight(page, asked, CAMERA)).filter(({ count }) => count > 1);
  // Small dots lie above large ones: one that lies alone.
  const cell = cells.find((one) =>
    cells.every((other) => other === one || Math.hypot(one.x - other.x, one.y - other.y) > 12),
  );
  assert.ok(cell, 'a cell of several customers lies alone');
  await page.mouse.move(cell.x, cell.y);
  const figure = page.locator('[data-dot="revenue"]');
  await figure.waitFor();
  assert.equal(await valueOf(figure), cell.revenue);
  assert.equal(Number(await page.locator('strong[data-count]').getAttribute('data-count')), cell.count);
  assert.match((await figure.innerText()).replaceAll('\u00a0', ' '), form);
}
