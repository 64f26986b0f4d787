// node fixtures.mjs FOLDER
//   writes the key and the proofs that the tests use; README.md says how they were chosen
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blindingFrom, canonical, commit, prove } from "./fairmarkup.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const key of ["verification_key.json", "unfinished_key.json"]) {
  copyFileSync(new URL(`build/${key}`, import.meta.url), join(folder, key));
}

const agents = { alice: 1000, bob: 2000 }; // what the first of each one's costs exceeds by 100
const prices = { 1: 120, 2: 110, 3: 100 }; // percent of the cost: at the limit, below it, no markup

for (const [name, base] of Object.entries(agents)) {
  const agent = `did:example:${name}`;
  for (const [n, percent] of Object.entries(prices)) {
    const cost = base + 100 * Number(n);
    const blinding = blindingFrom(`teg-fixture fair_markup ${agent} ${n}`);
    const data = {
      commitment: await commit(cost, blinding),
      max_markup_percent: 20,
      order: `${name}-${n}`,
      price: (cost * percent) / 100,
    };
    const { proof, publicSignals } = await prove(agent, data, cost, blinding);
    const write = (kind, text) => writeFileSync(join(folder, `${name}-${n}.${kind}.json`), text);
    write("data", canonical(data));
    write("public", JSON.stringify(publicSignals, null, 1) + "\n");
    write("proof", JSON.stringify(proof, null, 1) + "\n");
  }
}
process.exit(0); // the prover's threads would keep it alive
