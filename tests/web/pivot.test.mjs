// Walk 5: the analysis workspace: pivot, mixed levels, brush, filters by click, comparison, undo, a shared link.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, drawn, launch, openPage, picture, recentDays, settle, valueOf, visit } from './browser.mjs';

let browser;
let recent;
before(async () => {
  browser = await launch();
  recent = recentDays(await ask('/api/model'));
});
after(() => browser.close());

const germany = { level: 'region.country', in: ['DE'] };
const row = (page, node) => page.locator(`[data-node="${node}"]`);
const cell = (page, node, column) => row(page, node).locator(`[data-column="${column}"]`);
const grand = (page, column) => page.locator(`[data-grand="${column}"]`);
const figure = (page, measure) => page.locator(`[data-figure="${measure}"]`);
const name = (page, node) => row(page, node).locator('[role="rowheader"]');

/** The figures in sight, as row, column and value. */
const shown = (page) =>
  page
    .locator('[data-node] [data-column]')
    .evaluateAll((cells) =>
      cells.map((one) => [one.closest('[data-node]').dataset.node, one.dataset.column, one.dataset.value]),
    );

/** Every figure in sight is the one that the API gives. */
async function checkCells(page, answer, { rows, columns, word, within = '' }) {
  const known = new Map();
  const [level, across] = [answer.columns.indexOf(rows), answer.columns.indexOf(columns)];
  const value = answer.columns.indexOf(word);
  for (const line of answer.rows) {
    const column = columns ? `${line[across]}|${word}` : word;
    known.set(`${within}${line[level]} ${column}`, String(line[value]));
  }
  const cells = (await shown(page)).filter(([node, column]) => known.has(`${node} ${column}`));
  assert.ok(cells.length > 5, `only ${cells.length} figures were found`);
  for (const [node, column, text] of cells) {
    assert.equal(text, known.get(`${node} ${column}`), `${node} ${column}`);
  }
  return cells.length;
}

/** Takes what is shown along as CSV: its text, and the sum of its first figure in minor units. */
async function takeAlong(page) {
  const button = page.locator('.export button', { hasText: 'CSV' });
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const text = (await readFile(await download.path(), 'utf8')).replace(/^\uFEFF/, '').trim();
  const [head, ...lines] = text.split('\n');
  const at = head.split(';').findIndex((heading) => /EUR/.test(heading));
  const cents = lines.map((line) => Math.round(100 * Number(line.split(';')[at].replace(',', '.'))));
  return { text, sum: cents.reduce((sum, value) => sum + value, 0) };
}

