//! Results on stdout, errors on stderr. A reader that goes away (`vgae ... | head`) is no fault.

use std::io::Write;

/// Prints a result.
pub(crate) fn result(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _reader_gone = stdout
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { stdout.write_all(b"\n") });
    let _reader_gone = stdout.flush();
}

/// A probability in a table; a dash where there is none. Small ones keep their digits.
pub(crate) fn probability(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 1e-3 => format!("{value:.1e}"),
        Some(value) => format!("{value:.4}"),
    }
}

/// On which side the cells of a column begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table for a terminal.
pub(crate) struct Columns {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    pub(crate) fn new(heads: &[(&str, Align)]) -> Self {
        let row = heads.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { aligns: heads.iter().map(|(_, align)| *align).collect(), rows: vec![row] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Columns as wide as their widest cell.
    pub(crate) fn text(&self) -> String {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.aligns.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells =
                row.iter().zip(&widths).zip(&self.aligns).map(
                    |((cell, &width), align)| match align {
                        Align::Left => format!("{cell:<width$}"),
                        Align::Right => format!("{cell:>width$}"),
                    },
                );
            let line = cells.collect::<Vec<_>>().join("  ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Prints an error with its causes as one paragraph.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // Stages name themselves: "split failed: split: ..." would say it twice.
        let stage = text.strip_suffix(" failed").and_then(|said| said.rsplit(' ').next());
        let cause =
            stage.and_then(|stage| cause.strip_prefix(stage)?.strip_prefix(": ")).unwrap_or(&cause);
        // Transparent wrappers repeat their cause.
        if !text.ends_with(cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(cause);
        }
    }
    let system = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    if system.into_iter().any(|error| error.kind() == std::io::ErrorKind::StorageFull) {
        text.push_str(": make room and start again, what is finished is kept");
    }
    let _nobody_listens = writeln!(std::io::stderr(), "error: {text}");
}
