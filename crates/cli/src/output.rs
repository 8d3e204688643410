//! Results on stdout, errors on stderr.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use vgae_artifacts::text::{Fitted, TextTable, printable};
use vgae_artifacts::{ResultTable, names};

/// Prints a result. A reader that goes away (`vgae ... | head`) is no error; a full disk is.
pub(crate) fn result(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(end))
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the result to stdout")
        }
        _ => Ok(()),
    }
}

/// A probability in a table; a dash where there is none. Small ones keep their digits.
pub(crate) fn probability(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 1e-3 => format!("{value:.1e}"),
        Some(value) => format!("{value:.4}"),
    }
}

/// Prints a table: as wide as the terminal, or 80 columns where there is none; `wide` without a limit.
pub(crate) fn table(table: &TextTable, wide: bool) -> anyhow::Result<()> {
    let terminal = || terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into());
    let Fitted { mut text, hidden, shortened } = table.fitted((!wide).then(terminal));
    let mut cut = Vec::new();
    if !hidden.is_empty() {
        cut.push(format!("not shown: {}", hidden.join(", ")));
    }
    if shortened {
        cut.push("long text is shortened".to_owned());
    }
    if !cut.is_empty() {
        let _infallible = writeln!(text, "({}; --wide shows everything)", cut.join("; "));
    }
    result(&text)
}

/// Prints a result table, what its numbers mean, and where it is written.
pub(crate) fn results(results: &ResultTable, out: &Path, wide: bool) -> anyhow::Result<()> {
    table(&results.text_table(wide), wide)?;
    result(&wrap(&results.caption()))?;
    let names = [names::RESULTS, names::RESULTS_PARQUET, names::RESULTS_MD, names::SUMMARY];
    result(&format!(
        "\nWritten to {}: {}; a folder per run in runs/.",
        out.display(),
        names.join(", ")
    ))
}

/// Breaks a paragraph into lines of at most 80 characters.
pub(crate) fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > 80 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
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
    let is_full = |error: &std::io::Error| {
        matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    };
    if system.into_iter().any(is_full) {
        text.push_str(": make room and start again, what is finished is kept");
    }
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    let _nobody_listens = writeln!(std::io::stderr(), "error: {}", lines.join("\n"));
}
