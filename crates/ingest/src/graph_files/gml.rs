//! GML: lists of keys and values in brackets.
//!
//! Format: M. Himsolt, "GML: a portable graph file format" (1997).

use super::tables::{Kind, Named};
use super::tokens::{Token, Tokens, unescaped};
use super::{GraphFile, direction};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Lists within lists, at most.
const MOST_DEPTH: usize = 64;
/// Word by which a file is recognised.
const MARK: &[u8] = b"graph";

/// Whether text looks like GML: the word `graph` with a bracket behind it, and nothing but a few keys before.
pub(super) fn looks_like(text: &[u8]) -> bool {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let header = |line: &&[u8]| {
        ["creator", "version", "comment"].iter().any(|key| {
            line.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key.as_bytes()))
        })
    };
    let Some(first) = lines.find(|line| !header(line)) else { return false };
    let Some(rest) = first.get(..MARK.len()).filter(|start| start.eq_ignore_ascii_case(MARK))
    else {
        return false;
    };
    let behind = first[rest.len()..].trim_ascii_start();
    behind.starts_with(b"[")
        || (behind.is_empty() && lines.next().is_some_and(|line| line.starts_with(b"[")))
}

/// A key's value.
enum Value {
    Text(String, bool),
    List(Vec<(String, Value)>),
}

/// Reads the one graph of a file. Nodes are called by their labels, if all have one and no two the same, as
/// `NetworkX` does; else by their ids.
pub(super) fn read(name: &str, text: &str) -> Result<GraphFile> {
    let mut tokens = Tokens::new(name, text, &['[', ']']);
    let mut found = None;
    for (key, value) in list(name, &mut tokens, 0)? {
        if let (true, Value::List(entries)) = (key.eq_ignore_ascii_case("graph"), value) {
            if found.is_some() {
                return Err(FormatError::whole(name, "one graph in a file", "another"));
            }
            found = Some(entries);
        }
    }
    let Some(entries) = found else {
        return Err(FormatError::whole(name, "`graph [ ... ]`", "none"));
    };
    let (mut graph, mut directed) = (Named::default(), false);
    let mut edges = Vec::new();
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("directed", Value::Text(text, _)) => directed = text != "0",
            ("node", Value::List(values)) => node(name, &mut graph, values)?,
            ("edge", Value::List(values)) => edges.push(values),
            _ => {}
        }
    }
    for values in edges {
        edge(name, &mut graph, values)?;
    }
    let by_label = graph.rename("label");
    let tables = graph.finish(name, text.len())?;
    let names = if by_label { ", nodes by their labels" } else { "" };
    Ok(GraphFile {
        edges: tables.edges,
        nodes: Some(tables.nodes),
        directed: Some(directed),
        weight: tables.weight,
        bipartite: false,
        description: format!("GML, {}{names}", direction(directed)),
    })
}

fn node(name: &str, graph: &mut Named, values: Vec<(String, Value)>) -> Result<()> {
    let Some(id) = text(&values, "id") else {
        return Err(FormatError::whole(name, "an `id` of each node", "a node without one"));
    };
    let Some(node) = graph.add(id) else {
        return Err(FormatError::whole(name, "each node once", format!("id {id} again")));
    };
    for (key, value) in values {
        // Lists hold what a drawing looks like.
        let Value::Text(value, quoted) = value else { continue };
        if key != "id" {
            let column = graph.nodes.column(&key, if quoted { Kind::Text } else { Kind::Any });
            graph.nodes.set(column, node, value);
        }
    }
    Ok(())
}

fn edge(name: &str, graph: &mut Named, values: Vec<(String, Value)>) -> Result<()> {
    let (Some(source), Some(target)) = (text(&values, "source"), text(&values, "target")) else {
        return Err(FormatError::whole(
            name,
            "a `source` and a `target` of each edge",
            "an edge without",
        ));
    };
    let edge = graph.connect(source, target);
    for (key, value) in values {
        let Value::Text(value, quoted) = value else { continue };
        if !matches!(key.as_str(), "source" | "target") {
            let column = graph.edges.column(&key, if quoted { Kind::Text } else { Kind::Any });
            graph.edges.set(column, edge, value);
        }
    }
    Ok(())
}

fn text<'a>(values: &'a [(String, Value)], wanted: &str) -> Option<&'a str> {
    values.iter().find_map(|(key, value)| match value {
        Value::Text(text, _) if key == wanted => Some(text.as_str()),
        _ => None,
    })
}

/// Keys and values up to the bracket that ends them, or the end of the file.
fn list(name: &str, tokens: &mut Tokens<'_>, depth: usize) -> Result<Vec<(String, Value)>> {
    let fault =
        |line, expected: &str, found: &str| Err(FormatError::line(name, line, expected, found));
    if depth > MOST_DEPTH {
        return fault(tokens.line(), "fewer lists within lists", "more than 64");
    }
    let mut values = Vec::new();
    loop {
        let key = match tokens.next()? {
            None if depth == 0 => return Ok(values),
            None => return fault(tokens.line(), "`]`", "the end of the file"),
            Some(Token::Word("]")) if depth > 0 => return Ok(values),
            Some(Token::Word(key)) if !matches!(key, "[" | "]") => key.to_owned(),
            Some(other) => return fault(tokens.line(), "a key", &format!("`{}`", other.text())),
        };
        let value = match tokens.next()? {
            Some(Token::Word("[")) => Value::List(list(name, tokens, depth + 1)?),
            Some(Token::Quoted(text)) => Value::Text(unescaped(text), true),
            Some(Token::Word(text)) if text != "]" => Value::Text(text.to_owned(), false),
            _ => return fault(tokens.line(), &format!("a value of `{key}`"), "none"),
        };
        values.push((key, value));
    }
}
