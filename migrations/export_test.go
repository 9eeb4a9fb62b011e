package migrations

// The runner on other files than the embedded ones.
var (
	UpFS     = up
	StatusFS = status
)
