package ldap

import (
	"errors"
	"net"
)

const (
	// maxElements bounds how many elements a connection may bring, and maxOfMessage how many one message: each takes
	// two bytes to send and hundreds to hold.
	maxElements  = 500_000
	maxOfMessage = 50_000
	// maxHeader is in bytes: more than any header of an element needs.
	maxHeader = 16
)

var errNoLDAP = errors.New("the LDAP server does not speak LDAP")

// counted reads messages whose elements are not too many. It sees the bytes before they are decoded, and looks at the
// headers of elements only: those inside an element follow its header like any other.
type counted struct {
	net.Conn
	// elements are all so far, ofMessage those of the message.
	elements, ofMessage int
	// message and content are the bytes still to come of the message, and of an element without inner elements.
	message, content int64
	// header is the beginning of a header of which the rest is to come.
	header []byte
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if tooMuch := c.count(p[:n]); tooMuch != nil {
		return 0, tooMuch
	}
	return n, err
}

func (c *counted) count(p []byte) error {
	for len(p) > 0 {
		if n := min(c.content, int64(len(p))); n > 0 {
			c.content, c.message, p = c.content-n, c.message-n, p[n:]
			continue
		}
		c.header, p = append(c.header, p[0]), p[1:]
		length, whole := lengthIn(c.header)
		if !whole && len(c.header) < maxHeader {
			continue
		}
		if c.message == 0 {
			c.message = length
			c.ofMessage = 0
		} else {
			c.message -= int64(len(c.header))
		}
		if !whole || length < 0 || length > c.message {
			return errNoLDAP
		}
		if c.header[0]&constructed == 0 {
			c.content = length
		}
		c.header = c.header[:0]
		c.elements++
		c.ofMessage++
		if c.elements > maxElements || c.ofMessage > maxOfMessage {
			return errTooMuch
		}
	}
	return nil
}

// constructed is the bit of elements that hold others.
const constructed = 0x20

// lengthIn reads the length in a header, if the header is there to its end; the one that says that the end will be
// marked, which LDAP knows nothing of, is below zero.
func lengthIn(header []byte) (length int64, whole bool) {
	at := 1
	if header[0]&0x1f == 0x1f { // the tag goes on, as long as the highest bit is set
		for at < len(header) && header[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if at >= len(header) {
		return 0, false
	}
	first := header[at]
	rest := header[at+1:]
	switch size := int(first & 0x7f); {
	case first < 0x80:
		return int64(first), true
	case size == 0:
		return -1, true
	case len(rest) < size:
		return 0, false
	}
	for _, b := range rest {
		length = length<<8 | int64(b)
	}
	return length, true
}
