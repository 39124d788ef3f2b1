package rulebook

import "duban/internal/procedure"

// ledger reads how a procedure's matters stand in the ledger: a party of the procedure and fields of its form.
func (w *work) ledger(n *node) {
	if n == nil {
		return
	}
	l := &procedure.Ledger{Unit: n.get("unit").text(), Leader: n.get("leader").text(), Due: n.get("due").text(), Import: n.get("import").truth()}
	if unit := n.get("unit"); unit != nil {
		if _, ok := w.p.Parties[l.Unit]; !ok {
			w.add(unit.at, "unknown-party", args{"party": l.Unit, "known": join(sortedKeys(w.p.Parties))})
		}
		w.used[l.Unit] = true
	}
	for _, key := range []string{"leader", "due"} {
		if field := n.get(key); field != nil {
			w.hasField(field)
		}
	}
	w.p.Ledger = l
}
