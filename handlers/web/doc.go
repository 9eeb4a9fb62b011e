// Package web is what the dialects share and that no dialect owns: reading ids and bodies, statuses of error kinds,
// and the middleware around every request. It knows HTTP and the models, and no rule about users.
package web
