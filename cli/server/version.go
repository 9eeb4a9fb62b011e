package server

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker: make build stamps what git describes.
var version string

// BuildVersion falls back to what the toolchain knows about the module.
func BuildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// lookup finds a variable in the form of os.Environ; the last one of a name wins, as for processes.
func lookup(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}
