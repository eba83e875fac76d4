// Walk 6: saved views: a pivot is saved under a name and opened again by its address and from the menu.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, home, launch, openPage, picture, settle, visit } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const PIVOT = '/?at=country:DE&tab=pivot&rows=region.state&columns=product.category';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const menu = (page) => page.locator('#views');
const row = (page, name) => page.locator(`[data-view="${name}"]`);
const openMenu = async (page) => {
  await page.locator('[data-open="views"]').click();
  await menu(page).waitFor({ state: 'visible' });
  await settle(page);
};
const save = async (page, name) => {
  await openMenu(page);
  await page.locator('[data-save-view]').click();
  await page.locator('[data-view-form] input').fill(name);
  await page.keyboard.press('Enter');
  await page.locator('[data-view-form]').waitFor({ state: 'detached' });
  await settle(page);
};
const named = async (name) => (await ask('/api/views')).views.find((view) => view.name === name);
const forget = async () => {
  for (const { id } of (await ask('/api/views')).views) {
    await fetch(new URL(`/api/views/${id}`, home), { method: 'DELETE' });
  }
};
const shown = (page) =>
  page
    .locator('[data-node] [data-column]')
    .evaluateAll((cells) =>
      cells.map((one) => [one.closest('[data-node]').dataset.node, one.dataset.column, one.dataset.value]),
    );

for (const [locale, look, words] of [
  ['de-DE', 'light', ['Ansichten', 'Noch keine Ansicht', 'ist gespeichert', 'ist gelöscht']],
  ['en-GB', 'dark', ['Views', 'No view is saved', 'is saved', 'is deleted']],
]) {
  test(`a pivot is saved and opened again, in ${locale}`, { timeout: 180_000 }, async () => {
    await forget();
    const options = { locale, colorScheme: look, permissions: ['clipboard-read', 'clipboard-write'] };
    const { page, context, faults } = await openPage(browser, options);
    await visit(page, PIVOT);
    const figures = await shown(page);
    assert.ok(figures.length > 20, `only ${figures.length} figures were found`);
    await openMenu(page);
    const [title, empty, saved, deleted] = words;
    assert.equal((await page.locator('[data-open="views"]').innerText()).trim(), title);
    assert.match(await menu(page).innerText(), new RegExp(empty));
    await picture(page, `view-empty-${locale}`);
    await page.keyboard.press('Escape');

    await save(page, 'Umsatz nach Land');
    assert.match(await page.locator('[data-view-note]').innerText(), new RegExp(saved));
    await picture(page, `view-saved-${locale}`);
    const view = await named('Umsatz nach Land');
    assert.equal(new URL(view.address, home).href, page.url(), 'what is saved is the address of the screen');

    // A stranger opens it by its address, in a browser of its own.
    const other = await openPage(browser, { locale, colorScheme: look });
    await visit(other.page, `/${view.address}`);
    assert.deepEqual(await shown(other.page), figures);
    // And from the menu, coming from elsewhere.
    await visit(other.page, '/?at=country:DE&measure=orders');
    await openMenu(other.page);
    await row(other.page, 'Umsatz nach Land').locator('a').click();
    await settle(other.page);
    assert.deepEqual(await shown(other.page), figures);
    assert.equal(other.page.url(), new URL(view.address, home).href);
    await other.page.goBack();
    await settle(other.page);
    assert.equal(new URL(other.page.url()).searchParams.get('measure'), 'orders', 'opening a view is a step');

    for (const name of ['Ein Name, der länger ist als die Zeile im Menü der Ansichten', 'Österreich']) {
      await save(page, name);
    }
    await openMenu(page);
    assert.equal(await row(page, 'Österreich').locator('a').getAttribute('aria-current'), 'true');
    await row(page, 'Umsatz nach Land').locator('[data-act="copy"]').click();
    await page.locator('[data-view-note]').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), new URL(view.address, home).href);
    const over = await menu(page)
      .locator('ul')
      .evaluate((list) => list.scrollWidth - list.clientWidth);
    assert.equal(over, 0, 'a long name is cut');
    await picture(page, `view-menu-${locale}`);
    await row(page, 'Österreich').locator('[data-act="delete"]').click();
    await row(page, 'Österreich').waitFor({ state: 'detached' });
    assert.match(await page.locator('[data-view-note]').innerText(), new RegExp(deleted));
    assert.equal(await named('Österreich'), undefined);
    await picture(page, `view-deleted-${locale}`);
    await page.locator('[data-view-restore]').click();
    await row(page, 'Österreich').waitFor();
    assert.ok(await named('Österreich'), 'it is back');
    assert.deepEqual([...faults, ...other.faults], []);
    await other.context.close();
    await context.close();
  });
}

