// The economy that is walked through: `teg dev` on a file, so that it can be stopped and started
// again, with panels that judge disputes.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

const secret = 'teg-development-secret-do-not-use-in-production'; // as it is published

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((go) => server.once('listening', go));
  const { port } = server.address();
  await new Promise((go) => server.close(go));
  return port;
}

export class Economy {
  constructor(folder) { this.folder = folder; this.tokens = {}; }

  async start() {
    this.port ??= await freePort();
    this.address = `http://127.0.0.1:${this.port}`;
    const env = { PATH: process.env.PATH, PANEL_ENABLED: 'true', PANEL_MIN_REPUTATION: '0', SLASHING_ENABLED: 'true', UNSTAKING_PERIOD: '1h' };
    this.server = spawn(`${this.folder}/teg`, ['dev', '--still', '--file', `${this.folder}/economy.db`, '--listen', `127.0.0.1:${this.port}`],
      { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    await new Promise((go, fail) => {
      this.server.stdout.on('data', (part) => { printed += part; if (printed.includes('Ctrl-C')) go(); });
      this.server.once('exit', (code) => fail(new Error(`the server ended with ${code}`)));
    });
    for (const [, name, token] of printed.matchAll(/export (\w+)=(\S+)/g)) this.tokens[name] ??= token;
  }

  async stop() {
    const ended = new Promise((go) => this.server.once('exit', go));
    this.server.removeAllListeners('exit');
    this.server.once('exit', () => {});
    this.server.kill('SIGINT');
    if (this.server.exitCode === null) await Promise.race([ended, new Promise((go) => this.server.once('close', go))]);
  }

  // of is the token of an agent who has no name among those that are printed.
  of(agent) {
    this.tokens[agent] ??= execFileSync(`${this.folder}/teg`, ['token', 'mint', '--sub', agent, '--role', 'agent', '--ttl', '12h'],
      { env: { JWT_SECRET_KEY: secret }, encoding: 'utf8' }).trim();
    return this.tokens[agent];
  }

  // call is a call of the API, which has to succeed.
  async call(token, method, path, body) {
    const answer = await fetch(`${this.address}/api/v1${path}`, {
      method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  pay(from, to, amount, message) { return this.call(from, 'POST', '/token/transfer', { receiver_agent_id: to, amount, message }); }

  // count is how many of an agent's last transactions have a message.
  async count(token, message) {
    const { transactions } = await this.call(token, 'GET', '/token/transactions?limit=100');
    return transactions.filter((each) => each.attached_message === message).length;
  }

  // until asks again until what is answered is good.
  async until(what, ask) {
    for (const end = Date.now() + 60000; Date.now() < end;) {
      const found = await ask();
      if (found) return found;
      await new Promise((go) => setTimeout(go, 200));
    }
    throw new Error(`it never came: ${what}`);
  }
}

// commitment is the hash of a vote, as docs/arbitration.md has it.
export function commitment(dispute, juror, vote, salt) {
  return createHash('sha256').update(['teg-panel-vote-v1', dispute, '1', juror, vote, salt].join('\0')).digest('hex');
}

// listener takes what webhooks send.
export async function listener() {
  const got = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (part) => { text += part; });
    request.on('end', () => { got.push(text); response.end(); });
  }).listen(0, '127.0.0.1');
  await new Promise((go) => server.once('listening', go));
  return { got, url: `http://127.0.0.1:${server.address().port}/`, close: () => { server.closeAllConnections(); server.close(); } };
}
