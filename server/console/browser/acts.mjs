// Each act, once, in the browser of somebody who may: from a page that offers it, by its form and
// what the server says that it would do, to what it has changed.
import { commitment } from './economy.mjs';
import { look, must } from './look.mjs';

// unforeseen are the acts of which the server does not tell beforehand what comes of them: what
// they change is no value.
const unforeseen = new Set(['webhook-test', 'webhook-resend', 'webhook-make', 'webhook-change', 'webhook-pause', 'webhook-resume', 'webhook-rotate', 'webhook-end']);

export const done = new Map(); // how often each was

// fill fills a form in, by the names of its fields.
export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const at = page.locator(`form.act [name="${name}"]`);
    if (await at.evaluate((e) => e.tagName) === 'SELECT') await at.selectOption(value);
    else await at.fill(value);
  }
}

// ask goes to an act from a page that offers it, and has it shown what it would do.
export async function ask(visitor, name, from, fields) {
  const { page } = visitor;
  await visitor.go(from);
  if (!from.startsWith(`/console/acts/${name}?`)) await page.locator(`main a[href^="/console/acts/${name}"]:is([href$="/${name}"], [href*="?"])`).first().click();
  await page.waitForSelector('form.act');
  await look(page, `the form of ${name}`);
  await fill(page, fields);
  await page.click('main form.act button');
  await shownFirst(page, name);
}

// shownFirst waits until an act is shown that is to be confirmed.
async function shownFirst(page, name) {
  await page.waitForSelector('section.asking, [role=alert], .fault');
  if (await page.locator('section.asking').count() === 0) throw new Error(`${name} is refused: ${await page.innerText('main')}`);
}

// perform does an act, and follows the link to what it was done to.
export async function perform(visitor, name, from, fields = {}) {
  const { page } = visitor;
  await ask(visitor, name, from, fields);
  const shown = await visitor.text();
  must(shown.includes('The server would answer') || unforeseen.has(name), name, 'does not show what it would do');
  must(shown.includes('curl'), name, 'shows no call for curl');
  await look(page, `${name}, asked about`);
  if (name === 'pay') await visitor.picture('act-asked');
  await page.click('main button.strong');
  await page.waitForSelector('p.notice:has-text("Done.")');
  await look(page, `${name}, done`);
  const answer = await visitor.text();
  await page.click('main p.acts a');
  await page.waitForLoadState();
  done.set(name, (done.get(name) ?? 0) + 1);
  return answer;
}

// effect is what a page has to show after an act.
async function effect(visitor, name, path, ...texts) {
  for (const missing of await visitor.shows(path, ...texts)) must(false, name, 'has no effect:', missing);
}

async function payments({ alice, economy }) {
  const alices = economy.tokens.AGENT;
  await perform(alice, 'pay', '/console/agents/did:example:carol', { amount: '3.25', message: 'by the walk' });
  await effect(alice, 'pay', '/console/transactions', 'by the walk', '3.25');
  const { transactions: [paid] } = await economy.call(alices, 'GET', '/token/transactions?limit=1');
  await perform(alice, 'signal', `/console/transactions/${paid.transaction_id}`, { signal_value: '1' });
  await effect(alice, 'signal', `/console/transactions/${paid.transaction_id}`, 'given');
  const got = await economy.pay(economy.of('did:example:bob'), 'did:example:alice', '4', 'too much');
  await perform(alice, 'refund', `/console/transactions/${got.transaction_id}`, { amount: '1.5', message: 'half of it back' });
  await effect(alice, 'refund', '/console/transactions?transaction_type=refund', 'half of it back', '1.5');
  await perform(alice, 'give', '/console/acts', { system_account_type: 'treasury', amount: '2.125', purpose: 'for all' });
  await effect(alice, 'give', '/console/transactions?transaction_type=system_transfer', '2.125');
}

