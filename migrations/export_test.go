package migrations

import (
	"context"
	"database/sql"
)

// The runner on other files than the embedded ones.
var (
	UpFS     = up
	StatusFS = status
	CheckFS  = check
)

// Embedded are the migrations of this program.
var Embedded = embedded

// HoldSQLite holds the migration lock of a SQLite database from one signal to the other.
func HoldSQLite(ctx context.Context, db *sql.DB, holding, release chan struct{}) {
	unlock, err := lockSQLite(ctx, db)
	if err != nil {
		panic(err)
	}
	close(holding)
	<-release
	unlock()
}

// Era is how many versions there are between two narrowings.
const Era = era
