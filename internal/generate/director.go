// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// basket is what Icinga Director imports. There is no validator but its importer, which
// rejects unknown keys. The basket has no uuid, on which Director 1.10 fails, and its
// templates import nothing from outside the basket.
type basket struct {
	Command         map[string]directorCommand
	ServiceTemplate map[string]directorTemplate
	Datafield       map[string]directorField
}

type directorCommand struct {
	Arguments map[string]directorArgument `json:"arguments"`
	Command   string                      `json:"command"`
	Fields    []directorFieldOf           `json:"fields"`
	Methods   string                      `json:"methods_execute"`
	Name      string                      `json:"object_name"`
	Type      string                      `json:"object_type"`
	Timeout   string                      `json:"timeout"`
	Vars      map[string]string           `json:"vars"`
}

type directorArgument struct {
	Description string `json:"description"`
	Order       int    `json:"order"`
	RepeatKey   *bool  `json:"repeat_key,omitempty"`
	SetIf       string `json:"set_if,omitempty"`
	// With "expression", SetIf is in Icinga's configuration language. Director's own
	// exports have a Function object instead, but it silently imports one as a comment.
	SetIfFormat string `json:"set_if_format,omitempty"`
	Value       string `json:"value,omitempty"`
}

// directorFieldOf adds a field to the forms of all services that use a command.
type directorFieldOf struct {
	ID       int     `json:"datafield_id"` // a key of basket.Datafield
	Required string  `json:"is_required"`
	Filter   *string `json:"var_filter"`
}

type directorField struct {
	Variable    string            `json:"varname"`
	Caption     string            `json:"caption"`
	Description string            `json:"description"`
	Type        string            `json:"datatype"`
	Format      *string           `json:"format"`
	Settings    map[string]string `json:"settings"`
	Category    *string           `json:"category"`
}

type directorTemplate struct {
	Command string            `json:"check_command,omitempty"`
	Fields  []struct{}        `json:"fields"`
	Imports []string          `json:"imports"`
	Name    string            `json:"object_name"`
	Type    string            `json:"object_type"`
	Vars    map[string]string `json:"vars"`
}

const directorBasket = "contrib/director/chrony.json"

// directorBasketText returns the basket: the CheckCommand of contrib/icinga2, a field
// for each of its variables, and service templates: one for each profile, and one for hosts
// whose time must be authenticated.
func directorBasketText(all []option) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(newBasket(all))
	return b.String(), err
}

func newBasket(all []option) basket {
	command := directorCommand{
		Arguments: map[string]directorArgument{},
		// Director turns this into PluginContribDir + "/check_chrony".
		Command: "PluginContribDir + /check_chrony",
		Methods: "PluginCheck",
		// Not "chrony": our packages install a CheckCommand of that name, and Icinga
		// refuses two.
		Name:    "check_chrony",
		Type:    "object",
		Timeout: "60",
		Vars:    map[string]string{"check_ipv4": "$chrony_ipv4$", "check_ipv6": "$chrony_ipv6$"},
	}
	fields := map[string]directorField{}
	for _, o := range icingaOptions(all) {
		id := len(fields) + 1
		fields[strconv.Itoa(id)] = o.directorField()
		command.Fields = append(command.Fields, directorFieldOf{ID: id, Required: "n"})
		arguments := o.directorArguments()
		for _, key := range slices.Sorted(maps.Keys(arguments)) {
			argument := arguments[key]
			argument.Order = len(command.Arguments) + 1
			command.Arguments[key] = argument
		}
	}
	templates := map[string]directorTemplate{
		"chrony": {Command: command.Name, Fields: []struct{}{}, Imports: []string{}, Name: "chrony", Type: "template", Vars: map[string]string{}},
	}
	for _, p := range profiles {
		templates[p.icingaName()] = directorTemplate{Fields: []struct{}{}, Imports: []string{"chrony"}, Name: p.icingaName(), Type: "template", Vars: p.variables()}
	}
	const authenticated = "chrony-authenticated"
	templates[authenticated] = directorTemplate{
		Fields: []struct{}{}, Imports: []string{"chrony"}, Name: authenticated, Type: "template",
		Vars: map[string]string{icingaVariable("authenticated-critical"): "1:"},
	}
	return basket{
		Command:         map[string]directorCommand{command.Name: command},
		ServiceTemplate: templates,
		Datafield:       fields,
	}
}

func (o option) directorField() directorField {
	field := directorField{
		Variable:    icingaVariable(o.Name),
		Caption:     "chrony: " + strings.ReplaceAll(o.Name, "-", " "),
		Description: icingaDescription(o),
		Type:        `Icinga\Module\Director\DataType\DataTypeString`,
		Settings:    map[string]string{"visibility": "visible"},
	}
	switch {
	case o.Counts:
		field.Description = "0 to 3. " + field.Description
	case o.Value == "":
		field.Type, field.Settings = `Icinga\Module\Director\DataType\DataTypeBoolean`, map[string]string{}
	}
	return field
}

// directorArguments returns the command's arguments for an option, by key.
func (o option) directorArguments() map[string]directorArgument {
	variable := icingaVariable(o.Name)
	argument := directorArgument{Description: icingaDescription(o)}
	switch {
	case o.Counts:
		// Icinga can't repeat an option: the variable is the number of v's.
		levels := map[string]directorArgument{}
		for level := 1; level <= 3; level++ {
			argument.SetIf = fmt.Sprintf(`String(macro("$%s$")) == "%d"`, variable, level)
			argument.SetIfFormat = "expression"
			levels["-"+strings.Repeat(o.Short, level)] = argument
		}
		return levels
	case o.Value == "":
		argument.SetIf, argument.SetIfFormat = "$"+variable+"$", "string"
	default:
		argument.Value = "$" + variable + "$"
		if o.Value == "LIST" {
			// Icinga would turn each element of an array into a separate option, and only
			// the last would count.
			argument.RepeatKey = new(bool)
		}
	}
	return map[string]directorArgument{"--" + o.Name: argument}
}
