package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is a file of CSV.
type Table struct {
	// Head are the names of the columns. The columns that a spreadsheet left behind have none.
	Head []string
	Rows []Row
}

// Row is a row of a table, with a cell for each column.
type Row struct {
	// Line is the line of the file in which the row begins, counted from 1.
	Line  int
	Cells []string
}

// ErrEmpty is the error for a file without a header.
var ErrEmpty = errors.New("there is no header")

// separators are what spreadsheets put between cells. Of those that suit a header equally, the first one counts.
var separators = []rune{',', ';', '\t', '|'}

// Read reads CSV as spreadsheets write it: with line ends of any kind, and with columns and rows that have nothing in
// them. The separator 0 stands for the one that the file names in a line sep=;, or else for the one that makes most
// names in the header known, or most columns where it makes none known: one of those that spreadsheets use, or
// another one unless that is 0.
//
// rename returns the name of a column for the one that the file has; a nil one keeps the names.
func Read(raw []byte, separator rune, known func(name string) bool, another rune,
	rename func(name string) string) (*Table, error) {
	if rename == nil {
		rename = func(name string) string { return name }
	}
	raw = keepLineBreaks(evenLines(raw))
	named, rest := separatorLine(raw)
	if separator == 0 {
		separator = named
	}
	if separator == 0 {
		separator = guess(rest, func(name string) bool { return known(rename(name)) }, another)
	}
	r := reader(rest, separator)
	above := bytes.Count(raw[:len(raw)-len(rest)], []byte("\n"))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, ErrEmpty
	}
	if err != nil {
		return nil, below(err, above)
	}
	t := &Table{Head: head}
	for i, name := range head {
		head[i] = rename(strings.TrimSpace(name))
		if head[i] != "" && slices.Contains(head[:i], head[i]) {
			return nil, fmt.Errorf("the column %q is there twice", head[i])
		}
	}
	return t, t.read(r, above)
}

// below returns an error of a reader of CSV that began below this many lines.
func below(err error, above int) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	if err = parse.Err; errors.Is(err, csv.ErrBareQuote) {
		err = errors.New(`a " stands inside a cell. Write the cell in quotes, and those inside twice: "Anna ""Anni"""`)
	}
	return fmt.Errorf("line %d: %w", parse.Line+above, err)
}

// read reads the rows below the header. The reader began below this many lines of the file.
func (t *Table) read(r *csv.Reader, above int) error {
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return below(err, above)
		}
		if !slices.ContainsFunc(cells, filled) {
			continue
		}
		line, _ := r.FieldPos(0)
		row := Row{Line: line + above, Cells: cells}
		if err := t.fit(&row); err != nil {
			return err
		}
		t.Rows = append(t.Rows, row)
	}
}

// fit gives a row as many cells as there are columns. Only cells without a name may be missing, or be too many, and
// they have to be empty.
func (t *Table) fit(row *Row) error {
	for len(row.Cells) < len(t.Head) && t.Head[len(row.Cells)] == "" {
		row.Cells = append(row.Cells, "")
	}
	if len(row.Cells) < len(t.Head) {
		return fmt.Errorf("line %d has %d cells, and the header has %d", row.Line, len(row.Cells), len(t.Head))
	}
	for i, cell := range row.Cells {
		if filled(cell) && (i >= len(t.Head) || t.Head[i] == "") {
			return fmt.Errorf("line %d: the column %d has no name, but the value %q", row.Line, i+1, cell)
		}
	}
	row.Cells = row.Cells[:len(t.Head)]
	return nil
}

func filled(cell string) bool { return strings.TrimSpace(cell) != "" }

func reader(raw []byte, separator rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = separator
	r.FieldsPerRecord = -1
	return r
}

// guess returns the separator that makes most names in the header known, or most columns where it makes none known.
func guess(raw []byte, known func(string) bool, another rune) rune {
	best := separators[0]
	most, columns := 0, 0
	for _, separator := range append(slices.Clip(separators), another) {
		if separator == 0 {
			continue
		}
		head, err := reader(raw, separator).Read()
		if err != nil {
			continue
		}
		count := 0
		for _, name := range head {
			if known(strings.TrimSpace(name)) {
				count++
			}
		}
		if count > most || count == most && most == 0 && len(head) > columns {
			best = separator
			most = count
			columns = len(head)
		}
	}
	return best
}

var separatorNote = regexp.MustCompile(`(?i)^"?sep=([^"\n])"?[ \t]*\n`)

// separatorLine returns the separator that the first line names, 0 if it does not, and what stands below that line.
func separatorLine(raw []byte) (rune, []byte) {
	m := separatorNote.FindSubmatch(raw)
	if m == nil {
		return 0, raw
	}
	separator, _ := utf8.DecodeRune(m[1])
	return separator, raw[len(m[0]):]
}

// evenLines ends every line with LF, whether it ended with CR, CR LF or CR CR LF. Quoted cells stay as they are.
func evenLines(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\r")) {
		return raw
	}
	even := make([]byte, 0, len(raw))
	quoted := false
	for i := 0; i < len(raw); i++ {
		if raw[i] == '"' {
			quoted = !quoted
		}
		if raw[i] != '\r' || quoted {
			even = append(even, raw[i])
			continue
		}
		next := i
		for next < len(raw) && raw[next] == '\r' {
			next++
		}
		if next < len(raw) && raw[next] == '\n' {
			i = next
		}
		even = append(even, '\n')
	}
	return even
}

// keepLineBreaks doubles a CR before a line break in quoted cells, because the reader of CSV drops one.
func keepLineBreaks(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\r\n")) {
		return raw
	}
	kept := make([]byte, 0, len(raw))
	quoted := false
	for i, c := range raw {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && quoted && i > 0 && raw[i-1] == '\r' {
			kept = append(kept, '\r')
		}
		kept = append(kept, c)
	}
	return kept
}

// Separator returns the separator that a word stands for: one character, or tab.
func Separator(word string) (rune, error) {
	switch word {
	case "tab", `\t`:
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(word)
	if size != len(word) || r == utf8.RuneError || strings.ContainsRune("\"\r\n", r) || r == 0 {
		return 0, fmt.Errorf("the separator %q is not one character", word)
	}
	return r, nil
}
