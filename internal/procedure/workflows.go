package procedure

// Workflows are the Temporal workflow types a procedure may name, by which its matters are found in Temporal's lists.
func Workflows() []string {
	return []string{
		"InnovationProposal", // an innovation a unit proposes
		"Promotion",          // practices chosen, rolled out and evaluated
		"ReformDocument",     // a superior's meeting or document, seen through to its supporting document
		"RuleChange",         // a change of the rules themselves
		"Undertaking",        // a ledger entry: something a unit undertook to do
	}
}
