package doctor

import "slices"

// Groups lists the groups of the checks, in their order.
func Groups(checks []Check) []string {
	var groups []string
	for _, c := range checks {
		if !slices.Contains(groups, c.Group) {
			groups = append(groups, c.Group)
		}
	}
	return groups
}

// Only keeps the checks of one group, and those that they wait for.
func Only(checks []Check, group string) []Check {
	wanted := map[string]bool{}
	for _, c := range slices.Backward(checks) { // what a check waits for stands before it
		if c.Group != group && !wanted[c.ID] {
			continue
		}
		wanted[c.ID] = true
		for _, id := range slices.Concat(c.After, c.Awaits) {
			wanted[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return !wanted[c.ID] })
}
