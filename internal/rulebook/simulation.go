package rulebook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// Simulation is what many simulated matters came to. Times are in working days.
type Simulation struct {
	Rulebook  string                            `json:"rulebook"`
	Procedure string                            `json:"procedure"`
	Title     string                            `json:"title"`
	Matters   int                               `json:"matters"`
	Seed      uint64                            `json:"seed"`
	Outcomes  map[procedure.Outcome]int         `json:"outcomes"` // the empty outcome: still waiting
	Limits    map[string]map[procedure.Kept]int `json:"limits"`   // by the limit's title
	Alarms    map[procedure.AlarmDo]int         `json:"alarms"`
	Holders   map[string]float64                `json:"holders"` // who had the clock
	Days      []float64                         `json:"-"`       // of each ended matter, ascending once reported
	library   *Library
}

func newSimulation(l *Library, p *procedure.Procedure, n int, seed uint64) Simulation {
	return Simulation{Rulebook: p.Rulebook, Procedure: p.Key, Title: p.Title, Matters: n, Seed: seed,
		Outcomes: map[procedure.Outcome]int{}, Limits: map[string]map[procedure.Kept]int{},
		Alarms: map[procedure.AlarmDo]int{}, Holders: map[string]float64{}, library: l}
}

func (sim *Simulation) add(s *procedure.State, w *watch) {
	sim.Outcomes[s.Outcome]++
	for do, n := range w.fired {
		sim.Alarms[do] += n
	}
	for name, kept := range w.kept {
		if sim.Limits[name] == nil {
			sim.Limits[name] = map[procedure.Kept]int{}
		}
		for how, n := range kept {
			sim.Limits[name][how] += n
		}
	}
	for _, h := range s.Held {
		to := h.To
		if to.IsZero() {
			to = w.at
		}
		sim.Holders[sim.holder(s, h.Holder)] += workdays(s.Calendar, h.From, to)
	}
	if s.Stage == procedure.Closed {
		sim.Days = append(sim.Days, workdays(s.Calendar, s.Spec.At, s.Closed))
	}
}

func workdays(c calendar.Calendar, from, to time.Time) float64 {
	h := c.Hours.OrDefault()
	day := time.Duration(h.Closes-h.Opens) * time.Minute
	return float64(c.WorkingTime(from, to)) / float64(day)
}

// holder names who has the clock by the part they play, so that matters of different units add up.
func (sim *Simulation) holder(s *procedure.State, holder string) string {
	switch {
	case holder == "system":
		return message.Text("rulebook.simulate.system", nil)
	case strings.HasPrefix(holder, "suspended:"):
		return message.Text("rulebook.simulate.suspended", nil)
	}
	var names []string
	for _, post := range strings.Split(holder, ",") {
		if name := sim.library.part(s, procedure.Post(post)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return join(names)
}

// part is a post by the party its unit plays in the matter.
func (l *Library) part(s *procedure.State, post procedure.Post) string {
	for _, name := range sortedKeys(s.Spec.Procedure.Parties) {
		party := s.Spec.Procedure.Parties[name]
		if party.Unit == "" && slices.Contains(s.Units(name), post.Unit()) {
			return party.Title + roleText(post.Role())
		}
	}
	return l.Title(post.Unit(), post.Role())
}

// String is the report in Chinese.
func (sim Simulation) String() string {
	var b strings.Builder
	line := func(key string, a args) { fmt.Fprintln(&b, message.Text("rulebook.simulate."+key, a)) }
	line("title", args{"title": sim.Title, "count": sim.Matters, "seed": sim.Seed})
	line("outcomes", args{"completed": sim.Outcomes[procedure.OutcomeCompleted], "rejected": sim.Outcomes[procedure.OutcomeRejected],
		"withdrawn": sim.Outcomes[procedure.OutcomeWithdrawn], "waiting": sim.Outcomes[""]})
	total := map[procedure.Kept]int{}
	for _, kept := range sim.Limits {
		for how, n := range kept {
			total[how] += n
		}
	}
	met, late := total[procedure.KeptMet], total[procedure.KeptLate]+total[procedure.KeptMissed]
	line("limits", args{"met": met, "late": late, "dropped": total[procedure.KeptDropped], "rate": percent(float64(met), float64(met+late))})
	line("alarms", args{"notice": sim.Alarms[procedure.DoNotice], "urge": sim.Alarms[procedure.DoUrge],
		"slip": sim.Alarms[procedure.DoSlip], "escalate": sim.Alarms[procedure.DoEscalate]})
	if days := slices.Sorted(slices.Values(sim.Days)); len(days) > 0 {
		line("days", args{"median": oneDecimal(days[len(days)/2]), "p90": oneDecimal(days[len(days)*9/10]), "max": oneDecimal(days[len(days)-1])})
	}
	line("by-limit", nil)
	for _, name := range sortedKeys(sim.Limits) {
		line("limit", args{"limit": name, "met": sim.Limits[name][procedure.KeptMet], "late": sim.Limits[name][procedure.KeptLate] + sim.Limits[name][procedure.KeptMissed]})
	}
	line("holders", nil)
	all := 0.0
	for _, name := range sortedKeys(sim.Holders) { // in one order: sums of fractions depend on it
		all += sim.Holders[name]
	}
	names := slices.SortedFunc(maps.Keys(sim.Holders), func(a, b string) int {
		return cmp.Or(cmp.Compare(sim.Holders[b], sim.Holders[a]), cmp.Compare(a, b))
	})
	for _, name := range names {
		line("holder", args{"holder": name, "days": oneDecimal(sim.Holders[name]), "share": percent(sim.Holders[name], all)})
	}
	return b.String()
}

func oneDecimal(f float64) string { return fmt.Sprintf("%.1f", f) }

func percent(part, whole float64) string {
	if whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%.0f", 100*part/whole)
}
