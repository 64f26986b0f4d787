// Every page, as every role, in light and dark, wide and on a phone.
import { done } from './acts.mjs';
import { expecting, fault, links, look, must, tally, watch } from './look.mjs';
import { Visitor } from './visitor.mjs';

// kindOf is what a path is one of: a list, one of something, or an act.
function kindOf(path) {
  const [, , kind = 'overview', one] = path.split('?')[0].split('/');
  return kind === 'acts' ? `acts/${one ?? ''}` : one ? `${kind}/one` : kind;
}

// walk goes to every page that somebody is offered, to one of each kind that these lead to, and
// says which links it saw.
async function walk(visitor, role) {
  const paths = await visitor.page.$$eval('nav a', (found) => found.map((link) => link.getAttribute('href')));
  const kinds = new Set(paths.map(kindOf)), seen = new Set();
  for (const path of paths) { // which grows
    await visitor.go(path);
    const other = visitor.size === 'wide' ? 'phone' : 'wide', what = `${role} ${path}`;
    await visitor.look(what);
    if (role === 'ADMIN') await visitor.picture(`${kindOf(path).replace('/', '-')}-${visitor.scheme}-${visitor.size}`);
    const first = visitor.size;
    await visitor.resize(other);
    await visitor.look(what);
    await visitor.resize(first);
    for (const link of await links(visitor.page)) {
      seen.add(link);
      if (kinds.has(kindOf(link)) || role !== 'ADMIN' && link.includes('/acts/')) continue;
      kinds.add(kindOf(link));
      paths.push(link);
    }
  }
  return { seen, kinds };
}

// follow asks for all that is linked: none of it may be missing or forbidden.
async function follow(visitor, role, seen) {
  for (const link of [...seen].slice(0, 500)) {
    const answer = await visitor.context.request.get(link);
    tally.links++;
    must(answer.status() === 200, role, 'is led to', link, 'which is', answer.status());
  }
}

// refused are pages that somebody may not see, and those that do not exist.
async function refused(visitor, role) {
  const paths = { AGENT: '/console/treasury', AUDITOR: '/console/acts/burn', ARBITRATOR: '/console/flags' };
  for (const [path, status] of [['/console/nothing', 404], ['/console/transactions/tx_0', 404], [paths[role], 403]]) {
    if (!path) continue;
    await expecting(visitor.page, status, async () => {
      const answer = await visitor.go(path);
      must(answer.status() === status, role, path, 'is', answer.status());
      await visitor.look(`${role} ${path}`);
    });
  }
}

export async function pages(browser, economy) {
  const kinds = {};
  for (const role of ['ADMIN', 'AGENT', 'AUDITOR', 'ARBITRATOR']) {
    for (const [scheme, size] of [['light', 'wide'], ['dark', 'phone']]) {
      const visitor = await Visitor.open(browser, economy, economy.tokens[role], { scheme, size });
      const found = await walk(visitor, role);
      kinds[role] = found.kinds;
      await refused(visitor, role);
      if (scheme === 'light') await follow(visitor, role, found.seen);
      await visitor.close();
    }
    console.log(role, 'walked:', [...kinds[role]].join(' '));
  }
  const lists = ['agents/one', 'transactions/one', 'flags/one', 'rules/one', 'disputes/one', 'policies/one', 'audit-log/one'];
  if (done.size > 0) lists.push('webhooks/one'); // one of the acts makes it
  for (const kind of lists) {
    if (!kinds.ADMIN.has(kind)) fault('no page leads to', kind);
  }
}

// entrance is what somebody sees who is not logged in, and the ways in that are wrong.
export async function entrance(browser, economy) {
  for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({ baseURL: economy.address, colorScheme: scheme, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    watch(page);
    await page.goto('/console/treasury');
    must(page.url().includes('/console/login?next='), 'who is not logged in is sent to', page.url());
    await look(page, `login, ${scheme}`);
    await expecting(page, 401, async () => {
      await page.fill('textarea', 'no token');
      await page.click('button >> nth=0');
      await page.waitForSelector('[role=alert]');
      await look(page, `login refused, ${scheme}`);
    });
    await page.fill('input[name=agent_did]', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK');
    await page.click('text=Get something to sign');
    await page.waitForSelector('text=Look at what you sign');
    await look(page, `login by a key, ${scheme}`);
    await context.close();
  }
}
