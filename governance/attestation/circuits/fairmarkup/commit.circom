pragma circom 2.2.2;

include "commitment.circom";

// Computes a commitment outside of a proof, with the same code as inside of it.
component main = Commitment();
