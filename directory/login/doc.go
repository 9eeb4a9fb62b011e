// Package login finds out who asks: it checks passwords, tokens, sessions and the word of LDAP servers, proxies and
// OpenID providers, slows down guesses, and creates the people whom those vouch for through the verbs of the directory.
//
// It decides nothing about what a caller may do.
package login
