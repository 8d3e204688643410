//! A chart of the cells of a grid: every run a dot.

use super::element::Element;
use super::grid::{GridCell, GridRow, GridRun};
use super::plot::{Plot, WIDTH, tenths};
use super::scale::{Scale, extent, ticks};

/// One metric of every method on one dataset.
pub(crate) fn plot(
    name: String,
    title: String,
    rows: &[&GridRow],
    cell: fn(&GridRow) -> &GridCell,
    of: fn(&GridRun) -> Option<f64>,
) -> Plot {
    let (height, top, left, right) = (34.0, 26.0, 62.0, WIDTH - 14.0);
    let bottom = top + height * rows.len() as f64;
    let mut plot = Plot::new(name, title, bottom + 38.0);
    let values = |row: &GridRow| -> Vec<f64> {
        row.runs.iter().filter_map(of).map(|value| 100.0 * value).collect()
    };
    let shown = rows.iter().flat_map(|row| {
        let cell = cell(row);
        let sd = cell.sd.unwrap_or(0.0);
        values(row).into_iter().chain([cell.mean - sd, cell.mean + sd]).chain(cell.paper)
    });
    let range = extent(shown, 0.05);
    let x = Scale::new(range, (left, right));
    for (value, label) in ticks(range.0, range.1, 6) {
        plot.segment("grid", (x.at(value), top), (x.at(value), bottom));
        plot.text((x.at(value), bottom + 16.0), "tick middle", &label);
    }
    plot.text((right, bottom + 32.0), "end", "points (100 is perfect)");
    legend(&mut plot, left);
    let mut said = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let cell = cell(row);
        let y = top + height * (at as f64 + 0.5);
        let method = row.method.to_uppercase();
        plot.text((left - 8.0, y + 4.0), "end", &method);
        for (run, value) in values(row).into_iter().enumerate() {
            // Dots on three lines, so that equal ones are told apart.
            let shift = 4.5 * ((run % 3) as f64 - 1.0);
            plot.add(dot((x.at(value), y + shift)));
        }
        if let Some(sd) = cell.sd.filter(|_| cell.mean.is_finite()) {
            plot.segment("spread", (x.at(cell.mean - sd), y), (x.at(cell.mean + sd), y));
        }
        if cell.mean.is_finite() {
            plot.segment("mean", (x.at(cell.mean), y - 10.0), (x.at(cell.mean), y + 10.0));
        }
        if let Some(paper) = cell.paper {
            plot.add(diamond((x.at(paper), y)));
        }
        said.push(format!(
            "{method}: mean {:.1}{}{}",
            cell.mean,
            cell.sd.map(|sd| format!(", SD {sd:.2}")).unwrap_or_default(),
            cell.paper.map(|paper| format!(", paper {paper:.1}")).unwrap_or_default()
        ));
    }
    plot.segment("axis", (left, bottom), (right, bottom));
    plot.description = format!("{}.", said.join("; "));
    plot
}

fn dot((x, y): (f64, f64)) -> Element {
    Element::new("circle").class("dot").attr("cx", tenths(x)).attr("cy", tenths(y)).attr("r", 2.6)
}

fn diamond((x, y): (f64, f64)) -> Element {
    let outline = format!("M{} {}l5 5l-5 5l-5 -5z", tenths(x), tenths(y - 5.0));
    Element::new("path").class("paper-mark").attr("d", outline)
}

fn legend(plot: &mut Plot, left: f64) {
    plot.add(dot((left + 4.0, 10.0)));
    plot.text((left + 11.0, 14.0), "", "a run");
    plot.segment("spread", (left + 54.0, 10.0), (left + 78.0, 10.0));
    plot.segment("mean", (left + 66.0, 4.0), (left + 66.0, 16.0));
    plot.text((left + 84.0, 14.0), "", "mean \u{b1} SD");
    plot.add(diamond((left + 162.0, 10.0)));
    plot.text((left + 172.0, 14.0), "", "the paper");
}
