package poll

// Tally is what the ballots add up to.
type Tally struct {
	Ballots map[Class]int
	Votes   map[Class]map[string]int // by option
	Cast    map[string]int           // ballots of the public by district, excluded ones too
}

// Count adds up ballots that were accepted. It trusts them: [Check] is where a ballot is judged.
func Count(r *Round, ballots []Ballot) Tally {
	t := NewTally(r)
	for _, b := range ballots {
		t.Add(b.Class, b.Choices)
		if b.Class == ClassPublic {
			t.Cast[b.District]++
		}
	}
	return t
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

// Add counts one ballot.
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
