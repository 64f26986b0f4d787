#!/usr/bin/env bash
# Compiles the circuit and makes a pair of keys for it, in build/. Nothing is
# downloaded: the powers of tau are made here, by one party, so whoever ran this
# could forge proofs. Good for development; README.md says what to do otherwise.
set -euo pipefail
cd "$(dirname "$0")"
export PATH=$PWD/node_modules/.bin:$PATH
power=10 # up to 2^10 constraints; the circuit has 563

rm -rf build && mkdir build
for circuit in fairmarkup commit; do
	circom2 $circuit.circom --O2 --r1cs --wasm -l node_modules -o build
done
cd build

secret() { head -c 32 /dev/urandom | base64; }

snarkjs powersoftau new bn128 $power 0.ptau
snarkjs powersoftau contribute 0.ptau 1.ptau --name=development -e="$(secret)"
snarkjs powersoftau prepare phase2 1.ptau final.ptau
snarkjs groth16 setup fairmarkup.r1cs final.ptau 0.zkey
snarkjs zkey contribute 0.zkey proving_key.zkey --name=development -e="$(secret)"
snarkjs zkey verify fairmarkup.r1cs final.ptau proving_key.zkey
snarkjs zkey export verificationkey proving_key.zkey verification_key.json
# The key before anybody has contributed: it proves anything, and has to be refused.
snarkjs zkey export verificationkey 0.zkey unfinished_key.json
rm ./*.ptau 0.zkey
