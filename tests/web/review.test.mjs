// Walk 4: doubtful addresses are reviewed by keys, by hand and as a group, and everything is taken
// back; customers are located again; the map is filtered by precision; the search finds a house.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { ask, home, launch, openPage, picture, settle, visit } from './browser.mjs';

const ACCOUNTS = `Kundennummer;Firma;Straße;PLZ;Ort;Land
PRUEF-1;Amselgrund Probe GmbH;Hauptstr. 1;;Neustadt;DE
PRUEF-2;Buchfinkental Probe KG;Hauptstr. 2;;Neustadt;DE
PRUEF-3;Distelfeld Probe AG;Hauptstr. 3;;Neustadt;DE
PRUEF-4;Elsternhof Probe OHG;Hauptstr. 4;;Nirgendheimshausen;DE
PRUEF-5;Finkenweiler Probe GmbH;Türkenstr. 7;80333;München;DE
`;

const HOUSES = `LON,LAT,NUMBER,STREET,CITY,POSTCODE
11.5700,48.1400,3,Türkenstraße,München,80333
11.5710,48.1410,7,Türkenstraße,München,80333
`;

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser;
let accounts;
let houses;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const card = (key) => ask(`/api/accounts/${key}`);
const itemOf = async (key) => (await ask(`/api/review/items?account=${key}`)).items[0];

test('the queue stays the queue when its address does not say where to start', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await page.goto(new URL('/?review=all', home).href);
  await page.waitForURL(/at=country/);
  const query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get('at'), query.get('review')], ['country:DE', 'all']);
  assert.equal(await page.locator('.app.reviewing').count(), 1);
  assert.deepEqual(faults, []);
  await context.close();
});

test('files with doubtful addresses and with houses come in', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&imports=all');
  accounts = await takeIn(page, 'pruef-kunden.csv', ACCOUNTS, 'Kunden');
  const { open } = await ask('/api/review');
  const toReview = page.locator('[data-review]');
  assert.match(await toReview.innerText(), new RegExp(`^${open} Adressen prüfen`));
  await picture(page, 'review-1-summary');
  await toReview.click();
  await settle(page);
  assert.equal(await page.locator('[data-open-count]').getAttribute('data-open-count'), String(open));
  await page.goBack();
  await page.locator('[data-import-step]').waitFor();
  houses = await takeIn(page, 'pruef-haeuser.csv', HOUSES, 'Straßen und Häuser');
  await picture(page, 'review-2-houses');
  assert.ok(await page.locator('[data-locate-again]').isVisible());
  assert.deepEqual(faults, []);
  await context.close();
});

