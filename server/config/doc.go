// Package config reads the configuration of the teg binary.
//
// A setting has one name, which is that of its environment variable. It is
// looked for in four places, and the first that has it decides:
//
//	flag          --listen-addr, see [FlagName]
//	environment   LISTEN_ADDR
//	file          a line LISTEN_ADDR=... of the file that TEG_CONFIG names
//	default       of the command, then of [Variables]
//
// In the environment and in the file a name may end in _FILE: the value is then
// read from the file that is named, without the line break at its end. That is
// meant for secrets. An empty value counts as none.
//
// [Config] is the one table: each field says its variable, default and meaning
// in its tags, and everything else (parsing, [Config.Effective], the reference
// documentation) comes out of it.
//
// [Load] lists every fault at once, one line each, with what to do. No message
// and no listing holds a secret.
//
// # Notations
//
//	duration   72h, 2s, 1h30m, 30d, 1d12h
//	amount     AVT in decimal digits, 0.001
//	percent    names that end in _PERCENTAGE: 0 to 100, 2.5
//	fraction   names that end in _RATE or _SHARE: 0 to 1, 0.05
package config
