package login

import (
	"context"
	"errors"
)

// ErrForgery is a change that a browser asks for without the token of its session: a page of somebody else may have
// made it do so.
var ErrForgery = errors.New("login: a change without the token of the session")

// BySession lets a client in by the session that it says it has, and by nothing else. It returns nil where there is no
// such session, or none any more: that is no failed attempt.
func (s *Service) BySession(ctx context.Context, c Credentials) (*Login, error) {
	if c.Session == "" {
		return nil, nil
	}
	changing := c.Changing
	c.Changing = false
	p, err := s.sessionPrincipal(ctx, c)
	if errors.Is(err, ErrSessionExpired) {
		return nil, nil
	}
	if err != nil || p == nil {
		return nil, err
	}
	if !changing {
		return &Login{Principal: p}, nil
	}
	c.Changing = true
	if p, err = s.sessionPrincipal(ctx, c); err == nil && p == nil {
		err = ErrForgery
	}
	return &Login{Principal: p}, err
}
