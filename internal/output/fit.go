// SPDX-License-Identifier: MIT

package output

import (
	"fmt"
	"strings"

	"check_chrony/internal/check"
)

const (
	// maxLine is the longest first line with its newline, in bytes.
	maxLine = 1000
	// maxWord is the longest word or quoted text, in bytes, that stays whole in a line
	// that is too long. An IPv6 address with its port, brackets and zone is shorter.
	maxWord = 80
	// enough is how many bytes are enough for the text: no metric is given up for more.
	enough = 200
)

// fitLine returns the text and the performance data of a line, so that both fit in room
// bytes. It gives up, in this order and only as far as it must:
//
//  1. figures that are OK, the last first; if nothing is wrong, one stays;
//  2. the middle of long words and quoted texts;
//  3. the ranges in the performance data, all at once;
//  4. the least of the problems, whose number it then gives;
//  5. the middle of the worst problem, which begins with what it is and often ends with
//     why;
//  6. metrics, the last first. The plugin's own leave enough room without that.
func fitLine(h headline, metrics []check.Metric, room int) (text, data string) {
	data = perfdata(metrics, withRanges)
	text, whole := h.fitText(room - len(data))
	for n := len(metrics); !whole && n >= 0; n-- {
		data = perfdata(metrics[:n], withoutRanges)
		text, whole = h.fitText(room - len(data))
		if room-len(data) >= enough {
			break
		}
	}
	return text, data
}

// fitText returns the text, shortened to room bytes, and reports whether it still names
// every problem.
func (h headline) fitText(room int) (text string, whole bool) {
	least := min(max(h.problems, 1), len(h.parts))
	for n := len(h.parts); n >= least; n-- {
		if text := h.join(n); len(text) <= room {
			return text, true
		}
	}
	short := headline{problems: h.problems}
	for _, part := range h.parts[:least] {
		short.parts = append(short.parts, shorten(part))
	}
	if text := short.join(least); len(text) <= room {
		return text, true
	}
	for n := least - 1; n > 0; n-- {
		rest := fmt.Sprintf(", further problems: %d", least-n)
		if text := short.join(n); n == 1 || len(text)+len(rest) <= room {
			return cut(text, room-len(rest)) + rest, false
		}
	}
	return cut(short.join(least), room), false
}

// shorten takes the middle out of every long word and quoted text. Of a very long text
// it reads both ends only, since quotes that aren't closed make it slow.
func shorten(text string) string {
	text = cut(text, 4*maxLine)
	var b strings.Builder
	for text != "" {
		n := token(text)
		b.WriteString(cut(text[:n], maxWord))
		text = text[n:]
	}
	return b.String()
}

// token returns the length of the blank, the quoted text or the word that text begins
// with.
func token(text string) int {
	switch text[0] {
	case ' ':
		return 1
	case '"':
		if n := quoted(text); n > 0 {
			return n
		}
	}
	if end := strings.IndexAny(text[1:], ` "`); end >= 0 {
		return 1 + end
	}
	return len(text)
}

// quoted returns the length of the quoted text, as %q writes it, that text begins with;
// 0 if the quote isn't closed.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// cut takes the middle out of a text that is longer than room.
func cut(text string, room int) string {
	const gap = "..."
	room = max(room, len(gap))
	if len(text) <= room {
		return text
	}
	tail := (room - len(gap)) / 3
	return text[:room-len(gap)-tail] + gap + text[len(text)-tail:]
}