for (const [locale, form] of [
  ['de-DE', /^\d{1,3}(\.\d{3})*,\d+$/],
  ['en-GB', /^\d{1,3}(,\d{3})*\.\d+$/],
]) {
  test(`the pivot shows what the API says, in ${locale}`, { timeout: 180_000 }, async () => {
    const { page, context, faults } = await openPage(browser, { locale });
    await visit(page, '/?at=country:DE&tab=pivot&wide=yes');
    await page.locator('[data-zone="columns"] select').selectOption('product.category');
    await settle(page);
    await page.locator('[data-zone="figures"] select').selectOption('customers');
    await settle(page);

    const answer = await ask('/api/cube', {
      measures: ['revenue', 'customers'],
      rows: ['region.state'],
      columns: ['product.category'],
      filters: [germany, recent],
      subtotals: true,
    });
    const places = { rows: 'region.state', columns: 'product.category' };
    await checkCells(page, answer, { ...places, word: 'revenue' });
    await checkCells(page, answer, { ...places, word: 'customers' });
    const states = answer.subtotals.find(({ columns }) => columns[0] === 'region.state');
    const bavaria = states.rows.find(([key]) => key === '09');
    await page.locator('[role="treegrid"]').evaluate((grid) => (grid.scrollLeft = grid.scrollWidth));
    await drawn(page);
    assert.equal(await valueOf(cell(page, '09', 'revenue')), bavaria[1]);
    assert.equal(await valueOf(grand(page, 'revenue')), answer.total.revenue);
    assert.equal(await valueOf(grand(page, 'customers')), answer.total.customers);
    assert.match((await cell(page, '09', 'revenue').innerText()).trim(), form);
    await picture(page, `pivot-${locale}`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('members open to finer levels by keyboard, and a link opens the same', { timeout: 180_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&tab=pivot&rows=region.state&sort=%2B');
  const whole = await valueOf(grand(page, 'revenue'));
  await page.locator('[role="treegrid"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(
    await page.locator('[role="treegrid"]').getAttribute('aria-activedescendant'),
    'pivot-1-0',
    'sorted by name, Bavaria is the second',
  );
  await page.keyboard.press('ArrowRight');
  await settle(page);
  const inside = { level: 'region.state', in: ['09'] };
  const districts = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['region.district'],
    filters: [inside, recent],
  });
  await checkCells(page, districts, { rows: 'region.district', word: 'revenue', within: '09/' });
  assert.equal(await valueOf(cell(page, '09', 'revenue')), districts.total.revenue, 'it keeps its figure');
  assert.equal(await valueOf(grand(page, 'revenue')), whole);

  const district = page.locator('[data-level="region.district"]').first();
  const opened = await district.getAttribute('data-node');
  await district.locator('button').click();
  await settle(page);
  const towns = (await shown(page)).filter(([node]) => node.startsWith(`${opened}/`));
  assert.ok(towns.length > 0, 'a third level is open');
  await picture(page, 'pivot-mixed');
  const file = await takeAlong(page);
  assert.equal(file.sum, whole, 'what is opened stands in the place of its members');
  const town = towns[0][0].split('/').at(-1);
  assert.ok(file.text.includes(town) && !/;Bayern;/.test(file.text), 'the opened member itself would count twice');

  const other = await openPage(browser, { locale: 'en-GB', colorScheme: 'dark' });
  await visit(other.page, page.url());
  assert.deepEqual(await shown(other.page), await shown(page));
  await picture(other.page, 'pivot-mixed-dark-en');
  assert.deepEqual([...faults, ...other.faults], []);
  await other.context.close();
  await context.close();
});

test('the table goes into a file as it is shown', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&level=state&open=state:09');
  const file = await takeAlong(page);
  assert.equal(file.sum, await valueOf(page.locator('[data-total="revenue"]')));
  assert.ok(/Oberbayern/.test(file.text) && /Hessen/.test(file.text) && !/;Bayern;/.test(file.text), file.text);
  assert.match(file.text.split('\n')[0], /Umsatz.*Vorjahr.*Kunden.*Anteil/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a comparison stands beside each measure, and the series limits both', { timeout: 180_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&tab=pivot&rows=product.category');
  await page.locator('[data-ask="compare"]').selectOption('previous_year');
  await settle(page);
  const band = await page.locator('.series svg').last().boundingBox();
  await page.mouse.move(band.x + band.width * 0.6, band.y + 20);
  await page.mouse.down();
  await page.mouse.move(band.x + band.width * 0.75, band.y + 20, { steps: 6 });
  await page.mouse.up();
  await settle(page);
  const [from, to] = new URL(page.url()).searchParams.get('time').split('..');
  const [year, month] = to.split('-').map(Number);
  const days = {
    level: 'time.day',
    from: `${from}-01`,
    to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10),
  };
  const answer = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['product.category'],
    filters: [germany, days],
    compare: 'previous_year',
  });
  for (const word of ['revenue', 'revenue.previous_year', 'revenue.change_percent']) {
    assert.equal(await valueOf(grand(page, word)), answer.total[word], word);
    const line = answer.rows.find(([key]) => key === 'Holzbau');
    assert.equal(await valueOf(cell(page, 'Holzbau', word)), line[answer.columns.indexOf(word)], word);
  }
  await picture(page, 'pivot-compare');
  await assertAccessible(page, 'pivot-compare');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a click filters every view but its own, and every step is undone', { timeout: 240_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&tab=pivot&rows=product.category');
  const start = page.url();
  const whole = await valueOf(grand(page, 'revenue'));
  await name(page, 'Solartechnik').click();
  await settle(page);
  const solar = { level: 'product.category', in: ['Solartechnik'] };
  const only = await ask('/api/cube', { measures: ['revenue'], rows: [], filters: [germany, recent, solar] });
  assert.equal(await valueOf(figure(page, 'revenue')), only.total.revenue, 'the key figures follow');
  assert.equal(await valueOf(grand(page, 'revenue')), whole, 'the pivot that was clicked does not');

  await page.locator('#tab-chart').click();
  await page.locator('[data-chart-form]').selectOption('treemap');
  await settle(page);
  const state = page.locator('[data-mark="09"]');
  const both = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['region.state'],
    filters: [germany, recent, solar],
  });
  assert.equal(await valueOf(state), both.rows.find(([key]) => key === '09')[1], 'the chart follows the pivot');
  await state.click();
  await settle(page);
  assert.equal(await page.locator('[data-mark]').count(), 16, 'the chart still shows all states');
  const bavaria = both.rows.find(([key]) => key === '09')[1];
  assert.equal(await valueOf(figure(page, 'revenue')), bavaria);
  await picture(page, 'workspace-treemap');
  await assertAccessible(page, 'workspace-treemap');

  await page.locator('#tab-pivot').click();
  await settle(page);
  const inBavaria = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['product.category'],
    filters: [germany, recent, { level: 'region.state', in: ['09'] }],
  });
  assert.equal(await valueOf(grand(page, 'revenue')), inBavaria.total.revenue, 'the pivot follows the chart');
  await page.locator('[data-pick="product.category"]').click();
  await settle(page);
  assert.equal(await valueOf(figure(page, 'revenue')), inBavaria.total.revenue, 'the chip took its filter away');

  for (let steps = 0; steps < 12 && page.url() !== start; steps += 1) {
    await page.keyboard.press('Control+z');
    await settle(page);
  }
  assert.equal(page.url(), start);
  assert.equal(await valueOf(figure(page, 'revenue')), whole);
  await page.keyboard.press('Control+Shift+z');
  await settle(page);
  assert.equal(await valueOf(figure(page, 'revenue')), only.total.revenue);
  await page.locator('[data-step="undo"]').click();
  await settle(page);
  assert.equal(page.url(), start);
  assert.deepEqual(faults, []);
  await context.close();
});

