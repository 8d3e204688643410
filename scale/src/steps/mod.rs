//! Steps of the pipeline: SQL text, output columns and verification, without an engine.
//!
//! The SQL is the common part of `DataFusion` and Spark. Integers are `BIGINT`, floating-point arithmetic is in
//! `DOUBLE` and elementwise (addition, multiplication, division and `sqrt` round alike everywhere), and sums over
//! rows are sums of integers, which do not depend on the order of the rows. Where engines have no statistics, the
//! first table of a join is the smaller one.

pub(crate) mod certificate;
pub(crate) mod degrees;
pub(crate) mod embeddings;
pub(crate) mod features;
pub(crate) mod ingest;
pub(crate) mod metrics;
pub(crate) mod negatives;
pub(crate) mod places;
pub(crate) mod propagation;
pub(crate) mod scores;
pub(crate) mod split;
pub(crate) mod vectors;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Name under which the queries of a step's [`Check`]s read the output of the step.
pub(crate) const OUTPUT: &str = "output";

/// Type of an output column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// 64-bit integer.
    Integer,
    /// 32-bit floating-point number.
    Real,
    /// UTF-8 text.
    Text,
    /// Truth value.
    Boolean,
}

/// Output column of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    pub kind: ColumnType,
}

/// Condition on the facts of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// A fact has a value known beforehand.
    Equals {
        /// Name of the fact.
        fact: String,
        /// Value.
        value: i64,
    },
    /// Two facts, computed in two ways, are equal.
    Same {
        /// Name of the first fact.
        left: String,
        /// Name of the second fact.
        right: String,
    },
    /// The input data have a property, whatever the engine does: a violation is an error of the user's data.
    Data {
        /// Name of the fact, a count of violations.
        fact: String,
        /// Message with what was expected and the remedy, after the count.
        message: String,
    },
}

/// Query that verifies the output of a step. It returns one row; each column is a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Name, for messages.
    pub name: String,
    /// SQL text over the step's inputs and its own dataset, `output`.
    pub sql: String,
}

/// Step: a query whose result becomes a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name of the step and of its dataset.
    pub name: String,
    /// Datasets that the queries read.
    pub inputs: Vec<String>,
    /// SQL text of the output.
    pub sql: String,
    /// Columns of the output.
    pub columns: Vec<Column>,
    /// Queries that verify the output, and yield facts.
    pub checks: Vec<Check>,
    /// Conditions on the facts.
    pub rules: Vec<Rule>,
}

impl Step {
    /// Creates a step without checks.
    fn new(name: &str, inputs: &[&str], sql: String, columns: Vec<Column>) -> Self {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        Self { name: name.to_owned(), inputs, sql, columns, checks: Vec::new(), rules: Vec::new() }
    }

    fn check(mut self, name: &str, sql: String) -> Self {
        self.checks.push(Check { name: name.to_owned(), sql });
        self
    }

    /// Adds the condition that a fact is a count, which is below 2^63.
    fn equals(mut self, fact: &str, count: u64) -> Self {
        let value = i64::try_from(count).unwrap_or(i64::MAX);
        self.rules.push(Rule::Equals { fact: fact.to_owned(), value });
        self
    }

    fn same(mut self, left: &str, right: &str) -> Self {
        self.rules.push(Rule::Same { left: left.to_owned(), right: right.to_owned() });
        self
    }

    fn data(mut self, fact: &str, message: impl Into<String>) -> Self {
        self.rules.push(Rule::Data { fact: fact.to_owned(), message: message.into() });
        self
    }
}

/// Values that the checks of a step returned, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<String, Value>);

/// Value of a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Absent value, such as the minimum of no rows.
    Null,
    /// Integer of up to 64 bits.
    Integer(i64),
    /// Floating-point number.
    Real(f64),
    /// Text, or an integer of more than 64 bits in decimal digits.
    Text(String),
}

impl Facts {
    /// Returns an integer; `None` if it is absent or of another type.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i128> {
        match self.0.get(name)? {
            Value::Integer(value) => Some(i128::from(*value)),
            Value::Text(digits) => digits.parse().ok(),
            Value::Null | Value::Real(_) => None,
        }
    }

    /// Returns a count.
    ///
    /// # Errors
    /// Returns an error when the fact is absent or not a count.
    pub fn count(&self, name: &str) -> anyhow::Result<u64> {
        let found = self.integer(name).and_then(|value| u64::try_from(value).ok());
        found.ok_or_else(|| self.unfit(name, "a count"))
    }

    /// Returns a floating-point number.
    ///
    /// # Errors
    /// Returns an error when the fact is absent or not a finite number.
    pub fn real(&self, name: &str) -> anyhow::Result<f64> {
        match self.0.get(name) {
            Some(Value::Real(value)) if value.is_finite() => Ok(*value),
            Some(Value::Integer(value)) => Ok(*value as f64),
            _ => Err(self.unfit(name, "a finite number")),
        }
    }

    fn unfit(&self, name: &str, expected: &str) -> anyhow::Error {
        anyhow::anyhow!("fact `{name}`: expected {expected}, found {:?}", self.0.get(name))
    }
}

