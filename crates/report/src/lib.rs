//! The report of a run, of two runs compared, or of a grid of runs: one self-contained HTML file, and its plots as SVG files for
//! papers.
//!
//! A page is one file: no network, no fonts, no script but a small one that names nodes under the pointer and
//! sorts tables. It follows the reader's light or dark scheme, prints, can be walked by keyboard, and describes
//! each picture in words. Text from data is escaped by construction (`element.rs`); a content security policy
//! refuses whatever script a page might still be tricked into.
//!
//! An embedding has two maps: its first two principal components, and a neighbour map after UMAP that is the same at
//! any number of threads ([`vgae_numerics::neighbour_map`]).
//!
//! [`png`] arranges images on a sheet.
//!
//! This crate does not read a run's folder (`pipeline` does), or measure anything.

mod cells;
mod circumstances;
mod comparison;
mod curves;
mod element;
mod graph;
mod grid;
mod joined;
mod judging;
mod map;
mod names;
mod number;
mod page;
mod plot;
pub mod png;
mod rankings;
mod reliability;
mod result;
mod rows;
mod run;
mod samples;
mod scale;
mod simplify;
mod slices;
mod standings;
mod times;
mod training;

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use vgae_artifacts::{ArtifactError, Kind, NodeMap, Provenance, Result, atomic, regular, table};

pub use circumstances::Circumstances;
pub use comparison::{ComparedRun, ComparisonReport};
pub use grid::GridReport;
pub use map::mapped;
pub use rows::GridRun;
pub use run::RunReport;
pub use samples::{
    ColumnError, Generated, Interpolated, Plane, Reconstructed, SamplesReport, interpolation_codes,
    pick_rows, plane_codes,
};

/// The name of the page in a run's or a grid's folder.
pub const REPORT: &str = "report.html";
/// The folder beside it that holds its plots.
pub const PLOTS: &str = "plots";

/// File of the nodes' coordinates on the maps, in [`PLOTS`].
pub const MAP: &str = "map.parquet";

/// The name under which a page says what it was made from.
const STAMP: &str = "vgae-made-from";
/// Raised when pages change, so that old ones are made again.
const LOOK: u32 = 9;
/// How much of a file is read to know whether it is ours: head and stamp.
const START: u64 = 1024;

/// A page and its plots, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The page.
    pub html: String,
    /// File names (`roc.svg`) and their text.
    pub plots: Vec<(String, String)>,
    /// Coordinates of the nodes on the maps.
    pub map: Option<NodeMap>,
}

impl Report {
    fn new(page: page::Page, plots: &[&plot::Plot]) -> Self {
        let maker = maker();
        let files = plots.iter().map(|plot| (format!("{}.svg", plot.name), plot.file(&maker)));
        Self { plots: files.collect(), html: page.html(&maker), map: None }
    }

    /// Writes `report.html` and `plots/` into `folder`, the page last: a page has its plots. Plots of an
    /// earlier report that this one does not have are removed.
    ///
    /// # Errors
    /// When a file cannot be written, or one of that name is not a report.
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        let page = folder.join(REPORT);
        let plots = folder.join(PLOTS);
        let targets: Vec<PathBuf> = self.plots.iter().map(|(name, _)| plots.join(name)).collect();
        for path in targets.iter().chain([&page]) {
            if start(path).is_some_and(|start| !start.is_empty() && !is_ours(&start)) {
                return Err(ArtifactError::form(
                    path,
                    "a report of an earlier run, to be replaced",
                    "a file of another program: move it away, then try again",
                ));
            }
        }
        let map = plots.join(MAP);
        let is_foreign =
            |path: &Path| path.exists() && table::open_parquet(path, Kind::Map).is_err();
        if is_foreign(&map) {
            return Err(ArtifactError::form(
                &map,
                "the map of an earlier report, to be replaced",
                "a file of another program: move it away, then try again",
            ));
        }
        atomic::create_folder(folder, PLOTS)?;
        atomic::sweep(&plots)?;
        for (path, (_, text)) in targets.iter().zip(&self.plots) {
            atomic::write(path, text.as_bytes())?;
        }
        match &self.map {
            Some(points) => points.write(&map, &Provenance::of_stage("report"))?,
            None if map.exists() => {
                std::fs::remove_file(&map)
                    .map_err(ArtifactError::io("remove the outdated", &map))?;
            }
            None => {}
        }
        remove_outdated(&plots, &targets)?;
        atomic::write(&page, self.html.as_bytes())?;
        Ok(page)
    }
}

/// Whether the report in `folder` was made from what `stamp` stands for, by pages of today's look, and neither
/// the page nor a plot was cut short.
#[must_use]
pub fn is_current(folder: &Path, stamp: &str) -> bool {
    let wanted = format!("name=\"{STAMP}\" content=\"{}\"", full_stamp(stamp));
    let page = folder.join(REPORT);
    start(&page).is_some_and(|start| start.contains(&wanted))
        && ends_with(&page, "</html>")
        && std::fs::read_dir(folder.join(PLOTS)).is_ok_and(|plots| {
            plots.flatten().map(|plot| plot.path()).all(|plot| {
                let is_plot = plot.extension().is_some_and(|extension| extension == "svg");
                let is_own = |start: String| start.is_empty() || is_ours(&start);
                !is_plot || !start(&plot).is_some_and(is_own) || ends_with(&plot, "</svg>")
            })
        })
}

/// Returns whether the last line of a text file is the given one.
fn ends_with(path: &Path, last: &str) -> bool {
    let text = || -> std::io::Result<String> {
        let mut file = regular::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(START)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    text().is_ok_and(|text| text.ends_with(last))
}

/// Returns the given stamp with the program's version.
fn full_stamp(stamp: &str) -> String {
    format!("{stamp}/{LOOK}")
}

fn maker() -> String {
    format!("Made by {}", Provenance::of_stage("report").program)
}

/// The first lines of a file, if there is one.
fn start(path: &Path) -> Option<String> {
    let file = regular::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(START).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Files of ours say so in their second line.
fn is_ours(start: &str) -> bool {
    start.lines().nth(1).is_some_and(|line| line.starts_with("<!-- Made by vgae"))
}

fn remove_outdated(plots: &Path, kept: &[PathBuf]) -> Result<()> {
    for entry in std::fs::read_dir(plots).map_err(ArtifactError::io("list", plots))? {
        let path = entry.map_err(ArtifactError::io("list", plots))?.path();
        if !kept.contains(&path) && start(&path).is_some_and(|start| is_ours(&start)) {
            std::fs::remove_file(&path).map_err(ArtifactError::io("remove the outdated", &path))?;
        }
    }
    Ok(())
}
