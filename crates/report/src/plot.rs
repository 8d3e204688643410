//! A drawing: axes and marks, once for the page and once as a file of its own.

use super::curves::Point;
use super::element::Element;
use super::number::place;
use super::scale::{Scale, ticks};
use super::simplify::simplify;

/// How marks look, in terms of the page's colours.
pub(crate) const STYLE: &str = include_str!("plot.css");

/// The colours of light pages and of files, which have no page to take them from (and are opened by
/// programs that know no variables).
pub(crate) const LIGHT: [(&str, &str); 16] = [
    ("paper", "#ffffff"),
    ("ink", "#16202a"),
    ("soft", "#566370"),
    ("line", "#dde3e8"),
    ("c0", "#0067b0"),
    ("c1", "#c2500a"),
    ("c2", "#00805c"),
    ("c3", "#b1417f"),
    ("c4", "#a87400"),
    ("c5", "#2b98c9"),
    ("c6", "#6b4fa8"),
    ("c7", "#6d8a1f"),
    ("c8", "#c23b3b"),
    ("c9", "#16706f"),
    ("c10", "#8a5a3c"),
    ("c11", "#44546a"),
];

/// The same for dark pages.
pub(crate) const DARK: [(&str, &str); 16] = [
    ("paper", "#12181e"),
    ("ink", "#e6ebf0"),
    ("soft", "#a3b0bc"),
    ("line", "#2e3a45"),
    ("c0", "#5ab0f2"),
    ("c1", "#f59a5b"),
    ("c2", "#45c9a1"),
    ("c3", "#ea8fc0"),
    ("c4", "#e0b040"),
    ("c5", "#8fd6f5"),
    ("c6", "#b49cf0"),
    ("c7", "#b5d45e"),
    ("c8", "#f28080"),
    ("c9", "#6fd0ce"),
    ("c10", "#d0a283"),
    ("c11", "#b3c0d4"),
];

/// The width of every drawing, in its own units. Text of 12 is still read when a phone shows it in 320
/// pixels, and not yet shouting on a desk.
pub(crate) const WIDTH: f64 = 380.0;

/// Half a pixel less than what an eye sees.
const TOLERANCE: f64 = 0.12;

/// A drawing with its words.
#[derive(Debug)]
pub(crate) struct Plot {
    /// The stem of its file and the start of its ids: letters and dashes.
    pub(crate) name: String,
    pub(crate) title: String,
    /// Description for screen readers.
    pub(crate) description: String,
    height: f64,
    marks: Vec<Element>,
    /// Hover targets that show values; only in the report, not in SVG files.
    hits: Vec<Element>,
}

impl Plot {
    pub(crate) fn new(name: impl Into<String>, title: impl Into<String>, height: f64) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            description: String::new(),
            height,
            marks: Vec::new(),
            hits: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mark: Element) {
        self.marks.push(mark);
    }

    pub(crate) fn text(&mut self, at: Point, class: &str, text: &str) {
        self.add(placed(Element::of("text", text), at).class(class));
    }

    pub(crate) fn segment(&mut self, class: &str, from: Point, to: Point) {
        self.add(
            Element::new("line")
                .class(class)
                .attr("x1", tenths(from.0))
                .attr("y1", tenths(from.1))
                .attr("x2", tenths(to.0))
                .attr("y2", tenths(to.1)),
        );
    }

    pub(crate) fn rect(&mut self, class: &str, corner: Point, size: Point) {
        self.add(rect(class, corner, size));
    }

    /// A place on the page that says `text` when pointed at.
    pub(crate) fn hit(&mut self, corner: Point, size: Point, text: &str) {
        self.hits.push(rect("hit", corner, size).child(Element::of("title", text)));
    }

    /// For the page, which brings style and colours.
    pub(crate) fn inline(&self) -> Element {
        let (title, about) = (format!("{}-title", self.name), format!("{}-about", self.name));
        self.svg()
            .attr("aria-labelledby", format!("{title} {about}"))
            .child(Element::of("title", &self.title).attr("id", title))
            .child(Element::of("desc", &self.description).attr("id", about))
            .newline()
            .children(self.marks.iter().cloned())
            .children(self.hits.iter().cloned())
            .newline()
    }

    /// A file of its own, on white, for papers.
    pub(crate) fn file(&self, maker: &str) -> String {
        let style = LIGHT.iter().rev().fold(STYLE.to_owned(), |style, (name, colour)| {
            style.replace(&format!("var(--{name})"), colour)
        });
        let svg = self
            .svg()
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .attr("width", WIDTH)
            .attr("height", self.height)
            .child(Element::of("title", &self.title))
            .child(Element::of("desc", &self.description))
            .newline()
            .child(Element::new("style").source(&style))
            .newline()
            .child(rect("", (0.0, 0.0), (WIDTH, self.height)).attr("fill", "#ffffff"))
            .newline()
            .children(self.marks.iter().cloned());
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {maker} -->\n{svg}\n")
    }

    fn svg(&self) -> Element {
        Element::new("svg")
            .class("plot")
            .attr("viewBox", format!("0 0 {WIDTH} {}", self.height))
            .attr("role", "img")
    }
}

