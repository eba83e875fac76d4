// A browser for the walks: it watches where requests go and what the console says.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startServer } from './server.mjs';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');

/** The address of the server; REVIER_URL names one that runs already. */
export const home = process.env.REVIER_URL ?? (await startServer());

const FLAGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });

/** A page with what it did wrong: requests to elsewhere, errors of the console and of scripts. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    locale: 'de-DE',
    // Flights of the map are drawn frame by frame in software, and tell a walk nothing.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !/^(blob|data):/.test(url)) faults.push(`request to ${url}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  return { page, context, faults };
}

/** As long as anything may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Waits until every question is answered and the map is drawn, for some frames on end: an answer may
 * lead to the next question, which is asked before the next frame.
 */
export async function settle(page) {
  settled += 1;
  const isSettled = ({ call, frames }) => {
    const seen = window.settling?.call === call ? window.settling.frames : 0;
    const quiet = document.querySelector('.app[data-quiet="true"] [data-idle="true"]') !== null;
    window.settling = { call, frames: quiet ? seen + 1 : 0 };
    return window.settling.frames > frames;
  };
  const wait = page.waitForFunction(isSettled, { call: settled, frames: 4 }, { polling: 'raf', timeout: PATIENCE_MS });
  await wait.catch(async (error) => {
    const [quiet, idle] = await Promise.all([
      page.locator('.app').getAttribute('data-quiet', { timeout: 1_000 }),
      page.locator('[data-idle]').first().getAttribute('data-idle', { timeout: 1_000 }),
    ]);
    throw new Error(`the page does not settle: quiet ${quiet}, map idle ${idle}`, { cause: error });
  });
}
let settled = 0;

/** Waits until the page was drawn twice: what was just done to it is to be seen. */
export const drawn = (page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

export async function visit(page, address) {
  await page.goto(new URL(address, home).href);
  await settle(page);
}

/** Keeps a picture of the page when SCREENSHOTS names a folder. */
export async function picture(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Asks the API what the screen asks, from outside the screen. */
export async function ask(path, body) {
  const response = await fetch(new URL(path, home), {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

/** The days that the screen asks for at first: the last twelve months that have figures. */
export function recentDays(model) {
  const [year, month] = model.last_day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 12, 1)).toISOString().slice(0, 10);
  return {
    level: 'time.day',
    from: first < model.first_day ? model.first_day : first,
    to: model.last_day,
  };
}

/** The number that an element shows, in minor units, from its `data-value`. */
export const valueOf = async (locator) => Number(await locator.getAttribute('data-value'));
