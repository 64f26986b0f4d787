// What hands do: they are refused, press twice, go back and reload, and some use keys alone.
import { ask, done, fill } from './acts.mjs';
import { expecting, look, must } from './look.mjs';

async function refusal({ alice }) {
  const { page } = alice;
  await alice.go('/console/acts/pay?receiver_agent_id=did:example:bob');
  await fill(page, { amount: '1000000' });
  await page.click('main form.act button');
  await page.waitForSelector('[role=alert]');
  const shown = await alice.text();
  for (const text of ['The server would refuse it', 'looked at', 'What would pass']) must(shown.includes(text), 'a refusal does not show', text);
  must(await page.inputValue('[name=amount]') === '1000000', 'a refusal loses what was given');
  must(await page.locator('main button.strong').count() === 0, 'what is refused can be confirmed');
  await look(page, 'an act that is refused');
  await alice.picture('act-refused');
}

// once has one payment confirmed in every way that could make it two.
async function once({ alice, economy }) {
  const { page } = alice, count = (message) => economy.count(economy.tokens.AGENT, message);
  const form = (message) => ask(alice, 'pay', '/console/agents/did:example:carol', { amount: '0.01', message });
  await form('pressed twice');
  await page.dblclick('main button.strong');
  await page.waitForSelector('p.notice');
  must(await count('pressed twice') === 1, 'a double click paid', await count('pressed twice'), 'times');

  const other = await alice.window();
  await ask(other, 'pay', '/console/agents/did:example:carol', { amount: '0.01', message: 'back and again' });
  await other.page.click('main button.strong');
  await other.page.waitForSelector('p.notice');
  await other.page.reload();
  await other.page.waitForSelector('p.notice');
  must(await count('back and again') === 1, 'a reload paid', await count('back and again'), 'times');
  await expecting(other.page, 'connection', () => other.page.goBack().catch(() => {})); // that page is not kept: a browser asks before it sends its form again
  must(await count('back and again') === 1, 'going back paid', await count('back and again'), 'times');
  await other.page.close();

  await form('in two windows');
  const given = await page.$$eval('main form input', (inputs) => inputs.map((each) => [each.name, each.value]));
  const answers = await Promise.all([1, 2, 3].map(() => alice.context.request.post('/console/acts/pay', { form: Object.fromEntries(given), headers: { 'Sec-Fetch-Site': 'same-origin' } })));
  must(answers.some((answer) => answer.status() === 200), 'none of three at once was done');
  must(await count('in two windows') === 1, 'three at once paid', await count('in two windows'), 'times');
}

// tabTo presses Tab until something has the focus, and looks that this can be seen.
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    const at = await page.evaluate((wanted) => {
      const active = document.activeElement, style = getComputedStyle(active);
      return { there: active.matches(wanted), seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, what: active.outerHTML.slice(0, 80) };
    }, selector);
    if (at.there) {
      must(at.seen, 'the focus cannot be seen on', at.what);
      return;
    }
    await page.keyboard.press('Tab');
  }
  must(false, 'Tab does not lead to', selector);
}

async function enter(page) { await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]); }

// keys does a whole act without a pointer, from the overview to what came of it.
async function keys({ alice, economy }) {
  const { page } = alice;
  await alice.go('/console');
  await page.keyboard.press('Tab');
  must(await page.evaluate(() => document.activeElement.matches('.skip')), 'the first Tab is not at the link to the content');
  await tabTo(page, 'nav a[href="/console/acts"]');
  await enter(page);
  await tabTo(page, 'main a[href="/console/acts/pay"]');
  await enter(page);
  for (const [name, text] of [['receiver_agent_id', 'did:example:bob'], ['amount', '0.02'], ['message', 'by keys alone']]) {
    await tabTo(page, `[name="${name}"]`);
    await page.keyboard.type(text);
  }
  await tabTo(page, 'main form.act button');
  await enter(page);
  await tabTo(page, 'main button.strong');
  await enter(page);
  must((await alice.text()).includes('Done.'), 'keys alone do not pay');
  must(await economy.count(economy.tokens.AGENT, 'by keys alone') === 1, 'keys alone paid not once');
}

// shortcuts are the keys of the console itself.
async function shortcuts({ admin }) {
  const { page } = admin;
  await admin.go('/console');
  await page.keyboard.press('g');
  await Promise.all([page.waitForURL('**/console/agents'), page.keyboard.press('a')]);
  await page.waitForLoadState();
  await page.keyboard.press('/');
  await page.keyboard.type('caro');
  await page.waitForFunction(() => location.search === '?search=caro' && document.querySelectorAll('#found tbody tr').length === 1);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  await enter(page);
  must(page.url().endsWith('/agents/did:example:carol'), 'j and Enter lead to', page.url());
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await look(page, 'the help');
  await page.keyboard.press('Escape');
  for (const theme of ['light', 'dark', 'system']) {
    await page.click('[data-theme-switch]');
    must((await page.innerText('[data-theme-switch]')).endsWith(theme), 'the theme is not', theme);
    await look(page, `theme ${theme}`);
  }
}

// proof has the browser check that a transaction is in the log, and find out a forged one.
async function proof({ admin }) {
  const { page } = admin;
  await admin.go('/console/transactions?transaction_type=transfer');
  await page.click('td:nth-child(2) a');
  await page.waitForSelector('[data-proof-result]');
  let said = await page.innerText('[data-proof-result]');
  if (!said.startsWith('Checked')) { // the last ones are not in a checkpoint yet
    await admin.go('/console/transactions?transaction_type=grant');
    await page.click('td:nth-child(2) a');
    await page.waitForFunction(() => document.querySelector('[data-proof-result]').textContent.startsWith('Checked'));
    said = await page.innerText('[data-proof-result]');
  }
  must(said.startsWith('Checked in this browser'), 'proof:', said);
  const address = page.url();
  await page.route(address, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/(data-event="[^"]*?)(\d)/, (all, before, digit) => before + (digit === '1' ? '2' : '1')) });
  });
  await page.goto(address);
  await page.waitForSelector('#proof .problem');
  await page.unroute(address);
}

async function logout({ visit, economy }) {
  const visitor = await visit(economy.of('did:example:bob'));
  await visitor.page.click('text=Log out');
  await visitor.page.waitForURL('**/console/login');
  await visitor.go('/console/transactions');
  must(visitor.page.url().includes('/login?next='), 'who logged out still sees', visitor.page.url());
  await visitor.close();
}

// unknown has a server go while an act is confirmed: it says that it is not known, and does it once.
async function unknown({ alice, economy }) {
  const { page } = alice;
  await ask(alice, 'pay', '/console/agents/did:example:carol', { amount: '0.03', message: 'over a restart' });
  await expecting(page, 'connection', async () => {
    await economy.stop();
    const failed = page.waitForEvent('requestfailed');
    await page.click('main button.strong', { noWaitAfter: true });
    await failed;
    await economy.start();
    await page.waitForURL('chrome-error://**').catch(() => {});
  });
  await ask(alice, 'pay', '/console/agents/did:example:carol', { amount: '0.03', message: 'over a restart' });
  await page.click('main button.strong');
  await page.waitForSelector('p.notice');
  must(await economy.count(economy.tokens.AGENT, 'over a restart') === 1, 'a restart paid not once');
}

export async function hands(stage) {
  for (const part of [refusal, once, keys, shortcuts, proof, logout, unknown]) {
    await part(stage);
    console.log('hands:', part.name);
  }
  return done;
}
