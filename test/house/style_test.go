package house

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strings"
	"testing"
)

// A tuple assignment is for swapping, and for numbers that begin together. Other values get a line each, except in the
// head of a statement, where there is one line only.
func TestStyle_TupleAssignments(t *testing.T) {
	var all, unlike int
	for _, name := range sourceFiles(t, ".go") {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			assignment, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			all++
			if len(assignment.Rhs) > 1 && !isSwap(assignment) && !isHeader(file, assignment) && !alike(assignment.Rhs) {
				unlike++
				t.Errorf("%s: %d values that have nothing in common are assigned at once", files.Position(n.Pos()),
					len(assignment.Rhs))
			}
			return true
		})
	}
	if all < 1000 {
		t.Errorf("only %d assignments were looked at", all)
	}
}

// isSwap reports whether the values are the places themselves in another order, as in a, b = b, a+b.
func isSwap(a *ast.AssignStmt) bool {
	places := map[string]bool{}
	for _, place := range a.Lhs {
		places[text(place)] = true
	}
	for _, value := range a.Rhs {
		uses := false
		ast.Inspect(value, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && places[text(e)] {
				uses = true
			}
			return !uses
		})
		if uses && a.Tok == token.ASSIGN {
			return true
		}
	}
	return false
}

// isHeader reports whether an assignment stands in the head of a statement, where there is one line only.
func isHeader(file *ast.File, a *ast.AssignStmt) bool {
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.ForStmt:
			found = found || s.Init == a || s.Post == a
		case *ast.IfStmt:
			found = found || s.Init == a
		case *ast.SwitchStmt:
			found = found || s.Init == a
		}
		return !found
	})
	return found
}

// alike reports whether expressions are literals of one kind.
func alike(values []ast.Expr) bool {
	kind := kindOf(values[0])
	for _, v := range values {
		if kindOf(v) != kind {
			return false
		}
	}
	return kind != ""
}

func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return "literal of " + e.Kind.String()
	}
	return ""
}

// text is an expression as it is written.
func text(e ast.Expr) string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	if err := printer.Fprint(&b, token.NewFileSet(), e); err != nil {
		return err.Error()
	}
	return b.String()
}