/// One axis of a [`Frame`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis<'a> {
    pub(crate) label: &'a str,
    pub(crate) range: Point,
    /// About so many; 0 where the plot makes its own.
    pub(crate) ticks: usize,
}

/// A plot with two axes.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) plot: Plot,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    legend_end: f64,
}

/// Left, right, top, bottom.
const MARGINS: (f64, f64, f64, f64) = (44.0, 12.0, 40.0, 38.0);

impl Frame {
    pub(crate) fn new(
        name: &str,
        title: impl Into<String>,
        height: f64,
        x: Axis<'_>,
        y: Axis<'_>,
    ) -> Self {
        let (left, right, top, bottom) = MARGINS;
        let mut plot = Plot::new(name, title, height);
        let (right, bottom) = (WIDTH - right, height - bottom);
        let horizontal = Scale::new(x.range, (left, right));
        let vertical = Scale::new(y.range, (bottom, top));
        for (value, label) in ticks(y.range.0, y.range.1, y.ticks) {
            let at = vertical.at(value);
            plot.segment("grid", (left, at), (right, at));
            plot.text((left - 5.0, at + 4.0), "tick end", &label);
        }
        let own = (x.ticks > 0).then(|| ticks(x.range.0, x.range.1, x.ticks));
        for (value, label) in own.into_iter().flatten() {
            let at = horizontal.at(value);
            plot.segment("axis", (at, bottom), (at, bottom + 4.0));
            plot.text((at, bottom + 16.0), "tick middle", &label);
        }
        plot.segment("axis", (left, bottom), (right, bottom));
        plot.text((4.0, top - 10.0), "", y.label);
        plot.text((right, height - 6.0), "end", x.label);
        Self { plot, x: horizontal, y: vertical, legend_end: left }
    }

    /// The corners of the plotting area: left, right, top, bottom.
    pub(crate) fn edges(height: f64) -> (f64, f64, f64, f64) {
        let (left, right, top, bottom) = MARGINS;
        (left, WIDTH - right, top, height - bottom)
    }

    /// A curve through `points`, given as values; with `area`, the page carries the area under all of them.
    pub(crate) fn curve(&mut self, class: &str, points: &[Point], area: Option<f64>) {
        let placed: Vec<Point> = points.iter().map(|p| (self.x.at(p.0), self.y.at(p.1))).collect();
        let line = Element::new("polyline")
            .class(class)
            .attr("points", path(&simplify(&placed, TOLERANCE)));
        self.plot.add(match area {
            Some(area) => line.attr("data-area", area),
            None => line,
        });
    }

    /// An entry of the legend: a piece of line and its meaning, right of those before it.
    pub(crate) fn legend(&mut self, class: &str, text: &str) {
        let x = self.legend_end;
        if class.contains("area") {
            self.plot.rect(class, (x, 5.0), (22.0, 9.0));
        } else {
            self.plot.segment(class, (x, 10.0), (x + 22.0, 10.0));
        }
        self.plot.text((x + 27.0, 14.0), "", text);
        // There is nothing here to measure text with: seven units a letter is more than it takes.
        self.legend_end += 27.0 + 6.4 * text.chars().count() as f64 + 14.0;
    }
}

/// `x,y x,y ...`
pub(crate) fn path(points: &[Point]) -> String {
    let mut text = String::new();
    for point in points {
        if !text.is_empty() {
            text.push(' ');
        }
        place(&mut text, point.0);
        text.push(',');
        place(&mut text, point.1);
    }
    text
}

pub(crate) fn tenths(value: f64) -> String {
    let mut text = String::new();
    place(&mut text, value);
    text
}

fn placed(element: Element, at: Point) -> Element {
    element.attr("x", tenths(at.0)).attr("y", tenths(at.1))
}

fn rect(class: &str, corner: Point, size: Point) -> Element {
    let rect = placed(Element::new("rect"), corner);
    let rect = if class.is_empty() { rect } else { rect.class(class) };
    rect.attr("width", tenths(size.0)).attr("height", tenths(size.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_needs_nothing_from_a_page() {
        let axis = Axis { label: "<x>", range: (0.0, 1.0), ticks: 2 };
        let mut frame = Frame::new("a", "\"A\" & b", 200.0, axis, axis);
        frame.curve("line s0", &[(0.0, 0.0), (1.0, 1.0)], Some(0.5));
        frame.plot.hit((0.0, 0.0), (1.0, 1.0), "only on the page");
        let file = frame.plot.file("Made by a test");
        assert!(!file.contains("var("), "{file}");
        assert!(!file.contains("only on the page"));
        assert!(file.contains("&lt;x&gt;") && file.contains("&quot;A&quot; &amp; b"));
        assert!(frame.plot.inline().to_string().contains("only on the page"));
    }

    #[test]
    fn both_palettes_name_the_same_colours() {
        assert!(LIGHT.iter().zip(DARK).all(|(light, dark)| light.0 == dark.0));
    }
}
