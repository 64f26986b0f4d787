// Package ipfstest gives tests an IPFS node.
//
// Where TEG_TEST_IPFS names the binary of kubo (make ipfs-node builds it), the node is
// kubo itself: with a repository of its own, offline, on loopback, ended with the
// test. Otherwise, and always beside it in [Each], it is a stand-in that serves the
// same RPC out of memory. What holds for the stand-in is worth what the same suite
// says on kubo.
package ipfstest
