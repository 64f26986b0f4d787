// What an agent does to prove a fair markup: commit to a cost, bind the proof to
// itself and to the data of the attestation, and prove.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as snarkjs from "snarkjs";

const built = (name) => new URL(`build/${name}`, import.meta.url).pathname;
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

// element reads the first 31 bytes as a number, which is always one of the field.
const element = (bytes) => BigInt("0x" + bytes.subarray(0, 31).toString("hex")).toString();

// canonical writes data as RFC 8785 wants it: members in the order of their names,
// no spaces, and numbers and strings as JavaScript writes them.
export function canonical(data) {
  if (data === null || typeof data !== "object") return JSON.stringify(data);
  if (Array.isArray(data)) return `[${data.map(canonical).join(",")}]`;
  const members = Object.keys(data).sort().map((name) => `${JSON.stringify(name)}:${canonical(data[name])}`);
  return `{${members.join(",")}}`;
}

// binding is what ties a proof to an agent and to the data of its attestation.
export function binding(agent, data) {
  return element(sha256("teg-attestation-v1", "\0", agent, "\0", sha256(canonical(data))));
}

export const randomBlinding = () => element(randomBytes(31));
export const blindingFrom = (text) => element(sha256(text));

// commit is Poseidon(cost, blinding), computed by the circuit's own code.
export async function commit(cost, blinding) {
  const folder = mkdtempSync(join(tmpdir(), "commit-"));
  const file = join(folder, "witness.wtns");
  try {
    await snarkjs.wtns.calculate({ value: cost, blinding }, built("commit_js/commit.wasm"), file);
    return (await snarkjs.wtns.exportJson(file))[1].toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// prove makes the proof. The data has the members price, max_markup_percent and
// commitment, as numbers or as strings of digits.
export async function prove(agent, data, cost, blinding) {
  const { price, max_markup_percent, commitment } = data;
  const inputs = { price, max_markup_percent, commitment, binding: binding(agent, data), cost, blinding };
  const { proof, publicSignals } = await snarkjs.groth16.fullProve(
    inputs, built("fairmarkup_js/fairmarkup.wasm"), built("proving_key.zkey"));
  const key = JSON.parse(readFileSync(built("verification_key.json")));
  if (!(await snarkjs.groth16.verify(key, publicSignals, proof))) throw new Error("the proof that was made does not hold");
  return { proof, publicSignals };
}
