// Package storetest holds every driver to the contract of package store, one
// subtest for each sentence of it, and opens databases for tests.
package storetest
