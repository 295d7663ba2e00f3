// SPDX-License-Identifier: MIT

package options

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"check_chrony/internal/check"
	"check_chrony/internal/threshold"
)

// mappers returns the parsers of option values. The type in a field's tag selects
// one; without a tag the field's Go type does.
func mappers() []kong.Option {
	return []kong.Option{
		kong.NamedMapper("help", helpMapper{}),
		kong.KindMapper(reflect.String, mapper[string]{"TEXT", parseText}),
		kong.NamedMapper("references", references{}),
		kong.NamedMapper("reader", mapper[string]{"READER", parseReader}),
		kong.NamedMapper("port", mapper[uint16]{"PORT", parsePort}),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), mapper[time.Duration]{"DURATION", threshold.ParseDuration}),
		kong.NamedMapper("delay", mapper[time.Duration]{"DURATION", threshold.ParseDelay}),
		kong.NamedMapper("count", rangeIn(threshold.Count, false)),
		kong.NamedMapper("seconds", rangeIn(threshold.Seconds, false)),
		kong.NamedMapper("signed seconds", rangeIn(threshold.Seconds, true)),
		kong.NamedMapper("ppm", rangeIn(threshold.PPM, false)),
		kong.NamedMapper("signed ppm", rangeIn(threshold.PPM, true)),
		kong.TypeMapper(reflect.TypeFor[check.Status](), mapper[check.Status]{"STATE", unmarshal[check.Status]}),
		kong.TypeMapper(reflect.TypeFor[check.LeapSet](), mapper[check.LeapSet]{"LIST", unmarshal[check.LeapSet]}),
	}
}

// mapper parses the value of an option. It implements [kong.Mapper] and
// [kong.PlaceHolderProvider].
type mapper[T any] struct {
	name  string // in --help, unless the field's tag has a placeholder
	parse func(text string) (T, error)
}

func (m mapper[T]) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := popValue(ctx.Scan)
	if err != nil {
		return err
	}
	value, err := m.parse(text)
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(value))
	return nil
}

func (m mapper[T]) PlaceHolder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return m.name
}

// popValue takes an option's value off the command line, as typed. The value of a
// short option may follow an "=".
func popValue(scan *kong.Scanner) (string, error) {
	token, err := scan.PopValue("option")
	switch {
	case err != nil:
		return "", err
	case token.IsEOL():
		return "", errors.New("needs a value")
	case token.Type == kong.ShortFlagTailToken:
		return strings.TrimPrefix(token.String(), "="), nil
	}
	return token.String(), nil
}

// references parses a comma-separated list of references and appends it to those given
// before. It implements [kong.Mapper].
type references struct{}

func (references) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := popValue(ctx.Scan)
	if err != nil {
		return err
	}
	for entry := range strings.SplitSeq(text, ",") {
		reference, err := parseReference(entry)
		if err != nil {
			return err
		}
		target.Set(reflect.Append(target, reflect.ValueOf(reference)))
	}
	return nil
}

// helpMapper stops parsing, so that --help wins over what follows. It implements
// [kong.Mapper] and [kong.BoolMapper].
type helpMapper struct{}

func (helpMapper) Decode(*kong.DecodeContext, reflect.Value) error { return errHelp }
func (helpMapper) IsBool() bool                                    { return true }

func rangeIn(unit threshold.Unit, signed bool) mapper[*threshold.Range] {
	return mapper[*threshold.Range]{"RANGE", func(text string) (*threshold.Range, error) {
		r, err := threshold.ParseRange(text, unit, signed)
		return &r, err
	}}
}

// unmarshal parses text with T's own UnmarshalText.
func unmarshal[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](text string,
) (T, error) {
	var value T
	err := P(&value).UnmarshalText([]byte(text))
	return value, err
}

func parseText(text string) (string, error) { return text, nil }

// readers are the values of --reader.
var readers = []string{"auto", "libchrony", "native"}

func parseReader(text string) (string, error) {
	if !slices.Contains(readers, text) {
		return "", fmt.Errorf("%+q is not a reader (want auto, libchrony or native)", text)
	}
	return text, nil
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("%+q is not a UDP port (want 1 to 65535)", text)
	}
	return uint16(port), nil
}