async function supply({ admin }) {
  await perform(admin, 'issue', '/console/treasury', { recipient_agent_id: 'did:example:carol', amount: '12.5', reason: 'a prize' });
  await effect(admin, 'issue', '/console/agents/did:example:carol', 'issuance', '+12.5');
  await perform(admin, 'burn', '/console/treasury', { amount: '1.75', reason: 'too many' });
  await effect(admin, 'burn', '/console/treasury?fees=without', 'burn', '1.75', '2.125');
  await perform(admin, 'adjust', '/console/treasury', { from_agent_id: 'did:example:carol', to_agent_id: 'did:example:bob', amount: '0.875', reason: 'a mistake' });
  await effect(admin, 'adjust', '/console/transactions?transaction_type=adjustment', '0.875');
}

async function accounts({ admin }) {
  const path = '/console/agents/did:example:mallory', log = (action) => `/console/audit-log?actor=did:example:admin&action=${action}`;
  await perform(admin, 'suspend', path, { reason: 'too many complaints', duration_days: '3' });
  await effect(admin, 'suspend', path, 'suspended');
  await perform(admin, 'reactivate', path, { reason: 'it is better now' });
  must(!(await admin.shows(path, 'active')).length && !(await admin.text()).includes('suspended'), 'reactivate has no effect');
  await perform(admin, 'roles', path, { revoked_roles: 'auditor\narbitrator', reason: 'a party' });
  await effect(admin, 'roles', log('set_roles'), 'did:example:admin');
}

async function stakes({ alice, admin, economy }) {
  const alices = economy.tokens.AGENT;
  await perform(alice, 'stake', '/console/staking', { amount: '15.5', auto_compound: 'false' });
  await effect(alice, 'stake', '/console/staking', '15.5');
  await perform(alice, 'delegate', '/console/staking', { validator_agent_id: 'did:example:bob', amount: '5.25', reward_share_percentage: '7' });
  await effect(alice, 'delegate', '/console/staking', '5.25', '7 %');
  await perform(admin, 'reward-cycle', '/console/staking', { reward_percentage: '1.5' });
  await effect(admin, 'reward-cycle', '/console/staking', '1.5 %');
  await perform(alice, 'claim', '/console/staking');
  const [paid] = (await economy.call(alices, 'GET', '/token/transactions?transaction_type=staking_reward&limit=1')).transactions;
  must(paid, 'claim paid nothing');
  await effect(alice, 'claim', '/console/staking', 'staking reward');
  await perform(alice, 'undelegate', '/console/staking');
  const { delegations } = await economy.call(alices, 'GET', '/agent/delegations');
  must(delegations.some((each) => each.delegation_end), 'undelegate ended nothing');
  await perform(alice, 'unstake', '/console/staking', { amount: '4.5' });
  const { stakes: list } = await economy.call(alices, 'GET', '/agent/stakes');
  must(list.some((each) => ['11', '15.5'].includes(each.amount)), 'unstake took nothing:', JSON.stringify(list));
  await perform(admin, 'slash', '/console/agents/did:example:bob', { percentage: '1', delegations_percentage: '1', evidence_id: 'case-7', reason: 'it was away' });
  await effect(admin, 'slash', '/console/agents/did:example:bob', 'case-7', 'it was away');
}

async function flags({ auditor, admin, economy }) {
  await perform(auditor, 'flag-raise', '/console/flags', {
    flagged_agent_did: 'did:example:mallory', rule_violated_code: 'WALKED_BY', flag_reason: 'seen by the walk', severity: 'MEDIUM',
  });
  await effect(auditor, 'flag-raise', '/console/flags', 'seen by the walk');
  const flag = (await economy.call(economy.tokens.AUDITOR, 'GET', '/admin/auditor/flags?rule=WALKED_BY')).flags[0].flag_id, path = `/console/flags/${flag}`;
  await perform(auditor, 'flag-escalate', path, { reason: 'it happened again' });
  await effect(auditor, 'flag-escalate', path, 'high', 'it happened again');
  await perform(auditor, 'flag-review', path, { resolution_notes: 'somebody looks' });
  await effect(auditor, 'flag-review', path, 'under review', 'somebody looks');
  const { page } = auditor;
  await auditor.go('/console/flags?status=UNDER_REVIEW');
  await page.check(`input[value="${flag}"]`);
  await page.click('text=Move those that are chosen on');
  await page.waitForSelector('form.act');
  must((await page.inputValue('[name=flag_ids]')).trim() === flag, 'the chosen flag is not in the form');
  await perform(auditor, 'flags-review', page.url().replace(economy.address, ''), { status: 'FALSE_POSITIVE', resolution_notes: 'nothing in it' });
  await effect(auditor, 'flags-review', path, 'false positive', 'nothing in it');
  const rule = '/console/rules/HIGH_VELOCITY_TRANSFERS';
  await perform(admin, 'rule-set', rule);
  await effect(admin, 'rule-set', rule, 'not at work');
}

