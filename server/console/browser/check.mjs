// Opens the pages of a console in headless Chromium: nothing may fail to load or to run, no
// page may be wider than the screen, and axe finds nothing that breaks WCAG AA. Proofs are
// checked, keys and filters work; each role walks the pages that it is offered, and what they link to. Arguments: the
// address, a file with what teg dev printed, and a folder that gets pictures, if there is one.
import chromium from '@sparticuz/chromium';
import puppeteer from 'puppeteer-core';
import fs from 'fs';

const [address, printed, pictures] = process.argv.slice(2);
const axe = fs.readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const tokens = Object.fromEntries([...fs.readFileSync(printed, 'utf8').matchAll(/export (\w+)=(\S+)/g)].map(match => match.slice(1)));
let faults = 0;

function fault(...what) { faults++; console.error('fault:', ...what); }

async function look(page, what) {
  await page.waitForNetworkIdle({ idleTime: 200 });
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  for (const v of found.violations) fault(what, v.id, v.nodes[0].html);
  if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) fault(what, 'is wider than the screen');
  console.log(what, 'looked at');
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, optimizeForSpeed: false });
}

async function pressed(page, selector) { await Promise.all([page.waitForNavigation(), page.click(selector)]); }

// open starts a browser, and logs somebody in.
async function open(scheme, width, role) {
  const browser = await puppeteer.launch({ args: [...chromium.args, '--no-sandbox', '--lang=en-US'], executablePath: await chromium.executablePath(), headless: 'shell' });
  const page = await browser.newPage();
  page.on('pageerror', e => fault(e.message));
  page.on('requestfailed', r => r.failure().errorText !== 'net::ERR_ABORTED' && fault(r.url(), r.failure().errorText));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(address + '/console/login');
  await look(page, scheme + ' login');
  await page.type('textarea', tokens[role]);
  await pressed(page, 'button');
  return { browser, page };
}

// walk looks at every page that a role is offered, and at one of each kind that these lead to.
async function walk(role) {
  const { browser, page } = await open('light', 1100, role);
  const paths = (await page.$$eval('nav a', links => links.map(link => link.getAttribute('href')))).filter(path => !path.endsWith('/live'));
  const kinds = new Set(paths.map(path => path.split('/')[2] ?? ''));
  for (const path of paths) {
    await page.goto(address + path);
    await look(page, role + ' ' + path);
    if (role === 'ADMIN') await picture(page, 'list-' + (path.split('/')[2] ?? 'overview'));
    for (const link of await page.$$eval('main a[href^="/console/"]', links => links.map(link => link.getAttribute('href')))) {
      const parts = link.split('?')[0].split('/');
      const kind = parts[2] + (parts[2] === 'acts' ? '/' + parts[3] : '/one');
      if (parts.length < 4 || kinds.has(kind)) continue;
      kinds.add(kind);
      await page.goto(address + link);
      await look(page, role + ' ' + link);
      if (role !== 'AGENT') await picture(page, kind.replace('/one', '').replace('/', '-'));
    }
  }
  await browser.close();
}

for (const role of Object.keys(tokens)) await walk(role);

for (const [scheme, width] of [['light', 1280], ['dark', 390]]) {
  const { browser, page } = await open(scheme, width, 'ADMIN');
  await picture(page, 'overview-' + scheme);
  const paths = await page.$$eval('nav a', links => links.map(link => link.getAttribute('href')));
  await page.goto(address + '/console/transactions');
  const transaction = await page.$eval('td a.id', link => link.getAttribute('href'));
  for (const path of [...paths.filter(path => !path.endsWith('/live')), '/console/agents/did:example:bob', '/console/acts/roles', '/console/nothing', transaction]) {
    await page.goto(address + path);
    await look(page, scheme + ' ' + path);
  }
  const proof = await page.$eval('[data-proof-result]', place => place.textContent);
  if (!proof.startsWith('Checked in this browser')) fault('proof:', proof);
  await page.goto(address + '/console/acts/pay?receiver_agent_id=did:example:bob&amount=1');
  await pressed(page, 'main button');
  await look(page, scheme + ' an act that is asked about');
  await pressed(page, 'main button.strong');
  await look(page, scheme + ' an act that is done');
  await page.keyboard.press('g');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('a')]);
  await page.keyboard.press('/');
  await page.keyboard.type('caro');
  await page.waitForFunction(() => location.search === '?search=caro' && document.querySelectorAll('#found tbody tr').length === 1);
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('?');
  await look(page, scheme + ' help');
  await browser.close();
}
process.exit(faults ? 1 : 0);
