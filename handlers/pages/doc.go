// Package pages serves the documentation to browsers: the reference of each API, the guides, a search over both, and
// Swagger's user interface.
//
// It owns the look of these pages. All of them can be read without a script and without a login, so the work on a
// request is bounded: what is shown comes from files of the program and is rendered once.
package pages
