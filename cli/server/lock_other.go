//go:build !unix

package server

// lockDirectory locks nothing where directories have no locks.
func lockDirectory(string) (unlock func(), err error) { return func() {}, nil }
