//! Result table as text, for terminals and Markdown.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use strum::VariantArray as _;

use super::{Published, ResultRow, ResultTable};
use crate::metric::Column;
use crate::text::{Align, TextTable};
use crate::{NegativeKind, Protocol};

/// Metrics with published values and gains.
const PAIRED: [&str; 2] = ["test_auc", "test_ap"];

impl ResultTable {
    /// Returns an explanation of the numbers in a few sentences.
    #[must_use]
    pub fn caption(&self) -> String {
        let runs = self.rows.iter().map(|row| row.runs.len()).max().unwrap_or(0);
        let cells = format!("mean \u{b1} standard deviation over {runs} runs per cell");
        if self.is_search() {
            return format!(
                "Link prediction on validation edges, in percent: {cells}. Best is the highest AUC + AP. Metrics of \
                 test pairs are in the runs' own folders and were not used here."
            );
        }
        if !self.is_of_graphs() {
            return format!(
                "On test samples: {cells}. The bound is the negative evidence lower bound; squared errors are per \
                 value; kNN and probe are accuracies of predicting labels from codes."
            );
        }
        let mut text = format!("Link prediction on held-out test edges, in percent: {cells}.");
        if let Some(splits) = self.splits() {
            let _infallible = write!(text, " {splits}.");
        }
        if self.shown().any(|column| column.key == "test_mrr") {
            text.push_str(" MRR and Hits@10 rank each edge among the split's negatives.");
        }
        if let Some(hard) = self.shown().find(|column| is_hard(column)) {
            let set = hard.title.split(' ').next().unwrap_or_default();
            let _infallible =
                write!(text, " `{set}`: each edge is ranked among its own hard negatives.");
        }
        if self.has_published() {
            let _infallible = write!(
                text,
                " Paper: the value in Table 1 of Kipf & Welling 2016; \u{2713} it lies within two standard deviations \
                 of the mean, \u{25b2} the mean is above, \u{25bc} below, ? fewer than {} runs.",
                Published::LEAST_RUNS
            );
        }
        text.push_str(" Nothing was selected on test pairs.");
        text
    }

    fn is_of_graphs(&self) -> bool {
        self.columns.iter().any(|column| column.key == PAIRED[0])
    }

    /// Returns how runs of a cell differ, if all cells agree.
    fn splits(&self) -> Option<&'static str> {
        let protocols: BTreeSet<Protocol> =
            self.rows.iter().map(|row| row.protocol.unwrap_or_default()).collect();
        match protocols.into_iter().collect::<Vec<_>>().as_slice() {
            [Protocol::Kipf] => Some("Each run has its own split and initialisation"),
            [Protocol::KipfFixed] => Some("One split, each run its own initialisation"),
            _ => None,
        }
    }

    /// Returns the text table. `wide` adds the columns that are otherwise in files only.
    #[must_use]
    pub fn text_table(&self, wide: bool) -> TextTable {
        let is_search = self.is_search();
        let columns: Vec<&Column> =
            if wide { self.columns.iter().collect() } else { self.shown().collect() };
        let distinct = |of: fn(&ResultRow) -> Option<Protocol>| {
            self.rows.iter().map(of).collect::<BTreeSet<_>>().len()
        };
        let protocols = wide || distinct(|row| row.protocol) > 1;
        let has_gain = self.rows.iter().any(|row| !row.gain.is_empty());
        let has_published = self.has_published();
        let has_memory = self.rows.iter().any(|row| row.peak_memory_bytes.is_some());
        let best = is_search.then_some("best");

        let left = |title: &str| (title.to_owned(), Align::Left);
        let right = |title: &str| (title.to_owned(), Align::Right);
        let mut heads = vec![left("dataset")];
        heads.extend(protocols.then(|| left("protocol")));
        heads.push(left("method"));
        heads.extend(is_search.then(|| left("variant")));
        for column in &columns {
            heads.push(right(&column.title));
            let paired = PAIRED.contains(&column.key.as_str());
            heads.extend((paired && has_published).then(|| right("paper")));
            heads.extend((paired && has_gain).then(|| right("\u{2212} kipf")));
        }
        heads.extend(best.map(left));
        heads.push(right("s/run"));
        heads.extend(has_memory.then(|| right("MB")));

        let mut table = TextTable::new(heads);
        let mut before: Option<&ResultRow> = None;
        for row in &self.rows {
            let differs = |of: fn(&ResultRow) -> (&str, Option<Protocol>)| {
                before.is_some_and(|before| of(before) != of(row))
            };
            if differs(|row| (&row.dataset, None))
                || (self.methods() > 1 && differs(|row| (&row.dataset, row.protocol)))
            {
                table.blank();
            }
            before = Some(row);
            let dash = || "-".to_owned();
            let mut cells = vec![row.dataset.clone()];
            let protocol = || row.protocol.map_or_else(dash, |protocol| protocol.to_string());
            cells.extend(protocols.then(protocol));
            cells.push(row.method.clone());
            cells.extend(is_search.then(|| row.variant.clone().unwrap_or_default()));
            for column in &columns {
                let cell = row.metrics.get(&column.key);
                let shown = |cell: &crate::Cell| cell.text(column.unit.decimals());
                cells.push(cell.map_or_else(dash, shown));
                let paired = PAIRED.contains(&column.key.as_str());
                cells.extend((paired && has_published).then(|| {
                    let published = row.published.get(&column.key);
                    published.map_or_else(dash, |Published { value, verdict }| {
                        format!("{} {value:.1}", verdict.sign())
                    })
                }));
                cells.extend((paired && has_gain).then(|| {
                    row.gain.get(&column.key).map_or_else(dash, |gain| format!("{:+.2}", gain.mean))
                }));
            }
            cells.extend(best.map(|best| if self.is_best(row) { best } else { "" }.to_owned()));
            cells.push(format!("{:.2}", row.seconds));
            cells.extend(has_memory.then(|| {
                let bytes = row.peak_memory_bytes;
                bytes.map_or_else(dash, |bytes| format!("{:.0}", bytes as f64 / 1e6))
            }));
            table.row(cells);
        }
        table
    }

    /// Returns the number of methods.
    fn methods(&self) -> usize {
        self.rows.iter().map(|row| &row.method).collect::<BTreeSet<_>>().len()
    }

    /// Returns one line per protocol in the table, with its description.
    #[must_use]
    pub fn legend(&self) -> String {
        let used = |protocol: &&Protocol| {
            self.rows.iter().any(|row| row.protocol.unwrap_or_default() == **protocol)
        };
        let lines = Protocol::VARIANTS.iter().filter(used);
        lines
            .map(|protocol| format!("  {:<11} {}", protocol.to_string(), protocol.about()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Returns the table as GitHub-flavoured Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        if let Some(warning) = self.warning() {
            let _infallible = writeln!(text, "> **{warning}**\n");
        }
        let _infallible = writeln!(text, "{}\n", self.caption());
        text.push_str(&self.text_table(false).markdown());
        text
    }
}

/// Returns whether a column ranks edges among hard negatives.
fn is_hard(column: &Column) -> bool {
    column.negatives.is_some_and(|set| set.kind() == NegativeKind::Hard)
}
