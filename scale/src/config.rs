//! Pipeline file of `vgae-scale`.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Seed, regular};

/// Largest width of an embedding.
const MOST_DIMENSIONS: usize = 1024;
/// Largest number of propagation steps.
const MOST_HOPS: usize = 64;

/// Pipeline file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineConfig {
    /// Seed of the split, the negatives and the random vectors.
    #[serde(default)]
    pub seed: Seed,
    /// Tables of the graph.
    pub data: DataConfig,
    /// Fractions of held-out edges.
    #[serde(default)]
    pub split: SplitConfig,
    /// Method and its hyper-parameters.
    pub model: ModelConfig,
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
pub struct SplitConfig {
    /// Fraction of validation edges, from 0 to below 1.
    pub validation: f64,
    /// Fraction of test edges, from 0 to below 1.
    pub test: f64,
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self { validation: 0.05, test: 0.10 }
    }
}

/// Method and its hyper-parameters.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub enum ModelConfig {
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

impl PipelineConfig {
    /// Reads and checks a pipeline file.
    ///
    /// # Errors
    /// Returns an error when the file is missing, not TOML, has an unknown key or a value out of range.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = regular::read_to_string(path)
            .with_context(|| format!("cannot read the pipeline file {}", path.display()))?;
        let mut config: Self = toml::from_str(&text)
            .with_context(|| format!("{} is not a pipeline file of vgae-scale", path.display()))?;
        config.check().with_context(|| path.display().to_string())?;
        let path = std::path::absolute(path)
            .with_context(|| format!("cannot resolve {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.data.edges = folder.join(&config.data.edges);
        config.data.nodes = config.data.nodes.map(|nodes| folder.join(nodes));
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        for (key, value) in [("validation", self.split.validation), ("test", self.split.test)] {
            ensure!(
                (0.0..1.0).contains(&value),
                "`{key}` under [split]: expected a fraction from 0 to below 1, found {value}"
            );
        }
        let held_out = self.split.validation + self.split.test;
        ensure!(
            held_out > 0.0 && held_out < 1.0,
            "[split]: expected `validation` + `test` above 0 and below 1, found {held_out}"
        );
        ensure!(
            self.data.features.is_empty() || self.data.nodes.is_some(),
            "`features` under [data]: expected a table `nodes` that contains them, found none"
        );
        match &self.model {
            ModelConfig::FastRp { dimensions, hop_weights, degree_power } => {
                ensure!(
                    (1..=MOST_DIMENSIONS).contains(dimensions),
                    "`dimensions` under [model]: expected 1 to {MOST_DIMENSIONS}, found {dimensions}"
                );
                ensure!(
                    (1..=MOST_HOPS).contains(&hop_weights.len())
                        && hop_weights.iter().all(|weight| (0.0..=1e6).contains(weight))
                        && hop_weights.iter().any(|&weight| weight > 0.0),
                    "`hop_weights` under [model]: expected 1 to {MOST_HOPS} weights from 0 to 1e6, one above 0, found \
                     {hop_weights:?}"
                );
                let doubled = degree_power * 2.0;
                ensure!(
                    (-4.0..=4.0).contains(&doubled)
                        && (doubled - doubled.round()).abs() < f64::EPSILON,
                    "`degree_power` under [model]: expected a multiple of 0.5 from -2 to 2, found {degree_power}"
                );
                ensure!(
                    self.data.features.is_empty(),
                    "`features` under [data]: method `fastrp` uses no features; remove the key, or use `sgc`"
                );
            }
            ModelConfig::Sgc { hops } => {
                ensure!(
                    (1..=MOST_HOPS).contains(hops),
                    "`hops` under [model]: expected 1 to {MOST_HOPS}, found {hops}"
                );
                let width = self.data.features.len();
                ensure!(
                    (1..=MOST_DIMENSIONS).contains(&width),
                    "`features` under [data]: method `sgc` needs 1 to {MOST_DIMENSIONS} feature columns, found {width}"
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<PipelineConfig> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("big.toml");
        std::fs::write(&path, text)?;
        PipelineConfig::read(&path)
    }

    fn error(text: &str) -> String {
        format!("{:#}", parse(text).expect_err(text))
    }

    #[test]
    fn defaults_are_those_of_the_main_program() {
        let config =
            parse("[data]\nedges = \"e.parquet\"\n[model]\nmethod = \"fastrp\"").expect("valid");
        assert_eq!(
            (config.seed, config.split),
            (Seed(0), SplitConfig { validation: 0.05, test: 0.1 })
        );
        let ModelConfig::FastRp { dimensions, hop_weights, degree_power } = config.model else {
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
            (with("method = \"sgc\""), "needs 1 to 1024 feature columns, found 0"),
            (format!("{}\n[split]\ntest = 1.5", with("method = \"fastrp\"")), "below 1, found 1.5"),
            (format!("{}\n[splt]\n", with("method = \"fastrp\"")), "unknown field `splt`"),
            ("[model]\nmethod = \"fastrp\"".to_owned(), "missing field `data`"),
        ] {
            let found = error(&text);
            assert!(found.contains(expected) && found.contains("big.toml"), "{found}");
        }
    }
}
