package staking

import "slices"

// table is the rows of one kind, by id, with the memory of what they were.
type table[ID comparable, Row any] struct {
	rows    map[ID]*Row
	id      func(*Row) ID
	fresh   map[ID]bool // made by this group
	altered map[ID]int  // how often a row was changed
	undo    *[]func()
}

func newTable[ID comparable, Row any](undo *[]func(), loaded []Row, id func(*Row) ID) table[ID, Row] {
	t := table[ID, Row]{rows: make(map[ID]*Row, len(loaded)), id: id, fresh: map[ID]bool{}, altered: map[ID]int{}, undo: undo}
	for i := range loaded {
		t.rows[id(&loaded[i])] = &loaded[i]
	}
	return t
}

func (t *table[ID, Row]) get(id ID) *Row { return t.rows[id] }

// change returns a row that is there for changes, which [Book.Revert] takes back.
func (t *table[ID, Row]) change(id ID) *Row {
	row := t.rows[id]
	before := *row
	t.altered[id]++
	*t.undo = append(*t.undo, func() {
		*row = before
		t.altered[id]--
	})
	return row
}

// derive returns a row that is there for changes that follow from what is kept,
// so that they need not be.
func (t *table[ID, Row]) derive(id ID) *Row {
	row := t.rows[id]
	before := *row
	*t.undo = append(*t.undo, func() { *row = before })
	return row
}

func (t *table[ID, Row]) insert(row Row) *Row {
	id := t.id(&row)
	t.rows[id] = &row
	t.fresh[id] = true
	*t.undo = append(*t.undo, func() {
		delete(t.rows, id)
		delete(t.fresh, id)
	})
	return &row
}

// changed returns copies of what is new and of what was changed, in order. The
// rows are large, so their places are sorted.
func (t *table[ID, Row]) changed(compare func(a, b ID) int) (fresh, altered []Row) {
	var made, kept []*Row
	for id, row := range t.rows {
		switch {
		case t.fresh[id]:
			made = append(made, row)
		case t.altered[id] > 0:
			kept = append(kept, row)
		}
	}
	return t.copies(made, compare), t.copies(kept, compare)
}

func (t *table[ID, Row]) copies(places []*Row, compare func(a, b ID) int) []Row {
	if len(places) == 0 {
		return nil
	}
	slices.SortFunc(places, func(a, b *Row) int { return compare(t.id(a), t.id(b)) })
	rows := make([]Row, len(places))
	for i, place := range places {
		rows[i] = *place
	}
	return rows
}
