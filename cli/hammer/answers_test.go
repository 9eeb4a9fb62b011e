package hammer

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// oddAnswers are what a server should not send, but something between here and there might.
var oddAnswers = []string{
	``, ` `, `null`, `true`, `1`, `"text"`, `[]`, `{}`, `[null]`, `[1,[2],{"a":{"b":null}}]`, `{"id":null}`,
	`{"a":null}`, `{"a":[1]}`, `<html>`, "\xff\xfe", `{"a":`,
	`{"results":null,"total":1,"sort":{}}`, `{"results":{},"total":"x","sort":{}}`,
	`{"results":[null,1,"a",[],{}],"total":null,"subtotal":{},"page":[],"per_page":"x","sort":{"by":1}}`,
	`{"results":[{"id":{"a":1},"login":[1],"name":{},"title":[]}],"total":1,"subtotal":1,"page":1,"per_page":0,"sort":{}}`,
	`{"results":{"foreman":null}}`,
	`{"results":{"foreman":{"database":null,"cache":{"servers":{}},"plugins":{},"smart_proxies":[null,{"features":[1]}],"compute_resources":"x"}}}`,
	`{"id":1,"roles":{},"users":null,"usergroups":[null,1,{"roles":1}],"cached_usergroups":{},"locations":[[]],"permissions":[1,null],"role":3,"default_organization":"x","auth_source":[],"columns":{"a":1},"created_at":{},"builtin":[],"error":[]}`,
	`{"error":null}`, `{"error":[]}`, `{"error":{"message":{"a":1},"full_messages":{"b":2},"details":[]}}`,
	`{"message":null,"error":1}`,
	`{"audited_changes":[1],"changes":3,"id":1}`, `{"audited_changes":{"a":[],"b":[1],"c":{},"d":null},"id":1}`,
}

// commandsThatAsk are command lines of every kind.
const commandsThatAsk = `user list
--csv user list
--output json user list --page 1
--output yaml user info --id 1
user info --login x
--show-ids --csv user info --id 1
user create --login a --mail b --auth-source c --roles d,e
user update --login a --password x
user add-role --id 1 --role-id 2
user-group info --id 1
user-group external list --user-group-id 1
user-group external refresh --user-group-id 1 --id 1
--output base role filters --name a
filter info --id 1
auth-source ldap info --id 1
--output csv auth-source ldap info --id 1
organization info --id 1
--output table organization info --id 1
organization add-user --id 1 --user a
organization set-parameter --organization-id 1 --name a --value b
settings list
user table-preference list --user-id 1
user delete --id 1
ping
--output csv status
status
user export
user export --format json`

// Whatever a server answers, a command ends, with a code, and with words if it failed.
func TestAnswers_OfAnyShape(t *testing.T) {
	s := newStage(t)
	var status int
	var body string
	s.peer.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/apidoc/") {
			s.peer.serve(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	for _, code := range []int{200, 422} {
		for _, answer := range oddAnswers {
			status = code
			body = answer
			for line := range strings.SplitSeq(commandsThatAsk, "\n") {
				got := s.run(line)
				if got.code < 0 || got.code > 129 || code >= 400 && got.code == 0 || got.code > 1 && got.err == "" {
					t.Errorf("%s, answered with %d %q: exit %d, %q", line, code, answer, got.code, got.err)
				}
			}
		}
	}
}
