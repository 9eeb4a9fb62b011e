package directory_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// No sentence reaches an answer from the core: what a caller is told of a broken rule is a code, which dialects word.
func TestSentences_CoreHasNone(t *testing.T) {
	tellers := []string{"Refuse", "Fail", "DeniedBecause", "Add", "Check", "Broken", "Error", "FieldError"}
	told := 0
	for _, pattern := range []string{"*.go", "../models/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				var teller ast.Expr
				var arguments []ast.Expr
				switch n := n.(type) {
				case *ast.CallExpr:
					teller = n.Fun
					arguments = n.Args
				case *ast.CompositeLit:
					teller = n.Type
					arguments = n.Elts
				default:
					return true
				}
				if !slices.Contains(tellers, lastName(teller)) {
					return true
				}
				told++
				if lastName(teller) == "Check" {
					arguments = arguments[1:] // what is checked is not told
				}
				for _, argument := range arguments {
					ast.Inspect(argument, func(n ast.Node) bool {
						text, ok := n.(*ast.BasicLit)
						if ok && text.Kind == token.STRING && strings.Contains(text.Value, " ") {
							t.Errorf("%s tells a sentence: %s", set.Position(n.Pos()), text.Value)
						}
						return true
					})
				}
				return true
			})
		}
	}
	if told < 150 {
		t.Errorf("%d refusals were found, which are too few to be true", told)
	}
}

// lastName returns the name that an expression ends in.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
