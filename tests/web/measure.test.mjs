// Walk 7: an own measure is written, checked, seen on the map and in the table, changed and taken back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, home, launch, openPage, picture, settle, visit } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const formOf = (page) => page.locator('[data-measure-form]');
const forget = async () => {
  for (const { name } of (await ask('/api/measures')).measures) {
    await fetch(new URL(`/api/measures/${name}`, home), { method: 'DELETE' });
  }
};
// A wrong formula is refused by the server, which the console tells too.
const others = (faults) => faults.filter((fault) => !/status of 4(09|22)/.test(fault));

for (const [locale, look, words] of [
  ['de-DE', 'light', ['Eigene Kennzahlen', 'Ergibt Geld', 'Vielleicht: customers', 'Marge je Kunde']],
  ['en-GB', 'dark', ['Own measures', 'Gives money', 'customers', 'Margin per customer']],
]) {
  test(`an own measure is written and shown, in ${locale}`, { timeout: 240_000 }, async () => {
    await forget();
    const { page, context, faults } = await openPage(browser, { locale, colorScheme: look });
    const [title, gives, suggests, label] = words;
    await visit(page, '/?at=country:DE');
    const opener = page.locator('[data-own-measures]');
    assert.equal((await opener.innerText()).trim(), title);
    await opener.click();
    await page.locator('[data-act="add"]').click();
    const form = formOf(page);
    await form.locator('[name="label_de"]').fill('Marge je Kunde');
    await form.locator('[name="label_en"]').fill('Margin per customer');
    await form.locator('[name="formula"]').fill('margin / custmers');
    await form.locator('mark').waitFor();
    assert.equal(await form.locator('mark').innerText(), 'custmers');
    assert.match(await form.innerText(), new RegExp(suggests));
    assert.ok(await form.locator('[type="submit"]').isDisabled());
    await picture(page, `measure-wrong-${locale}`);

    await form.locator('[name="formula"]').fill('margin / customers');
    await form.locator('[data-preview]').waitFor();
    assert.match(await form.locator('[data-preview]').innerText(), new RegExp(`${gives}.*€|€.*${gives}`));
    await picture(page, `measure-right-${locale}`);
    await assertAccessible(page, 'measure-right');
    await form.locator('[type="submit"]').click();
    await form.waitFor({ state: 'detached' });
    await settle(page);
    assert.equal(new URL(page.url()).searchParams.get('measure'), 'margin_per_customer');
    await page.keyboard.press('Escape');
    await settle(page);
    assert.equal(await page.locator('[data-ask="measure"]').inputValue(), 'margin_per_customer');
    assert.match(await page.locator('body').innerText(), new RegExp(label));
    const { rows } = await ask('/api/cube', {
      measures: ['margin_per_customer'],
      rows: ['region.state'],
      filters: [{ level: 'region.country', in: ['DE'] }],
    });
    assert.ok(rows.filter(([, value]) => value !== null).length > 10);
    await picture(page, `measure-map-${locale}`);

    // In the pivot it stands beside the others.
    await visit(page, '/?at=country:DE&tab=pivot&rows=region.state&figures=revenue,margin_per_customer');
    await picture(page, `measure-pivot-${locale}`);
    assert.match(await page.locator('body').innerText(), new RegExp(label));

    // Another formula gives other figures, and what was removed comes back.
    await visit(page, '/?at=country:DE&measure=margin_per_customer');
    await opener.click();
    await page.locator('[data-act="change"]').click();
    await form.locator('[name="formula"]').fill('2 * margin / customers');
    await form.locator('[data-preview]').waitFor();
    await form.locator('[type="submit"]').click();
    await form.waitFor({ state: 'detached' });
    await settle(page);
    const [kept] = (await ask('/api/measures')).measures;
    assert.equal(kept.formula, '2 * margin / customers');
    await page.locator('[data-act="remove"]').click();
    await page.locator('[data-act="restore"]').waitFor();
    assert.deepEqual((await ask('/api/measures')).measures, []);
    assert.equal(new URL(page.url()).searchParams.get('measure'), null);
    await picture(page, `measure-removed-${locale}`);
    await page.locator('[data-act="restore"]').click();
    await page.locator('[data-own-measure="margin_per_customer"]').waitFor();
    assert.deepEqual((await ask('/api/measures')).measures, [kept]);
    assert.deepEqual(others(faults), []);
    await context.close();
    await forget();
  });
}

test('the form fits on a phone', { timeout: 120_000 }, async () => {
  await forget();
  const { page, context, faults } = await openPage(browser, PHONE);
  await visit(page, '/?at=country:DE');
  const opener = page.locator('[data-own-measures]');
  await page.locator('button[data-sheet="ask"]').click();
  await opener.click();
  await page.locator('[data-act="add"]').click();
  const box = await formOf(page).boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  await picture(page, 'measure-phone');
  assert.deepEqual(others(faults), []);
  await context.close();
});
