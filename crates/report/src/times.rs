//! Accuracy of methods against their training time.

use super::curves::Point;
use super::element::Element;
use super::number::seconds;
use super::plot::{Axis, Frame, Plot, tenths};
use super::scale::{extent, log_ticks};

const HEIGHT: f64 = 330.0;
/// Fewer methods make no picture.
const LEAST: usize = 3;
/// The size of a letter beside a dot, a little more than it takes.
const LETTER: Point = (6.1, 11.0);
/// Half a dot.
const RADIUS: f64 = 4.0;
/// How much longer than the longest run the axis is, so that it has a tick.
const MARGIN: f64 = 1.6;

/// A method: its name, seconds per run, score, and whether its numbers are no results.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) seconds: f64,
    pub(crate) score: f64,
    pub(crate) leaky: bool,
}

/// Left, top, right, bottom.
type Area = (f64, f64, f64, f64);

/// A dot a method; nothing where too few were measured.
pub(crate) fn plot(name: &str, title: String, label: &str, entries: &[Entry]) -> Option<Plot> {
    let measured = |entry: &&Entry| {
        entry.score.is_finite() && entry.seconds.is_finite() && entry.seconds > 0.0
    };
    let mut entries: Vec<&Entry> = entries.iter().filter(measured).collect();
    if entries.len() < LEAST {
        return None;
    }
    // The best have the first choice of where their names stand.
    entries.sort_by(|a, b| b.score.total_cmp(&a.score));
    let times = extent(entries.iter().map(|entry| entry.seconds), 0.0);
    let times = (times.0.max(f64::MIN_POSITIVE) / MARGIN, times.1 * MARGIN);
    let x = Axis {
        label: "seconds per run, logarithmic",
        range: (times.0.log10(), times.1.log10()),
        ticks: 0,
    };
    let range = extent(entries.iter().map(|entry| entry.score), 0.06);
    let y = Axis { label, range, ticks: 6 };
    let mut frame = Frame::new(name, title, HEIGHT, x, y);
    let (left, right, top, bottom) = Frame::edges(HEIGHT);
    for (value, label) in log_ticks(times.0, times.1) {
        let at = frame.x.at(value.log10());
        frame.plot.segment("grid", (at, top), (at, bottom));
        frame.plot.text((at, bottom + 16.0), "tick middle", &label);
    }
    let place = |entry: &&Entry| (frame.x.at(entry.seconds.log10()), frame.y.at(entry.score));
    let places: Vec<Point> = entries.iter().map(place).collect();
    let mut taken: Vec<Area> = places.iter().map(|&place| around(place)).collect();
    let mut said = Vec::new();
    for (entry, &(x, y)) in entries.iter().zip(&places) {
        let mark = if entry.leaky { " leak" } else { "" };
        let dot = Element::new("circle").class(&format!("dot{mark}")).attr("r", RADIUS);
        frame.plot.add(dot.attr("cx", tenths(x)).attr("cy", tenths(y)));
        let width = LETTER.0 * entry.label.chars().count() as f64;
        let free = |area: &Area| {
            let inside = area.0 >= left && area.2 <= right + 8.0;
            let inside = inside && area.1 >= top - 8.0 && area.3 <= bottom;
            inside && !taken.iter().any(|other| overlap(*area, *other))
        };
        let spot = spots((x, y), width).into_iter().find(|(area, ..)| free(area));
        if let Some((area, class, base)) = spot {
            frame.plot.text(base, &format!("tick {class}{mark}"), &entry.label);
            taken.push(area);
        }
        let leaks = if entry.leaky { ", which leaks" } else { "" };
        let text =
            format!("{}{leaks}: {:.1} in {}", entry.label, entry.score, seconds(entry.seconds));
        frame.plot.hit((x - 8.0, y - 8.0), (16.0, 16.0), &text);
        said.push(text);
    }
    frame.plot.description = format!("The best first. {}.", said.join("; "));
    Some(frame.plot)
}

/// Where a name may stand: its area, how it is anchored, where it begins.
fn spots((x, y): Point, width: f64) -> [(Area, &'static str, Point); 8] {
    let aside = |right: bool, down: f64| {
        let base = y + down;
        let (from, class) = if right { (x + 7.0, "") } else { (x - 7.0 - width, "end") };
        let area = (from, base - LETTER.1 + 2.0, from + width, base + 2.0);
        (area, class, (if right { from } else { x - 7.0 }, base))
    };
    let straight = |down: f64| {
        let base = y + down;
        let area = (x - 0.5 * width, base - LETTER.1 + 2.0, x + 0.5 * width, base + 2.0);
        (area, "middle", (x, base))
    };
    [
        aside(true, 4.0),
        aside(false, 4.0),
        straight(-7.0),
        straight(15.0),
        aside(true, -4.0),
        aside(true, 12.0),
        aside(false, -4.0),
        aside(false, 12.0),
    ]
}

fn around((x, y): Point) -> Area {
    (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
}

fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}
