package cli

func importCommand() *command {
	return &command{name: "import", kind: isLocal, about: "x", run: func(*invocation) error { return nil }}
}
func exportCommand() *command {
	return &command{name: "export", kind: isLocal, about: "x", run: func(*invocation) error { return nil }}
}