test('a queue is worked off by keys and by hand, and taken back', { timeout: 240_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  const start = await ask('/api/review');
  await visit(page, '/?at=country:DE&review=ambiguous_place&customer=PRUEF-1');
  await shows(page, 'PRUEF-1');
  assert.match(await page.locator('[data-reason-told]').innerText(), /^\d+ Orte heißen „Neustadt“\. Zwei davon/);
  assert.equal(await page.locator('[data-ask-elsewhere]').count(), 0, 'there is nobody else to ask');
  await picture(page, 'review-3-desk');
  await assertAccessible(page, 'review-3-desk');

  // Accepted by a key; the next one is there at once.
  await page.keyboard.press('a');
  await page.locator('[data-item]:not([data-item="PRUEF-1"])').waitFor({ timeout: 3_000 });
  await page.locator('[data-toast]').waitFor();
  await sent(page);
  assert.equal((await card('PRUEF-1')).decided, 'accepted');
  await picture(page, 'review-4-accepted');

  // Picked by its number.
  await open(page, 'PRUEF-2');
  const { candidates } = await itemOf('PRUEF-2');
  await page.keyboard.press('2');
  await sent(page);
  const picked = await card('PRUEF-2');
  assert.equal(picked.decided, 'picked');
  near(picked.position, candidates[1].position, 1e-6);

  // Dragged to another place, and as exact as the hand at this zoom.
  await open(page, 'PRUEF-3');
  const before = await card('PRUEF-3');
  await drag(page, page.locator('[data-pin="now"] .head'), 60, -80);
  await page.locator('[data-placing="pin"]').waitFor();
  await settle(page);
  await picture(page, 'review-5-placing');
  const radius = Number(await page.locator('[data-pin-radius]').getAttribute('data-pin-radius'));
  await page.keyboard.press('Enter');
  await sent(page);
  const placed = await card('PRUEF-3');
  assert.deepEqual([placed.decided, placed.source], ['placed', 'person']);
  assert.equal(placed.radius_m, radius);
  assert.ok(placed.position[0] > before.position[0] && placed.position[1] > before.position[1], 'east and north');

  // Without a position there is nothing to accept; the address is corrected instead.
  await visit(page, '/?at=country:DE&review=all&customer=PRUEF-4');
  await shows(page, 'PRUEF-4');
  await page.keyboard.press('Enter');
  await shows(page, 'PRUEF-4');
  await page.keyboard.press('e');
  await page.locator('[name="street"]').fill('Türkenstraße 3');
  await page.locator('[name="postal_code"]').fill('80333');
  await page.locator('[name="place"]').fill('München');
  await page.locator('[data-located="house"]').waitFor();
  await settle(page);
  await picture(page, 'review-6-address');
  await page.keyboard.press('Enter');
  await sent(page);
  const corrected = await card('PRUEF-4');
  assert.deepEqual([corrected.decided, corrected.precision], ['corrected', 'house']);
  assert.equal(corrected.file_address.place, 'Nirgendheimshausen');
  const after = await ask('/api/review');
  assert.deepEqual([after.open, after.decided], [start.open - 4, start.decided + 4]);
  await counts(page, after);

  // The last one is taken back by a key, the others from the list of batches.
  await page.keyboard.press('u');
  await shows(page, 'PRUEF-4');
  await sent(page);
  assert.equal((await card('PRUEF-4')).decided, null);
  await visit(page, '/?at=country:DE&imports=all');
  const rows = page.locator('[data-batch-kind="review"]');
  assert.equal(await rows.count(), 3);
  assert.match(await rows.first().innerText(), /Prüfung: Distelfeld Probe AG/);
  await picture(page, 'review-7-batches');
  for (let left = 3; left > 0; left -= 1) {
    await rows.first().locator('[data-undo]').click();
    await settle(page);
    assert.equal(await rows.count(), left - 1);
  }
  assert.deepEqual(await ask('/api/review'), start);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a group is accepted in one step and back', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser, { locale: 'en-GB' });
  const start = await ask('/api/review');
  const group = start.groups.find(({ reason }) => reason === 'ambiguous_place');
  await visit(page, '/?at=country:DE&review=ambiguous_place');
  await page.locator('[data-accept-all]').click();
  const yes = page.locator('[data-accept-all-yes]');
  assert.match(await yes.innerText(), new RegExp(`Accept ${group.accounts} positions`));
  await picture(page, 'review-8-group');
  await yes.click();
  await page.locator('[data-empty-queue]').waitFor();
  await settle(page);
  await picture(page, 'review-9-empty');
  const after = await ask('/api/review');
  assert.equal(after.open, start.open - group.accounts);
  await page.locator('[data-undo-last]').click();
  await page.locator('[data-item]').waitFor();
  await sent(page);
  assert.deepEqual(await ask('/api/review'), start);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a decision that cannot be taken brings its customer back', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=country:DE&review=ambiguous_place&customer=PRUEF-2');
  await shows(page, 'PRUEF-2');
  const body = JSON.stringify({ type: '/problems/decision', title: 'x', status: 409, detail: 'no candidate any more' });
  const refusal = { status: 409, contentType: 'application/problem+json', body };
  await page.route('**/api/review/decisions', (route) => route.fulfill(refusal), { times: 1 });
  await page.keyboard.press('3');
  await page.locator('[data-trouble]').waitFor();
  await shows(page, 'PRUEF-2');
  await settle(page);
  await picture(page, 'review-10-refused');
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('409')),
    [],
  );
  await context.close();
});

