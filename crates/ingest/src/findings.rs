//! Findings in the raw data, counted, with the first few as examples.

use vgae_artifacts::Finding;

/// How many examples are kept.
pub(crate) const EXAMPLES: usize = 5;

/// A count with its first examples.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    count: usize,
    examples: Vec<String>,
}

impl Tally {
    /// Counts one more; `example` is called for the first few only.
    pub(crate) fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn into_examples(self) -> Vec<String> {
        self.examples
    }

    /// Files the count under `what`, with what was done, unless it is 0.
    pub(crate) fn file(self, findings: &mut Vec<Finding>, what: &str, action: &str) {
        if self.count > 0 {
            let (what, action) = (what.to_owned(), action.to_owned());
            findings.push(Finding { what, count: self.count, examples: self.examples, action });
        }
    }
}
