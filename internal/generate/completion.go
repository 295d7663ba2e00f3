// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
)

const completions = "contrib/completion/"

const generated = "# SPDX-License-Identifier: MIT\n# Written from the command line by make generate.\n"

// bashCompletion returns the completions for bash. They use no function of the package
// bash-completion, which only loads them.
func bashCompletion(options []option) string {
	var names, silent []string
	var values strings.Builder
	complete := func(arguments, word string) string {
		return fmt.Sprintf(`mapfile -t COMPREPLY < <(compgen %s -- "%s")`, arguments, word)
	}
	for _, o := range options {
		names = append(names, o.names()...)
		files := "compopt -o filenames && " + complete("-f", "$cur")
		var action string
		switch {
		case o.Value == "":
			continue
		case o.Value == "FILE":
			action = files
		case o.Value == "HOST":
			action = "if [[ $cur == /* ]]; then " + files + "; else " + complete("-A hostname", "$cur") + "; fi"
		case o.Value == "LIST": // completes what follows the last comma; "none" must stand alone
			action = "if [[ $cur != *,* ]]; then " + complete("-W '"+strings.Join(o.Words, " ")+"'", "$cur") + "; else " +
				complete("-W '"+strings.Join(o.Words[1:], " ")+`' -P "${cur%,*},"`, "${cur##*,}") + "; fi"
		case o.Words != nil:
			action = complete("-W '"+strings.Join(o.Words, " ")+"'", "$cur")
		default:
			silent = append(silent, o.names()...)
			continue
		}
		fmt.Fprintf(&values, "\t%s) %s ;;\n", strings.Join(o.names(), " | "), action)
	}
	return generated + `
_check_chrony() {
	local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# To readline --option=value is three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $option == = ]] && ((COMP_CWORD > 2)); then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $option in
` + values.String() + `	` + strings.Join(silent, " | ") + `) ;;
	*) [[ $cur != -* ]] || ` + complete("-W '"+strings.Join(names, " ")+"'", "$cur") + ` ;;
	esac
}
complete -F _check_chrony check_chrony
`
}

func zshCompletion(options []option) string {
	var b strings.Builder
	b.WriteString("#compdef check_chrony\n" + generated + "\n_arguments -s -S")
	excluded := map[string][]string{"ipv4": {"-6", "--ipv6"}, "ipv6": {"-4", "--ipv4"}}
	title := strings.NewReplacer("[", `\[`, "]", `\]`, "'", `'\''`)
	for _, o := range options {
		// An option is offered once, and not together with those that exclude it.
		exclude := "(" + strings.Join(append(o.names(), excluded[o.Name]...), " ") + ")"
		if o.Repeats {
			exclude = "*"
		}
		message := ""
		if o.Value != "" {
			message = ":" + strings.ToLower(o.Value) + ":"
			switch {
			case o.Value == "FILE":
				message += "_files"
			case o.Value == "HOST":
				message += "_hosts"
			case o.Value == "LIST":
				message += `_values -s , status "(` + strings.Join(o.Words[1:], " ") + `)` + o.Words[0] + `" ` + strings.Join(o.Words[1:], " ")
			case o.Words != nil:
				message += "(" + strings.Join(o.Words, " ") + ")"
			}
		}
		for _, name := range o.names() {
			switch {
			case o.Value == "":
			case strings.HasPrefix(name, "--"):
				name += "="
			default:
				name += "+"
			}
			fmt.Fprintf(&b, " \\\n\t'%s%s[%s]%s'", exclude, name, title.Replace(o.title()), message)
		}
	}
	b.WriteString("\n")
	return b.String()
}

func fishCompletion(options []option) string {
	var b strings.Builder
	b.WriteString(generated + "\ncomplete -c check_chrony -f\n")
	title := strings.NewReplacer(`\`, `\\`, "'", `\'`)
	for _, o := range options {
		b.WriteString("complete -c check_chrony")
		for _, name := range o.names() {
			if long, ok := strings.CutPrefix(name, "--"); ok {
				b.WriteString(" -l " + long)
			} else {
				b.WriteString(" -s " + strings.TrimPrefix(name, "-"))
			}
		}
		switch {
		case o.Value == "":
		case o.Value == "FILE":
			b.WriteString(" -rF")
		case o.Value == "HOST":
			b.WriteString(" -x -a '(__fish_print_hostnames)'")
		case o.Value == "LIST":
			b.WriteString(" -x -a 'none (__fish_append , " + strings.Join(o.Words[1:], " ") + ")'")
		default:
			b.WriteString(" -x")
			if o.Words != nil {
				b.WriteString(" -a '" + strings.Join(o.Words, " ") + "'")
			}
		}
		b.WriteString(" -d '" + title.Replace(o.title()) + "'\n")
	}
	return b.String()
}
