package procedure

import (
	"cmp"

	"duban/internal/poll"
)

// PublicDraws are the matter's draws as they are to be published, in their stages' order: the words and the commitment
// from when there is one; the lists, and how many are drawn of each, once they are fixed; and the seed once it is revealed.
// Seeds that only part ties are not among them.
func (s *State) PublicDraws() []poll.Drawn {
	var draws []poll.Drawn
	for i := range s.Spec.Procedure.Stages {
		stage := &s.Spec.Procedure.Stages[i]
		if stage.Draw == nil || stage.Draw.From == "" {
			continue
		}
		if now := s.Draws[stage.Draw.Seed]; now.Commitment != "" {
			draws = append(draws, s.published(stage, now))
		}
	}
	return draws
}

// PublicDraw is the one with an id; false: there is none.
func (s *State) PublicDraw(id string) (poll.Drawn, bool) {
	for _, draw := range s.PublicDraws() {
		if draw.ID == id {
			return draw, true
		}
	}
	return poll.Drawn{}, false
}

func (s *State) published(stage *Stage, now Drawing) poll.Drawn {
	names := map[string]string{}
	for _, x := range s.subjects(stage.Draw.From, "") {
		names[x.ID] = x.Title
	}
	out := poll.Drawn{ID: now.Draw, Title: s.Spec.Title + "：" + stage.Title, Source: stage.Source, Commitment: now.Commitment, Seed: now.Value}
	for _, lots := range now.Lots {
		group := poll.DrawnGroup{Key: lots.Group, Title: cmp.Or(s.name(lots.Group), stage.Title), N: lots.count(now.Take)}
		for _, lot := range lots.Lots {
			group.List = append(group.List, poll.DrawnItem{Key: lot, Name: cmp.Or(names[lot], lot)})
		}
		out.Groups = append(out.Groups, group)
	}
	return out
}
