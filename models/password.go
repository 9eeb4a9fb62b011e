package models

import (
	"regexp"
	"strings"
)

// commonPasswords are some that lists of leaked passwords begin with, in lower case.
var commonPasswords = func() map[string]bool {
	const list = `123456 password 12345678 qwerty 123456789 12345 1234 111111 1234567 dragon 123123 baseball abc123
		football monkey letmein 696969 shadow master 666666 qwertyuiop 123321 mustang 1234567890 michael 654321
		superman 1qaz2wsx 7777777 121212 000000 qazwsx 123qwe killer trustno1 jordan jennifer zxcvbnm asdfgh hunter
		buster soccer harley batman andrew tigger sunshine iloveyou 2000 charlie robert thomas hockey ranger daniel
		starwars klaster 112233 george computer michelle jessica pepper 1111 zxcvbn 555555 11111111 131313 freedom
		777777 pass maggie 159753 aaaaaa ginger princess joshua cheese amanda summer love ashley nicole chelsea biteme
		matthew access yankees 987654321 dallas austin thunder taylor matrix welcome welcome1 admin administrator
		password1 password123 passw0rd p@ssw0rd p@ssword qwerty123 qwerty1 1q2w3e4r 1q2w3e4r5t 1q2w3e zaq12wsx
		secret changeme default letmein1 iloveyou1 abcd1234 abc12345 a1b2c3d4 asdfghjkl asdf1234 qwer1234 1qazxsw2
		00000000 12341234 88888888 87654321 99999999 123454321 12344321 football1 baseball1 superman1 sunshine1
		princess1 monkey123 dragon123 master123 login123 test1234 testtest test123 guest123 user1234 root1234 toor
		whatever trustnoone internet samsung google facebook linkedin myspace1 pokemon naruto minecraft fuckyou
		fuckyou1 hello123 hellohello helloworld liverpool arsenal chelsea1 barcelona realmadrid juventus michael1
		jordan23 charlie1 corvette mercedes ferrari porsche cowboys packers steelers lakers yellow orange purple silver
		winter winter123 spring summer123 autumn january february november december monday friday`
	known := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		known[word] = true
	}
	return known
}()

// PasswordIsCommon reports whether a password is one that many people have, whatever the case of its letters.
func PasswordIsCommon(password string) bool {
	return commonPasswords[strings.ToLower(strings.TrimSpace(password))]
}

// PasswordIsNumber reports whether a password has nothing but digits.
func PasswordIsNumber(password string) bool { return numberOnly.MatchString(password) }

var (
	numberOnly   = regexp.MustCompile(`^[0-9]+$`)
	betweenWords = regexp.MustCompile(`\W+`)
)

// PasswordResembles returns the attribute of a user that a password is much like, "" for none: one contains the other,
// and they share seven tenths of their letters.
func (u *User) PasswordResembles(password string) string {
	password = strings.ToLower(password)
	for _, of := range []struct {
		attr string
		text *string
	}{{"login", &u.Login}, {"firstname", u.Firstname}, {"lastname", u.Lastname}, {"mail", u.Mail}} {
		text := strings.ToLower(Deref(of.text))
		for _, word := range append(betweenWords.Split(text, -1), text) {
			if word != "" && resembles(password, word) {
				return of.attr
			}
		}
	}
	return ""
}

func resembles(a, b string) bool {
	shorter := min(len(a), len(b))
	const tenths = 7
	return (strings.Contains(a, b) || strings.Contains(b, a)) && 20*shorter >= tenths*(len(a)+len(b))
}
