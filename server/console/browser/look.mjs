// What every page that is walked to is held to: nothing fails to load or to run, none is wider
// than the screen, axe finds nothing against WCAG AA, and the accessibility tree has one heading
// of the page, landmarks, and a name for whatever can be used.
import fs from 'node:fs';

const axe = fs.readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const usable = new Set(['button', 'link', 'textbox', 'searchbox', 'combobox', 'listbox', 'checkbox', 'radio', 'spinbutton', 'Date', 'DateTime', 'DisclosureTriangle']);

export const tally = { faults: 0, views: 0, links: 0 };

export function fault(...what) { tally.faults++; console.error('fault:', ...what); }

export function must(right, ...what) { if (!right) fault(...what); }

// watch has whatever goes wrong in a page counted. What is expected to is in page.expected: the
// statuses of answers, and 'connection' while there is no server.
export function watch(page) {
  page.expected = new Set();
  const awaited = (text) => [...page.expected].some((each) => text.includes(each === 'connection' ? 'net::ERR_' : `status of ${each}`));
  page.on('pageerror', (e) => fault(page.url(), e.message));
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !awaited(m.text()) && fault(page.url(), 'console:', m.text()));
  page.on('requestfailed', (r) => r.failure().errorText !== 'net::ERR_ABORTED' && !awaited(r.failure().errorText) && fault(r.url(), r.failure().errorText));
  page.on('response', (r) => r.status() >= 400 && !page.expected.has(r.status()) && fault(r.url(), r.status()));
}

export async function expecting(page, what, act) {
  page.expected.add(what);
  try { return await act(); } finally { page.expected.delete(what); }
}

// tree looks at the accessibility tree.
async function tree(page, what, entrance) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const shown = nodes.filter((node) => !node.ignored).map((node) => ({
    role: node.role?.value, name: (node.name?.value ?? '').trim(), level: node.properties?.find((p) => p.name === 'level')?.value?.value,
  }));
  const count = (role) => shown.filter((node) => node.role === role).length;
  must(count('main') === 1, what, 'has', count('main'), 'main landmarks');
  must(entrance || count('banner') === 1 && shown.some((n) => n.role === 'navigation' && n.name), what, 'lacks a banner, or a navigation with a name');
  const levels = shown.filter((node) => node.role === 'heading').map((node) => node.level);
  must(levels.filter((level) => level === 1).length === 1 && levels[0] === 1, what, 'has headings', levels.join());
  levels.forEach((level, i) => must(i === 0 || level <= levels[i - 1] + 1, what, 'leaves a level of headings out:', levels.join()));
  for (const node of shown) must(!usable.has(node.role) || node.name, what, `has a ${node.role} without a name`);
}

// look holds a page to all of it, as it is shown now.
export async function look(page, what) {
  tally.views++;
  await page.evaluate(axe);
  const found = await page.evaluate((runOnly) => axe.run({ runOnly }), tags);
  for (const v of found.violations) fault(what, v.id, v.nodes[0].html);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  must(wider <= 0, what, 'is wider than the screen by', wider);
  const misprint = await page.evaluate(() => document.body.innerText.match(/%![a-z]?\([^)]*\)|<nil>|0xc[0-9a-f]{8,}/));
  must(!misprint, what, 'shows', misprint);
  if (await page.locator('dialog[open]').count() === 0) await tree(page, what, what.includes('login')); // which leaves the rest out
}

// links are those of a page's content into the console.
export function links(page) {
  return page.$$eval('main a[href^="/console"]', (found) => found.map((link) => link.getAttribute('href')));
}
