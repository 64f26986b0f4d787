// Package ratings plays a market of the past into an economy: a list of who
// rated whom, and when, becomes agents that pay each other.
//
//	file, err := ratings.ReadFile("ratings.csv.gz")
//	…
//	summary, err := ratings.Play(ctx, engine, file, ratings.Config{Grant: teg.AVT("10000")})
//
// Every trader becomes an agent with a grant from the treasury, every rating a
// transfer from the rater to the ratee: as many AVT as the rating has points,
// whatever its sign, with the fee of the terms in force. On the transfer the rater
// gives a signal: the rating's sign, which is what the score counts; and for trust
// the rating's size as its weight, and its time. The scale is ten: beyond −10 to 10
// a signal weighs no more than all, 1. By the score and its history all signals
// are given now.
//
// # Once, whatever happens
//
// Playing a file twice, in slices, or again after it was killed half way changes
// nothing twice, because everything has a name that is taken once for ever:
//
//   - A transfer has the reference "rating:rater:ratee:time".
//   - The value of a grant is issued to the treasury under a reference that names
//     the trader and the sum, one issuance for each trader. So a second slice
//     brings in exactly what its new traders need, and the books in the end are
//     the same however the file was cut.
//   - A registration pays its grant in its own commit, and an agent registers
//     once. A trader that is an agent already gets no grant.
//   - A transfer has one signal. A transfer that is there without one, as the kill
//     left it or an import of the time when there were no signals, gets it.
//
// What a name was taken for before counts as already there. Only where a rater has
// used a rating's reference to pay somebody else there is nothing for the signal to
// stand on, and the play stops: [ErrTaken].
//
// # In order, and fast
//
// A transfer is made when all earlier ones of its two traders have been: every
// trader pays and is paid in the order of time, so that every balance on the way,
// and every refusal, is that of playing the file line by line. A signal is given
// after its transfer and after all earlier signals to the same ratee, so that the
// same goes for every score; transfers do not wait for signals. Ratings that share
// no trader do not wait for each other; the engine commits them in groups. What
// agents paid before is looked up beforehand, a trader at a time.
//
// # What a file may hold
//
// Lines of rater, ratee, rating and time, with commas between them, plain or
// compressed by gzip, which is told by the content. A first line of names is
// skipped. Traders are 1 to 32 letters, digits, dots, hyphens or underscores;
// the time is in Unix seconds, with at most nine decimals. Lines need not be in
// order of time; of two with the same time the earlier line goes first. A rater
// rates a ratee once at a time: a line that says so again is already there.
//
// A rating of zero moves nothing and a rating of oneself is none: both are
// counted and left out, and make nobody an agent. Any other line that cannot be
// read is an error that names it, before anything is played, and so is a time in
// the future. A trader that cannot pay stops the play, with the line; give it more
// and play again.
package ratings
