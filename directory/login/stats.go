package login

import (
	"errors"
	"sync/atomic"

	"roster/directory/store"
)

// Proof is by what somebody asks to be let in.
type Proof int

// The proofs. A personal access token in the place of a password counts as a password.
const (
	ByNothing Proof = iota
	BySession
	ByProxy
	ByAPIKey
	ByLoginToken
	ByBearer
	ByPassword
	ByProvisioning
	proofs
)

// String names the proof.
func (p Proof) String() string {
	return [proofs]string{"none", "session", "proxy", "api_key", "login_token", "bearer", "password",
		"provisioning"}[p]
}

// proof is what the credentials are tried by first, after a session.
func (c *Credentials) proof() Proof {
	switch {
	case c.Asserted != nil:
		return ByProxy
	case c.APIKey != "":
		return ByAPIKey
	case c.LoginToken != "":
		return ByLoginToken
	case c.Login != "" || c.Password != "":
		return ByPassword
	case c.Bearer != "":
		return ByBearer
	}
	return ByNothing
}

// Result is how an attempt to be let in ended.
type Result int

// The results.
const (
	Accepted Result = iota
	WrongCredentials
	SecondFactor
	Disabled
	// Blocked addresses had too many failures.
	Blocked
	// Expired sessions and accounts have ended.
	Expired
	// Failed attempts were not judged: the database or another server did not work, or too many waited.
	Failed
	results
)

// String names the result.
func (r Result) String() string {
	return [results]string{"accepted", "wrong_credentials", "second_factor", "disabled", "blocked", "expired",
		"failed"}[r]
}

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Accepted
	case errors.Is(err, ErrTooManyTries):
		return Blocked
	case errors.Is(err, store.ErrCredentials):
		return WrongCredentials
	case errors.Is(err, store.ErrSecondFactor):
		return SecondFactor
	case errors.Is(err, store.ErrDisabled):
		return Disabled
	case errors.Is(err, ErrSessionExpired), errors.Is(err, store.ErrExpired):
		return Expired
	}
	return Failed
}

// tally counts logins.
type tally [proofs][results]atomic.Int64

func (t *tally) note(by Proof, err error) { t[by][resultOf(err)].Add(1) }

// Count is how many attempts by a proof had a result since the start.
type Count struct {
	Proof  Proof
	Result Result
	Number int64
}

// Stats are the numbers of the logins at one moment.
type Stats struct {
	Logins []Count
	Caches []store.CacheStats
	Gates  []store.GateStats
}

// Stats returns the numbers of this moment.
func (s *Service) Stats() Stats {
	n := Stats{
		Caches: []store.CacheStats{store.StatsOf("failed_logins", s.failures),
			store.StatsOf("sessions", s.recentSessions), store.StatsOf("ldap_proofs", s.recent)},
		Gates: []store.GateStats{{Name: "passwords", Stats: s.attempts.Stats()}},
	}
	for by := range s.tally {
		for result := range s.tally[by] {
			n.Logins = append(n.Logins, Count{Proof(by), Result(result), s.tally[by][result].Load()})
		}
	}
	return n
}
