// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/template"
	"time"
)

const manPage = "docs/check_chrony.1"

// manPageText returns the man page: its template, filled in.
func manPageText(all []option) (string, error) {
	page, err := template.New("check_chrony.1.tmpl").Funcs(template.FuncMap{
		"options":     func(group string) (string, error) { return manOptions(all, group) },
		"environment": func() string { return manEnvironment(all) },
	}).ParseFiles(manPage + ".tmpl")
	if err != nil {
		return "", err
	}
	date, err := latestRelease()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]string{"Date": date.Format("January 2, 2006")})
	return b.String(), err
}

// latestRelease returns the date of the release at the top of the changelog.
func latestRelease() (time.Time, error) {
	const changelog = "CHANGELOG.md"
	text, err := os.ReadFile(changelog)
	if err != nil {
		return time.Time{}, err
	}
	top := regexp.MustCompile(`(?m)^## \[[^]]+\] - (\S+)$`).FindSubmatch(text)
	if top == nil {
		return time.Time{}, fmt.Errorf("%s: no release", changelog)
	}
	return time.Parse(time.DateOnly, string(top[1]))
}

// manOptions returns the mdoc(7) list of the options of the group with this key.
func manOptions(options []option, group string) (string, error) {
	var b strings.Builder
	for i, o := range options {
		if o.Group.Key != group {
			continue
		}
		b.WriteString(".It")
		separator := ""
		for _, name := range o.names() {
			b.WriteString(separator + " Fl " + strings.TrimPrefix(name, "-"))
			if o.Value != "" && strings.HasPrefix(name, "--") {
				b.WriteString(" Ns = Ns")
			}
			if o.Value != "" {
				b.WriteString(" Ar " + o.Value)
			}
			separator = " ,"
		}
		b.WriteString("\n")
		if i+1 < len(options) && options[i+1].isCritical() {
			continue // they are explained together
		}
		b.WriteString(manText(o.Help))
		switch {
		case o.Default == "":
		case o.isCritical():
			b.WriteString(manText(fmt.Sprintf("Default: %s, %s.", options[i-1].Default, o.Default)))
		default:
			b.WriteString(manText("Default: " + o.Default + "."))
		}
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("no group %q", group)
	}
	return b.String(), nil
}

// manEnvironment returns the mdoc(7) list of the environment variables that set options.
func manEnvironment(options []option) string {
	var b strings.Builder
	for _, o := range options {
		if o.Env != "" {
			fmt.Fprintf(&b, ".It Ev %s\nThe same as\n.Fl -%s .\n", o.Env, o.Name)
		}
	}
	return b.String()
}

// manText formats text as mdoc(7) wants it: each sentence begins a line, lines are
// short, and none begins with a control character.
func manText(text string) string {
	var b strings.Builder
	for sentence := range strings.SplitSeq(text, ". ") {
		if sentence != "" && !strings.HasSuffix(sentence, ".") {
			sentence += "."
		}
		line := ""
		for word := range strings.FieldsSeq(sentence) {
			if len(line)+len(word) > 75 {
				b.WriteString(line + "\n")
				line = ""
			}
			word = strings.NewReplacer(`\`, `\e`, "--", `\-\-`).Replace(word)
			switch {
			case line != "":
				line += " " + word
			case strings.HasPrefix(word, ".") || strings.HasPrefix(word, "'"):
				line = `\&` + word
			default:
				line = word
			}
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
