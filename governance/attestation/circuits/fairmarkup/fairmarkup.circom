pragma circom 2.2.2;

include "circomlib/circuits/bitify.circom";
include "commitment.circom";

// FairMarkup shows that a price is at most so many percent above a cost to which
// one has committed, and keeps the cost to oneself.
//
// Numbers of the field wrap around: without bounds, "cost - price" below zero would
// be a very large number and pass for a small price. So each number is shown to
// have 64 bits; the sums below then stay under 2^129, and a difference is negative
// exactly where it has no 129 bits.
template FairMarkup() {
    signal input price;              // public; in whole units of the trade's own choice
    signal input max_markup_percent; // public
    signal input commitment;         // public: Commitment(cost, blinding)
    signal input binding;            // public: who proves it, and of what data
    signal input cost;               // hidden; in the units of price
    signal input blinding;           // hidden

    component price_bits = Num2Bits(64);
    price_bits.in <== price;
    component markup_bits = Num2Bits(64);
    markup_bits.in <== max_markup_percent;
    component cost_bits = Num2Bits(64);
    cost_bits.in <== cost;

    component committed = Commitment();
    committed.value <== cost;
    committed.blinding <== blinding;
    commitment === committed.out;

    // price * 100 <= cost * (100 + max_markup_percent)
    signal most <== cost * (100 + max_markup_percent);
    component margin = Num2Bits(129);
    margin.in <== most - price * 100;

    // The binding says nothing that has to hold. It is squared, so that no
    // simplification can drop it from what is proven.
    signal bound <== binding * binding;
}

component main {public [price, max_markup_percent, commitment, binding]} = FairMarkup();
