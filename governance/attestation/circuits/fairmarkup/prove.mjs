// node prove.mjs commit COST
//   draws a blinding and prints it with the commitment: keep the first, publish the second
// node prove.mjs prove AGENT DATA.json COST BLINDING
//   prints the zkp_proof of an attestation of that data
import { readFileSync } from "node:fs";
import { commit, prove, randomBlinding } from "./fairmarkup.mjs";

const [verb, ...args] = process.argv.slice(2);
if (verb === "commit" && args.length === 1) {
  const blinding = randomBlinding();
  console.log(JSON.stringify({ blinding, commitment: await commit(args[0], blinding) }, null, 1));
} else if (verb === "prove" && args.length === 4) {
  const [agent, file, cost, blinding] = args;
  const { proof, publicSignals } = await prove(agent, JSON.parse(readFileSync(file, "utf8")), cost, blinding);
  console.log(JSON.stringify({ circuit_id: "fair_markup", public_inputs: publicSignals, proof }, null, 1));
} else {
  console.error("usage: node prove.mjs commit COST | node prove.mjs prove AGENT DATA.json COST BLINDING");
  process.exit(2);
}
process.exit(0); // the prover's threads would keep it alive
