// Package cli is Roster's command line: the command language of hammer, spoken by a small HTTP client. What a command
// accepts and sends follows from the Apipie document of the server; the tables here (commands.go, taxonomy.go) only add
// labels and messages. It knows nothing of users, roles or databases, and imports nothing of Roster but the built-in
// copy of that document.
package cli
