package procedure

import (
	"encoding/json"
	"time"

	"duban/internal/poll"
)

// ActionName is what a person, or another matter, asks of a matter.
type ActionName string

// The actions. Those of the first group move the matter to another stage; the second group does not; the third is an
// administrator's; the last is not a person's.
const (
	ActionApprove  ActionName = "approve"  // 同意、提交
	ActionReturn   ActionName = "return"   // 退回
	ActionReject   ActionName = "reject"   // 不予通过
	ActionWithdraw ActionName = "withdraw" // 撤回
	ActionFinish   ActionName = "finish"   // 办结

	ActionScore ActionName = "score" // 评分: gives or changes a scorecard

	ActionFill           ActionName = "fill"            // 填报: change form fields without moving on
	ActionTransfer       ActionName = "transfer"        // 转办
	ActionDelegate       ActionName = "delegate"        // 委派: comes back to the delegator
	ActionAddBefore      ActionName = "add-before"      // 前加签
	ActionAddAfter       ActionName = "add-after"       // 后加签
	ActionClaim          ActionName = "claim"           // 认领
	ActionComment        ActionName = "comment"         // 批注
	ActionCopy           ActionName = "copy"            // 抄送
	ActionUrge           ActionName = "urge"            // 催办
	ActionAskExtension   ActionName = "ask-extension"   // 申请延期
	ActionGrantExtension ActionName = "grant-extension" // 准予延期
	ActionDenyExtension  ActionName = "deny-extension"  // 不予延期
	ActionSuspend        ActionName = "suspend"         // 暂停计时
	ActionResume         ActionName = "resume"          // 恢复计时
	ActionSign           ActionName = "sign"            // 签收
	ActionAcknowledge    ActionName = "acknowledge"     // 阅处

	ActionReassign  ActionName = "reassign"  // 改派: an administrator's, see Command.Repair
	ActionMove      ActionName = "move"      // 调整环节: likewise
	ActionTerminate ActionName = "terminate" // 终止: likewise

	ActionStart    ActionName = "start"    // the matter begins
	ActionLinked   ActionName = "linked"   // a linked matter began or ended
	ActionCalendar ActionName = "calendar" // a year's special days were published
	ActionEnacted  ActionName = "enacted"  // a change of the rules took effect, or could not
	ActionLapse    ActionName = "lapse"    // the collection the matter is for has closed
	ActionVoted    ActionName = "voted"    // a unit has voted
	ActionTally    ActionName = "tally"    // a vote was counted
	ActionDraw     ActionName = "draw"     // a seed was committed to, or is revealed
)

// Actor is who acts: a person with the posts that person may act for at that moment, deputies' posts included.
// It is recorded with what follows, so the record needs no look-up.
type Actor struct {
	Person string `json:"person,omitempty"` // id; empty: the system itself
	Name   string `json:"name,omitempty"`
	Posts  []Post `json:"posts,omitempty"`
	// Deputises maps a post acted for to the post of its usual holder's deputy, empty for one's own.
	Deputises map[Post]string `json:"deputises,omitempty"` // post -> name of the person deputised for
}

// Holds reports whether the actor may act for the post.
func (a Actor) Holds(p Post) bool {
	for _, own := range a.Posts {
		if own == p {
			return true
		}
	}
	return false
}

// Command asks a matter for an action. Key is the idempotency key: the same key has one outcome.
type Command struct {
	Key        string                     `json:"key"`
	Action     ActionName                 `json:"action"`
	Actor      Actor                      `json:"actor"`
	Assignment int64                      `json:"assignment,omitempty"` // which to-do; 0: the only one the actor holds
	Opinion    string                     `json:"opinion,omitempty"`
	To         string                     `json:"to,omitempty"`     // return: the stage chosen
	Post       Post                       `json:"post,omitempty"`   // transfer, delegate, add-before, add-after
	Posts      []Post                     `json:"posts,omitempty"`  // copy
	Fields     map[string]json.RawMessage `json:"fields,omitempty"` // form fields changed with the action
	Slip       int64                      `json:"slip,omitempty"`   // sign
	Days       int                        `json:"days,omitempty"`   // ask-extension, grant-extension: workdays
	Submit     bool                       `json:"submit,omitempty"` // start: pass the first stage at once
	Expect     int64                      `json:"expect,omitempty"` // sequence the actor saw; refused when the stage moved on since

	// Repair says an administrator of the platform asks, to set right what stands still: reassign, move, suspend, resume or
	// terminate, for a reason, whatever post the administrator holds.
	Repair bool   `json:"repair,omitempty"`
	Person string `json:"person,omitempty"` // reassign: the one person of the post who is to do it

	Linked   *Linked       `json:"linked,omitempty"`   // linked
	Calendar *CalendarYear `json:"calendar,omitempty"` // calendar
	Enacted  *Enacted      `json:"enacted,omitempty"`  // enacted
	Lapse    *Lapse        `json:"lapse,omitempty"`    // lapse
	Draw     *DrawAnswer   `json:"draw,omitempty"`     // draw
	Voted    *Vote         `json:"voted,omitempty"`    // voted
	Result   *poll.Result  `json:"result,omitempty"`   // tally
	Closed   *LogEnd       `json:"closed,omitempty"`   // tally: it is closed, and not counted yet
}

// Linked tells a matter what became of one it started.
type Linked struct {
	Matter  string    `json:"matter"`
	Link    string    `json:"link"` // Start.Link, or the start stage's key
	Title   string    `json:"title,omitempty"`
	Ended   bool      `json:"ended"`
	Outcome Outcome   `json:"outcome,omitempty"`
	At      time.Time `json:"at"`
	Refusal *Refusal  `json:"refusal,omitempty"` // why it never began; it counts as ended, rejected

	Unit   string                     `json:"unit,omitempty"`   // on whose behalf it was started
	Seq    int64                      `json:"seq,omitempty"`    // of the event that asked for it
	Taken  bool                       `json:"taken,omitempty"`  // gathered by a stage after the one that asked for it
	Late   bool                       `json:"late,omitempty"`   // the collection closed without it
	Fields map[string]json.RawMessage `json:"fields,omitempty"` // what is collected of a completed matter's form
}

// Lapse says which collection a matter came too late for.
type Lapse struct {
	Matter string `json:"matter"` // that collected
	Title  string `json:"title"`
	Authority
	At time.Time `json:"at"` // when it closed
}

// Refusal says why a command may not happen. It is an answer, not a fault: nothing changed.
type Refusal struct {
	Code      string         `json:"code"` // stable; the message catalogue has its text
	Args      map[string]any `json:"args,omitempty"`
	Authority                // of the rule that says so
	Input     bool           `json:"input,omitempty"` // the action is open to the actor, only something is missing from it
}

func (r *Refusal) Error() string { return r.Code }
