package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// isRequestID says what a client may choose as the name of its request: 1 to 255 letters, digits and dashes.
func isRequestID(id string) bool {
	odd := func(r rune) bool {
		return !('A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
	}
	return 1 <= len(id) && len(id) <= 255 && !strings.ContainsFunc(id, odd)
}

// RequestID names each request, by the client's X-Request-Id if it is well formed, and answers with the name.
func RequestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !isRequestID(id) {
			id = uuid.NewString()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// RequestIDOf returns the request's name.
func RequestIDOf(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

const loginKey = "roster.login"

// NoteLogin lets the access log say whose request it was.
func NoteLogin(c echo.Context, login string) { c.Set(loginKey, login) }

// AccessLog writes one line for each request: never its query or body, which may hold secrets.
func AccessLog(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			err := next(c)
			if err != nil {
				c.Error(err) // so that the status is known
			}
			login, _ := c.Get(loginKey).(string)
			log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
				slog.String("method", c.Request().Method), slog.String("path", c.Request().URL.Path),
				slog.Int("status", c.Response().Status),
				slog.Int64("bytes", c.Response().Size), slog.Duration("took", time.Since(start)),
				slog.String("login", login),
				slog.String("remote", c.RealIP()), slog.String("request_id", RequestIDOf(c)))
			return nil
		}
	}
}

const unboundedKey = "roster.unbounded"

// Timeout ends the work on a request after d. The context of the connection stays within reach for streams.
func Timeout(d time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if d <= 0 {
				return next(c)
			}
			base := c.Request().Context()
			c.Set(unboundedKey, base)
			ctx, cancel := context.WithTimeout(base, d)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

// Unbounded returns the context of the connection, which only ends with it: for answers as long as the table.
func Unbounded(c echo.Context) context.Context {
	if base, ok := c.Get(unboundedKey).(context.Context); ok {
		return base
	}
	return c.Request().Context()
}

// SecurityHeaders are sent with every answer. A page may use what this server has; scripts and styles that stand in a
// page are ignored.
func SecurityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Frame-Options", "sameorigin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set(echo.HeaderContentSecurityPolicy,
			"default-src 'self'; img-src 'self' data:; object-src 'none'; "+
				"base-uri 'self'; form-action 'self'; frame-ancestors 'self'")
		return next(c)
	}
}

// DialectHeaders adds the headers that a dialect sends with each of its answers, just before the answer is written.
func DialectHeaders(dialects Dialects) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			dialect := dialects.For(c)
			if dialect.Headers != nil {
				c.Response().Before(func() { dialect.Headers(c.Response().Header(), time.Since(start)) })
			}
			return next(c)
		}
	}
}

// transportSecurity makes a browser insist on TLS, for twenty years, as the original does (docs/spec/foreman.md, 17).
const transportSecurity = "max-age=631139040; includeSubdomains"

const (
	secureKey = "roster.secure"
	hostKey   = "roster.host"
)

// Secure determines whether the client's request came by TLS, and makes browsers stay with TLS. It believes the headers
// of trusted proxies only.
func Secure(trusted []netip.Prefix) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			secure := cameByTLS(c.Request(), trusted)
			c.Set(secureKey, secure)
			c.Set(hostKey, hostOf(c.Request(), trusted))
			if secure {
				c.Response().Header().Set(echo.HeaderStrictTransportSecurity, transportSecurity)
			}
			return next(c)
		}
	}
}

// IsSecure reports whether the request came by TLS, as Secure found out.
func IsSecure(c echo.Context) bool {
	secure, _ := c.Get(secureKey).(bool)
	return secure
}

// BaseURL is the address of this server as the client wrote it, without a path: scheme and host, as Secure found out.
func BaseURL(c echo.Context) string {
	host, ok := c.Get(hostKey).(string)
	if !ok {
		host = c.Request().Host
	}
	if IsSecure(c) {
		return "https://" + host
	}
	return "http://" + host
}

// hostOf returns the host that the client asked for: the first one in X-Forwarded-Host, if a trusted proxy says so.
func hostOf(r *http.Request, trusted []netip.Prefix) string {
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ",")
	if first = strings.TrimSpace(first); first != "" && isHost(first) && isProxy(r, trusted) {
		return first
	}
	return r.Host
}

// isHost reports whether a text is a name or an address with an optional port, and nothing that ends one.
func isHost(text string) bool {
	u, err := url.Parse("http://" + text)
	return err == nil && u.Host == text
}

// cameByTLS reports whether the connection is encrypted, to this server or to the trusted proxy in front of it. Of a
// chain of proxies, the first one names the client's scheme.
func cameByTLS(r *http.Request, trusted []netip.Prefix) bool {
	if r.TLS != nil {
		return true
	}
	first, _, _ := strings.Cut(r.Header.Get(echo.HeaderXForwardedProto), ",")
	return strings.EqualFold(strings.TrimSpace(first), "https") && isProxy(r, trusted)
}

// isProxy reports whether the peer's headers about the client are believed: it is in a trusted network, or came by a
// socket of this machine, which the mode of the socket guards.
func isProxy(r *http.Request, trusted []netip.Prefix) bool {
	return bySocket(r) || isPeerIn(r, trusted)
}

// bySocket reports whether the connection came by a socket in the file system. What the listener says counts, and
// nothing that a client sends.
func bySocket(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && addr.Network() == "unix"
}

// socketPeer stands for the address of a peer that came by a socket.
const socketPeer = "127.0.0.1"

// ClientAddress reads the client's address: the peer's, or, from a trusted proxy, the last address in X-Forwarded-For
// that is not a trusted proxy itself. A peer that came by a socket is a trusted proxy on this machine.
func ClientAddress(trusted []netip.Prefix) echo.IPExtractor {
	isTrusted := func(addr netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
	}
	return func(r *http.Request) string {
		peer, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			peer = r.RemoteAddr
		}
		if bySocket(r) {
			peer = socketPeer
		} else if addr, err := netip.ParseAddr(peer); err != nil || !isTrusted(addr) {
			return peer
		}
		hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := hopAddress(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			peer = hop.String()
			if !isTrusted(hop) {
				break
			}
		}
		return peer
	}
}

// hopAddress reads an address, which some proxies write with its port.
func hopAddress(text string) (netip.Addr, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr, nil
	}
	hop, err := netip.ParseAddrPort(text)
	return hop.Addr(), err
}
