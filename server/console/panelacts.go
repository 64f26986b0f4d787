package console

// panelActs are those of the jurors of a panel.
var panelActs = []act{
	{
		name: "panel-commit", keyless: true, title: "Hand in a vote", method: "POST", path: "/dispute/{dispute_id}/panel/commit", back: "/disputes/{dispute_id}", submit: "Hand it in",
		about: "Hands in the hash of your vote, of which nobody can tell what it is. It cannot be changed.",
		fields: []field{
			thatDispute, {name: "commitment", label: "Commitment", hint: "the SHA-256 that the page of the dispute makes of a vote and a salt", required: true},
		},
	},
	{
		name: "panel-reveal", keyless: true, title: "Tell a vote", method: "POST", path: "/dispute/{dispute_id}/panel/reveal", back: "/disputes/{dispute_id}", submit: "Tell it",
		about: "Tells the vote that you handed in the hash of. Everybody who may see the dispute reads it when the round has ended.",
		fields: []field{
			thatDispute, {name: "choice", label: "Your vote", kind: choiceField, choices: votes, required: true},
			{name: "salt", label: "Salt", hint: "with which you hashed it", required: true},
		},
	},
}
