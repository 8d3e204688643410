//! Pipeline file of `vgae run --engine` and `vgae-scale`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vgae_artifacts::{ArtifactError, Result, Seed, regular};

/// Largest width of an embedding.
const MOST_DIMENSIONS: usize = 1024;
/// Largest number of propagation steps.
const MOST_HOPS: usize = 64;

/// Pipeline file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LargeConfig {
    /// Seed of the split, the negatives and the random vectors.
    #[serde(default)]
    pub seed: Seed,
    /// Tables of the graph.
    pub data: DataConfig,
    /// Fractions of held-out edges.
    #[serde(default)]
    pub split: SplitFractions,
    /// Method and its hyper-parameters.
    pub model: MethodConfig,
}

/// Tables of the graph. Relative paths start at the folder of the pipeline file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Edges: a Parquet file, or a folder of Parquet files.
    pub edges: PathBuf,
    /// Column of the edges with the id of the first node.
    #[serde(default = "src")]
    pub source: String,
    /// Column of the edges with the id of the second node.
    #[serde(default = "dst")]
    pub target: String,
    /// Nodes, one row each: a Parquet file or folder. Without it, the nodes are the endpoints of the edges.
    pub nodes: Option<PathBuf>,
    /// Column of the nodes with the id.
    #[serde(default = "id")]
    pub id: String,
    /// Columns of the nodes that are features.
    #[serde(default)]
    pub features: Vec<String>,
}

fn src() -> String {
    "src".to_owned()
}

fn dst() -> String {
    "dst".to_owned()
}

fn id() -> String {
    "id".to_owned()
}

/// Fractions of the edges that are held out.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitFractions {
    /// Fraction of validation edges, from 0 to below 1.
    pub validation: f64,
    /// Fraction of test edges, from 0 to below 1.
    pub test: f64,
}

impl Default for SplitFractions {
    fn default() -> Self {
        Self { validation: 0.05, test: 0.10 }
    }
}

/// Method and its hyper-parameters.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub enum MethodConfig {
    /// Fast random projection.
    FastRp {
        /// Width of the embedding, 1 to 1024.
        #[serde(default = "dimensions")]
        dimensions: usize,
        /// Weight of each hop, from the first on; their number is the number of hops. None is negative, one is positive.
        #[serde(default = "hop_weights")]
        hop_weights: Vec<f64>,
        /// Exponent of the degrees that random vectors are multiplied by: a multiple of 0.5 from -2 to 2.
        #[serde(default = "degree_power")]
        degree_power: f64,
    },
    /// Simplified graph convolution: the given features, smoothed over the graph.
    Sgc {
        /// Number of propagation steps, 1 to 64.
        #[serde(default = "hops")]
        hops: usize,
    },
}

fn dimensions() -> usize {
    128
}

fn hop_weights() -> Vec<f64> {
    vec![0.0, 0.0, 1.0, 1.0]
}

fn degree_power() -> f64 {
    0.5
}

fn hops() -> usize {
    1
}

