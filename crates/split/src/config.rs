use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Messages;
use vgae_options::Options;

use crate::SplitError;
use crate::fraction::Fraction;

/// Configuration of a split. [`SplitTable::check`] converts it to the argument of [`crate::split_edges`].
///
/// `Files` describes files with the parts of a split; this crate reads none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    bound(serialize = "Files: Serialize", deserialize = "Files: Deserialize<'de>")
)]
pub struct SplitTable<Files> {
    /// Fraction of edges for validation, with as many negatives; or fraction of samples.
    #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
    pub validation: f64,
    /// Fraction of edges for testing, with as many negatives; or fraction of samples, unless the dataset has
    /// a test part.
    #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
    pub test: f64,
    /// Edges for message passing. Values other than `train` are for comparison with the protocols of other
    /// authors.
    pub messages: Messages,
    /// Rule that assigns edges to parts. Defaults to `edges`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<SplitMethod>,
    /// Whether to split edges with their direction, for directed decoders: `a -> b` and `b -> a` are two edges, and
    /// negatives are pairs with a direction. Requires `directed = true` in `[data]`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub directed: bool,
    /// Column of times in the edge tables of `[data]`, for `method = "time"`: numbers, or dates as 2026-01-31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Files with the parts of a split, in place of fractions: a table with the keys `train`, `validation`, `test` and
    /// others, each a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{ "validation": "valid.txt", "test": "test.txt" }]))]
    pub files: Option<Files>,
}

/// Rule that assigns edges to parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitMethod {
    /// At random, by shuffling the edges.
    Edges,
    /// At random, by a keyed hash of the two nodes: the split of `vgae run --engine` for the same graph.
    Hash,
    /// By time: training edges are the earliest, test edges the latest.
    Time,
    /// By node: fractions are of the nodes with edges, and all edges of a test node are test edges, so that test
    /// nodes are unseen in training. Methods that read features only.
    Nodes,
}

/// Configuration of a split that is not read from files.
pub type SplitConfig = SplitTable<()>;

impl<Files> Default for SplitTable<Files> {
    /// Returns 5 % for validation and 10 % for testing, as Kipf & Welling (2016, section 3).
    fn default() -> Self {
        Self {
            validation: 0.05,
            test: 0.10,
            messages: Messages::Train,
            method: None,
            directed: false,
            time: None,
            files: None,
        }
    }
}

impl<Files> SplitTable<Files> {
    /// Separates the configuration from the files.
    #[must_use]
    pub fn without_files(self) -> (SplitConfig, Option<Files>) {
        let Self { validation, test, messages, method, directed, time, files } = self;
        (SplitTable { validation, test, messages, method, directed, time, files: None }, files)
    }

    /// Checks that the fractions are in range and leave edges for training. With files, fractions other than
    /// the defaults are an error, since the files contain the parts.
    ///
    /// # Errors
    /// Returns an error when a fraction is outside its range, when both sum to 1 or more, or when files and
    /// fractions are set.
    pub fn check(self) -> Result<CheckedSplitConfig, SplitError> {
        let (config, files) = self.without_files();
        config.check_values()?;
        let (validation, test) = (config.validation, config.test);
        if validation + test >= 1.0 {
            return Err(SplitError::Fractions { validation, test });
        }
        let default = SplitConfig { messages: config.messages, ..SplitConfig::default() };
        if files.is_some() && config != default {
            return Err(SplitError::FilesAndFractions);
        }
        if config.directed {
            let found = match (config.method, config.messages) {
                (Some(SplitMethod::Hash), _) => Some("method = \"hash\""),
                (Some(SplitMethod::Time), _) => Some("method = \"time\""),
                (Some(SplitMethod::Nodes), _) => Some("method = \"nodes\""),
                (_, Messages::ValidationAtTest | Messages::Everything) => Some("other messages"),
                (None | Some(SplitMethod::Edges), Messages::Train) => None,
            };
            if let Some(found) = found {
                return Err(SplitError::DirectedRule { found });
            }
        }
        match (config.method, &config.time) {
            (Some(SplitMethod::Time), None) => Err(SplitError::NoTimeColumn),
            (Some(SplitMethod::Time), Some(_)) | (_, None) => Ok(CheckedSplitConfig(config)),
            (_, Some(_)) => Err(SplitError::TimeColumn),
        }
    }
}

/// A validated [`SplitConfig`], serialised in the same form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedSplitConfig(SplitConfig);

impl CheckedSplitConfig {
    /// Returns the configuration.
    #[must_use]
    pub fn get(&self) -> &SplitConfig {
        &self.0
    }

    /// Returns the rule that assigns edges to parts.
    #[must_use]
    pub fn method(&self) -> SplitMethod {
        self.0.method.unwrap_or(SplitMethod::Edges)
    }

    /// Returns the validation fraction.
    #[must_use]
    pub fn validation(&self) -> Fraction {
        Fraction::new(self.0.validation)
    }

    /// Returns the test fraction.
    #[must_use]
    pub fn test(&self) -> Fraction {
        Fraction::new(self.0.test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_fractions_are_named() {
        for bad in [-0.1, 1.0, 1.2, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = SplitConfig { validation: bad, test: 0.1, ..SplitConfig::default() }
                .check()
                .expect_err("no fraction");
            assert!(error.to_string().starts_with("split: validation: expected"), "{error}");
            let error = SplitConfig { validation: 0.1, test: bad, ..SplitConfig::default() }
                .check()
                .expect_err("no fraction");
            assert!(error.to_string().starts_with("split: test: expected"), "{error}");
        }
        let error = SplitConfig { validation: 0.05, test: 1.2, ..SplitConfig::default() }
            .check()
            .expect_err("no fraction");
        assert_eq!(
            error.to_string(),
            "split: test: expected a number of at least 0, below 1, found 1.2"
        );
    }

    #[test]
    fn fractions_must_leave_something_to_train_on() {
        for (validation, test) in [(0.5, 0.5), (0.3, 0.7), (0.9, 0.2)] {
            let error = SplitConfig { validation, test, ..SplitConfig::default() }
                .check()
                .expect_err("nothing left");
            assert!(matches!(error, SplitError::Fractions { .. }), "{error}");
        }
        for (validation, test) in [(0.0, 0.0), (0.0, 0.99), (0.49, 0.5)] {
            SplitConfig { validation, test, ..SplitConfig::default() }
                .check()
                .expect("fractions with something left");
        }
    }
}