fn integer(name: &str) -> Column {
    Column { name: name.to_owned(), kind: ColumnType::Integer }
}

fn real(name: impl Into<String>) -> Column {
    Column { name: name.into(), kind: ColumnType::Real }
}

fn text(name: &str) -> Column {
    Column { name: name.to_owned(), kind: ColumnType::Text }
}

fn boolean(name: &str) -> Column {
    Column { name: name.to_owned(), kind: ColumnType::Boolean }
}

/// Returns `of(0), of(1), ... of(width - 1)`, separated by commas.
fn listed(width: usize, of: impl Fn(usize) -> String) -> String {
    joined(width, ", ", of)
}

fn joined(width: usize, separator: &str, of: impl Fn(usize) -> String) -> String {
    (0..width).map(of).collect::<Vec<_>>().join(separator)
}

/// Returns the number of rows for which the `condition` holds.
fn count_where(condition: &str) -> String {
    format!("count(CASE WHEN {condition} THEN 1 END)")
}

/// Returns the number of rows for which the `condition` does not hold or is unknown.
fn violations(condition: &str) -> String {
    format!("count(CASE WHEN {condition} THEN NULL ELSE 1 END)")
}

impl Step {
    /// Adds the check that each of `nodes` nodes has one row.
    fn each_node_once(self, nodes: u64) -> Self {
        let check = format!(
            "SELECT count(*) AS row_count, count(DISTINCT node) AS distinct_nodes, min(node) AS least_node, \
             max(node) AS greatest_node\nFROM {OUTPUT}"
        );
        self.check("each node once", check)
            .equals("row_count", nodes)
            .equals("distinct_nodes", nodes)
            .equals("least_node", 0)
            .equals("greatest_node", nodes - 1)
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::Seed;

    use super::embeddings::Hop;
    use super::ingest::{IdKind, Numbering, Source};
    use super::propagation::Shape;
    use super::split::Sizes;
    use super::*;

    /// All queries of a step.
    fn shown(step: &Step) -> String {
        let output = format!("-- {}\n{}\n", step.name, step.sql);
        let checks = step.checks.iter();
        let checks = checks.map(|check| format!("\n-- check: {}\n{}\n", check.name, check.sql));
        let rules = step.rules.iter();
        let rules =
            rules.map(|rule| format!("\n-- {}", serde_json::to_string(rule).expect("JSON")));
        [output].into_iter().chain(checks).chain(rules).collect()
    }

    fn facts(values: &[(&str, i64)]) -> Facts {
        Facts(
            values.iter().map(|&(name, value)| (name.to_owned(), Value::Integer(value))).collect(),
        )
    }

    /// The SQL of a version never changes by accident: it decides fingerprints and results.
    #[test]
    fn the_sql_of_each_step() {
        let seed = Seed(0);
        let sizes = Sizes { validation: 3, test: 7 };
        let source = Source { ids: IdKind::Integer, has_nodes: false };
        let given = Source { ids: IdKind::Text, has_nodes: true };
        let cuts = facts(&[
            ("h_2", 50),
            ("src_2", 1),
            ("dst_2", 2),
            ("h_9", 60),
            ("src_9", 3),
            ("dst_9", 4),
            ("i_2", 5),
            ("i_9", 12),
        ]);
        let shape = Shape { nodes: 34, width: 3, bits: 40 };
        let hops = [("hop_1", 0.5), ("hop_3", 1.0)]
            .map(|(dataset, weight)| Hop { dataset: dataset.to_owned(), weight });
        let steps = [
            ("ids", ingest::ids(source)),
            ("ids_of_nodes", ingest::ids(given)),
            ("nodes_identity", ingest::nodes(source, Numbering::Identity, 34)),
            ("nodes_buckets", ingest::nodes(given, Numbering::Buckets, 34)),
            ("edges_identity", ingest::edges(source, Numbering::Identity, 80)),
            ("edges_buckets", ingest::edges(given, Numbering::Buckets, 80)),
            ("split_cuts", split::cuts(seed, sizes)),
            ("train", split::train(seed, sizes, 78, &cuts).expect("cuts")),
            ("positives", split::positives(seed, sizes, &cuts).expect("cuts")),
            ("candidates", negatives::candidates(seed, 34, 90)),
            ("negative_cuts", negatives::cuts(sizes, 90)),
            ("negatives", negatives::negatives(sizes, &cuts).expect("cuts")),
            ("degrees", degrees::degrees(seed, 34, 68)),
            ("certificate", certificate::certificate(68, sizes)),
            ("vectors", vectors::random("hop_0", seed, -1, 34, 33)),
            ("features", features::scaled("hop_0", IdKind::Text, 34, 3)),
            ("hop", propagation::hop("hop_1", "hop_0", seed, shape)),
            ("embeddings", embeddings::embeddings(&hops, IdKind::Text, 34, 3)),
            ("scores", scores::scores(sizes, 3)),
            ("metrics", metrics::metrics(sizes)),
        ];
        for (name, step) in steps {
            insta::assert_snapshot!(name, shown(&step));
        }
    }
}
