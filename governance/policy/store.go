package policy

// Changes is what a group of operations decided about policies.
type Changes struct {
	Created  []Policy // new ones
	Changed  []Policy // others, as they are now
	Versions []Policy // of both, one for each change, in the order of their Change
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool { return len(c.Created)+len(c.Changed)+len(c.Versions) == 0 }

// VersionQuery selects versions of policies, oldest first. Zero fields select
// everything.
type VersionQuery struct {
	Policy ID
	After  int64 // only later changes than this: the cursor
	Limit  int
}
