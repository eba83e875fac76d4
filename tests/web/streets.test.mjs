// Walk: a base map of streets that the user named lies below the areas, in grey, in colour or not at all.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeStreets } from './streetfile.mjs';

const folder = mkdtempSync(join(tmpdir(), 'revier-streets-'));
process.env.REVIER_BASEMAP = join(folder, 'streets.pmtiles');
writeStreets(process.env.REVIER_BASEMAP);
const { launch, openPage, picture, settle, visit } = await import('./browser.mjs');

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

for (const [locale, colorScheme, word, choices] of [
  ['de-DE', 'light', 'Straßenkarte', ['grau', 'farbig', 'aus']],
  ['en-GB', 'dark', 'Street map', ['grey', 'in colour', 'off']],
]) {
  test(`streets lie below the areas in ${locale}`, { timeout: 120_000 }, async () => {
    const { page, context, faults } = await openPage(browser, { locale, colorScheme });
    await visit(page, '/?at=country:DE');
    const select = page.getByLabel(word);
    assert.deepEqual(await select.locator('option').allInnerTexts(), choices);
    const credit = page.getByText('© Invented streets');
    assert.equal(await credit.count(), 1, 'who made the map is told, without its markup');
    const canvas = page.locator('.maplibregl-canvas').first();
    const looks = [await canvas.screenshot()];
    await picture(page, `streets-${locale}-1`);
    for (const choice of ['colour', 'off']) {
      await select.selectOption(choice);
      await settle(page);
      assert.match(page.url(), new RegExp(`streets=${choice}`));
      looks.push(await canvas.screenshot());
      await picture(page, `streets-${locale}-${choice}`);
    }
    assert.equal(await credit.count(), 0);
    const [grey, colour, off] = looks;
    assert.ok(!grey.equals(colour) && !colour.equals(off) && !grey.equals(off), 'each choice looks different');
    await page.goBack();
    await settle(page);
    assert.equal(await select.inputValue(), 'colour');
    assert.deepEqual(faults, []);
    await context.close();
  });
}