for (const [language, word] of [
  ['de-DE', 'angenommen'],
  ['en-GB', 'accepted'],
]) {
  test(`a phone reviews in ${language}`, { timeout: 120_000 }, async () => {
    const colorScheme = language === 'en-GB' ? 'dark' : 'light';
    const { page, context, faults } = await openPage(browser, { ...PHONE, locale: language, colorScheme });
    const start = await ask('/api/review');
    await visit(page, '/?at=country:DE&review=ambiguous_place&customer=PRUEF-1');
    await shows(page, 'PRUEF-1');
    await picture(page, `review-phone-${language}-1`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut off');
    await page.locator('[data-action="accept"]').tap();
    await page.locator('[data-toast]', { hasText: word }).waitFor();
    await sent(page);
    assert.equal((await card('PRUEF-1')).decided, 'accepted');
    await picture(page, `review-phone-${language}-2`);
    await page.locator('[data-undo-last]').tap();
    await shows(page, 'PRUEF-1');
    await sent(page);
    assert.deepEqual(await ask('/api/review'), start);

    await page.locator('[data-action="place"]').tap();
    await page.locator('.maplibregl-canvas').tap({ position: { x: 120, y: 120 } });
    await page.locator('[data-placing="pin"]').waitFor();
    await settle(page);
    await picture(page, `review-phone-${language}-3`);
    await page.locator('[data-action="cancel"]').tap();
    await page.locator('[data-action="correct"]').tap();
    await page.locator('[data-located]:not([data-located=""])').waitFor();
    await settle(page);
    await picture(page, `review-phone-${language}-4`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('customers are located again to the house, and the card tells it', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  const offered = await ask('/api/relocation');
  await visit(page, '/?at=country:DE&review=relocation');
  assert.equal(await page.locator('[data-relocation]').getAttribute('data-relocation'), String(offered.better));
  await page.locator('[data-move="PRUEF-5"]').waitFor();
  await picture(page, 'review-11-relocation');
  await page.locator('[data-relocate]').click();
  await page.locator('[data-relocation="0"]').waitFor();
  await settle(page);
  const moved = await card('PRUEF-5');
  assert.deepEqual([moved.precision, moved.decided], ['house', 'relocated']);

  await visit(page, '/?at=country:DE&account=PRUEF-5');
  assert.match(await page.locator('[data-decided="relocated"]').innerText(), /^neu verortet am /);
  await picture(page, 'review-12-card');
  await page.locator('[data-release]').click();
  await page.locator('[data-decided]').waitFor({ state: 'detached' });
  await settle(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the map shows only who is known to the house, and the search finds one', { timeout: 120_000 }, async () => {
  const { page, context, faults } = await openPage(browser);
  await visit(page, '/?at=district:09162&hide=area');
  const postal = page.locator('.kinds [data-precision="postal"]');
  assert.equal(await postal.getAttribute('aria-checked'), 'true');
  await picture(page, 'review-13-precision');
  await postal.click();
  await settle(page);
  assert.equal(await postal.getAttribute('aria-checked'), 'false');
  assert.match(page.url(), /precision=house\.street\.place\.region/);
  await picture(page, 'review-14-precision-less');
  await page.goBack();
  await settle(page);
  assert.equal(await postal.getAttribute('aria-checked'), 'true');

  await page.keyboard.press('/');
  await page.keyboard.type('Türkenstraße 7 80333 München');
  await page.locator('[data-candidate="house"]').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[data-found="house"]').waitFor();
  await settle(page);
  assert.ok(await page.locator('[data-pin="found"] .head').isVisible());
  await picture(page, 'review-15-found');
  assert.deepEqual(faults, []);
  await context.close();
});

test('all of it is undone', { timeout: 120_000 }, async () => {
  const { batches } = await ask('/api/batches');
  for (const { id } of batches.filter(({ id }) => id >= Math.min(accounts, houses)).sort((a, b) => b.id - a.id)) {
    const answer = await fetch(new URL(`/api/batches/${id}`, home), { method: 'DELETE' });
    assert.ok(answer.ok, `batch ${id}: ${answer.status}`);
  }
});

/** Imports a file through the dialog and gives its batch. */
async function takeIn(page, name, text, kind) {
  const chosen = { name, mimeType: 'text/csv', buffer: Buffer.from(text) };
  await page.locator('.body input[type="file"]').first().setInputFiles(chosen);
  await page.locator('[data-import-step="looking"]').waitFor();
  assert.ok(await page.locator('label.chosen', { hasText: kind }).isVisible(), `${name} holds ${kind}`);
  await page.locator('[data-import-step="looking"] footer .primary').click();
  await page.locator('[data-import-step="done"]').waitFor({ timeout: 60_000 });
  await settle(page);
  return Number(await page.locator('[data-batch]').getAttribute('data-batch'));
}

const shows = (page, key) => page.locator(`[data-item="${key}"]`).waitFor();

/** Goes to a customer by the queue. */
async function open(page, key) {
  await page.locator(`[data-queue="${key}"]`).click();
  await shows(page, key);
  await page.locator(`[data-queue="${key}"]`).evaluate((button) => button.blur());
  await settle(page);
}

/** Waits until what was decided is taken. */
async function sent(page) {
  await page.locator('[data-sending="0"]').waitFor();
  await settle(page);
}

/** Compares the counts on the screen with those of the API. */
async function counts(page, { open: waiting, decided, groups }) {
  assert.equal(await page.locator('[data-open-count]').getAttribute('data-open-count'), String(waiting));
  assert.equal(await page.locator('[data-decided-count]').getAttribute('data-decided-count'), String(decided));
  for (const { reason, accounts: count } of groups) {
    assert.equal(await page.locator(`[data-group="${reason}"]`).getAttribute('data-accounts'), String(count), reason);
  }
}

async function drag(page, locator, byX, byY) {
  const { x, y, width, height } = await locator.boundingBox();
  const [fromX, fromY] = [x + width / 2, y + height / 2];
  await page.mouse.move(fromX, fromY);
  await page.mouse.down();
  await page.mouse.move(fromX + byX / 2, fromY + byY / 2);
  await page.mouse.move(fromX + byX, fromY + byY);
  await page.mouse.up();
}

function near(a, b, within) {
  for (const axis of [0, 1]) assert.ok(Math.abs(a[axis] - b[axis]) < within, `${a} is not ${b}`);
}
