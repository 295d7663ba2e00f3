// SPDX-License-Identifier: MIT

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// alarmsDoc explains what the first line can say.
const alarmsDoc = "../../docs/alarms.md"

// alarmTexts are the files with the words of the first line: names, reasons, causes,
// notes and hints.
var alarmTexts = []string{
	"../check/*.go", "../client/codec.go", "../client/error.go", "../client/host.go", "../client/uptime*.go", "../chrony/*.go",
	"../cmdmon/cmdmon.go", "../cmdmon/credential.go", "../cmdmon/report.go", "../cmdmon/unix.go", "../libchrony/doc.go", "../libchrony/load.go", "../libchrony/record.go",
}

// Every text in the code that can get to the first line is in docs/alarms.md, too: the
// pieces of each string between its verbs.
func TestEveryReasonIsExplained(t *testing.T) {
	data, err := os.ReadFile(alarmsDoc)
	if err != nil {
		t.Fatal(err)
	}
	doc := plainText(string(data))
	for _, pattern := range alarmTexts {
		files, err := filepath.Glob(pattern)
		if err != nil || files == nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, text := range texts(t, file) {
				for _, piece := range verbs.Split(text, -1) {
					if piece = strings.Trim(plainText(piece), " ,:()"); !isNoText(piece) && !hasWords(doc, piece) {
						t.Errorf("docs/alarms.md doesn't explain %q (%s)", piece, file)
					}
				}
			}
		}
	}
}

// hasWords reports whether a text holds these words, not only parts of others. The plugin
// writes some of them in lower case.
func hasWords(text, words string) bool {
	bounded := regexp.MustCompile(`^\b|\b$`).ReplaceAllLiteralString(regexp.QuoteMeta(words), `\b`)
	return regexp.MustCompile(`(?i)` + bounded).MatchString(text)
}

// isNoText reports whether a string is none that a person reads: a metric's label, a path,
// or a mark.
func isNoText(s string) bool {
	return slices.Contains([]string{"ID#", "Y", "ip", "ip4", "ip6", "linux", "127.127.", "CHRONY UNKNOWN", "check_chrony."}, s) ||
		strings.Contains(s, "_") && !strings.Contains(s, " ") || strings.HasPrefix(s, "/") || !strings.ContainsFunc(s, unicode.IsLetter)
}

// verbs matches the verbs of package fmt.
var verbs = regexp.MustCompile(`%(\[[0-9]\])?[+.0-9]*[a-zA-Z]`)

// plainText returns a text without Markdown's code marks and with single spaces.
func plainText(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "")), " ")
}

// parsing are the functions whose strings belong to the command line.
var parsing = []string{"UnmarshalText"}

// texts returns the strings in a file that may get to the first line.
func texts(t *testing.T, file string) []string {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.FuncDecl:
			return !slices.Contains(parsing, n.Name.Name)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				text, err := strconv.Unquote(n.Value)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, text)
			}
		}
		return true
	})
	return found
}
