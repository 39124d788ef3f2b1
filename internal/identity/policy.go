// Package identity is who people are to duban and what they may do: the policy, passwords, tokens and the rule of
// failed log-ins. It is pure but for the processor time a password costs; the store keeps what it speaks of.
package identity

import (
	"slices"
	"strconv"
	"strings"

	"duban/internal/procedure"
)

// The built-in unit of the three administrators and its posts. Nobody holds two of them, nor one of them together with
// any other post, and no deputy acts for them: the store's constraints hold that.
const (
	SystemUnit        = "system"
	PostAdministrator = procedure.Administrator           // 系统管理员: persons and their accounts
	PostSecurity      = procedure.Post("system/security") // 安全管理员: who holds which post; unlocks
	PostAuditor       = procedure.Post("system/auditor")  // 审计管理员: reads, changes nothing
)

// Actor is a person who asks: with the posts that person may act for now, and what follows from them.
type Actor struct {
	procedure.Actor
	Units         []string // of the posts, each once
	Oversees      []string // organisations whose matters a unit of the actor oversees
	Administrator bool
	Security      bool
	Auditor       bool
}

// NewActor derives from an actor's posts what the policy asks. The three system posts become flags: they are no posts of
// an organisation, so no matter can wait on them. Oversees gives the organisation a unit oversees, if it oversees one.
func NewActor(a procedure.Actor, oversees func(unit string) (organisation string, ok bool)) Actor {
	actor := Actor{Actor: a}
	actor.Posts = nil
	for _, post := range a.Posts {
		switch post {
		case PostAdministrator:
			actor.Administrator = true
		case PostSecurity:
			actor.Security = true
		case PostAuditor:
			actor.Auditor = true
		default:
			actor.Posts = append(actor.Posts, post)
			unit := post.Unit()
			if slices.Contains(actor.Units, unit) {
				continue
			}
			actor.Units = append(actor.Units, unit)
			if organisation, ok := oversees(unit); ok && !slices.Contains(actor.Oversees, organisation) {
				actor.Oversees = append(actor.Oversees, organisation)
			}
		}
	}
	return actor
}

// Facts are what the policy asks of a matter.
type Facts struct {
	Organisation string
	Unit         string   // that started it
	Units        []string // related to it: starter's, parties', of posts assigned, copied, addressed by slips
	Draft        bool     // its first stage was never left
}

// Decision is what the policy says, with a stable code when it says no.
type Decision struct {
	Allowed bool
	Code    string
}

// The codes of a refusal. What one may not see is not found: whether it exists is not told.
const (
	CodeNotFound         = "not-found"
	CodeReadOnly         = "read-only"
	CodeNotOverseer      = "not-overseer"
	CodeNotAdministrator = "not-administrator"
	CodeNotSecurity      = "not-security-administrator"
	CodeNotAuditor       = "not-auditor"
)

var allowed = Decision{Allowed: true}

func refused(code string) Decision { return Decision{Code: code} }

func unless(ok bool, code string) Decision {
	if ok {
		return allowed
	}
	return refused(code)
}

// Visible says whether the actor may see a matter, and with it its story, slips and attachments. A draft is its unit's
// alone; any other matter is seen by the units related to it, by the units that oversee its organisation, and by the
// system administrator and the auditor. [VisiblePredicate] is the same rule for lists.
func Visible(a Actor, f Facts) Decision {
	switch {
	case slices.Contains(a.Units, f.Unit):
		return allowed
	case f.Draft:
		return refused(CodeNotFound)
	case a.Administrator, a.Auditor, slices.Contains(a.Oversees, f.Organisation):
		return allowed
	}
	related := slices.ContainsFunc(f.Units, func(unit string) bool { return slices.Contains(a.Units, unit) })
	return unless(related, CodeNotFound)
}

// VisiblePredicate is [Visible] as an SQL condition on the tables matter (id, organisation, unit, draft) and matter_unit
// (unit, matter), with its arguments, numbered from firstArg. The text depends on the kind of actor only, so that few
// plans are prepared.
func VisiblePredicate(a Actor, firstArg int) (sql string, args []any) {
	among := func(values []string) string {
		args = append(args, values)
		return " = ANY($" + strconv.Itoa(firstArg+len(args)-1) + "::text[])"
	}
	var either, open []string
	if a.Administrator || a.Auditor {
		open = append(open, "TRUE")
	}
	if len(a.Oversees) > 0 {
		open = append(open, "matter.organisation"+among(a.Oversees))
	}
	if len(a.Units) > 0 {
		own := among(a.Units)
		either = append(either, "matter.unit"+own)
		open = append(open, "EXISTS (SELECT FROM matter_unit own WHERE own.matter = matter.id AND own.unit"+own+")")
	}
	if len(open) > 0 {
		either = append(either, "NOT matter.draft AND ("+strings.Join(open, " OR ")+")")
	}
	if len(either) == 0 {
		return "FALSE", nil
	}
	return "(" + strings.Join(either, " OR ") + ")", args
}

