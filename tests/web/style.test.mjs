// Walk: the figures of regions drawn in classes and in every other form, in German and in English. The
// colours on the screen are those that the legend tells for the figures of the cube.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, home, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';
import { look, placeOf } from './pixels.mjs';

const CAMERA = { lon: 9.9, lat: 51.1, zoom: 5 };
const MAP = `at=country:DE&level=state&hide=sites.labels&map=${CAMERA.lon},${CAMERA.lat},${CAMERA.zoom}`;

const LANGUAGES = {
  de: { locale: 'de-DE', natural: /natürliche Grenzen/, equal: /gleiche Abstände/ },
  en: { locale: 'en-GB', natural: /natural breaks/, equal: /equal intervals/ },
};

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser, anchors, model;
before(async () => {
  browser = await launch();
  ({ anchors } = await ask('/api/regions/state'));
  model = await ask('/api/model');
});
after(() => browser.close());

for (const [language, words] of Object.entries(LANGUAGES)) {
  describe(`the look of the map in ${language}`, () => {
    test('has classes that the legend tells', { timeout: 180_000 }, async () => {
      const { page, context, faults } = await openPage(browser, { locale: words.locale });
      await visit(page, `/?${MAP}&classes=natural:5`);
      assert.match(await page.locator('.map section h2').innerText(), words.natural);
      const values = await figures([recentDays(model)]);
      await coloursAgree(page, values);

      await choose(page, 'method', 'equal');
      await page.locator('[data-look="more"]').click();
      await page.locator('input[value="cividis"]').check();
      await settle(page);
      const search = new URL(page.url()).searchParams;
      assert.deepEqual([search.get('classes'), search.get('palette')], ['equal:6', 'cividis']);
      await picture(page, `style-${language}-1-classes`);
      await page.keyboard.press('Escape');
      const bounds = await coloursAgree(page, values);
      const steps = bounds.slice(1).map((bound, index) => bound - bounds[index]);
      assert.ok(
        steps.every((step) => Math.abs(step - steps[0]) < 1e-6 * steps[0]),
        `${steps} are equal`,
      );

      assert.match(await page.locator('.map section h2').innerText(), words.equal);
      await isPrinted(page, language);
      if (language === 'de') {
        await filterByKeys(page, values);
        await classesStay(page);
        await page.keyboard.press('Control+z');
        await settle(page);
        assert.equal(new URL(page.url()).searchParams.get('time'), null, 'the time is as it was');
      }
      assert.deepEqual(faults, []);
      await context.close();
    });

    test('has a form for every purpose', { timeout: 180_000 }, async () => {
      const { page, context, faults } = await openPage(browser, { locale: words.locale });
      await visit(page, `/?${MAP}&write=figures`);
      const values = await figures([recentDays(model)]);
      const greatest = Math.max(...values.values());

      await choose(page, 'form', 'circles');
      assert.equal(Number(await page.locator('[data-most]').getAttribute('data-most')), greatest);
      await picture(page, `style-${language}-2-circles`);

      await dotsAgree(page, values, `style-${language}`);
      await choose(page, 'form', 'heat');
      assert.equal(await page.locator('[data-heat]').getAttribute('data-heat'), 'revenue');
      assert.equal(new URL(page.url()).searchParams.get('form'), 'heat');
      await picture(page, `style-${language}-2-heat`);
      await assertAccessible(page, 'heat', '.map');

      await choose(page, 'form', 'bivariate');
      const counts = await page.locator('[data-class]').evaluateAll((all) => all.map(({ dataset }) => +dataset.count));
      assert.equal(counts.length, 9);
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        values.size,
      );
      await picture(page, `style-${language}-3-bivariate`);

      await choose(page, 'form', 'hexagons');
      await hexagonsAgree(page);
      await picture(page, `style-${language}-4-hexagons`);

      for (const form of ['pies', 'bars']) {
        await choose(page, 'form', form);
        const charts = page.locator('[data-glyphs]');
        assert.equal(await charts.getAttribute('data-glyphs'), String(values.size));
        assert.equal(await charts.getAttribute('data-texts'), String(values.size), 'each with its figure');
        await picture(page, `style-${language}-5-${form}`);
      }
      assert.equal(await page.locator('[data-part]').count(), 0, 'bars have no parts');
      assert.deepEqual(faults, []);
      await context.close();
    });
  });
}

