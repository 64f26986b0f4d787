package console

// actGroup are acts that belong together.
type actGroup struct {
	title string
	acts  []act
}

// actGroups is the table of what can be done in the console. Each is one call of the API.
func actGroups() []actGroup {
	return []actGroup{
		{"Payments", paymentActs}, {"Stakes", stakingActs}, {"Disputes", disputeActs}, {"Panels", panelActs}, {"Webhooks", webhookActs},
		{"Flags and rules", flagActs}, {"Policies", policyActs}, {"Accounts", accountActs}, {"Supply", supplyActs},
	}
}

// acts are all that can be done.
func acts() (list []act) {
	for _, group := range actGroups() {
		list = append(list, group.acts...)
	}
	return list
}

// listedGroup are the acts of a group that the visitor may do.
type listedGroup struct {
	Title string
	Acts  []listedAct
}

// listedAct is an act as the list of all shows it.
type listedAct struct{ Name, Title, About string }

// actsPage lists what the visitor may do.
func actsPage(v *visit) (any, error) {
	var list []listedGroup
	for _, group := range actGroups() {
		shown := listedGroup{Title: group.title}
		for i := range group.acts {
			if a := &group.acts[i]; a.roles == 0 || v.who.may(a.roles) {
				shown.Acts = append(shown.Acts, listedAct{a.name, a.title, a.about})
			}
		}
		if len(shown.Acts) > 0 {
			list = append(list, shown)
		}
	}
	return list, nil
}
