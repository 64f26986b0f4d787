// node --test: what the circuit takes, and what it does not.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as snarkjs from "snarkjs";
import { binding, canonical, commit, prove } from "./fairmarkup.mjs";

const folder = mkdtempSync(join(tmpdir(), "fairmarkup-"));
const file = (name) => new URL(`build/${name}`, import.meta.url).pathname;
const top = 2n ** 64n - 1n;
const order = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

after(() => globalThis.curve_bn128?.terminate()); // the prover's threads would keep it alive

// holds tells whether the circuit takes these numbers.
async function holds(price, max_markup_percent, cost, change = {}) {
  const blinding = "12345";
  const inputs = { price, max_markup_percent, commitment: await commit(cost, blinding), binding: 7, cost, blinding, ...change };
  const witness = join(folder, "witness.wtns");
  try {
    await snarkjs.wtns.calculate(inputs, file("fairmarkup_js/fairmarkup.wasm"), witness);
  } catch (fault) {
    assert.match(fault.message, /Assert Failed/);
    return false;
  }
  return snarkjs.wtns.check(file("fairmarkup.r1cs"), witness);
}

test("the limit is inside", async () => {
  for (const [price, percent, cost, want] of [
    [120, 20, 100, true], [121, 20, 100, false], [100, 0, 100, true], [101, 0, 100, false], [0, 0, 0, true],
    [1, 99, 0, false], [119, 19, 100, true], [1, 20, 1, true], [2, 20, 1, false], [2, 100, 1, true],
  ]) {
    assert.equal(await holds(price, percent, cost), want, `${price} at ${percent} % of ${cost}`);
  }
});

test("numbers have 64 bits", async () => {
  for (const [price, percent, cost, want] of [
    [top, top, top, true], [top, 0n, top, true], [top + 1n, top, top, false], [1n, top + 1n, 1n, false],
    [1n, 0n, top + 1n, false], [order - 1n, top, top, false], [1n, 0n, order - 1n, false], [1n, order - 50n, 100n, false],
  ]) {
    assert.equal(await holds(price, percent, cost), want, `${price} at ${percent} % of ${cost}`);
  }
});

test("another cost or blinding than committed to", async () => {
  assert.equal(await holds(120, 20, 100, { cost: 101 }), false);
  assert.equal(await holds(120, 20, 100, { blinding: "12346" }), false);
});

test("the binding is anything, and a proof is of one alone", async () => {
  assert.equal(await holds(120, 20, 100, { binding: 8 }), true);
  const data = { price: "120", max_markup_percent: "20", commitment: await commit(100, "9") };
  const { proof, publicSignals } = await prove("did:example:test", data, 100, "9");
  assert.deepEqual(publicSignals, ["120", "20", data.commitment, binding("did:example:test", data)]);
  const key = JSON.parse(readFileSync(file("verification_key.json")));
  publicSignals[3] = binding("did:example:other", data);
  assert.equal(await snarkjs.groth16.verify(key, publicSignals, proof), false);
});

test("canonical JSON", () => {
  assert.equal(canonical({ b: [1, { d: null, c: "é\n" }], a: 1e21 }), '{"a":1e+21,"b":[1,{"c":"é\\n","d":null}]}');
});
