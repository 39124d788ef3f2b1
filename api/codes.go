package api

import (
	"strconv"
	"strings"

	"duban/internal/store"
)

// matterState is how a matter stands, in the contract's words.
func matterState(m store.MatterItem) MatterState {
	switch {
	case m.Outcome != "":
		return MatterState(m.Outcome)
	case m.Suspended:
		return MatterStateSuspended
	case m.Draft:
		return MatterStateDraft
	}
	return MatterStateOpen
}

// colour is the contract's word for the store's.
func colour(c store.Colour) Colour {
	switch c {
	case store.Red:
		return ColourRed
	case store.Yellow:
		return ColourAmber
	case store.Green:
		return ColourGreen
	}
	return ColourGrey
}

func storeColour(c Colour) store.Colour {
	switch c {
	case ColourRed:
		return store.Red
	case ColourAmber:
		return store.Yellow
	case ColourGreen:
		return store.Green
	case ColourGrey:
		return store.None
	}
	return ""
}

// slipID is a slip's id: its matter's, and its own within it; empty for none.
func slipID(matter string, slip int64) string {
	if slip == 0 {
		return ""
	}
	return matter + "." + strconv.FormatInt(slip, 10)
}

func parseSlipID(id string) (matter string, slip int64, ok bool) {
	matter, number, found := strings.Cut(id, ".")
	slip, err := strconv.ParseInt(number, 10, 64)
	return matter, slip, found && err == nil && slip > 0 && isUUID(matter)
}
