package procedure

import (
	"cmp"

	"duban/internal/poll"
)

// Published is a draw of the matter as it is to be published: its words, its lists, and how many are drawn of each. It is
// false while the lists are not fixed, and of seeds that only part ties.
func (s *State) Published(draw string) (poll.Drawn, bool) {
	for i := range s.Spec.Procedure.Stages {
		stage := &s.Spec.Procedure.Stages[i]
		if stage.Draw == nil || stage.Draw.From == "" {
			continue
		}
		now := s.Draws[stage.Draw.Seed]
		if now.Draw != draw || now.Lots == nil {
			continue
		}
		names := map[string]string{}
		for _, x := range s.subjects(stage.Draw.From, "") {
			names[x.ID] = x.Title
		}
		out := poll.Drawn{ID: draw, Title: s.Spec.Title + "：" + stage.Title, Source: stage.Source}
		for _, lots := range now.Lots {
			group := poll.DrawnGroup{Key: lots.Group, Title: cmp.Or(s.name(lots.Group), stage.Title), N: lots.count(now.Take)}
			for _, lot := range lots.Lots {
				group.List = append(group.List, poll.DrawnItem{Key: lot, Name: cmp.Or(names[lot], lot)})
			}
			out.Groups = append(out.Groups, group)
		}
		return out, true
	}
	return poll.Drawn{}, false
}
