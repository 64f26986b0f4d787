package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
)

// fixtures writes the key and the proofs that the tests use; the README beside the
// circuits says how they were chosen.
func fixtures(folder string) error {
	p, err := newProver()
	if err != nil {
		return err
	}
	key, err := os.ReadFile(verifyingKey)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "verification_key.json"), key, 0o644); err != nil {
		return err
	}
	for i, name := range []string{"alice", "bob"} {
		for n := 1; n <= 3; n++ {
			s, err := fixture(name, int64(i+1), int64(n))
			if err != nil {
				return err
			}
			if err := p.writeFixture(filepath.Join(folder, fmt.Sprintf("%s-%d", name, n)), s); err != nil {
				return err
			}
		}
	}
	return nil
}

// fixture is one statement: the value is the minimum in the first, the middle in the
// second, the maximum in the third.
func fixture(name string, agent, n int64) (statement, error) {
	minimum, width := 100*n, 1000*agent
	s := statement{agent: "did:example:" + name, value: big.NewInt(minimum + width*(n-1)/2)}
	s.blinding = blindingFrom(fmt.Sprintf("teg-fixture range %s %d", s.agent, n))
	data, err := json.Marshal(map[string]string{
		"commitment": commit(s.value, s.blinding).String(),
		"maximum":    fmt.Sprint(minimum + width),
		"minimum":    fmt.Sprint(minimum),
		"subject":    fmt.Sprintf("%s-%d", name, n),
	})
	if err != nil {
		return s, err
	}
	s.data, err = canonical(data)
	return s, err
}

func (p *prover) writeFixture(stem string, s statement) error {
	proof, inputs, err := p.prove(s)
	if err != nil {
		return err
	}
	proofText, err := proofJSON(proof)
	if err != nil {
		return err
	}
	inputsText, err := marshal(inputs)
	if err != nil {
		return err
	}
	for kind, text := range map[string][]byte{"data": s.data, "public": inputsText, "proof": proofText} {
		if err := os.WriteFile(stem+"."+kind+".json", text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
