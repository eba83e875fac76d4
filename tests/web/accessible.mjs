// What axe-core finds on a page: rules of WCAG 2.2 and good practice that a program can judge.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
let source = null;

/** Fails with what is seriously or critically wrong on the page as it is now; `within` names a part of it. */
export async function assertAccessible(page, name, within = 'html') {
  source ??= readFileSync(web.resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluated rather than inserted: the content security policy of the page allows no foreign script.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(source);
  const { violations } = await page.evaluate(
    (context) => window.axe.run(context, { resultTypes: ['violations'], elementRef: false }),
    within,
  );
  const wrong = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    );
  assert.deepEqual(wrong, [], `${name}: axe finds ${wrong.length} serious`);
}
