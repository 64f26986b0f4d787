package did_test

import (
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/ledger/did"
)

func ExampleParse() {
	d, err := did.Parse("did:web:example.com:alice")
	fmt.Println(d, err)
	fmt.Println(d.Method(), d.ID())

	_, err = did.Parse("did:web:example.com#key-1")
	fmt.Println(errors.Is(err, did.ErrSyntax))
	// Output:
	// did:web:example.com:alice <nil>
	// web example.com:alice
	// true
}

func ExampleDID_IsZero() {
	var nobody did.DID
	fmt.Println(nobody.IsZero(), nobody == did.MustParse("did:a:b"))
	// Output: true false
}
