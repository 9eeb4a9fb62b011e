package ldaptest

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// What Active Directory does by default.
const (
	adRange    = 1500 // values of an attribute at once
	adPage     = 1000 // entries of a search at once
	adDisabled = 2    // the bit in userAccountControl of accounts that are disabled
	adUsers    = "513"
)

// AD is a server that behaves as Active Directory is documented to ([MS-ADTS]), as far as logins and groups go. It
// keeps its entries in memory, without a schema.
type AD struct {
	t *testing.T
	// Port is for plain connections to 127.0.0.1.
	Port int64

	mu      sync.Mutex
	entries map[string]*adEntry // by what adKey makes of their names
	keys    []string            // in the order in which entries were added
	trouble map[string]Trouble
}

// Trouble is how a server answers to whoever asks for an entry, or searches below it: a result code, or one of those
// below.
type Trouble int

// What a server does instead of answering.
const (
	HangsUp Trouble = -1
	Hangs   Trouble = -2
	// Endless finds nothing, says that there is more, and has one more value of every attribute.
	Endless Trouble = -3
)

type adEntry struct {
	dn     string
	values map[string][]string // by name in lower case
	// members are what adKey makes of the values of member.
	members map[string]bool
}

// StartAD serves the domain example.com until the test ends, with its service account below CN=Users, and OU=People and
// OU=Groups.
func StartAD(t *testing.T) *AD {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	a := &AD{t: t, Port: int64(l.Addr().(*net.TCPAddr).Port), entries: map[string]*adEntry{},
		trouble: map[string]Trouble{}}
	t.Cleanup(func() { l.Close() })
	a.Add("DC=example,DC=com", "objectClass", "top", "objectClass", "domain", "objectClass", "domainDNS")
	a.Add("CN=Users,DC=example,DC=com", "objectClass", "container", "cn", "Users")
	a.Add("OU=People,DC=example,DC=com", "objectClass", "organizationalUnit", "ou", "People")
	a.Add("OU=Groups,DC=example,DC=com", "objectClass", "organizationalUnit", "ou", "Groups")
	a.Add("CN=Domain Users,CN=Users,DC=example,DC=com", "objectClass", "group", "cn", "Domain Users",
		"sAMAccountName", "Domain Users", "primaryGroupToken", adUsers)
	a.Add("CN=svc,CN=Users,DC=example,DC=com", "objectClass", "user", "cn", "svc", "sAMAccountName", "svc",
		"userPrincipalName", "svc@example.com", "unicodePwd", RootPassword)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go a.serve(conn)
		}
	}()
	return a
}

// Source returns what a source says about the server.
func (a *AD) Source() map[string]any {
	return map[string]any{"server_type": "active_directory", "host": "127.0.0.1", "port": a.Port,
		"attr_login": "sAMAccountName", "base_dn": "OU=People,DC=example,DC=com",
		"groups_base": "OU=Groups,DC=example,DC=com", "account": "svc@example.com", "account_password": RootPassword}
}

// Add adds an entry, its attributes as names and values in turn.
func (a *AD) Add(dn string, pairs ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := &adEntry{dn: dn, values: map[string][]string{}}
	for i := 0; i < len(pairs); i += 2 {
		e.set(pairs[i], append(e.values[strings.ToLower(pairs[i])], pairs[i+1])...)
	}
	e.set("distinguishedName", dn)
	if _, known := a.entries[adKey(dn)]; !known {
		a.keys = append(a.keys, adKey(dn))
	}
	a.entries[adKey(dn)] = e
}

// Person adds somebody with a password to OU=People and gives the name of the entry.
func (a *AD) Person(login, first, last, password string) string {
	dn := "CN=" + ldap.EscapeDN(first+" "+last+" "+login) + ",OU=People,DC=example,DC=com"
	a.Add(dn, "objectClass", "top", "objectClass", "person", "objectClass", "organizationalPerson", "objectClass",
		"user", "cn", first+" "+last+" "+login, "sAMAccountName", login, "userPrincipalName", login+"@example.com",
		"givenName", first, "sn", last, "mail", login+"@example.com", "unicodePwd", password, "primaryGroupID",
		adUsers, "userAccountControl", "512")
	return dn
}