test('a taken name is replaced only when the reader says so, and renamed', { timeout: 180_000 }, async () => {
  await forget();
  const { page, context, faults } = await openPage(browser);
  await visit(page, PIVOT);
  await save(page, 'Länder');
  await visit(page, '/?at=country:DE&tab=pivot&rows=product.category');
  await openMenu(page);
  await page.locator('[data-save-view]').click();
  await page.locator('[data-view-form] input').fill(' LÄNDER');
  assert.equal((await page.locator('[data-view-form] [type="submit"]').innerText()).trim(), 'Ersetzen');
  await picture(page, 'view-replace');
  await assertAccessible(page, 'view-replace');
  await page.keyboard.press('Escape');
  assert.match((await named('Länder')).address, /region\.state/, 'Escape leaves it');
  await save(page, 'Länder');
  assert.match((await named('Länder')).address, /rows=product\.category/);

  await save(page, 'Waren');
  await openMenu(page);
  await row(page, 'Waren').locator('[data-act="rename"]').click();
  await page.locator('[data-view-form] input').fill('Länder');
  assert.ok(await page.locator('[data-view-form] [type="submit"]').isDisabled(), 'a taken name is no new name');
  await page.locator('[data-view-form] input').fill('Warengruppen');
  await page.keyboard.press('Enter');
  await row(page, 'Warengruppen').waitFor({ state: 'visible' });
  await settle(page);
  assert.equal(await named('Waren'), undefined);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the menu is walked by keys', { timeout: 120_000 }, async () => {
  await forget();
  const { page, context, faults } = await openPage(browser);
  await visit(page, PIVOT);
  await save(page, 'Erste');
  await save(page, 'Zweite');
  await visit(page, '/?at=country:DE');
  await page.locator('[data-open="views"]').focus();
  await page.keyboard.press('Enter');
  await row(page, 'Zweite').waitFor({ state: 'visible' });
  await settle(page);
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement.closest('[data-view]')?.dataset.view);
  assert.equal(await focused(), 'Zweite');
  await page.keyboard.press('Backspace');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('at'), 'country:DE', 'the keys of the screen stay outside');
  await page.keyboard.press('Enter');
  await settle(page);
  assert.equal(new URL(page.url()).searchParams.get('rows'), 'region.state');
  await page.locator('[data-open="views"]').focus();
  await page.keyboard.press('Enter');
  await row(page, 'Zweite').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await menu(page).waitFor({ state: 'hidden' });
  const opener = await page.evaluate(() => document.activeElement.dataset.open);
  assert.equal(opener, 'views', 'Escape goes back to the button');
  assert.deepEqual(faults, []);
  await context.close();
});

test('views on a phone', { timeout: 120_000 }, async () => {
  await forget();
  const { page, context, faults } = await openPage(browser, PHONE);
  await visit(page, PIVOT);
  await openMenu(page);
  await picture(page, 'view-phone-empty');
  await page.locator('[data-save-view]').click();
  await page.locator('[data-view-form] input').fill('Umsatz nach Land');
  await picture(page, 'view-phone-save');
  await page.keyboard.press('Enter');
  await page.locator('[data-view-form]').waitFor({ state: 'detached' });
  await openMenu(page);
  const box = await menu(page).boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the page is ${width} wide`);
  await picture(page, 'view-phone-menu');
  await page.locator('[data-open="views"]').click();
  // A note lies over an open sheet, however low the phone is.
  await page.setViewportSize({ width: 740, height: 360 });
  await page.locator('nav button', { hasText: 'Ergebnis' }).click();
  await save(page, 'Quer');
  const note = page.locator('[data-view-note]');
  const isOnTop = await note.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  await picture(page, 'view-phone-note');
  assert.ok(isOnTop, 'the note is to be seen');
  await page.setViewportSize(PHONE.viewport);
  await page.locator('[role="search"] input').focus();
  const search = await page.locator('[role="search"] input').boundingBox();
  assert.ok(search.width > 300, `there are ${search.width} pixels to type in`);
  await picture(page, 'view-phone-search');
  assert.deepEqual(faults, []);
  await context.close();
});
