package teg_test

import data.teg

payment := {"verb": "transfer", "by": "did:example:alice", "roles": ["agent"], "sender": "did:example:alice", "receiver": "did:example:bob", "amount": "10", "all": false}

decision(acts) := d if {
	d := teg.decision with input as {"acts": acts}
}

test_small_payment if decision([payment]) == [{"allow": true}]

test_large_payment if {
	[d] := decision([object.union(payment, {"amount": "1000.01"})])
	not d.allow
}

test_large_payment_by_admin if {
	decision([object.union(payment, {"amount": "1000.01", "roles": ["agent", "admin"]})]) == [{"allow": true}]
}

test_no_roles if {
	[d] := decision([object.union(payment, {"amount": "1001", "roles": []})])
	not d.allow
}

test_embargo if {
	[one, two] := decision([payment, object.union(payment, {"receiver": "did:example:mallory"})])
	one.allow
	two.reason == "payments to this agent are not allowed"
}

test_all_of_an_unknown_amount if {
	refund := {"verb": "refund", "by": "did:example:bob", "roles": ["agent"], "all": true}
	[d] := decision([refund])
	not d.allow
}

test_own_suspension if {
	[d] := decision([{"verb": "reactivate_agent", "by": "did:example:a", "agent": "did:example:a", "roles": ["admin"], "all": false}])
	not d.allow
}

test_other_acts if decision([{"verb": "stake", "by": "did:example:a", "amount": "99999", "roles": ["agent"], "all": false}]) == [{"allow": true}]
