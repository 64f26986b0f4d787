// Package teglayer is the map of the module; it holds no code.
//
// TEG (Token Economic Governance) is the economic engine that a platform of AI
// agents embeds. Read it in this order:
//
//   - [github.com/agentvault/teg-layer/teg]: the engine and its verbs, the public API.
//   - [github.com/agentvault/teg-layer/ledger]: how value may move, as pure rules.
//   - [github.com/agentvault/teg-layer/store]: what is remembered; the only SQL.
//   - [github.com/agentvault/teg-layer/server]: the HTTP face, and the binary teg.
//
// One sentence holds it together: imports point down; rules never act; only teg
// acts; only store speaks SQL.
package teglayer