impl LargeConfig {
    /// Reads and checks a pipeline file.
    ///
    /// # Errors
    /// Returns an error when the file is missing, not TOML, has an unknown key or a value out of range.
    pub fn read(path: &Path) -> Result<Self> {
        let text = regular::read_to_string(path).map_err(ArtifactError::io("read", path))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            ArtifactError::form(path, "a pipeline file of `vgae run --engine`", error.to_string())
        })?;
        config.check().map_err(|error| error.in_file(path))?;
        let path = std::path::absolute(path).map_err(ArtifactError::io("resolve", path))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.data.edges = folder.join(&config.data.edges);
        config.data.nodes = config.data.nodes.map(|nodes| folder.join(nodes));
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let fail = |key: &str, table: &str, expected: String, found: String| {
            Err(ArtifactError::invalid(format!("`{key}` under [{table}]"), expected, found))
        };
        for (key, value) in [("validation", self.split.validation), ("test", self.split.test)] {
            if !(0.0..1.0).contains(&value) {
                let expected = "a fraction from 0 to below 1".to_owned();
                return fail(key, "split", expected, value.to_string());
            }
        }
        let held_out = self.split.validation + self.split.test;
        if !(held_out > 0.0 && held_out < 1.0) {
            let expected = "a sum above 0 and below 1".to_owned();
            return fail("validation` + `test", "split", expected, held_out.to_string());
        }
        let features = self.data.features.len();
        if features > 0 && self.data.nodes.is_none() {
            let expected = "a table `nodes` that contains them".to_owned();
            return fail("features", "data", expected, "none".to_owned());
        }
        match &self.model {
            MethodConfig::FastRp { dimensions, hop_weights, degree_power } => {
                if !(1..=MOST_DIMENSIONS).contains(dimensions) {
                    let expected = format!("1 to {MOST_DIMENSIONS}");
                    return fail("dimensions", "model", expected, dimensions.to_string());
                }
                let is_weighted = (1..=MOST_HOPS).contains(&hop_weights.len())
                    && hop_weights.iter().all(|weight| (0.0..=1e6).contains(weight))
                    && hop_weights.iter().any(|&weight| weight > 0.0);
                if !is_weighted {
                    let expected = format!("1 to {MOST_HOPS} weights from 0 to 1e6, one above 0");
                    return fail("hop_weights", "model", expected, format!("{hop_weights:?}"));
                }
                let doubled = degree_power * 2.0;
                let is_half = (doubled - doubled.round()).abs() < f64::EPSILON;
                if !((-4.0..=4.0).contains(&doubled) && is_half) {
                    let expected = "a multiple of 0.5 from -2 to 2".to_owned();
                    return fail("degree_power", "model", expected, degree_power.to_string());
                }
                if features > 0 {
                    let expected = "no features for method `fastrp`, which uses none; remove the key, or use `sgc`";
                    return fail("features", "data", expected.to_owned(), features.to_string());
                }
            }
            MethodConfig::Sgc { hops } => {
                if !(1..=MOST_HOPS).contains(hops) {
                    let expected = format!("1 to {MOST_HOPS}");
                    return fail("hops", "model", expected, hops.to_string());
                }
                if !(1..=MOST_DIMENSIONS).contains(&features) {
                    let expected =
                        format!("1 to {MOST_DIMENSIONS} feature columns for method `sgc`");
                    return fail("features", "data", expected, features.to_string());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LargeConfig> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("big.toml");
        std::fs::write(&path, text).expect("a file");
        LargeConfig::read(&path)
    }

    fn error(text: &str) -> String {
        let error = parse(text).expect_err(text);
        let causes =
            std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }

    #[test]
    fn defaults_are_those_of_the_main_program() {
        let config =
            parse("[data]\nedges = \"e.parquet\"\n[model]\nmethod = \"fastrp\"").expect("valid");
        assert_eq!(
            (config.seed, config.split),
            (Seed(0), SplitFractions { validation: 0.05, test: 0.1 })
        );
        let MethodConfig::FastRp { dimensions, hop_weights, degree_power } = config.model else {
            panic!("{:?}", config.model)
        };
        assert_eq!((dimensions, hop_weights, degree_power), (128, vec![0.0, 0.0, 1.0, 1.0], 0.5));
        assert!(config.data.edges.is_absolute(), "paths start at the folder of the file");
    }

    #[test]
    fn errors_name_key_expectation_and_value() {
        let with = |model: &str| format!("[data]\nedges = \"e\"\n[model]\n{model}");
        for (text, expected) in [
            (with("method = \"gae\""), "unknown variant `gae`, expected `fastrp` or `sgc`"),
            (with("method = \"fastrp\"\nwidth = 3"), "unknown field `width`"),
            (with("method = \"fastrp\"\ndimensions = 0"), "expected 1 to 1024, found 0"),
            (with("method = \"fastrp\"\nhop_weights = [0.0]"), "one above 0, found [0.0]"),
            (
                with("method = \"fastrp\"\ndegree_power = 0.3"),
                "multiple of 0.5 from -2 to 2, found 0.3",
            ),
            (
                with("method = \"sgc\""),
                "expected 1 to 1024 feature columns for method `sgc`, found 0",
            ),
            (format!("{}\n[split]\ntest = 1.5", with("method = \"fastrp\"")), "below 1, found 1.5"),
            (format!("{}\n[splt]\n", with("method = \"fastrp\"")), "unknown field `splt`"),
            ("[model]\nmethod = \"fastrp\"".to_owned(), "missing field `data`"),
        ] {
            let found = error(&text);
            assert!(found.contains(expected) && found.contains("big.toml"), "{found}");
        }
    }
}
