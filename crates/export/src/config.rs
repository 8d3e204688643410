use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vgae_artifacts::names;

/// In which forms embeddings are written. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportConfig {
    /// The files to write; none is fine too.
    pub formats: Vec<Format>,
    /// How Parquet and Arrow files hold a vector. Left out where it is the default: so the fingerprint of
    /// an export is what it was before there was a choice.
    #[serde(skip_serializing_if = "Layout::is_default")]
    pub layout: Layout,
}

impl Default for ExportConfig {
    /// Parquet and Arrow, vectors as fixed-size lists.
    fn default() -> Self {
        Self { formats: vec![Format::Parquet, Format::Arrow], layout: Layout::default() }
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
    /// Text with a column a dimension, whatever the layout.
    Csv,
    /// The bare matrix as `NumPy` stores it; row `i` is node `i` of `nodes.parquet`.
    Npy,
}

impl Format {
    /// Every form, the usual ones first.
    pub const ALL: [Self; 4] = [Self::Parquet, Self::Arrow, Self::Csv, Self::Npy];

    /// The name of the file in a run's folder.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Parquet => names::EMBEDDINGS_PARQUET,
            Self::Arrow => names::EMBEDDINGS_ARROW,
            Self::Csv => names::EMBEDDINGS_CSV,
            Self::Npy => names::EMBEDDINGS_NPY,
        }
    }

    /// The name in commands and pipelines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Csv => "csv",
            Self::Npy => "npy",
        }
    }
}

/// How a Parquet or Arrow file holds the vector of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// A list whose length is part of its type: what vector databases and array functions ask for.
    #[default]
    Fixed,
    /// A list of any length, for readers that know no others.
    List,
    /// A column a dimension: `embedding_0`, `embedding_1`, ...
    Columns,
}

impl Layout {
    /// Every layout, the default first.
    pub const ALL: [Self; 3] = [Self::Fixed, Self::List, Self::Columns];

    /// The name in commands and pipelines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::List => "list",
            Self::Columns => "columns",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &Self::ALL, Self::name)
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &Self::ALL, Self::name)
    }
}

fn named<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        format!("expected one of {}, found {text:?}", names.join(", "))
    })
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
        serde_json::from_str::<ExportConfig>(r#"{"layout": "wide"}"#).expect_err("unknown layout");
        let other = ExportConfig { formats: Format::ALL.to_vec(), layout: Layout::Columns };
        let text = serde_json::to_string(&other).expect("serialises");
        assert_eq!(text, r#"{"formats":["parquet","arrow","csv","npy"],"layout":"columns"}"#);
        assert_eq!(serde_json::from_str::<ExportConfig>(&text).expect("reads back"), other);
    }

    #[test]
    fn names_in_commands_are_those_in_pipelines() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(serde_json::to_value(format).expect("serialises"), format.name());
        }
        for layout in Layout::ALL {
            assert_eq!(layout.to_string().parse(), Ok(layout));
            assert_eq!(serde_json::to_value(layout).expect("serialises"), layout.name());
        }
        let error = "wide".parse::<Layout>().expect_err("no such layout");
        assert_eq!(error, r#"expected one of fixed, list, columns, found "wide""#);
    }
}
