// The server that a file of walks asks: its own, with the demo company on a copy of its home, so that
// files can run beside each other and none sees what another one changes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { constants, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts a server that ends with this process, and gives its address. */
export async function startServer() {
  const { REVIER, REVIER_DEMO } = process.env;
  assert.ok(REVIER && REVIER_DEMO, 'REVIER must be the program and REVIER_DEMO a home with the demo company');
  const folder = mkdtempSync(join(tmpdir(), 'revier-walk-'));
  const copy = join(folder, 'home');
  cpSync(REVIER_DEMO, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const options = ['--home', copy, 'serve', '--listen', '127.0.0.1:0', '--log', 'error'];
  const server = spawn(REVIER, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const address = await addressOf(server);
  // Whoever waits for it waits for no end of its own.
  server.stdout.destroy();
  server.unref();
  return address;
}

async function addressOf(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const [address] = /http:\S+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('the server ended before it began');
}
