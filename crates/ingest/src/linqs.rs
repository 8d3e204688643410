//! The LINQS text format: `NAME.content` (id, features, label) and `NAME.cites` (cited id, citing id).
//!
//! Fields are separated by tabs or spaces, lines end in LF or CRLF.

use std::collections::HashMap;

use vgae_artifacts::{Features, Pair};

use crate::fetch::Dataset;
use crate::raw_formats::{File, RawFormat, Reader};
use crate::{FormatError, IngestError, RawGraph};

/// `linqs`: `NAME.content` and `NAME.cites`.
pub(crate) const FORMAT: RawFormat = RawFormat {
    name: "linqs",
    reader: Reader::Graph {
        read: read_dataset,
        has_direction: true,
        quoted: |entries| {
            format!("the {entries} entries of its list, some of which name an edge from both ends")
        },
    },
};

fn read_dataset(dataset: &Dataset, file: &File<'_>) -> Result<RawGraph, IngestError> {
    let names = ["content", "cites"].map(|part| format!("{}.{part}", dataset.name));
    let [content, cites] = &names;
    read((content, &file(content)?), (cites, &file(cites)?))
}

/// Reads a content and a cites file; each is its name (for errors) and its bytes.
///
/// A feature is any finite number; zeros are not stored. A citation becomes the entry
/// `(citing, cited)`, so that a directed graph points the way a citation does.
///
/// # Errors
/// When a line has too few fields or another number of features than the first, a feature is no finite
/// number, an id repeats, or a citation names an unknown id.
pub fn read(content: (&str, &[u8]), cites: (&str, &[u8])) -> Result<RawGraph, IngestError> {
    let mut raw = read_content(content.0, content.1)?;
    raw.edges = read_cites(cites.0, cites.1, &raw.ids)?;
    Ok(raw)
}

fn read_content(name: &str, bytes: &[u8]) -> Result<RawGraph, IngestError> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let (mut ids, mut labels) = (Vec::new(), Vec::new());
    let (mut row_starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    let mut width: Option<usize> = None;

    for (index, line) in lines(name, bytes) {
        let fields: Vec<&str> = line?.split_ascii_whitespace().collect();
        let (Some(&id), Some(&label), true) = (fields.first(), fields.last(), fields.len() >= 2)
        else {
            let found = format!("{} field", fields.len());
            return Err(FormatError::line(name, index, "an id, features and a label", found).into());
        };
        let features = &fields[1..fields.len() - 1];
        let expected = *width.get_or_insert(features.len());
        if features.len() != expected {
            return Err(FormatError::line(
                name,
                index,
                format!("{expected} features, as on the first line"),
                features.len().to_string(),
            )
            .into());
        }
        if let Some(first) = seen.insert(id, index) {
            let expected = format!("each id once (line {} has it too)", first + 1);
            return Err(FormatError::line(name, index, expected, format!("id `{id}`")).into());
        }
        for (column, field) in (0u32..).zip(features) {
            let value = match *field {
                "0" => continue,
                "1" => 1.0,
                other => other.parse::<f32>().ok().filter(|value| value.is_finite()).ok_or_else(
                    || {
                        let expected = format!("a finite number as feature {column}");
                        FormatError::line(name, index, expected, format!("`{other}`"))
                    },
                )?,
            };
            if value != 0.0 {
                columns.push(column);
                values.push(value);
            }
        }
        row_starts.push(columns.len());
        ids.push(id.to_owned());
        labels.push(Some(label.to_owned()));
    }
    let width = width.unwrap_or(0);
    let features = if width == 0 {
        None
    } else {
        Some(Features::from_rows(width, row_starts, columns, values)?)
    };
    Ok(RawGraph { ids, labels, features, ..RawGraph::default() })
}

fn read_cites(name: &str, bytes: &[u8], ids: &[String]) -> Result<Vec<Pair>, FormatError> {
    let index_of: HashMap<&str, u32> = ids.iter().map(String::as_str).zip(0u32..).collect();
    let mut edges = Vec::new();
    for (index, line) in lines(name, bytes) {
        let fields: Vec<&str> = line?.split_ascii_whitespace().collect();
        let &[cited, citing] = fields.as_slice() else {
            let found = format!("{} fields", fields.len());
            return Err(FormatError::line(name, index, "a cited id and a citing id", found));
        };
        let node = |id: &str| {
            index_of.get(id).copied().ok_or_else(|| {
                let expected = "an id of the content file";
                FormatError::line(name, index, expected, format!("id `{id}`"))
            })
        };
        edges.push(Pair::new(node(citing)?, node(cited)?));
    }
    Ok(edges)
}

/// The lines that are not blank, numbered from 0; one that is not UTF-8 is an error.
fn lines<'a>(
    name: &'a str,
    bytes: &'a [u8],
) -> impl Iterator<Item = (usize, Result<&'a str, FormatError>)> {
    bytes
        .split(|&byte| byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(move |(index, line)| {
            let text = std::str::from_utf8(line)
                .map_err(|_| FormatError::line(name, index, "UTF-8 text", "other bytes"));
            (index, text)
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTENT: &[u8] = b"p1\t0\t1\t0.5\tAI\r\np2 1 0 0 Theory\r\n\np3\t0\t0\t0\tAI\n";

    fn read_small(content: &[u8], cites: &[u8]) -> Result<RawGraph, IngestError> {
        read(("a.content", content), ("a.cites", cites))
    }

    #[test]
    fn reads_tabs_spaces_and_both_line_ends() {
        let raw = read_small(CONTENT, b"p1\tp2\r\np2 p1\np3\tp3\n").expect("sound files");
        assert_eq!(raw.ids, ["p1", "p2", "p3"]);
        assert_eq!(raw.labels[1].as_deref(), Some("Theory"));
        assert_eq!(raw.edges, [Pair::new(1, 0), Pair::new(0, 1), Pair::new(2, 2)]);
        let features = raw.features.expect("three columns");
        assert_eq!(features.feature_count(), 3);
        assert_eq!(features.row(0).collect::<Vec<_>>(), [(1, 1.0), (2, 0.5)]);
        assert_eq!(features.row(2).count(), 0);
    }

    #[test]
    fn faults_name_the_line() {
        let fault = |content: &[u8], cites: &[u8]| {
            read_small(content, cites).expect_err("a fault").to_string()
        };
        let cases: [(&[u8], &[u8]); 7] = [
            (b"p1 0 1 AI\np2 0 AI\n", b""),
            (b"p1 0 AI\np1 1 AI\n", b""),
            (b"p1 0 AI\n\np2 x AI\n", b""),
            (b"p1 nan AI\n", b""),
            (b"p1\n", b""),
            (b"p1 0 AI\n", b"p1 p1\np1 p9\n"),
            (b"p1 0 AI\n", b"p1 p1 p1\n"),
        ];
        let said: Vec<String> = cases.iter().map(|(a, b)| fault(a, b)).collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(content: Vec<u8>, cites: Vec<u8>) {
            drop(read_small(&content, &cites));
        }

        #[test]
        fn near_misses_never_panic(content in "[01ab. \t\r\n-]{0,80}", cites in "[01ab \t\r\n]{0,40}") {
            drop(read_small(content.as_bytes(), cites.as_bytes()));
        }
    }
}
