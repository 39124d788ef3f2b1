package poll

// Tally is what the ballots add up to.
type Tally struct {
	Ballots map[Class]int
	Votes   map[Class]map[string]int // by option
	Cast    map[string]int           // ballots of the public by district, excluded ones too
}

// NewTally is the tally of no ballot.
func NewTally(r *Round) Tally {
	t := Tally{Ballots: map[Class]int{}, Votes: map[Class]map[string]int{}, Cast: map[string]int{}}
	for _, class := range r.Classes() {
		t.Ballots[class] = 0
		t.Votes[class] = map[string]int{}
		for _, o := range r.Options {
			t.Votes[class][o.ID] = 0
		}
	}
	return t
}

// Add counts one ballot that was accepted. It trusts it: [Judge] is where a ballot is judged.
func (t Tally) Add(class Class, choices []string) {
	t.Ballots[class]++
	for _, id := range choices {
		t.Votes[class][id]++
	}
}

// Classes lists who votes.
func (r *Round) Classes() []Class {
	var classes []Class
	if len(r.Units) > 0 {
		classes = append(classes, ClassUnit)
	}
	if len(r.Districts) > 0 {
		classes = append(classes, ClassPublic)
	}
	return classes
}