async function policies({ admin, economy }) {
  await perform(admin, 'policy-make', '/console/policies', {
    policy_code: 'walked', policy_name: 'By the walk', policy_type: 'dispute', enforcement_level: 'mandatory', parameters: '{"dispute_bond": "1"}',
  });
  await effect(admin, 'policy-make', '/console/policies', 'By the walk');
  const id = (await economy.call(economy.tokens.ADMIN, 'GET', '/governance/policies')).policies.find((each) => each.policy_code === 'walked').policy_id;
  const path = `/console/policies/${id}`;
  await perform(admin, 'policy-change', path, { parameters: '{"dispute_bond": "0.5"}' });
  await effect(admin, 'policy-change', path, 'parameters.dispute_bond', '0.5');
  await perform(admin, 'policy-end', path);
  await effect(admin, 'policy-end', path, 'Make it active again');
}

async function webhooks({ alice, economy, listener }) {
  await perform(alice, 'webhook-make', '/console/webhooks', { url: listener.url, event_types: 'transfer', description: 'the walk' });
  const id = (await economy.call(economy.tokens.AGENT, 'GET', '/webhooks')).webhooks[0].webhook_id, path = `/console/webhooks/${id}`;
  await effect(alice, 'webhook-make', '/console/webhooks', listener.url);
  await perform(alice, 'webhook-test', path, { note: 'walking' });
  must(listener.got.some((text) => text.includes('walking')), 'webhook-test sent nothing');
  await economy.pay(economy.tokens.AGENT, 'did:example:bob', '0.5', 'to be told of');
  await economy.until('a message', () => listener.got.some((text) => text.includes('"transfer"')));
  await economy.until('a message on the page', async () => (await alice.shows(path, 'transfer', 'again')).length === 0);
  const before = listener.got.length;
  await perform(alice, 'webhook-resend', path);
  must(listener.got.length > before, 'webhook-resend sent nothing');
  must((await perform(alice, 'webhook-rotate', path, { overlap_hours: '2' })).includes('whsec_'), 'webhook-rotate shows no secret');
  await effect(alice, 'webhook-rotate', path, 'The secret before');
  await perform(alice, 'webhook-change', path, { description: 'the walk, changed' });
  await effect(alice, 'webhook-change', path, 'the walk, changed');
  await perform(alice, 'webhook-pause', path, { reason: 'for a while' });
  await effect(alice, 'webhook-pause', path, 'paused');
  await perform(alice, 'webhook-resume', path, { from_now: 'true' });
  await effect(alice, 'webhook-resume', path, 'active');
  await perform(alice, 'webhook-end', path);
  await effect(alice, 'webhook-end', path, 'ended');
}

// panel has a dispute judged by the jurors that are drawn: one of them votes in the browser.
async function panel({ economy, visit }, dispute) {
  const path = `/console/disputes/${dispute}`, admin = economy.tokens.ADMIN;
  const rounds = (status) => economy.until(`a round that is ${status}`, async () =>
    (await economy.call(admin, 'GET', `/dispute/${dispute}/panel`).catch(() => ({ rounds: [] }))).rounds.find((each) => each.status === status));
  const jurors = (await rounds('committing')).seats.map((seat) => seat.juror_agent_id);
  const juror = await visit(economy.of(jurors[0]));
  must(!(await juror.shows('/console/disputes', 'Panels you sit on')).length, 'a juror does not see its seat');
  await juror.go(path);
  await juror.page.selectOption('#b-vote', 'RESOLVED_SPLIT');
  await juror.page.waitForFunction(() => document.querySelector('#b-commitment').value.length === 64);
  await look(juror.page, 'a ballot');
  await juror.picture('ballot');
  await confirm(juror, 'panel-commit');
  await effect(juror, 'panel-commit', path, 'You handed in your vote');
  for (const other of jurors.slice(1)) {
    await economy.call(economy.of(other), 'POST', `/dispute/${dispute}/panel/commit`, { commitment: commitment(dispute, other, 'RESOLVED_SPLIT', 'abcdefghijklmnopqrstuvwxyz') });
  }
  await rounds('revealing');
  await juror.go(path);
  must(await juror.page.inputValue('#b-vote') === 'RESOLVED_SPLIT', 'the browser did not keep the vote');
  await look(juror.page, 'a vote to be told');
  await confirm(juror, 'panel-reveal');
  await effect(juror, 'panel-reveal', path, 'You have told your vote');
  await juror.close();
}

