// The page of events as they happen: what is paid while it is open comes up, filters and pauses
// hold, and it goes on where it was when the server has gone and come again.
import { expecting, look, must } from './look.mjs';

const state = (page, text) => page.waitForFunction((wanted) => document.querySelector('[data-live-state]').textContent === wanted, text, { timeout: 60000 });
const rows = (page) => page.$$eval('[data-live-rows] tr', (found) => found.map((row) => row.innerText));
const row = (page, id) => page.waitForSelector(`[data-live-rows] a[href$="${id}"]`);

async function comes({ admin, economy }) {
  const { page } = admin;
  await admin.go('/console/live');
  await state(page, 'connected');
  const paid = await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.11', 'live');
  await row(page, paid.transaction_id);
  const [first] = await rows(page);
  must(first.includes('transfer') && first.includes('did:example:alice') && first.includes('0.11 AVT'), 'the newest event is', first);
  await look(page, 'the live page');
  await admin.picture('live');
  await page.click(`a[href$="${paid.transaction_id}"]`);
  await page.waitForURL(`**/transactions/${paid.transaction_id}`);
}

// pauses holds events back, and lets them go. Another page tells when one has come.
async function pauses({ admin, economy }) {
  const { page } = admin;
  await admin.go('/console/live');
  await state(page, 'connected');
  const witness = await admin.another('/console/live');
  await state(witness, 'connected');
  await page.click('[data-live-pause]');
  must(await page.getAttribute('[data-live-pause]', 'aria-pressed') === 'true', 'the button does not say that it is pressed');
  const paid = await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.12', 'held back');
  await row(witness, paid.transaction_id);
  must(!(await rows(page)).some((text) => text.includes('0.12 AVT')), 'a paused page goes on');
  await page.click('[data-live-pause]');
  await row(page, paid.transaction_id);
  await witness.close();
}

async function filters({ admin, economy }) {
  const { page } = admin;
  await admin.go('/console/live');
  await page.fill('[name=types]', 'stake, transfer');
  await page.fill('[name=agent_id]', 'did:example:carol');
  await page.click('text=Show these');
  await page.waitForURL('**agent_id=*');
  await state(page, 'connected');
  await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.13', 'not hers');
  const paid = await economy.pay(economy.tokens.AGENT, 'did:example:carol', '0.14', 'hers');
  await row(page, paid.transaction_id);
  const shown = await rows(page);
  must(shown.length === 1 && shown[0].includes('0.14'), 'a filtered page shows', shown.join('; '));
  await page.fill('[name=agent_id]', 'nobody');
  await page.click('text=Show these');
  await page.waitForSelector('[role=alert]');
  must(await page.locator('#live').count() === 0, 'what is no DID is asked for');
}

// own is what an agent sees: what concerns it, and nothing else.
async function own({ alice, admin, economy }) {
  await alice.go('/console/live');
  await state(alice.page, 'connected');
  await admin.go('/console/live');
  await state(admin.page, 'connected');
  const foreign = await economy.pay(economy.of('did:example:bob'), 'did:example:carol', '0.15', 'not for alice');
  await row(admin.page, foreign.transaction_id);
  const mine = await economy.pay(economy.of('did:example:bob'), 'did:example:alice', '0.16', 'for alice');
  await row(alice.page, mine.transaction_id);
  must(!(await rows(alice.page)).some((text) => text.includes('0.15')), 'an agent sees what is not its own');
}

// restart ends the server below an open page, and pays before the page is back.
async function restart({ admin, economy }) {
  const { page } = admin;
  await admin.go('/console/live');
  await state(page, 'connected');
  const before = await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.17', 'before');
  await row(page, before.transaction_id);
  await expecting(page, 'connection', async () => {
    await economy.stop();
    await state(page, 'not connected');
    await economy.start();
    const between = await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.18', 'while it was away');
    await state(page, 'connected');
    await row(page, between.transaction_id);
  });
  const after = await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.19', 'after');
  await row(page, after.transaction_id);
  const positions = (await rows(page)).map((text) => text.split('\t')[0]);
  must(new Set(positions).size === positions.length, 'a restart has events shown twice:', positions.join());
  for (const sum of ['0.17', '0.18', '0.19']) must((await rows(page)).filter((text) => text.includes(`${sum} AVT`)).length === 1, sum, 'is not there once');
}

// ended is a page whose session ends: it says so, and asks no more.
async function ended({ alice, admin, visit, economy }) {
  for (const other of [alice, admin]) await other.go('/console'); // from where no stream is missed
  const visitor = await visit(economy.of('did:example:bob')), { page } = visitor;
  await visitor.go('/console/live');
  await state(page, 'connected');
  await visitor.context.clearCookies();
  page.expected.add('connection').add(401);
  await economy.stop();
  await economy.start();
  await state(page, 'the session has ended');
  await visitor.close();
}

export async function live(stage) {
  for (const part of [comes, pauses, filters, own, restart, ended]) {
    await part(stage);
    console.log('live:', part.name);
  }
}
