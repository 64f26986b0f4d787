pragma circom 2.2.2;

include "circomlib/circuits/poseidon.circom";

// Commitment ties one to a number without telling it: Poseidon(value, blinding).
// The blinding must be drawn at random from at least 128 bits, or the number can be
// found by trying.
template Commitment() {
    signal input value;
    signal input blinding;
    signal output out;

    component hash = Poseidon(2);
    hash.inputs[0] <== value;
    hash.inputs[1] <== blinding;
    out <== hash.out;
}