// Confined gives the units of an actor who sees a matter through them alone: as a draft, where one of them started it, and
// else where it concerns one of them, as it always does the unit that started it. It is [Visible] for lists that start from
// units.
func Confined(a Actor) (units []string, confined bool) {
	return a.Units, len(a.Units) > 0 && len(a.Oversees) == 0 && !a.Administrator && !a.Auditor
}

// MayAct says whether the actor may ask a matter for an action at all; [procedure.Decide] says which ones. Who sees a
// matter as an administrator only takes no part in it.
func MayAct(a Actor, f Facts) Decision {
	if d := Visible(a, f); !d.Allowed {
		return d
	}
	a.Administrator, a.Auditor = false, false
	return unless(Visible(a, f).Allowed, CodeReadOnly)
}

// MayReadHistory says whether the actor may read a matter's workflow history: the machinery's own record, meant for who
// oversees or audits.
func MayReadHistory(a Actor, f Facts) Decision {
	if d := Visible(a, f); !d.Allowed {
		return d
	}
	return unless(a.Administrator || a.Auditor || slices.Contains(a.Oversees, f.Organisation), CodeNotOverseer)
}

// MayOversee says whether the actor may decide about a vote of a matter: who oversees its organisation.
func MayOversee(a Actor, f Facts) Decision {
	if d := Visible(a, f); !d.Allowed {
		return d
	}
	return unless(slices.Contains(a.Oversees, f.Organisation), CodeNotOverseer)
}

// MayWatch says whether the actor may see how matters run and what is stuck: who administers the system, and who audits it.
// Nobody else finds it.
func MayWatch(a Actor) Decision { return unless(a.Administrator || a.Auditor, CodeNotFound) }

// MayRepair says whether the actor may set right what is stuck.
func MayRepair(a Actor) Decision { return unless(a.Administrator, CodeNotAdministrator) }

// MayReadAttachment says whether the actor may fetch a file: who may see one of the matters it is in; while it is in none,
// the person who put it there. [AttachmentPredicate] is the same rule as served.
func MayReadAttachment(a Actor, putBy string, matters ...Facts) Decision {
	if len(matters) == 0 {
		return unless(a.Person == putBy, CodeNotFound)
	}
	return unless(slices.ContainsFunc(matters, func(f Facts) bool { return Visible(a, f).Allowed }), CodeNotFound)
}

// AttachmentPredicate is [MayReadAttachment] as an SQL condition on the tables attachment (id, person) and matter_attachment
// (attachment, matter), with its arguments, numbered from firstArg.
func AttachmentPredicate(a Actor, firstArg int) (sql string, args []any) {
	seen, args := VisiblePredicate(a, firstArg)
	args = append(args, a.Person)
	return "(EXISTS (SELECT FROM matter_attachment its JOIN matter ON matter.id = its.matter WHERE its.attachment = attachment.id AND " + seen +
		") OR attachment.person = $" + strconv.Itoa(firstArg+len(args)-1) + "::text AND NOT EXISTS (SELECT FROM matter_attachment its WHERE its.attachment = attachment.id))", args
}

// MayReadSessions says whether the actor may see and end a person's sessions: their own; the system and the security
// administrator everybody's.
func MayReadSessions(a Actor, person string) Decision {
	return unless(a.Person == person || a.Administrator || a.Security, CodeNotFound)
}

// MayManagePersons says whether the actor may register persons, disable them and give them activation links.
func MayManagePersons(a Actor) Decision { return unless(a.Administrator, CodeNotAdministrator) }

// MayAssignPosts says whether the actor may say who holds which post. It is never who registers persons: nobody can
// make an account and give it power alone.
func MayAssignPosts(a Actor) Decision { return unless(a.Security, CodeNotSecurity) }

// MayAmendUnits says whether the actor may propose a change of an organisation's units.
func MayAmendUnits(a Actor) Decision { return unless(a.Administrator, CodeNotAdministrator) }

// MayConfirmUnits says whether the actor may put such a change in force: never who may propose one.
func MayConfirmUnits(a Actor) Decision { return unless(a.Security, CodeNotSecurity) }

// MaySetDeputy says whether the actor may name a deputy for a person's post: the person who holds it, or the security
// administrator. Who merely deputises for it may not pass it on.
func MaySetDeputy(a Actor, person string, post procedure.Post) Decision {
	_, deputises := a.Deputises[post]
	own := a.Person == person && a.Holds(post) && !deputises
	return unless(own || a.Security, CodeNotSecurity)
}

// MayListPersons says whether the actor may list persons with their accounts, past posts included.
func MayListPersons(a Actor) Decision {
	return unless(a.Administrator || a.Security || a.Auditor, CodeNotAdministrator)
}

// MayReadPersonalData says whether the actor may see a person's mail address, telephone number and account state;
// names, posts and units are everybody's.
func MayReadPersonalData(a Actor, person string) Decision {
	return unless(a.Person == person || a.Administrator || a.Security || a.Auditor, CodeNotFound)
}

// MayReadAudit says whether the actor may read who logged in and what administrators changed.
func MayReadAudit(a Actor) Decision { return unless(a.Auditor, CodeNotAuditor) }
