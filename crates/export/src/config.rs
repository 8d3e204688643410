use serde::{Deserialize, Serialize};
use vgae_artifacts::names;

/// In which forms embeddings are written. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportConfig {
    /// The files to write; none is fine too.
    pub formats: Vec<Format>,
}

impl Default for ExportConfig {
    /// Both forms.
    fn default() -> Self {
        Self { formats: vec![Format::Parquet, Format::Arrow] }
    }
}

/// The form of an embedding file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// Parquet with zstd compression.
    Parquet,
    /// Arrow IPC file (also called Feather 2), uncompressed.
    Arrow,
}

impl Format {
    /// The name of the file in a run's folder.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Parquet => names::EMBEDDINGS_PARQUET,
            Self::Arrow => names::EMBEDDINGS_ARROW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_reads_back_and_knows_its_keys() {
        let config = ExportConfig::default();
        let text = serde_json::to_string(&config).expect("serialises");
        assert_eq!(text, r#"{"formats":["parquet","arrow"]}"#);
        assert_eq!(serde_json::from_str::<ExportConfig>(&text).expect("reads back"), config);
        assert_eq!(serde_json::from_str::<ExportConfig>("{}").expect("defaults"), config);
        serde_json::from_str::<ExportConfig>(r#"{"format": []}"#).expect_err("unknown key");
        serde_json::from_str::<ExportConfig>(r#"{"formats": ["xlsx"]}"#).expect_err("unknown form");
    }
}
