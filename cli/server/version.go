package server

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker: make build stamps what git describes.
var version string

// BuildVersion returns the version that the linker set, or else that of the module, or else "dev".
func BuildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// lookupEnv returns a variable of an environment in the form of os.Environ. The last one of a name wins, as for
// processes.
func lookupEnv(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}
