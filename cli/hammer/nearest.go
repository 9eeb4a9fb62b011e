package hammer

import "strings"

// nearest returns the word that a misspelt one stands for, probably: it differs in about a third of the letters, and
// in three of them at most. It is empty if there is none.
func nearest(word string, words []string) string {
	best := ""
	least := min(max((len([]rune(word))+1)/3, 1), 3) + 1
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < least {
			best = w
			least = d
		}
	}
	return best
}

// didYouMean ends a sentence on a misspelt word, and asks for the word that is meant, probably.
func didYouMean(word string, words []string) string {
	if near := nearest(word, words); near != "" {
		return ". Did you mean " + near + "?"
	}
	return "."
}

// distance returns how many letters have to be inserted, removed, replaced or exchanged with the next one to turn one
// word into the other.
func distance(a, b string) int {
	x := []rune(a)
	y := []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
