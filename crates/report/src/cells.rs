//! A chart of the cells of a grid: every run a dot.

use vgae_artifacts::metric::Column;

use super::element::Element;
use super::number::significant;
use super::plot::{Plot, WIDTH, tenths};
use super::rows::Row;
use super::scale::{Scale, extent, ticks};

/// One metric of one row.
#[derive(Debug)]
pub(crate) struct Line {
    label: String,
    /// Whether the numbers are no results.
    leaky: bool,
    /// Value of each run.
    values: Vec<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    paper: Option<f64>,
}

impl Line {
    pub(crate) fn new(row: &Row<'_>, column: &Column) -> Self {
        let cell = row.cell(column);
        Self {
            label: row.label(),
            leaky: row.is_leaky(),
            values: row.values(column),
            mean: cell.map(|cell| cell.mean).filter(|mean| mean.is_finite()),
            sd: cell.and_then(|cell| cell.sd),
            paper: row.result.published.get(&column.key).map(|published| published.value),
        }
    }
}

/// So many methods have room for the dots of a run on three lines.
const FEW: usize = 8;

/// One metric of every method on one dataset.
pub(crate) fn plot(name: String, title: String, unit: &str, lines: &[Line]) -> Plot {
    let height = if lines.len() > FEW { 22.0 } else { 34.0 };
    let longest = lines.iter().map(|line| line.label.chars().count()).max().unwrap_or(0);
    let left = (14.0 + 6.4 * longest as f64).clamp(62.0, 0.45 * WIDTH);
    let (top, right) = (26.0, WIDTH - 14.0);
    let bottom = top + height * lines.len() as f64;
    let mut plot = Plot::new(name, title, bottom + 38.0);
    let shown = lines.iter().flat_map(|line| {
        let sd = line.sd.unwrap_or(0.0);
        let ends = line.mean.map(|mean| [mean - sd, mean + sd]);
        line.values.iter().copied().chain(ends.into_iter().flatten()).chain(line.paper)
    });
    let range = extent(shown, 0.05);
    let x = Scale::new(range, (left, right));
    for (value, label) in ticks(range.0, range.1, 6) {
        plot.segment("grid", (x.at(value), top), (x.at(value), bottom));
        plot.text((x.at(value), bottom + 16.0), "tick middle", &label);
    }
    plot.text((right, bottom + 32.0), "end", unit);
    legend(&mut plot, 62.0, lines.iter().any(|line| line.paper.is_some()));
    let mut said = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let y = top + height * (at as f64 + 0.5);
        let mark = if line.leaky { " leak" } else { "" };
        plot.text((left - 8.0, y + 4.0), &format!("end{mark}"), &line.label);
        for (run, value) in line.values.iter().enumerate() {
            // Dots on three lines, so that equal ones are distinguishable.
            let shift = 0.13 * height * ((run % 3) as f64 - 1.0);
            plot.add(dot((x.at(*value), y + shift), &format!("dot{mark}")));
        }
        if let Some((mean, sd)) = line.mean.zip(line.sd) {
            plot.segment("spread", (x.at(mean - sd), y), (x.at(mean + sd), y));
        }
        if let Some(mean) = line.mean {
            let half = 0.3 * height;
            plot.segment("mean", (x.at(mean), y - half), (x.at(mean), y + half));
        }
        if let Some(paper) = line.paper {
            plot.add(diamond((x.at(paper), y)));
        }
        let text = format!(
            "{}{}: {}{}{}",
            line.label,
            if line.leaky { ", which leaks" } else { "" },
            line.mean
                .map_or("not measured".to_owned(), |mean| format!("mean {}", significant(mean))),
            line.sd.map(|sd| format!(", SD {}", significant(sd))).unwrap_or_default(),
            line.paper.map(|paper| format!(", paper {paper:.1}")).unwrap_or_default()
        );
        plot.hit((0.0, y - 0.5 * height), (WIDTH, height), &text);
        said.push(text);
    }
    plot.segment("axis", (left, bottom), (right, bottom));
    plot.description = format!("{}.", said.join("; "));
    plot
}

fn dot((x, y): (f64, f64), class: &str) -> Element {
    Element::new("circle").class(class).attr("cx", tenths(x)).attr("cy", tenths(y)).attr("r", 2.6)
}

fn diamond((x, y): (f64, f64)) -> Element {
    let outline = format!("M{} {}l5 5l-5 5l-5 -5z", tenths(x), tenths(y - 5.0));
    Element::new("path").class("paper-mark").attr("d", outline)
}

fn legend(plot: &mut Plot, left: f64, paper: bool) {
    plot.add(dot((left + 4.0, 10.0), "dot"));
    plot.text((left + 11.0, 14.0), "", "a run");
    plot.segment("spread", (left + 54.0, 10.0), (left + 78.0, 10.0));
    plot.segment("mean", (left + 66.0, 4.0), (left + 66.0, 16.0));
    plot.text((left + 84.0, 14.0), "", "mean \u{b1} SD");
    if paper {
        plot.add(diamond((left + 162.0, 10.0)));
        plot.text((left + 172.0, 14.0), "", "the paper");
    }
}