// Group adds a group to OU=Groups and gives the name of the entry.
func (a *AD) Group(name string, members ...string) string {
	dn := "CN=" + ldap.EscapeDN(name) + ",OU=Groups,DC=example,DC=com"
	a.Add(dn, "objectClass", "top", "objectClass", "group", "cn", name, "sAMAccountName", name)
	a.Set(dn, "member", members...)
	return dn
}

// SetMembers replaces the members of a group.
func (a *AD) SetMembers(group string, members ...string) { a.Set(group, "member", members...) }

// Set replaces an attribute.
func (a *AD) Set(dn, name string, values ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries[adKey(dn)].set(name, values...)
}

// Delete removes an entry.
func (a *AD) Delete(dn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.entries, adKey(dn))
	a.keys = slices.DeleteFunc(a.keys, func(key string) bool { return key == adKey(dn) })
}

// Troubles lets the server answer like that to whoever asks for the entry or searches below it; 0 ends it.
func (a *AD) Troubles(dn string, trouble Trouble) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trouble[adKey(dn)] = trouble
}

func (e *adEntry) set(name string, values ...string) {
	e.values[strings.ToLower(name)] = values
	if strings.EqualFold(name, "member") {
		e.members = map[string]bool{}
		for _, dn := range values {
			e.members[adKey(dn)] = true
		}
	}
}

// adKey returns a name of an entry in one of its spellings.
func adKey(dn string) string {
	if key, known := adKeys.Load(dn); known {
		return key.(string)
	}
	key := strings.ToLower(dn)
	if parsed, err := ldap.ParseDN(dn); err == nil {
		key = strings.ToLower(parsed.String())
	}
	adKeys.Store(dn, key)
	return key
}

// adKeys keeps what adKey has worked out, since names are compared often.
var adKeys sync.Map

// serve answers the requests of one connection, one after the other.
func (a *AD) serve(conn net.Conn) {
	defer conn.Close()
	c := &adConn{AD: a, Conn: conn}
	for {
		packet, err := ber.ReadPacket(conn)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		c.id, _ = packet.Children[0].Value.(int64)
		switch operation := packet.Children[1]; operation.Tag {
		case ldap.ApplicationBindRequest:
			code, text := c.bind(operation)
			c.done(ldap.ApplicationBindResponse, code, text, nil)
		case ldap.ApplicationSearchRequest:
			if !c.search(operation, packet) {
				return
			}
		case ldap.ApplicationUnbindRequest:
			return
		case ldap.ApplicationAbandonRequest:
		default:
			c.done(ldap.ApplicationExtendedResponse, ldap.LDAPResultProtocolError, "", nil)
		}
	}
}

// adConn is a connection, and who it belongs to.
type adConn struct {
	*AD
	net.Conn
	id    int64
	known bool
}

