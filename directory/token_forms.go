package directory

import "roster/directory/secret"

// TokenHash returns the hash by which a personal access token is kept: that of one of this server's own, or of one that
// came from CVAT. It returns "" for what is no token and is not looked up.
func TokenHash(token string) string {
	if len(token) == TokenLength {
		return secret.TokenHash(token)
	}
	return secret.CVATTokenHash(token)
}