test('ratios of few customers are not judged', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser, { colorScheme: 'dark' });
  await visit(page, `/?at=country:DE&level=district&measure=average_order&least=customers:9&hide=sites`);
  const rows = await cube(['customers'], 'region.district', [recentDays(model)]);
  const few = rows.filter(([key, customers]) => key !== 'unassigned' && customers < 9).length;
  assert.equal(Number(await page.locator('[data-few]').getAttribute('data-few')), few);
  await picture(page, 'style-dark-few');
  assert.deepEqual(faults, []);
  await context.close();
});

test('the choice fits a phone', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser, PHONE);
  await visit(page, '/?at=country:DE&classes=deviation:9&hide=sites');
  await page.locator('[data-open="look"]').click();
  const box = await page.locator('#look').boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844 - 52);
  await picture(page, 'style-phone');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a map that does not come can be asked for again', { timeout: 120_000 }, async () => {
  const { page, context } = await openPage(browser, { locale: 'en-GB' });
  const program = /assets\/map-.*\.js/;
  await page.route(program, (route) => route.abort());
  await page.goto(new URL(`/?${MAP}`, home).href);
  const trouble = page.locator('.map .unavailable');
  await trouble.getByText('could not be loaded').waitFor();
  await page.locator('[data-region="09"]').waitFor();
  await page.unroute(program);
  await trouble.getByRole('button').click();
  await settle(page);
  assert.equal(await trouble.count(), 0);
  await context.close();
});

const cube = async (measures, level, filters) =>
  (await ask('/api/cube', { measures, rows: [level], filters: [{ level: 'region.country', in: ['DE'] }, ...filters] }))
    .rows;

/** The revenue of each state. */
const figures = async (filters) =>
  new Map((await cube(['revenue'], 'region.state', filters)).filter(([key]) => key !== 'unassigned'));

/** Chooses in the menu of the legend, which is opened where it is closed. */
async function choose(page, what, value) {
  const menu = page.locator(`[data-look="${what}"]`);
  if (!(await menu.isVisible())) await page.locator('[data-open="look"]').click();
  await menu.selectOption(value);
  await settle(page);
}

/** The classes of the legend: its bounds, and the colour of each. */
async function legend(page) {
  const bounds = (await page.locator('[data-bounds]').getAttribute('data-bounds')).split(',').map(Number);
  const colours = await page.locator('[data-class]').evaluateAll((all) => all.map(({ dataset }) => dataset.colour));
  return { bounds, colours };
}

/** The class of a value. */
const classOf = (bounds, value) => Math.max(0, bounds.slice(1, -1).filter((bound) => value >= bound).length);

/** As far as the shadow of the legend falls, in pixels. */
const SHADOW = 40;

/** Every state that the legend does not hide has the colour of its class; gives the bounds. */
async function coloursAgree(page, values) {
  const { bounds, colours } = await legend(page);
  const colourAt = await look(page);
  const panel = await page.locator('.map section').boundingBox();
  let seen = 0;
  for (const [key, value] of values) {
    const [x, y] = await placeOf(page, anchors[key], CAMERA);
    const isCovered = x < panel.x + panel.width + SHADOW && y > panel.y - SHADOW;
    if (isCovered) continue;
    assert.equal(colourAt(x, y), colours[classOf(bounds, value)], `state ${key} of ${value} in ${bounds}`);
    seen += 1;
  }
  assert.ok(seen > 10, `${seen} states are seen`);
  return bounds;
}

/** The width and height of a picture, as its header has them. */
const pixels = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
/** A4 and A3 at 200 pixels an inch. */
const SHEETS = { a4: [1654, 2339], a3: [2339, 3307] };

