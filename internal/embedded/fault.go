package embedded

import "fmt"

// Code names one thing that can go wrong and that a person can do something about. The message catalogue has a text
// for each under "operate.<code>".
type Code string

// The faults of starting and running the embedded parts.
const (
	FolderInUse       Code = "folder-in-use"       // another duban runs on this data folder
	FolderFormat      Code = "folder-format"       // the data folder was written by another version's layout
	FolderClosed      Code = "folder-closed"       // PostgreSQL's account cannot reach the data folder
	DiskFull          Code = "disk-full"           // too little space left
	PostgresMissing   Code = "postgres-missing"    // no PostgreSQL programs found
	PostgresVersion   Code = "postgres-version"    // the cluster needs programs of another version
	PostgresAccount   Code = "postgres-account"    // we are root and there is no account to run PostgreSQL as
	PostgresPassword  Code = "postgres-password"   // the cluster does not accept the password kept beside it
	PostgresFailed    Code = "postgres-failed"     // PostgreSQL ended or never became ready
	PostgresOrphan    Code = "postgres-orphan"     // a PostgreSQL of an earlier run would not end
	PortTaken         Code = "port-taken"          // something else listens on a port of ours
	TemporalFailed    Code = "temporal-failed"     // the Temporal server gave up
	DatabaseURLFormat Code = "database-url-format" // not a postgres:// address
)

// Fault is a failure with a code and the facts its message needs. Error is English; the catalogue holds the Chinese.
type Fault struct {
	Code Code
	Args map[string]any
	Text string
	Err  error
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Text + ": " + f.Err.Error()
	}
	return f.Text
}

func (f *Fault) Unwrap() error { return f.Err }

// Message gives the key of the catalogue's text and its arguments.
func (f *Fault) Message() (key string, args map[string]any) {
	return "operate." + string(f.Code), f.Args
}

type facts = map[string]any

func fault(code Code, args facts, cause error, format string, a ...any) *Fault {
	return &Fault{Code: code, Args: args, Err: cause, Text: fmt.Sprintf(format, a...)}
}