for (const chart of ['bar', 'pareto', 'scatter', 'treemap']) {
  test(`${chart}: its marks are the API's figures and filter by click and key`, { timeout: 120_000 }, async () => {
    const { page, context, faults } = await openPage(browser, { locale: 'en-GB' });
    await visit(page, `/?at=country:DE&tab=chart&chart=${chart}&by=product.category&against=margin_percent`);
    const answer = await ask('/api/cube', {
      measures: ['revenue', 'margin_percent'],
      rows: ['product.category'],
      filters: [germany, recent],
      sort: [{ by: 'revenue', descending: true }],
    });
    const values = await page
      .locator(chart === 'bar' ? '[data-chart] [data-value]' : '[data-mark]')
      .evaluateAll((marks) => marks.map((mark) => Number(mark.dataset.value)));
    assert.deepEqual(
      values,
      answer.rows.map(([, revenue]) => revenue),
    );
    const first = answer.rows[0];
    if (chart === 'bar') await page.locator('[data-chart] button').first().click();
    else {
      await page.locator('[data-chart]').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
    }
    await settle(page);
    assert.equal(await valueOf(figure(page, 'revenue')), first[1]);
    await picture(page, `chart-${chart}`);
    if (chart === 'bar') await page.locator('[data-chart] button').first().click();
    else await page.keyboard.press('Enter');
    await settle(page);
    assert.equal(await valueOf(figure(page, 'revenue')), answer.total.revenue);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('a rectangle over the scatter chooses what lies in it', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&tab=chart&chart=scatter&by=region.state');
  const box = await page.locator('[data-mark="09"]').boundingBox();
  await page.mouse.move(box.x - 25, box.y - 25);
  await page.mouse.down();
  await page.mouse.move(box.x + 40, box.y + 40, { steps: 8 });
  await page.mouse.up();
  await settle(page);
  const chosen = await page
    .locator('[data-mark][aria-selected="true"]')
    .evaluateAll((marks) => marks.map((mark) => mark.dataset.mark));
  assert.ok(chosen.includes('09') && chosen.length < 16, chosen.join());
  const answer = await ask('/api/cube', {
    measures: ['revenue'],
    rows: [],
    filters: [germany, recent, { level: 'region.state', in: chosen }],
  });
  assert.equal(await valueOf(figure(page, 'revenue')), answer.total.revenue);
  assert.deepEqual(faults, []);
  await context.close();
});

test('fields move by drag and by keys', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&tab=pivot&rows=region.state,product.category');
  await page
    .locator('[data-zone="rows"] [data-field="product.category"]')
    .dragTo(page.locator('[data-zone="columns"]'));
  await settle(page);
  let query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get('rows'), query.get('columns')], ['region.state', 'product.category']);
  await page.locator('[data-field="product.category"]').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await settle(page);
  await page.keyboard.press('Alt+ArrowLeft');
  await settle(page);
  query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get('rows'), query.get('columns')], ['product.category,region.state', null]);
  await page.keyboard.press('Delete');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('rows'), 'region.state');
  assert.deepEqual(faults, []);
  await context.close();
});

test('thousands of rows scroll, on a phone too', { timeout: 240_000 }, async (t) => {
  for (const options of [{}, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }]) {
    const { page, context, faults } = await openPage(browser, options);
    await visit(
      page,
      '/?at=country:DE&time=all&tab=pivot&rows=account.account&figures=revenue,orders&compare=previous_year',
    );
    if (options.isMobile) {
      await page.locator('nav button', { hasText: 'Ergebnis' }).click();
      await settle(page);
      await picture(page, 'pivot-phone');
    }
    const grid = page.locator('[role="treegrid"]');
    const count = Number(await grid.getAttribute('data-rows'));
    assert.ok(count > 8000, `${count} rows`);
    const frames = await grid.evaluate(
      (element) =>
        new Promise((resolve) => {
          const times = [];
          let last = performance.now();
          const step = (now) => {
            times.push(now - last);
            last = now;
            element.scrollTop += 180;
            if (times.length < 120) requestAnimationFrame(step);
            else resolve(times.slice(1).sort((a, b) => a - b));
          };
          requestAnimationFrame(step);
        }),
    );
    const at = (part) => frames[Math.floor(part * (frames.length - 1))].toFixed(1);
    t.diagnostic(`${count} rows: median frame ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms`);
    assert.ok((await page.locator('[data-node]').count()) < 80, 'only the rows in sight are drawn');
    await grid.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await drawn(page);
    assert.ok((await page.locator('[data-node]').count()) > 5, 'the end has rows too');
    assert.deepEqual(faults, []);
    await context.close();
  }
});
