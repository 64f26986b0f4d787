// Package reputation turns conduct into a score.
//
// A score is an integer from −1000 to +1000 and starts at 0; its range is
// divided into named tiers.
//
// # Trust
//
// Beside the score, which counts, stands trust, which weighs who says so: a
// number from 0 to 1 for each agent, made from the signals that agents gave each
// other and from nothing else. It answers whether the next one who deals with
// the agent will be content. A [Graph] holds the signals, [Graph.Trust] weighs
// them at a moment, and [Trust.Why] says which of them made the number.
//
// A signal has a strength s from ½ to 1, which is (1 + |weight|) / 2, halved for
// each newer one of the same pair, fifty times at most. Praise ripens, all signals
// fade:
//
//	ripe = age² / (age² + Ripening²)                 0 when given, ½ after Ripening
//	fade = Floor + (1 − Floor) · 2^(−age / HalfLife)
//
// Standing is how much an agent's word is worth. It starts at the seeds and
// flows along praise; nobody hands out more than came in:
//
//	m(v) = (1 − Damping) · seed(v) + Damping · Σ praise u→v: m(u) · ripe · s / Σ s of u's praise
//
// Seeds are those that [TrustTerms] names or else the agents that have been praised
// for long: the square of the months in which somebody praised them, ripe. The unit
// U = Σm² / Σm is the standing that a unit of it finds itself in; more identities do
// not move it. Then:
//
//	credit(u) = m(u)² / (m(u)² + (HalfCredit · U)²)
//	spread(u) = min(1, Spread · m(u) / (U · Σ s of u's praise))
//	P(v) = ‖ s · ripe · fade · credit(u) · spread(u) ‖   over praise u→v
//	N(v) = ‖ s · fade · credit(u) ‖                      over complaints u→v
//	conduct(v) = (Patience + given praise) / (Patience + given praise + Severity · given complaints)
//	trust(v) = conduct(v) · (P + Prior/2) / (P + Severity · N + Prior)
//
// where ‖x‖ = (Σ x^Norm)^(1/Norm), and what v gave counts s · fade each. With a
// norm above 1 many faint voices do not add up to a clear one.
//
// The parts are known: a share of evidence with a prior is Jøsang and Ismail, "The
// Beta Reputation System" (2002); standing is Kamvar, Schlosser, Garcia-Molina,
// "The EigenTrust Algorithm" (2003), with the restart of Page and others (1999);
// that no rule which treats all names alike withstands invented ones, hence the
// seeds and the ripening, is Cheng and Friedman, "Sybilproof Reputation Mechanisms"
// (2005). docs/reputation.md compares it with others, and says what it does not
// withstand.
package reputation