// bind proves a password. One that is empty proves nothing, and is no failure: what follows is anonymous.
func (c *adConn) bind(request *ber.Packet) (uint16, string) {
	const refused = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data %s, v4563"
	name, _ := request.Children[1].Value.(string)
	password := request.Children[2].Data.String()
	c.known = false
	if name == "" || password == "" {
		return ldap.LDAPResultSuccess, ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.account(name)
	switch {
	case e == nil:
		return ldap.LDAPResultInvalidCredentials, fmt.Sprintf(refused, "525")
	case !slices.Equal(e.values["unicodepwd"], []string{password}):
		return ldap.LDAPResultInvalidCredentials, fmt.Sprintf(refused, "52e")
	case bits(e.values["useraccountcontrol"])&adDisabled != 0:
		return ldap.LDAPResultInvalidCredentials, fmt.Sprintf(refused, "533")
	}
	c.known = true
	return ldap.LDAPResultSuccess, ""
}

// account returns the entry of a distinguished name, a user principal name, or DOMAIN\login.
func (a *AD) account(name string) *adEntry {
	if e := a.entries[adKey(name)]; e != nil {
		return e
	}
	for _, key := range a.keys {
		e := a.entries[key]
		for _, login := range e.values["samaccountname"] {
			if has(e.values["userprincipalname"], name) || strings.EqualFold(`EXAMPLE\`+login, name) ||
				strings.EqualFold(login+"@example.com", name) {
				return e
			}
		}
	}
	return nil
}

func bits(values []string) int {
	if len(values) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(values[0])
	return n
}

func has(values []string, value string) bool {
	if len(values) == 0 {
		return false
	}
	key := adKey(value)
	return slices.ContainsFunc(values, func(v string) bool {
		return strings.EqualFold(v, value) || strings.Contains(v, "=") && adKey(v) == key
	})
}

// search answers a search; false means that the connection ends.
func (c *adConn) search(request, packet *ber.Packet) bool {
	c.mu.Lock()
	base, _ := request.Children[0].Value.(string)
	scope, _ := request.Children[1].Value.(int64)
	limit, _ := request.Children[3].Value.(int64)
	trouble := c.troubleAt(base)
	code, text := c.baseTrouble(base, trouble)
	var found []*ber.Packet
	if code == ldap.LDAPResultSuccess && trouble == 0 {
		var failed bool
		if found, failed = c.found(base, scope, request); failed {
			code = ldap.LDAPResultOperationsError
		}
	}
	c.mu.Unlock()
	switch trouble {
	case HangsUp:
		return false
	case Hangs:
		<-c.t.Context().Done()
		return false
	case Endless:
		c.goOn(base, scope, request)
		return true
	}
	var next *ber.Packet
	if code == ldap.LDAPResultSuccess {
		found, code, next = paged(found, limit, packet)
	}
	for _, e := range found {
		c.send(e, nil)
	}
	if scope == ldap.ScopeWholeSubtree && adKey(base) == adKey("DC=example,DC=com") {
		reference := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil,
			"")
		reference.AppendChild(text4("ldap://emea.example.com/DC=emea,DC=example,DC=com"))
		c.send(reference, nil)
	}
	c.done(ldap.ApplicationSearchResultDone, code, text, next)
	return true
}

// goOn answers a search as a server does that never comes to an end.
func (c *adConn) goOn(base string, scope int64, request *ber.Packet) {
	if scope == ldap.ScopeBaseObject {
		attributes := ber.NewSequence("")
		for _, wanted := range request.Children[7].Children {
			name, option, _ := strings.Cut(wanted.Value.(string), ";range=")
			low, _, _ := strings.Cut(option, "-")
			from, _ := strconv.Atoi(low)
			attributes.AppendChild(adAttribute(fmt.Sprintf("%s;range=%d-%d", name, from, from), []string{base}))
		}
		entry := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		entry.AppendChild(text4(base))
		entry.AppendChild(attributes)
		c.send(entry, nil)
	}
	next := ldap.NewControlPaging(0)
	next.SetCookie([]byte("more"))
	c.done(ldap.ApplicationSearchResultDone, ldap.LDAPResultSuccess, "", next.Encode())
}

func (a *AD) troubleAt(base string) Trouble {
	for dn, trouble := range a.trouble {
		if trouble != 0 && below(adKey(base), dn) {
			return trouble
		}
	}
	return 0
}

func below(key, base string) bool { return key == base || strings.HasSuffix(key, ","+base) }

// baseTrouble returns why nothing can be found below a base.
func (c *adConn) baseTrouble(base string, trouble Trouble) (code uint16, text string) {
	switch {
	case trouble > 0:
		return uint16(trouble), ""
	case !c.known && base != "":
		return ldap.LDAPResultOperationsError, "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this " +
			"operation a successful bind must be completed on the connection., data 0, v4563"
	case !below(adKey(base), "dc=example,dc=com"), below(adKey(base), "dc=emea,dc=example,dc=com"):
		return ldap.LDAPResultReferral, "0000202B: RefErr: DSID-0310074A, data 0, 1 access points"
	case c.entries[adKey(base)] == nil:
		return ldap.LDAPResultNoSuchObject, "0000208D: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT)"
	}
	return ldap.LDAPResultSuccess, ""
}

// found returns the entries that a search finds, as they are sent; failed is set if a range begins after the last
// value.
func (c *adConn) found(base string, scope int64, request *ber.Packet) (found []*ber.Packet, failed bool) {
	var wanted []string
	for _, name := range request.Children[7].Children {
		wanted = append(wanted, name.Value.(string))
	}
	matches := c.condition(request.Children[6])
	keys := c.keys
	if scope == ldap.ScopeBaseObject {
		keys = []string{adKey(base)}
	}
	for _, key := range keys {
		if e := c.entries[key]; below(key, adKey(base)) && matches(e) {
			packet, ok := c.encode(e, wanted)
			if !ok {
				return nil, true
			}
			found = append(found, packet)
		}
	}
	return found, false
}

// of returns the values of an attribute, computed ones included. The primary group is not among memberOf.
func (a *AD) of(e *adEntry, name string) []string {
	if name != "memberof" {
		return e.values[name]
	}
	var groups []string
	own := adKey(e.dn)
	for _, key := range a.keys {
		if a.entries[key].members[own] {
			groups = append(groups, a.entries[key].dn)
		}
	}
	return groups
}

// encode returns an entry as it is sent, with the attributes that are wanted; ok is false if a range of one begins
// after its last value.
func (a *AD) encode(e *adEntry, wanted []string) (packet *ber.Packet, ok bool) {
	attributes := ber.NewSequence("")
	for _, name := range wanted {
		base, option, ranged := strings.Cut(name, ";range=")
		values := a.of(e, strings.ToLower(base))
		if len(values) == 0 || strings.EqualFold(base, "unicodePwd") {
			continue
		}
		if len(values) <= adRange && !ranged {
			attributes.AppendChild(adAttribute(base, values))
			continue
		}
		low, _, _ := strings.Cut(option, "-")
		from, _ := strconv.Atoi(low)
		if from >= len(values) {
			return nil, false
		}
		to := min(from+adRange, len(values))
		end := strconv.Itoa(to - 1)
		if to == len(values) {
			end = "*"
		}
		attributes.AppendChild(adAttribute(base, nil)) // clients see that there is more
		attributes.AppendChild(adAttribute(fmt.Sprintf("%s;range=%d-%s", base, from, end), values[from:to]))
	}
	packet = ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	packet.AppendChild(text4(e.dn))
	packet.AppendChild(attributes)
	return packet, true
}

func adAttribute(name string, values []string) *ber.Packet {
	attribute := ber.NewSequence("")
	attribute.AppendChild(text4(name))
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, v := range values {
		set.AppendChild(text4(v))
	}
	attribute.AppendChild(set)
	return attribute
}

func text4(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// paged returns the part of what was found that is sent at once: as much as the client wants, at most 1000, and a page
// where it asks for pages, with the control that says where the next one begins.
func paged(found []*ber.Packet, limit int64, packet *ber.Packet) ([]*ber.Packet, uint16, *ber.Packet) {
	if limit > 0 && int(limit) < len(found) {
		return found[:limit], ldap.LDAPResultSizeLimitExceeded, nil
	}
	if len(packet.Children) > 2 {
		for _, child := range packet.Children[2].Children {
			control, err := ldap.DecodeControl(child)
			page, ok := control.(*ldap.ControlPaging)
			if err != nil || !ok {
				continue
			}
			from, _ := strconv.Atoi(string(page.Cookie))
			to := min(from+min(int(page.PagingSize), adPage), len(found))
			next := ldap.NewControlPaging(0)
			if to < len(found) {
				next.SetCookie([]byte(strconv.Itoa(to)))
			}
			return found[min(from, to):to], ldap.LDAPResultSuccess, next.Encode()
		}
	}
	if len(found) > adPage {
		return found[:adPage], ldap.LDAPResultSizeLimitExceeded, nil
	}
	return found, ldap.LDAPResultSuccess, nil
}

func (c *adConn) done(tag ber.Tag, code uint16, text string, control *ber.Packet) {
	result := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	result.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(code), ""))
	result.AppendChild(text4(""))
	result.AppendChild(text4(text))
	if code == ldap.LDAPResultReferral {
		referral := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		referral.AppendChild(text4("ldap://emea.example.com/"))
		result.AppendChild(referral)
	}
	c.send(result, control)
}

func (c *adConn) send(operation, control *ber.Packet) {
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, c.id, ""))
	message.AppendChild(operation)
	if control != nil {
		controls := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		controls.AppendChild(control)
		message.AppendChild(controls)
	}
	_, _ = c.Write(message.Bytes())
}

// condition returns what a filter says of entries. Attributes that an entry does not have match nothing.
func (a *AD) condition(filter *ber.Packet) func(*adEntry) bool {
	part := func(i int) string { return filter.Children[i].Data.String() }
	switch filter.Tag {
	case ldap.FilterAnd, ldap.FilterOr, ldap.FilterNot:
		var inner []func(*adEntry) bool
		for _, f := range filter.Children {
			inner = append(inner, a.condition(f))
		}
		return func(e *adEntry) bool {
			all := filter.Tag == ldap.FilterAnd
			for _, matches := range inner {
				if matches(e) != all {
					return !all && filter.Tag == ldap.FilterOr
				}
			}
			return all || filter.Tag == ldap.FilterNot
		}
	case ldap.FilterPresent:
		name := strings.ToLower(filter.Data.String())
		return func(e *adEntry) bool { return name == "objectclass" || len(a.of(e, name)) > 0 }
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		name := strings.ToLower(part(0))
		value := part(1)
		key := adKey(value)
		if name == "member" {
			return func(e *adEntry) bool { return e.members[key] }
		}
		return func(e *adEntry) bool { return has(a.of(e, name), value) }
	case ldap.FilterSubstrings:
		name := strings.ToLower(part(0))
		return func(e *adEntry) bool {
			return slices.ContainsFunc(a.of(e, name), func(value string) bool {
				return holds(strings.ToLower(value), filter.Children[1].Children)
			})
		}
	case ldap.FilterExtensibleMatch:
		return func(e *adEntry) bool { return a.extensible(e, filter) }
	}
	return func(*adEntry) bool { return false }
}

// holds reports whether a text has the parts of a substring filter.
func holds(text string, parts []*ber.Packet) bool {
	for _, p := range parts {
		part := strings.ToLower(p.Data.String())
		at := strings.Index(text, part)
		if at < 0 || p.Tag == ldap.FilterSubstringsInitial && at != 0 ||
			p.Tag == ldap.FilterSubstringsFinal && !strings.HasSuffix(text, part) {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}

// extensible evaluates the matching rules for bits, and for chains of groups.
func (a *AD) extensible(e *adEntry, filter *ber.Packet) bool {
	parts := map[ber.Tag]string{}
	for _, p := range filter.Children {
		parts[p.Tag] = p.Data.String()
	}
	name := strings.ToLower(parts[ldap.MatchingRuleAssertionType])
	value := parts[ldap.MatchingRuleAssertionMatchValue]
	switch parts[ldap.MatchingRuleAssertionMatchingRule] {
	case "1.2.840.113556.1.4.803":
		n := bits([]string{value})
		return bits(a.of(e, name))&n == n
	case "1.2.840.113556.1.4.1941":
		seen := map[string]bool{}
		for pending := a.of(e, name); len(pending) > 0; pending = pending[1:] {
			key := adKey(pending[0])
			if key == adKey(value) {
				return true
			}
			if next := a.entries[key]; next != nil && !seen[key] {
				seen[key] = true
				pending = append(pending, a.of(next, name)...)
			}
		}
	}
	return false
}
