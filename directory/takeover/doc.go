// Package takeover brings the people of another product's database into the directory: users, groups, tenants, roles
// and memberships, with their numbers, passwords and keys. It only reads from the other database. What it writes it
// writes in one transaction, so that an interruption leaves the directory as it was, and a second run goes on where
// the other database has changed since. It brings in one organization from a backup of this server in the same way. It
// knows nothing of HTTP and of the words of any dialect.
package takeover

import (
	"errors"
	"fmt"
	"time"
)

// Options say how a directory is taken over.
type Options struct {
	// DryRun writes nothing, but reports what would be written.
	DryRun bool
	// OnConflict decides about users whose login exists already; ConflictAsk reports them and stops.
	OnConflict OnConflict
	// WithRoles brings in what a backup gives beyond its organization: roles that new accounts and groups hold
	// everywhere. Other products' databases have no use for it.
	WithRoles bool
	// Progress hears of users brought in so far; may be nil.
	Progress func(done, total int)
}

// OnConflict says what becomes of a user whose login exists in the directory.
type OnConflict string

// What may become of such a user.
const (
	ConflictAsk    OnConflict = ""
	ConflictSkip   OnConflict = "skip"   // is left out, and so are the memberships
	ConflictMerge  OnConflict = "merge"  // is the one who is there, who gets the memberships, groups and addresses
	ConflictRename OnConflict = "rename" // gets another login
)

// ErrConflicts reports users whose login exists, where the operator has not decided what becomes of them. The report
// names them.
var ErrConflicts = errors.New("some logins exist in the directory already: decide about them with --on-conflict")

// errDryRun ends a transaction that is not to be kept.
var errDryRun = errors.New("takeover: nothing is kept of a dry run")

// Note is something that the operator should know of one row.
type Note struct {
	// Noun is the kind of row, such as "user"; ID its number in the other database, 0 for none; Name what people call
	// it.
	Noun string `json:"noun"`
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
}

// Report tells what was brought in.
type Report struct {
	// Source names the database, without its password. Product is what made it.
	Source  string `json:"source"`
	Product string `json:"product"`
	DryRun  bool   `json:"dry_run"`
	// Nouns are the kinds of rows that are counted, in the order in which they are brought in.
	Nouns []string `json:"kinds"`
	// Fresh says that the directory was untouched, so that every number stayed what it was.
	Fresh bool `json:"fresh"`
	// Read, Written and Known count the rows of each kind: those of the other database, those that are new here, and
	// those that an earlier run brought in.
	Read    map[string]int `json:"read"`
	Written map[string]int `json:"written"`
	Known   map[string]int `json:"known"`
	// Compared is how many users were compared with what was read, at the end; Different are those that differ.
	Compared  int           `json:"compared"`
	Different int           `json:"different"`
	Notes     []Note        `json:"notes"`
	Elapsed   time.Duration `json:"elapsed_ns"`

	// comparing says that everything worth a note has been noted.
	comparing bool
}

func newReport(source, product string, dry bool, nouns ...string) *Report {
	return &Report{Source: source, Product: product, DryRun: dry, Nouns: nouns, Read: map[string]int{},
		Written: map[string]int{}, Known: map[string]int{}, Notes: []Note{}}
}

func (r *Report) note(noun string, id int64, name, text string) {
	if r.comparing {
		return
	}
	r.Notes = append(r.Notes, Note{noun, id, name, text})
}

// String is the note for people.
func (n Note) String() string {
	who := n.Noun
	if n.ID != 0 {
		who += fmt.Sprint(" ", n.ID)
	}
	if n.Name != "" {
		who += fmt.Sprintf(" (%s)", n.Name)
	}
	return who + ": " + n.Text
}
