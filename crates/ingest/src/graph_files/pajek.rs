//! Pajek's `.net`: vertices numbered from 1, then arcs and edges.
//!
//! Format: A. Mrvar and V. Batagelj, "Pajek: reference manual".

use vgae_artifacts::claims;

use super::GraphFile;
use super::tables::{Kind, Named};
use super::tokens::{Tokens, unescaped};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Content of the lines under a heading.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    None,
    Vertices,
    Pairs,
    Lists,
    Matrix,
}

/// The part of a file that has been read.
struct Reader<'a> {
    name: &'a str,
    bytes: usize,
    graph: Named,
    section: Section,
    /// Whether the connections under the heading have a direction.
    is_arcs: bool,
    directed: usize,
    undirected: usize,
    /// The rows of a matrix so far.
    rows: usize,
    /// How many nodes are of the first kind in a two-mode network.
    first_kind: Option<usize>,
}

/// Reads a file. Nodes are called by their labels, if all have one and no two the same; else by their numbers. In a
/// two-mode network the two kinds of nodes share their numbers, so that ids are unique.
pub(super) fn read(name: &str, text: &str) -> Result<GraphFile> {
    let mut reader = Reader {
        name,
        bytes: text.len(),
        graph: Named::default(),
        section: Section::None,
        is_arcs: false,
        directed: 0,
        undirected: 0,
        rows: 0,
        first_kind: None,
    };
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('%') {
            continue;
        }
        match line.strip_prefix('*') {
            Some(heading) => reader.heading(at, heading)?,
            None => reader.line(at, line)?,
        }
    }
    reader.finish()
}

impl Reader<'_> {
    fn fault(&self, at: usize, line: &str, expected: &str) -> FormatError {
        let shown: String = line.chars().take(60).collect();
        FormatError::line(self.name, at, expected, format!("`{shown}`"))
    }

    fn heading(&mut self, at: usize, heading: &str) -> Result<()> {
        let mut words = heading.split_ascii_whitespace();
        let word = words.next().unwrap_or_default().to_ascii_lowercase();
        let word = word.split(':').next().unwrap_or_default();
        self.section = match word {
            "network" => Section::None,
            "vertices" => {
                let mut number = || words.next().and_then(|word| word.parse::<usize>().ok());
                let (count, first_kind) = (number(), number());
                let most = claims::most_unpacked(self.bytes as u64) / Named::NODE_BYTES;
                let count =
                    count.filter(|count| *count as u64 <= most && self.graph.ids.is_empty());
                let expected =
                    format!("one network of at most {most} vertices in {} bytes", self.bytes);
                let count = count.ok_or_else(|| self.fault(at, heading, &expected))?;
                for number in 1..=count {
                    self.graph.add(&number.to_string());
                }
                self.first_kind = first_kind;
                Section::Vertices
            }
            "arcs" | "edges" => Section::Pairs,
            "arcslist" | "edgeslist" => Section::Lists,
            "matrix" => Section::Matrix,
            _ => {
                return Err(self.fault(at, heading, "`*Vertices`, `*Arcs`, `*Edges` or `*Matrix`"));
            }
        };
        (self.is_arcs, self.rows) = (matches!(word, "arcs" | "arcslist" | "matrix"), 0);
        Ok(())
    }

    fn line(&mut self, at: usize, line: &str) -> Result<()> {
        let mut words = line.split_ascii_whitespace();
        match self.section {
            Section::None => return Err(self.fault(at, line, "`*Vertices`")),
            Section::Vertices => {
                let mut tokens = Tokens::new(self.name, line, &[]);
                let (number, label) = (tokens.next()?, tokens.next()?);
                let node = number.and_then(|number| self.graph.node(number.text()));
                let node = node.ok_or_else(|| self.unknown(at, line))?;
                if let Some(label) = label {
                    let column = self.graph.nodes.column("label", Kind::Text);
                    self.graph.nodes.set(column, node, unescaped(label.text()));
                }
            }
            Section::Pairs => {
                let (Some(source), Some(target)) = (words.next(), words.next()) else {
                    return Err(self.fault(at, line, "two vertices"));
                };
                let weight = words.next().filter(|word| word.parse::<f64>().is_ok());
                self.connect(at, line, [source, target], weight)?;
            }
            Section::Lists => {
                let source = words.next().unwrap_or_default();
                for target in words {
                    self.connect(at, line, [source, target], None)?;
                }
            }
            Section::Matrix => {
                self.rows += 1;
                let (source, nodes) = (self.rows.to_string(), self.graph.ids.len());
                let words: Vec<&str> = words.collect();
                if words.len() != nodes || self.rows > nodes {
                    return Err(self.fault(at, line, &format!("{nodes} rows of {nodes} numbers")));
                }
                for (target, word) in (1..).zip(words) {
                    let weight: f64 = word.parse().map_err(|_| self.fault(at, line, "numbers"))?;
                    if weight != 0.0 {
                        self.connect(at, line, [&source, &target.to_string()], Some(word))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn connect(
        &mut self,
        at: usize,
        line: &str,
        [source, target]: [&str; 2],
        weight: Option<&str>,
    ) -> Result<()> {
        if self.graph.node(source).is_none() || self.graph.node(target).is_none() {
            return Err(self.unknown(at, line));
        }
        *(if self.is_arcs { &mut self.directed } else { &mut self.undirected }) += 1;
        let edge = self.graph.connect(source, target);
        if let Some(weight) = weight {
            let column = self.graph.edges.column("weight", Kind::Any);
            self.graph.edges.set(column, edge, weight);
        }
        Ok(())
    }

    fn unknown(&self, at: usize, line: &str) -> FormatError {
        self.fault(at, line, &format!("vertices from 1 to {}", self.graph.ids.len()))
    }

    fn finish(self) -> Result<GraphFile> {
        let Self { mut graph, directed, undirected, first_kind, .. } = self;
        // A line without a value has the value 1 in Pajek.
        graph.fill_weights();
        let by_label = graph.rename("label");
        if let Some(first) = first_kind {
            let column = graph.nodes.column(super::TYPE, Kind::Text);
            for node in 0..graph.ids.len() {
                graph.nodes.set(column, node, if node < first { "mode 1" } else { "mode 2" });
            }
        }
        let tables = graph.finish(self.name, self.bytes)?;
        let names = if by_label { ", nodes by their labels" } else { "" };
        let modes = first_kind
            .map_or(String::new(), |first| format!(", two modes, {first} nodes of the first"));
        Ok(GraphFile {
            edges: tables.edges,
            nodes: Some(tables.nodes),
            directed: super::common_direction(directed, undirected),
            weight: tables.weight,
            bipartite: first_kind.is_some(),
            description: format!(
                "Pajek, {}{modes}{names}",
                super::directions(directed, undirected)
            ),
        })
    }
}
