use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::names;

/// Formats of the embedding files. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExportConfig {
    /// Embedding files to write.
    pub formats: Vec<Format>,
    /// Type of vectors in Parquet and Arrow files.
    pub layout: Layout,
}

impl Default for ExportConfig {
    /// Returns Parquet and Arrow, with vectors as fixed-size lists.
    fn default() -> Self {
        Self { formats: vec![Format::Parquet, Format::Arrow], layout: Layout::default() }
    }
}

/// Format of an embedding file.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// Parquet with zstd compression
    Parquet,
    /// Arrow IPC file (also called Feather 2), uncompressed
    Arrow,
    /// Text with one column per dimension, for any layout
    Csv,
    /// `NumPy` array; row `i` is node `i` of `nodes.parquet`
    Npy,
}

impl Format {
    /// Returns the file name in a run's folder.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Parquet => names::EMBEDDINGS_PARQUET,
            Self::Arrow => names::EMBEDDINGS_ARROW,
            Self::Csv => names::EMBEDDINGS_CSV,
            Self::Npy => names::EMBEDDINGS_NPY,
        }
    }
}

/// Type of vectors in Parquet and Arrow files.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// Fixed-size list, as vector databases and array functions expect
    #[default]
    Fixed,
    /// List of variable length, for readers without fixed-size lists
    List,
    /// One column per dimension: `embedding_0`, `embedding_1`, ...
    Columns,
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    #[test]
    fn a_config_reads_back_and_knows_its_keys() {
        let config = ExportConfig::default();
        let text = serde_json::to_string(&config).expect("serialises");
        assert_eq!(text, r#"{"formats":["parquet","arrow"],"layout":"fixed"}"#);
        assert_eq!(serde_json::from_str::<ExportConfig>(&text).expect("reads back"), config);
        assert_eq!(serde_json::from_str::<ExportConfig>("{}").expect("defaults"), config);
        serde_json::from_str::<ExportConfig>(r#"{"format": []}"#).expect_err("unknown key");
        serde_json::from_str::<ExportConfig>(r#"{"formats": ["xlsx"]}"#).expect_err("unknown form");
        serde_json::from_str::<ExportConfig>(r#"{"layout": "wide"}"#).expect_err("unknown layout");
        let other = ExportConfig { formats: Format::VARIANTS.to_vec(), layout: Layout::Columns };
        let text = serde_json::to_string(&other).expect("serialises");
        assert_eq!(text, r#"{"formats":["parquet","arrow","csv","npy"],"layout":"columns"}"#);
        assert_eq!(serde_json::from_str::<ExportConfig>(&text).expect("reads back"), other);
    }
}
