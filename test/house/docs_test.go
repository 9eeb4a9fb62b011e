package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A citation names a document, sections of it and, of the last section, rows of its table:
// "docs/spec/foreman.md, 8.5 and 19, row 32".
var (
	citation = regexp.MustCompile(
		`docs/spec/(\w+\.md)((?:(?:, | and | to )\d+(?:\.\d+)*)+)?(, rows? \d+(?:(?:, | and | to )\d+)*)?`)
	sectionNumber = regexp.MustCompile(`\d+(?:\.\d+)*`)
	heading       = regexp.MustCompile(`^#+ (\d+(?:\.\d+)*)\.? `)
	tableRow      = regexp.MustCompile(`^\| (\d+) \|`)
	// oldCitation is how comments cited documents that are not in the repository.
	oldCitation = regexp.MustCompile(`spec(ification)?('s|,) (sections?|appendix)\b|\(S\d+[ .)]`)
	codeBlock   = regexp.MustCompile("(?s)```.*?```")
	localLink   = regexp.MustCompile(`\]\(([^):#]+)(#[^)]*)?\)`)
)

// specification is what can be cited: the sections of a document, each with the numbered rows of its table.
type specification map[string]map[string]bool

func readSpecification(text string) specification {
	spec := specification{}
	section := ""
	for line := range strings.Lines(text) {
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
			spec[section] = map[string]bool{}
		}
		if m := tableRow.FindStringSubmatch(line); m != nil && section != "" {
			spec[section][m[1]] = true
		}
	}
	return spec
}

// wrongCitations lists what is wrong with the citations of a text, which has no line breaks.
func wrongCitations(text string, specs map[string]specification) []string {
	var wrong []string
	if m := oldCitation.FindString(text); m != "" {
		wrong = append(wrong, fmt.Sprintf("%q cites no file of the repository", m))
	}
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		spec, known := specs[m[1]]
		sections := sectionNumber.FindAllString(m[2], -1)
		if !known || len(sections) == 0 {
			wrong = append(wrong, fmt.Sprintf("%q: no such document, or no section", m[0]))
			continue
		}
		for _, section := range sections {
			if spec[section] == nil {
				wrong = append(wrong, fmt.Sprintf("%q: there is no section %s", m[0], section))
			}
		}
		last := sections[len(sections)-1]
		for _, row := range sectionNumber.FindAllString(m[3], -1) {
			if !spec[last][row] {
				wrong = append(wrong, fmt.Sprintf("%q: section %s has no row %s", m[0], last, row))
			}
		}
	}
	return wrong
}

func specifications(t *testing.T) map[string]specification {
	t.Helper()
	names, err := filepath.Glob("../../docs/spec/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("no specifications", err)
	}
	specs := map[string]specification{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		specs[filepath.Base(name)] = readSpecification(string(text))
	}
	return specs
}

// A comment that says why cites a section that can be opened.
func TestHouse_CitationsLeadSomewhere(t *testing.T) {
	specs := specifications(t)
	citations := 0
	for _, name := range sourceFiles(t, ".go") {
		for position, text := range commentsOf(t, name) {
			citations += len(citation.FindAllString(text, -1))
			for _, wrong := range wrongCitations(text, specs) {
				t.Errorf("%s: %s", position, wrong)
			}
		}
	}
	if citations < 100 {
		t.Errorf("only %d citations were found", citations)
	}
}

// Documents name no specification that is elsewhere, and their links lead to files.
func TestHouse_DocumentsLeadSomewhere(t *testing.T) {
	for _, name := range sourceFiles(t, ".md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := oldCitation.FindString(strings.Join(strings.Fields(string(text)), " ")); m != "" {
			t.Errorf("%s: %q cites no file of the repository", name, m)
		}
		for _, m := range localLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(text), ""), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, m[1])
			}
		}
	}
}

func TestHouse_WrongCitationsAreFound(t *testing.T) {
	spec := readSpecification("## 7. Who\n### 7.2 Basic\n## 19. Surprises\n| # | a |\n|---|---|\n| 30 | b |\n")
	specs := map[string]specification{"foreman.md": spec}
	for text, want := range map[string]int{
		"(docs/spec/foreman.md, 7.2)":               0,
		"(docs/spec/foreman.md, 7.2 and 19)":        0,
		"(docs/spec/foreman.md, 7 to 19, row 30).":  0,
		"(docs/spec/foreman.md, 7.3)":               1,
		"(docs/spec/foreman.md, 7.2, 8 and 9)":      2,
		"(docs/spec/foreman.md, 19, row 31)":        1,
		"(docs/spec/foreman.md, 19, rows 30 to 32)": 1,
		"(docs/spec/foreman.md)":                    1,
		"(docs/spec/other.md, 7.2)":                 1,
		"(" + "spec, section 7.2)":                  1,
		"(" + "S12 row 3)":                          1,
	} {
		if got := wrongCitations(text, specs); len(got) != want {
			t.Errorf("%s: %q, want %d", text, got, want)
		}
	}
}

// sourceFiles lists the files of the repository whose names end so, relative to this directory.
func sourceFiles(t *testing.T, extension string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		skipped := strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || entry.Name() == "testdata" ||
			name == filepath.Join("..", "..", "data")
		if entry.IsDir() && skipped {
			return filepath.SkipDir
		}
		if !entry.IsDir() && filepath.Ext(name) == extension {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// commentsOf maps the position of each comment of a file to its text without line breaks.
func commentsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, group := range file.Comments {
		position := name + ":" + strconv.Itoa(files.Position(group.Pos()).Line)
		texts[position] = strings.Join(strings.Fields(group.Text()), " ")
	}
	return texts
}
