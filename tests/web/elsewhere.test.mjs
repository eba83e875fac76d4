// Walk 7: another geocoder is asked about a doubtful address, only when somebody says so, and what it
// found is picked. A server of this file plays it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

const FOUND = {
  licence: 'Data © Invented',
  lat: '50.05',
  lon: '8.65',
  place_rank: 30,
  addresstype: 'building',
  display_name: '7, Probegasse, Musterstadt',
  address: { house_number: '7', road: 'Probegasse', country_code: 'de' },
};

const asked = [];
const stub = createServer((request, response) => {
  asked.push(decodeURIComponent(request.url));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify([FOUND]));
});
await new Promise((resolve) => stub.listen(0, '127.0.0.1', resolve));
stub.unref();
process.env.REVIER_GEOCODER = `nominatim=http://127.0.0.1:${stub.address().port}`;
const { ask, home, launch, openPage, picture, settle, visit } = await import('./browser.mjs');

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
  stub.close();
});

// Another customer each: what was asked once is remembered.
for (const [locale, colorScheme, word, offset] of [
  ['de-DE', 'light', 'Bei Nominatim nachfragen', 0],
  ['en-GB', 'dark', 'Ask Nominatim', 1],
]) {
  test(`another geocoder is asked in ${locale}`, { timeout: 120_000 }, async () => {
    asked.length = 0;
    const { page, context, faults } = await openPage(browser, { locale, colorScheme });
    const { items } = await ask(`/api/review/items?limit=1&offset=${offset}`);
    const [{ key, address, candidates }] = items;
    await visit(page, `/?at=country:DE&review=all&customer=${encodeURIComponent(key)}`);
    await page.locator(`[data-item="${key}"]`).waitFor();
    const button = page.locator('[data-ask-elsewhere]');
    assert.equal((await button.innerText()).trim(), word);
    const note = await page.locator('[data-elsewhere]').innerText();
    assert.ok(note.includes(address.place), `${note} names what leaves the house`);
    await button.scrollIntoViewIfNeeded();
    await picture(page, `elsewhere-${locale}-1`);
    assert.deepEqual(asked, [], 'nothing leaves the house by itself');

    await button.click();
    await page.locator('[data-elsewhere="1"]').waitFor();
    await settle(page);
    assert.equal(asked.length, 1);
    assert.ok(asked[0].includes(encodeURIComponent(address.place)) || asked[0].includes(address.place), asked[0]);
    const place = candidates.length + 1;
    const hit = page.locator(`[data-candidate="${place}"]`);
    assert.match(await hit.innerText(), /Probegasse[^]*Nominatim/);
    assert.match(await page.locator('[data-elsewhere]').innerText(), /Data © Invented/);
    await hit.scrollIntoViewIfNeeded();
    await picture(page, `elsewhere-${locale}-2`);
    await hit.click();
    await page.locator('[data-sending="0"]').waitFor();
    await settle(page);
    const card = await ask(`/api/accounts/${encodeURIComponent(key)}`);
    assert.deepEqual([card.decided, card.source, card.position], ['picked', 'nominatim', [8.65, 50.05]]);
    assert.equal(asked.length, 1, 'it is asked once');

    await visit(page, `/?at=country:DE&account=${encodeURIComponent(key)}`);
    assert.match(await page.locator('[data-source="nominatim"]').innerText(), /Nominatim/);
    const { batches } = await ask('/api/batches');
    const newest = Math.max(...batches.map(({ id }) => id));
    assert.ok((await fetch(new URL(`/api/batches/${newest}`, home), { method: 'DELETE' })).ok);
    assert.deepEqual(faults, []);
    await context.close();
  });
}
