// Package pubkey reads public keys in the forms in which agents and registries publish
// them, multikeys and JSON Web Keys, and checks signatures with them.
//
// A form that could be read in two ways, a point that is not on its curve, a key that
// brings its private part along, and Ed25519 keys of small order, with which one
// signature fits many messages, are refused.
//
// jwx reads JSON Web Keys too, but knows secp256k1 only where the whole program is
// built with a tag, and takes keys with a private part; so its part is done here, in
// some lines over the standard library and decred's secp256k1.
package pubkey
