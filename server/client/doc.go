// Package client calls a TEG server from Go.
//
//	c, err := client.New("http://127.0.0.1:8002", client.WithToken(token))
//	sent, err := c.Transfer(ctx, client.TransferRequest{
//		ReceiverAgentID: bob, Amount: amount.MustParse("10"),
//	}, client.Key("order-17"))
//
// There is a method for each operation of the API's document, and a type for each of its
// bodies: they are generated from it, so what the server's page /docs tells holds here.
// Of this module the package imports amounts and DIDs alone, no engine and no database.
//
// # Requests
//
// What may be left out is the zero value of its field. Numbers are pointers there, since
// leaving out an amount often means all of it: Amount: new(sum) takes a part. Methods that
// list have a query, and a second form that goes through all pages:
//
//	for tx, err := range c.AllTransactions(ctx, client.ListTransactionsQuery{Counterparty: bob}) {
//
// # Answers
//
// Null is a nil pointer. Fields that this client does not know are left out, and values of
// enums that it does not know are kept, so a newer server can be called; [Record] keeps
// the answer as it came.
//
// # Errors
//
// What the server refuses is an [Error], which matches the constant of its code:
//
//	if errors.Is(err, client.ErrInsufficientBalance) {
//
// Where no answer came it is a [NoAnswerError], and where something else than the API
// answered an [UnexpectedAnswerError]. [AttemptOf] tells of each what had been sent.
//
// # Sent again
//
// Every method that moves value sends an Idempotency-Key, that of [Key] or one of its own, so
// that it can be sent again safely. A request is sent again, up to three times ([WithRetries]) and
// after growing pauses or what Retry-After says, when the server was not reached or the
// connection broke, and for 429, 502, 503 and 504, unless all of that lasts too long or
// the context ends. Writes without a key are sent again only where it is certain that
// nothing was done: no connection came about, or the server refused to begin.
//
// When a write is given up, [Attempt.InDoubt] says whether it may have been carried out, and
// [Attempt.Key] by which key [Client.GetOperation] can tell.
//
// # Asked before
//
// [DryRun] makes any call that writes into a question: what would come of it, and if it
// would be refused, by which rule and what would pass.
//
// # Who calls
//
// [WithToken] and [WithTokenSource] take tokens of a registry or an operator. [WithLogin] logs in with
// the key of a DID, and stays logged in. Tokens are sent to no other host: redirects are
// not followed.
package client
