// Walks the console in Chromium as agent, auditor, arbitrator and admin: looks at every page, does
// every act, watches the page of events, and does what hands do. Arguments: a folder with teg in
// it, in which the economy is kept, and a folder that gets pictures, if there is one.
import { chromium } from 'playwright-core';

import { acts, done } from './acts.mjs';
import { Economy, listener } from './economy.mjs';
import { hands } from './hands.mjs';
import { live } from './live.mjs';
import { fault, tally } from './look.mjs';
import { entrance, pages } from './pages.mjs';
import { Visitor } from './visitor.mjs';

const parts = { acts, live, hands, entrance: ({ browser, economy }) => entrance(browser, economy), pages: ({ browser, economy }) => pages(browser, economy) };
const [folder, pictures] = process.argv.slice(2);
const only = process.env.TEG_WALK?.split(',') ?? Object.keys(parts); // for who works on one of them

tally.pictures = pictures;
const economy = new Economy(folder), began = Date.now();
const browser = await chromium.launch({
  executablePath: process.env.TEG_CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// undone are the acts that the console lists for an admin, who may do all, and that were not done.
async function undone(admin) {
  await admin.go('/console/acts');
  const listed = await admin.page.$$eval('main a[href^="/console/acts/"]', (found) => found.map((link) => link.getAttribute('href').split('/').pop()));
  for (const name of listed) if (!done.has(name)) fault('nobody did the act', name);
  for (const name of done.keys()) if (!listed.includes(name)) fault('the console does not list the act', name);
  console.log(listed.length, 'acts are listed,', done.size, 'were done');
}

try {
  await economy.start();
  const visit = (token, options) => Visitor.open(browser, economy, token, options);
  const stage = { browser, economy, visit, listener: await listener() };
  for (const [name, role] of [['alice', 'AGENT'], ['auditor', 'AUDITOR'], ['arbitrator', 'ARBITRATOR'], ['admin', 'ADMIN']]) stage[name] = await visit(economy.tokens[role]);
  for (const name of only) await parts[name](stage);
  if (only.includes('acts')) await undone(stage.admin);
  stage.listener.close();
} catch (e) {
  fault(e.stack);
} finally {
  await browser.close();
  await economy.stop();
}
console.log(`${tally.views} views, ${tally.links} links, ${done.size} acts, ${tally.faults} faults, in ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(tally.faults ? 1 : 0);
