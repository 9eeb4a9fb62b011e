package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// bearer returns the account that a token alone opens. A token with two dots is one that the configured OpenID provider
// signed; others are personal access tokens, of which those from CVAT have one dot.
func (s *Service) bearer(ctx context.Context, a Credentials, token string) (*store.Account, error) {
	if strings.Count(token, ".") > 1 {
		r, err := s.LatestSnapshot(ctx)
		if err != nil {
			return nil, err
		}
		id, err := s.openID.identity(ctx, r, s.Now(), token)
		if err != nil {
			s.Log.InfoContext(ctx, "a token of an OpenID provider was refused", slog.String("error", err.Error()))
			return nil, store.ErrCredentials
		}
		row, err := s.authenticateAsserted(ctx, r, id)
		if errors.Is(err, store.ErrCredentials) {
			s.Log.InfoContext(ctx, "a token of an OpenID provider opens no account",
				slog.String("login", printable(id.Login)))
		}
		return row, err
	}
	hash := directory.TokenHash(token)
	if hash == "" {
		return nil, store.ErrCredentials
	}
	row, err := s.AccountBy(ctx, store.ByToken, hash)
	if err != nil {
		return nil, err
	}
	if row == nil || row.Hidden {
		return nil, store.ErrCredentials
	}
	a.attempt.owner = row.Login
	opens, err := s.tokenOpens(ctx, a, row, token)
	if err == nil && !opens {
		err = store.ErrCredentials
	}
	return row, err
}

const (
	// keysKept is for how long a provider's keys are used without asking for them again: a key that it has withdrawn
	// opens nothing after that.
	keysKept = 5 * time.Minute
	// keysPatience and keysLimit bound the answer with the keys.
	keysPatience = 5 * time.Second
	keysLimit    = 1 << 20
)

// signatures are the algorithms that a provider may be configured to use: those whose verification needs no secret.
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256,
	oidc.PS384, oidc.PS512, oidc.EdDSA}

// providerKeys are the keys of the OpenID provider.
type providerKeys struct {
	mu     sync.Mutex
	client *http.Client
	url    string
	since  time.Time
	set    *oidc.RemoteKeySet
}

func (k *providerKeys) at(url string, now time.Time) *oidc.RemoteKeySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set == nil || k.url != url || now.Sub(k.since).Abs() >= keysKept {
		if k.client == nil {
			k.client = keysClient()
		}
		k.url = url
		k.since = now
		k.set = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), k.client), url)
	}
	return k.set
}

// limitedAnswers reads no more of an answer than keysLimit.
type limitedAnswers struct{ http.RoundTripper }

// RoundTrip sends a request and bounds how much of the answer is read.
func (l limitedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, keysLimit), res.Body}
	}
	return res, err
}

// identity reads a token that the provider of the settings has signed for this server (docs/spec/foreman.md, 7.5).
func (k *providerKeys) identity(ctx context.Context, r *store.Snapshot, now time.Time,
	token string) (*models.Identity, error) {
	issuer := r.Setting("oidc_issuer")
	audiences := r.SettingList("oidc_audience")
	url := r.Setting("oidc_jwks_url")
	if issuer == "" || url == "" || len(audiences) == 0 {
		return nil, errors.New("no OpenID provider is configured: oidc_issuer, oidc_audience and oidc_jwks_url " +
			"are needed")
	}
	if _, err := models.KeysURL(url); err != nil {
		return nil, fmt.Errorf("oidc_jwks_url: %w", err)
	}
	algorithms := slices.DeleteFunc(r.SettingList("oidc_algorithm"),
		func(a string) bool { return !slices.Contains(signatures, a) })
	if len(algorithms) == 0 {
		algorithms = []string{oidc.RS256}
	}
	verifier := oidc.NewVerifier(issuer, k.at(url, now), &oidc.Config{
		SkipClientIDCheck:    true, // there may be several; see below
		SupportedSigningAlgs: algorithms, Now: func() time.Time { return now },
	})
	t, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(t.Audience, func(a string) bool { return slices.Contains(audiences, a) }) {
		return nil, errors.New("the token is for somebody else")
	}
	var claims struct {
		Login     string   `json:"preferred_username"`
		Firstname *string  `json:"given_name"`
		Lastname  *string  `json:"family_name"`
		Mail      *string  `json:"email"`
		Groups    []string `json:"groups"`
	}
	if err := t.Claims(&claims); err != nil {
		return nil, err
	}
	return &models.Identity{
		Login: claims.Login, Firstname: claims.Firstname, Lastname: claims.Lastname, Mail: claims.Mail,
		Groups: claims.Groups, GroupsTold: claims.Groups != nil,
	}, nil
}
