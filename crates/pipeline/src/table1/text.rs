//! The table as people read it: in a terminal and in Markdown.

use std::fmt::Write as _;

use super::{Cell, Cold, Row, Table};

impl Table {
    /// What the numbers mean, in a sentence.
    #[must_use]
    pub fn caption(&self) -> String {
        let runs = self.rows.iter().map(|row| row.runs).max().unwrap_or(0);
        let how = if self.protocol == "fixed-split" {
            "one split, each run its own initialisation"
        } else {
            "each run its own split and initialisation"
        };
        format!(
            "Link prediction on held-out edges, in points: mean ± standard deviation (standard error) \
             over {runs} runs a cell, {how}. A cell is reproduced when the paper's value lies within two \
             standard deviations of the mean, else the mean is above or below it."
        )
    }

    /// What the paper could not say: what the columns of cold endpoints mean, in a sentence. `None` where
    /// no run has such pairs.
    #[must_use]
    pub fn cold_caption(&self) -> Option<&'static str> {
        self.rows.iter().any(|row| row.cold.is_some()).then_some(
            "Cold: the test pairs with an end that no training edge touches, mean ± standard deviation. \
             There, methods that know only edges have only the other end to go by; \
             features help.",
        )
    }

    /// The table as GitHub renders it.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.caption());
        if let Some(cold) = self.cold_caption() {
            let _infallible = writeln!(text, "{cold}");
        }
        text.push_str(
            "\n| dataset | method | AUC | paper | verdict | AP | paper | verdict | cold AUC | cold AP | s/run |\n\
             |---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for row in &self.rows {
            let [dataset, method, scores @ .., seconds] = cells(row);
            let method = method.replace('*', "\\*");
            let [cold_auc, cold_ap] = cold_cells(row);
            let scores = scores.join(" | ");
            let _infallible = writeln!(
                text,
                "| {dataset} | {method} | {scores} | {cold_auc} | {cold_ap} | {seconds} |"
            );
        }
        text
    }

    /// The table for a terminal, columns aligned; below it the cold endpoints, where there are any.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.published_text();
        if let Some(cold) = self.cold_text() {
            text.push_str("\nOf these, test pairs with a cold end:\n");
            text.push_str(&cold);
        }
        text
    }

    fn published_text(&self) -> String {
        let mut text = format!(
            "{:<9} {:<6} {:<19} {:>5}  {:<10}  {:<19} {:>5}  {:<10} {:>7}\n",
            "dataset",
            "method",
            "AUC mean ± SD (SE)",
            "paper",
            "verdict",
            "AP mean ± SD (SE)",
            "paper",
            "verdict",
            "s/run"
        );
        underline(&mut text);
        for (first, row) in self.rows_by_dataset() {
            text.push_str(if first { "\n" } else { "" });
            let [dataset, method, auc, auc_paper, auc_verdict, ap, ap_paper, ap_verdict, seconds] =
                cells(row);
            let _infallible = writeln!(
                text,
                "{dataset:<9} {method:<6} {auc:<19} {auc_paper:>5}  {auc_verdict:<10}  {ap:<19} \
                 {ap_paper:>5}  {ap_verdict:<10} {seconds:>7}",
            );
        }
        text
    }

    fn cold_text(&self) -> Option<String> {
        self.cold_caption()?;
        let mut text = format!(
            "{:<9} {:<6} {:>10} {:>10}  {:<13} {}\n",
            "dataset", "method", "edges", "non-edges", "AUC", "AP"
        );
        underline(&mut text);
        for (first, row) in self.rows_by_dataset() {
            text.push_str(if first { "\n" } else { "" });
            let [dataset, method, ..] = cells(row);
            let [auc, ap] = cold_cells(row);
            let count = |of: fn(&Cold) -> f64| {
                row.cold.as_ref().map_or("-".to_owned(), |cold| format!("{:.0}", of(cold)))
            };
            let (edges, others) = (count(|cold| cold.positives), count(|cold| cold.negatives));
            let line = format!("{dataset:<9} {method:<6} {edges:>10} {others:>10}  {auc:<13} {ap}");
            let _infallible = writeln!(text, "{line}");
        }
        Some(text)
    }

    /// Each row, and whether it is the first of a dataset that is not the first.
    fn rows_by_dataset(&self) -> impl Iterator<Item = (bool, &Row)> {
        let before = std::iter::once(None).chain(self.rows.iter().map(Some));
        before
            .zip(&self.rows)
            .map(|(before, row)| (before.is_some_and(|before| before.dataset != row.dataset), row))
    }
}

fn underline(header: &mut String) {
    let rule = "-".repeat(header.trim_end().chars().count());
    let _infallible = writeln!(header, "{rule}");
}

/// AUC and AP of the cold endpoints.
fn cold_cells(row: &Row) -> [String; 2] {
    let of = |cell: &Cell| match cell.sd {
        Some(sd) => format!("{:.1} ± {sd:.2}", cell.mean),
        None => format!("{:.1}", cell.mean),
    };
    match &row.cold {
        Some(cold) => [of(&cold.auc), of(&cold.ap)],
        None => ["-".to_owned(), "-".to_owned()],
    }
}

/// A row as a person reads it: dataset, method, AUC with the paper's and the verdict, AP likewise,
/// seconds a run.
fn cells(row: &Row) -> [String; 9] {
    let verdict = |cell: &Cell| cell.verdict.name().to_owned();
    [
        title(&row.dataset),
        row.method.to_uppercase(),
        spread(&row.auc),
        paper(&row.auc),
        verdict(&row.auc),
        spread(&row.ap),
        paper(&row.ap),
        verdict(&row.ap),
        format!("{:.1}", row.seconds),
    ]
}

fn spread(cell: &Cell) -> String {
    match (cell.sd, cell.se) {
        (Some(sd), Some(se)) => format!("{:.1} ± {sd:.2} ({se:.2})", cell.mean),
        _ => format!("{:.1}", cell.mean),
    }
}

fn paper(cell: &Cell) -> String {
    cell.paper.map_or("-".to_owned(), |paper| format!("{paper:.1}"))
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