/** The map is printed by choosing its form: as a picture of the size of its sheet, and as a report. */
async function isPrinted(page, language) {
  const entry = page.locator('[data-print]');
  const printed = async (word) => {
    const [download] = await Promise.all([page.waitForEvent('download'), entry.selectOption(word)]);
    const content = readFileSync(await download.path());
    assert.match(download.suggestedFilename(), new RegExp(`\\.${word.split(' ')[0]}$`));
    await settle(page);
    assert.equal(await entry.inputValue(), '', 'it can be chosen again');
    return content;
  };
  const size = language === 'de' ? 'a4' : 'a3';
  const picture = await printed(`png ${size}`);
  assert.equal(picture.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual(pixels(picture).toSorted(), SHEETS[size], 'as large as the sheet, upright or not');
  assert.ok(picture.length > 50_000, `${picture.length} bytes are a map`);
  const report = await printed(`pdf ${size}`);
  assert.match(report.subarray(0, 8).toString(), /^%PDF-/);
  assert.match(report.toString('latin1'), new RegExp(`/Lang ?\\(${language}`), 'in the language of the screen');
  assert.ok(report.length > 50_000, `${report.length} bytes are a report`);
}

/** A class of the legend is chosen and left by keys: the others fade, and a chip tells it. */
async function filterByKeys(page, values) {
  const { bounds, colours } = await legend(page);
  const [key, value] = [...values].find(([key]) => key === '13') ?? [];
  const other = classOf(bounds, value) === 0 ? 1 : 0;
  const at = await placeOf(page, anchors[key], CAMERA);
  await page.locator(`[data-class="${other}"]`).focus();
  await page.keyboard.press('Enter');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('only'), String(other));
  assert.notEqual((await look(page))(...at), colours[classOf(bounds, value)], 'Mecklenburg fades');
  await page.locator(`[data-pick="class-${other}"]`).click();
  await settle(page);
  assert.equal((await look(page))(...at), colours[classOf(bounds, value)], 'and comes back');
}

/** As many dots as the figures have of what one stands for, also of what is typed. */
async function dotsAgree(page, values, name) {
  const key = page.locator('[data-per]');
  const agree = async () => {
    const per = Number(await key.getAttribute('data-per'));
    const dots = [...values.values()].reduce((sum, value) => sum + Math.round(Math.abs(value) / per), 0);
    assert.equal(Number(await key.getAttribute('data-drawn')), dots);
    return per;
  };
  await choose(page, 'form', 'dots');
  const fitting = await agree();
  await picture(page, `${name}-2-dots`);
  await assertAccessible(page, 'dots', '.map');
  const field = page.locator('[data-look="per"]');
  await field.fill('x');
  await field.press('Enter');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.fill('250');
  await field.press('Enter');
  await settle(page);
  const typed = await agree();
  assert.equal(Number(new URL(page.url()).searchParams.get('per')), typed);
  assert.notEqual(typed, fitting);
}

/** Classes are the same at another time until they are made anew. */
async function classesStay(page) {
  const breaks = async () => (await legend(page)).bounds.slice(1, -1);
  const before = await breaks();
  await page
    .locator('select')
    .filter({ has: page.locator('option[value="all"]') })
    .selectOption('all');
  await settle(page);
  assert.deepEqual(await breaks(), before, 'classes stay');
  const kept = page.locator('[data-kept]');
  assert.match(await kept.innerText(), /Klassen aus/);
  await coloursAgree(page, await figures([]));
  await kept.getByRole('button').click();
  await settle(page);
  assert.equal(await kept.count(), 0);
  assert.notDeepEqual(await breaks(), before);
  await coloursAgree(page, await figures([]));
}

/** All hexagons together are the total, and the pointer tells the figure of one. */
async function hexagonsAgree(page) {
  const told = page.locator('[data-hexagons]');
  const level = `region.h3_${await told.getAttribute('data-resolution')}`;
  const rows = await cube(['revenue'], level, [recentDays(model)]);
  const hexagons = rows.filter(([key]) => key !== 'unassigned');
  assert.equal(Number(await told.getAttribute('data-hexagons')), hexagons.length);
  const unplaced = page.locator('[data-unplaced]');
  const rest = (await unplaced.count()) > 0 ? Number(await unplaced.getAttribute('data-unplaced')) : 0;
  const [total] = await cube(['revenue'], 'region.country', [recentDays(model)]);
  assert.equal(
    hexagons.reduce((sum, [, value]) => sum + value, rest),
    total[1],
  );
  await page.keyboard.press('Escape');
  await page.mouse.move(...(await placeOf(page, anchors['06'], CAMERA)));
  const figure = page.locator('[data-hover="revenue"]');
  await figure.waitFor();
  const pointed = await valueOf(figure);
  assert.ok(
    hexagons.some(([, value]) => value === pointed),
    `${pointed} is the figure of a hexagon`,
  );
}
