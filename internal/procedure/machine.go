package procedure

// Fold applies events in order.
func Fold(s State, events []Event) State {
	for _, e := range events {
		s = Apply(s, e)
	}
	return s
}
