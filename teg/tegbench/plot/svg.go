package plot

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The picture's size, and where the axes are in it.
const (
	width, height = 860, 520
	left, right   = 80, 620
	top, bottom   = 50, 460
	lineHeight    = 16 // between names
)

// colours can be told apart by those who see few, too; the lines' marks help.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999999"}

// dashes set lines apart that share a colour.
var dashes = []string{"none", "6 3", "2 3"}

// penOf is what a line is drawn with, and a piece of it beside its name.
func penOf(line int) (pen string) {
	return fmt.Sprintf(`fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"`,
		colours[line%len(colours)], dashes[line/len(colours)%len(dashes)])
}

// picture is an SVG in the making.
type picture struct {
	bytes.Buffer
	x, y axis
}

// WriteSVG draws the plot. The error is [ErrUnplottable], or the writer's.
func (p *Plot) WriteSVG(w io.Writer) error {
	x, y, err := p.values()
	if err != nil {
		return err
	}
	d := &picture{x: over(x, left, right), y: over(y, bottom, top)}
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, width, height)
	d.printf(`<rect width="%d" height="%d" fill="white"/>`, width, height)
	d.text(left, top-20, "start", p.Title)
	d.text((left+right)/2, bottom+40, "middle", p.X)
	d.grid()
	for i, line := range p.Lines {
		d.line(line, penOf(i))
	}
	d.names(p.Lines)
	d.printf("</svg>")
	_, err = d.WriteTo(w)
	return err
}

func (d *picture) printf(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// text writes words, whatever is in them.
func (d *picture) text(x, y float64, anchor, words string) {
	var safe strings.Builder
	_ = xml.EscapeText(&safe, []byte(words)) // a builder takes everything
	d.printf(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, safe.String())
}

// grid draws a line at each power of ten, with its name.
func (d *picture) grid() {
	rule := func(x1, y1, x2, y2 float64) {
		d.printf(`<path d="M%.1f %.1fL%.1f %.1f" stroke="#ddd"/>`, x1, y1, x2, y2)
	}
	for _, v := range d.x.decades() {
		rule(d.x.at(v), top, d.x.at(v), bottom)
		d.text(d.x.at(v), bottom+18, "middle", count(v))
	}
	for _, v := range d.y.decades() {
		rule(left, d.y.at(v), right, d.y.at(v))
		d.text(left-8, d.y.at(v)+4, "end", duration(v))
	}
}

// count is a number of rows as people write it.
func count(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// duration is a power of ten of seconds, in the unit that suits it.
func duration(seconds float64) string {
	if seconds < 1e-9 {
		return fmt.Sprintf("%.0e s", seconds)
	}
	return time.Duration(seconds*1e9 + 0.5).String()
}

func (d *picture) line(l Line, pen string) {
	var path strings.Builder
	for i, p := range l.Points {
		path.WriteString([]string{"M", "L"}[min(i, 1)])
		fmt.Fprintf(&path, "%.1f %.1f", d.x.at(p.X), d.y.at(p.Seconds))
	}
	d.printf(`<path d="%s" %s/>`, path.String(), pen)
	for _, p := range l.Points {
		d.printf(`<circle cx="%.1f" cy="%.1f" r="3" %s/>`, d.x.at(p.X), d.y.at(p.Seconds), pen)
	}
}

// names writes each line's name beside its end, or as near as the others leave room.
func (d *picture) names(lines []Line) {
	type name struct {
		text, pen string
		y         float64
	}
	var list []name
	for i, l := range lines {
		if n := len(l.Points); n > 0 {
			list = append(list, name{l.Name, penOf(i), d.y.at(l.Points[n-1].Seconds)})
		}
	}
	slices.SortStableFunc(list, func(a, b name) int { return cmp.Compare(a.y, b.y) })
	places := make([]float64, len(list))
	for i := range list {
		places[i] = list[i].y
	}
	apart(places, lineHeight, bottom)
	for i, n := range list {
		d.printf(`<path d="M%d %.1fH%d" %s/>`, right+14, places[i], right+38, n.pen)
		d.text(right+44, places[i]+4, "start", n.text)
	}
}

// apart moves places that ascend so far that each has room, none of them beyond the last
// place that there is, if they have to pass the first for it.
func apart(places []float64, room, last float64) {
	for i := 1; i < len(places); i++ {
		places[i] = max(places[i], places[i-1]+room)
	}
	for i := len(places) - 1; i >= 0 && places[i] > last; i-- {
		places[i], last = last, last-room
	}
}
