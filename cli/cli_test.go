package cli

import (
	"strings"
	"testing"
)

// The binary is two programs; which one answers depends on the first words, and on the name it is called by.
func TestCommandLine_WhoAnswers(t *testing.T) {
	for line, wantCLI := range map[string]bool{
		"roster":                             false,
		"roster serve":                       false,
		"roster --help":                      false,
		"roster help":                        false,
		"roster version":                     false,
		"roster --database x migrate":        false,
		"roster search explain x":            false,
		"roster user list":                   true,
		"/usr/bin/roster -u admin user list": true,
		"roster --output json user list":     true,
		"roster --config=x serve":            false,
		"roster --config x user list":        true,

		// What looks like a command of the server is the value of an option, or a name.
		"roster --csv user list --search seed":       true,
		"roster --output json user info --id config": true,
		"roster --config f settings list --search x": true,
		"roster -u search user list":                 true,
		"roster --version":                           true,
		"roster completion bash":                     true,
		"roster __complete se":                       true,
		"roster nonsense":                            true,
		"hammer":                                     true,
		"/usr/local/bin/hammer --help":               true,
		"hammer serve":                               true,
	} {
		if got := hammerFor(strings.Fields(line)) != nil; got != wantCLI {
			t.Errorf("%s: the command line answers %v, want %v", line, got, wantCLI)
		}
	}
}