// confirm does an act that is begun in a page of its own.
async function confirm(visitor, name) {
  const { page } = visitor;
  await page.click(`form[action="/console/acts/${name}"] button`);
  await shownFirst(page, name);
  must((await visitor.text()).includes('The server would answer'), name, 'does not show what it would do');
  await page.click('main button.strong');
  await page.waitForSelector('p.notice:has-text("Done.")');
  done.set(name, 1);
}

async function disputes({ alice, arbitrator, economy, visit }) {
  for (const each of ['judy', 'niaj', 'heidi', 'dave', 'ivan']) await economy.call(economy.of(`did:example:${each}`), 'POST', '/agent/stake', { amount: '40' });
  const [first, second] = [await economy.pay(economy.tokens.AGENT, 'did:example:bob', '6', 'never came'), await economy.pay(economy.tokens.AGENT, 'did:example:bob', '2', 'came late')];
  const claim = { reason_code: 'NOT_DELIVERED', brief_description: 'nothing came', dispute_reason_category: 'delivery' };
  const latest = async () => (await economy.call(economy.tokens.AGENT, 'GET', '/dispute/my-disputes')).disputes[0].dispute_id;
  await perform(alice, 'dispute-file', `/console/transactions/${second.transaction_id}`, claim);
  const dropped = await latest();
  await effect(alice, 'dispute-file', `/console/disputes/${dropped}`, 'nothing came', 'NOT_DELIVERED');
  await perform(alice, 'dispute-withdraw', `/console/disputes/${dropped}`);
  await effect(alice, 'dispute-withdraw', `/console/disputes/${dropped}`, 'withdrawn');
  await perform(alice, 'dispute-file', `/console/transactions/${first.transaction_id}`, claim);
  const dispute = await latest(), path = `/console/disputes/${dispute}`;
  await perform(alice, 'dispute-evidence', path, { evidence_pointer: 'ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', description: 'an empty box' });
  await effect(alice, 'dispute-evidence', path, 'an empty box');
  const bob = await visit(economy.of('did:example:bob'));
  await perform(bob, 'dispute-respond', path, { response: 'It was sent.' });
  await effect(bob, 'dispute-respond', path, 'It was sent.');
  await bob.close();
  await perform(arbitrator, 'dispute-move', path, { status: 'UNDER_REVIEW', note: 'both are heard' });
  await effect(arbitrator, 'dispute-move', path, 'both are heard', 'under review');
  await economy.call(economy.tokens.ARBITRATOR, 'PUT', `/admin/disputes/${dispute}/status`, { status: 'AWAITING_ARBITRATION' });
  await panel({ economy, visit }, dispute);
  await arbitrator.go(path);
  await arbitrator.picture('dispute-to-decide');
  await perform(arbitrator, 'dispute-resolve', `${path}?penalty=1.25`, { resolution_status: 'RESOLVED_FAVOR_CLAIMANT', resolution_notes: 'the box was empty' });
  await effect(arbitrator, 'dispute-resolve', path, 'the box was empty', '1.25 AVT, 1.25 collected');
}

// acts does them all.
export async function acts(stage) {
  for (const part of [payments, supply, accounts, stakes, flags, policies, webhooks, disputes]) {
    await part(stage);
    console.log('done:', part.name);
  }
}
