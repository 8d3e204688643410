//! Choice of a method by the size of the data.

use vgae_artifacts::text::count;

use crate::{DataSize, Method};

/// A method and the reason to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// Data that it suits: `graphs with node features and at most 200,000 edges`.
    pub reason: String,
}

/// Graphs that a method suits.
struct Rule {
    method: &'static str,
    has_features: bool,
    /// Most edges, if there is a bound.
    edges: Option<usize>,
}

/// Rules in order of accuracy; the first that applies decides. The bounds are estimates of what takes minutes.
const RULES: [Rule; 6] = [
    Rule { method: "hybrid", has_features: true, edges: Some(200_000) },
    Rule { method: "gnae", has_features: true, edges: Some(2_000_000) },
    Rule { method: "fastrp", has_features: true, edges: None },
    Rule { method: "hybrid", has_features: false, edges: Some(200_000) },
    Rule { method: "prone", has_features: false, edges: Some(2_000_000) },
    Rule { method: "fastrp", has_features: false, edges: None },
];

impl Rule {
    fn applies(&self, has_features: bool, edges: usize) -> bool {
        self.has_features == has_features && self.edges.is_none_or(|most| edges <= most)
    }

    fn choice(&self) -> Choice {
        let features = if self.has_features { "with" } else { "without" };
        let size = self
            .edges
            .map_or_else(String::new, |most| format!(" and at most {} edges", count(most)));
        let reason = format!("graphs {features} node features{size}");
        Choice { method: named(self.method), reason }
    }
}

fn named(name: &str) -> Method {
    let method: Result<Method, _> = name.parse();
    method.expect("in the registry")
}

impl Method {
    /// Returns the methods that suit data of `size`, the most accurate first; there is at least one.
    #[must_use]
    pub fn suited_to(size: &DataSize) -> Vec<Choice> {
        match *size {
            DataSize::Graph { edges, features, .. } => {
                let rules = RULES.iter().filter(|rule| rule.applies(features > 0, edges));
                rules.map(Rule::choice).collect()
            }
            DataSize::Samples { .. } => {
                let reason = "samples without a graph".to_owned();
                vec![Choice { method: Self::of_samples(), reason }]
            }
        }
    }

    /// Returns the default method of samples.
    #[must_use]
    pub fn of_samples() -> Self {
        named("vae")
    }

    /// Returns the most accurate method for data of `size`.
    #[must_use]
    pub fn best_for(size: &DataSize) -> Choice {
        Self::suited_to(size).swap_remove(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(edges: usize, features: usize) -> (&'static str, String) {
        let size = DataSize::Graph { nodes: 10, edges, features, feature_values: features };
        let choice = Method::best_for(&size);
        (choice.method.name(), choice.reason)
    }

    #[test]
    fn every_size_has_a_method_and_its_reason() {
        let small = first(200_000, 3);
        assert_eq!(
            small,
            ("hybrid", "graphs with node features and at most 200,000 edges".to_owned())
        );
        assert_eq!(first(200_001, 3).0, "gnae");
        assert_eq!(first(2_000_000, 0).0, "prone");
        for features in [0, 1] {
            let (method, reason) = first(usize::MAX, features);
            assert_eq!(method, "fastrp");
            assert!(reason.ends_with("node features"), "{reason}");
            assert_eq!(first(0, features).0, "hybrid");
        }
        for rule in &RULES {
            assert_eq!(rule.choice().method.name(), rule.method);
        }
        let samples = Method::best_for(&DataSize::Samples { samples: 3, columns: 2 });
        assert_eq!(samples.method.name(), "vae");
    }

    #[test]
    fn the_documentation_has_the_rules() {
        let text = include_str!("../../../docs/methods.md");
        let table = text.split("## Without a method").nth(1).expect("a section");
        let mut rest = table.split("## ").next().expect("its text");
        for rule in &RULES {
            let edges = rule.edges.map_or_else(String::new, |most| format!("{} ", count(most)));
            let row = format!("| {edges}| `{}` |", rule.method);
            let found = rest.find(&row);
            rest = &rest[found.unwrap_or_else(|| panic!("{row} is not in order")) + row.len()..];
        }
    }
}
