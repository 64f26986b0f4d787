// Package ipfs keeps evidence in IPFS: it is a [teg.EvidenceStore] over the RPC of an
// IPFS node (kubo's) and, where there is one, a service that speaks the IPFS Pinning
// Service API.
//
//	store, err := ipfs.New(ipfs.Config{API: "http://127.0.0.1:5001"})
//	eng, err := teg.New(ctx, st, teg.Config{Evidence: store})
//
// # What is proved
//
// The node is not believed. Content is read block by block, each block is hashed and
// held against the CID that asked for it, and the CIDs of the next blocks are taken
// from blocks that were proved. So the bytes are those that the pointer names,
// whatever chunker, layout or hash they were added with, and their SHA-256, which
// depends on none of these, is told.
//
// # What is bounded
//
// Bytes of content, bytes of a block, bytes of structure, number of blocks, depth,
// time. Redirects are not followed. What is beyond a bound is refused with an error
// that wraps teg.ErrInvalidInput; a node that does not answer, or answers what cannot
// be understood, is teg.ErrUnavailable, and proves nothing.
//
// Directories are followed by name as far as they lie in one block each; those that
// are sharded (HAMT) are refused.
//
// # What is pinned
//
// The content, and on the node also the directories on the way to it, each by itself,
// so that the pointer keeps leading to it. Nothing is pinned that was not read before,
// so that nobody makes the node fetch more than the bounds allow.
package ipfs
