package ldap

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// stream is a connection that brings what it is made of, a few bytes at a time.
type stream struct {
	net.Conn
	io.Reader
	step int
}

func (s stream) Read(p []byte) (int, error) { return s.Reader.Read(p[:min(len(p), s.step)]) }

func element(tag byte, contents ...[]byte) []byte {
	content := slices.Concat(contents...)
	n := len(content)
	return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, content...)
}

func TestCounted(t *testing.T) {
	id := []byte{2, 1, 1}
	text := element(4, bytes.Repeat([]byte{0x30}, 300))
	entry := element(0x30, id, element(0x64, text, element(0x30, element(0x30, text, element(0x31, text, text)))))
	tiny := bytes.Repeat([]byte{4, 0}, maxOfMessage)
	deep := text
	for range maxDepth {
		deep = element(0x30, deep)
	}
	for what, test := range map[string]struct {
		sent []byte
		want error // nil: whatever decoding says
		read int   // messages before that
	}{
		"entries":             {bytes.Repeat(entry, 100), io.EOF, 100},
		"short lengths":       {bytes.Repeat([]byte{0x30, 3, 2, 1, 1}, 100), io.EOF, 100},
		"long tags":           {bytes.Repeat([]byte{0x3f, 0x81, 1, 3, 2, 1, 1}, 3), io.EOF, 3},
		"many in one message": {append(slices.Clone(entry), element(0x30, id, tiny)...), errTooMuch, 1},
		"many in many messages": {bytes.Repeat(element(0x30, id, tiny[:maxOfMessage]), 2*maxElements/maxOfMessage+2),
			errTooMuch, 19},
		"an end to be marked":    {[]byte{0x30, 0x80, 2, 1, 1, 0, 0}, errNoLDAP, 0},
		"a length beyond bounds": {append([]byte{0x30, 0x88}, bytes.Repeat([]byte{0xff}, 8)...), errNoLDAP, 0},
		"a length without end":   {append([]byte{0x30, 0xff}, bytes.Repeat([]byte{0}, 40)...), nil, 0},
		"a tag without end":      {bytes.Repeat([]byte{0xff}, 40), nil, 0},
		"more inside than fits":  {[]byte{0x30, 3, 4, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1}, errNoLDAP, 0},
		"deep":                   {append(slices.Clone(entry), deep...), nil, 1},
	} {
		for _, step := range []int{1, 7, 4096} {
			if step == 1 && len(test.sent) > 1<<20 {
				continue
			}
			c := &counted{Conn: stream{Reader: bytes.NewReader(test.sent), step: step}}
			read := 0
			err := error(nil)
			for err == nil {
				if _, err = ber.ReadPacket(c); err == nil {
					read++
				}
			}
			if test.want != nil && !errors.Is(err, test.want) || read != test.read {
				t.Errorf("%s, %d bytes at a time: read %d messages, then %v; want %d, then %v", what, step, read, err,
					test.read, test.want)
			}
		}
	}
}

func FuzzCounted(f *testing.F) {
	f.Add([]byte{0x30, 3, 2, 1, 1})
	f.Add([]byte{0x30, 0x80, 0xff, 0xff, 0x84, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, sent []byte) {
		c := &counted{Conn: stream{Reader: bytes.NewReader(sent), step: 3}}
		for {
			if _, err := ber.ReadPacket(c); err != nil {
				return
			}
			if c.message != 0 || c.content != 0 || len(c.header) != 0 {
				t.Fatalf("a message is read, and %+v is left of it", c)
			}
		}
	})
}
