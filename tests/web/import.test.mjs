// Walk 2: a customer list with a bad row and a file of sales come in through the browser,
// the remarks are read, and both are undone again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, launch, openPage, picture, settle, visit } from './browser.mjs';

const ACCOUNTS = `Kundennummer;Firma;Straße;PLZ;Ort;Land
WALK-1;Ahornblick Probe GmbH;Testweg 1;80331;München;DE
;Ohne Nummer GmbH;Testweg 2;10115;Berlin;DE
WALK-3;Weidenhain Probe KG;Testweg 3;68306;Mannheim;DE
`;

const SALES = `Beleg;Position;Datum;Kundennummer;Produkt;Warengruppe;Menge;Nettobetrag;Währung
WALK-A1;1;14.03.2026;WALK-1;Probeware;Proben;2;1.234,50;EUR
WALK-A1;2;14.03.2026;WALK-1;Probeware klein;Proben;1;65,50;EUR
WALK-A2;1;31.02.2026;WALK-1;Probeware;Proben;1;10,00;EUR
WALK-A3;1;15.03.2026;WALK-99;Probeware;Proben;1;100,00;EUR
`;

const file = (name, text) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
});

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test('two files come in, are explained, and go again', { timeout: 240_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  const before = await ask('/api/model');

  await visit(page, '/?at=country:DE');
  await page.getByRole('button', { name: 'Importieren' }).click();
  await page.locator('[data-import-step="idle"]').waitFor();

  const accounts = await takeIn(page, file('probe-kunden.csv', ACCOUNTS), 'Kunden');
  assert.deepEqual(accounts.facts, { rows: 3, added: 2, rejected: 1 });
  await picture(page, 'import-3-summary');
  await assertAccessible(page, 'import-3-summary');

  await page.locator('[data-remarks]').click();
  await page.locator('[data-remark="missing_key"][data-taken="false"]').waitFor();
  assert.ok(
    (await page.locator('[data-remark][data-taken="true"]').count()) > 0,
    'the impossible postal code is doubted',
  );
  await picture(page, 'import-4-remarks');
  await assertAccessible(page, 'import-4-remarks');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  assert.match(download.suggestedFilename(), /\.csv$/);

  await page.goBack();
  await page.locator('[data-batch-row]').first().waitFor();
  const sales = await takeIn(page, file('probe-umsatz.csv', SALES), 'Umsatz');
  assert.equal(sales.facts.added, 3);
  assert.equal(sales.facts.rejected, 1);
  const during = await ask('/api/model');
  assert.equal(during.accounts, before.accounts + 2);
  assert.equal(during.lines, before.lines + 3);
  const proben = [{ level: 'product.category', in: ['Proben'] }];
  const asked = await ask('/api/cube', {
    measures: ['revenue'],
    rows: ['product.category'],
    filters: proben,
  });
  assert.equal(asked.total.revenue, 140_000);

  const refused = await undo(page, accounts.batch);
  if (refused) await page.getByRole('alert').first().waitFor();
  await undo(page, sales.batch);
  await page.locator(`[data-batch-row="${sales.batch}"]`).waitFor({ state: 'detached' });
  if (refused) await undo(page, accounts.batch);
  await page.locator(`[data-batch-row="${accounts.batch}"]`).waitFor({ state: 'detached' });
  await settle(page);
  await picture(page, 'import-5-undone');
  const afterwards = await ask('/api/model');
  assert.equal(afterwards.accounts, before.accounts);
  assert.equal(afterwards.lines, before.lines);

  // A refused undo answers 409, which the browser reports as a failed request: that one is expected.
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('409')),
    [],
  );
  await context.close();
});

test(
  'a file dropped on the map is read, and nothing is taken in before it is looked at',
  { timeout: 120_000 },
  async () => {
    const { page, context, faults } = await openPage(browser);
    const before = await ask('/api/model');
    await visit(page, '/?at=country:DE');
    const carried = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'probe.csv', { type: 'text/csv' }));
      return transfer;
    }, ACCOUNTS);
    await page.dispatchEvent('body', 'dragover', { dataTransfer: carried });
    await picture(page, 'import-1-drop');
    await page.dispatchEvent('body', 'drop', { dataTransfer: carried });
    await page.locator('[data-column="Kundennummer"]').waitFor();
    await picture(page, 'import-2-look');
    await assertAccessible(page, 'import-2-look');

    await page.locator('[data-column="Kundennummer"] select').selectOption('');
    assert.ok(await page.getByRole('button', { name: 'Importieren' }).last().isDisabled(), 'the key is needed');
    await page.locator('[data-column="Kundennummer"] select').selectOption('key');
    assert.ok(await page.getByRole('button', { name: 'Importieren' }).last().isEnabled());
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await ask('/api/model')).accounts, before.accounts);
    assert.deepEqual(faults, []);
    await context.close();
  },
);

/** Imports a file through the dialog and gives what the summary says. */
async function takeIn(page, chosen, kind) {
  await page.locator('.body input[type="file"]').first().setInputFiles(chosen);
  await page.locator('[data-import-step="looking"]').waitFor();
  assert.ok(await page.locator('label.chosen', { hasText: kind }).isVisible(), `${chosen.name} holds ${kind}`);
  await page.locator('[data-import-step="looking"] footer .primary').click();
  await page.locator('[data-import-step="done"]').waitFor({ timeout: 60_000 });
  await settle(page);
  const facts = {};
  for (const fact of await page.locator('[data-summary]').all()) {
    const name = await fact.getAttribute('data-summary');
    if (['rows', 'added', 'rejected'].includes(name)) facts[name] = Number(await fact.getAttribute('data-value'));
  }
  return {
    batch: Number(await page.locator('[data-batch]').getAttribute('data-batch')),
    facts,
  };
}

/** Undoes a batch; true when the server refused because a later one builds on it. */
async function undo(page, batch) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'DELETE'),
    page.locator(`[data-undo="${batch}"]`).click(),
  ]);
  await settle(page);
  return answer.status() === 409;
}
