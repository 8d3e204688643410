//! Node-link JSON, as `NetworkX` (`node_link_data`) and D3 write it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::tables::{Attributes, Kind, Named};
use super::{GraphFile, direction};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

#[derive(Deserialize)]
struct Document {
    directed: Option<bool>,
    nodes: Option<Vec<Map<String, Value>>>,
    /// `NetworkX` before 3.4 and D3.
    links: Option<Vec<Map<String, Value>>>,
    /// `NetworkX` since.
    edges: Option<Vec<Map<String, Value>>>,
    /// Other JSON of `NetworkX` and Cytoscape, which is refused by name.
    adjacency: Option<serde::de::IgnoredAny>,
    elements: Option<serde::de::IgnoredAny>,
}

/// Reads a file. Nodes without an `id` are numbered from 0, as D3 has it.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<GraphFile> {
    let expected = "node-link JSON, an object with `nodes` and `edges` (or `links`)";
    let refuse = |found: &str| Err(FormatError::whole(name, expected, found));
    let document: Document = serde_json::from_slice(bytes).map_err(|error| {
        let line = error.line().saturating_sub(1);
        FormatError::line(name, line, expected, error.to_string())
    })?;
    if document.adjacency.is_some() {
        return refuse(
            "adjacency JSON (`json.dump(nx.node_link_data(nx.adjacency_graph(json.load(open(FILE)))), open(\"g.json\", \"w\"))`)",
        );
    }
    if document.elements.is_some() {
        return refuse(
            "Cytoscape JSON (`json.dump(nx.node_link_data(nx.cytoscape_graph(json.load(open(FILE)))), open(\"g.json\", \"w\"))`)",
        );
    }
    let (Some(nodes), Some(edges)) = (document.nodes, document.edges.or(document.links)) else {
        return refuse("an object without them");
    };
    let mut graph = Named::default();
    for (at, mut values) in nodes.into_iter().enumerate() {
        let id = match values.remove("id") {
            Some(id) => scalar(name, "an id", &id)?,
            None => at.to_string(),
        };
        let Some(node) = graph.add(&id) else {
            return Err(FormatError::whole(name, "each node once", format!("id `{id}` again")));
        };
        attributes(&mut graph.nodes, node, values);
    }
    for mut values in edges {
        let mut end = |key: &str| {
            let end = values.remove(key).unwrap_or(Value::Null);
            scalar(name, &format!("a `{key}` of each edge"), &end)
        };
        let (source, target) = (end("source")?, end("target")?);
        let edge = graph.connect(&source, &target);
        // The number among parallel edges.
        values.remove("key");
        attributes(&mut graph.edges, edge, values);
    }
    let tables = graph.finish(name, bytes.len())?;
    let words = document.directed.map_or("direction not given", direction);
    Ok(GraphFile {
        edges: tables.edges,
        nodes: Some(tables.nodes),
        directed: document.directed,
        weight: tables.weight,
        bipartite: false,
        description: format!("node-link JSON, {words}"),
    })
}

/// A value that can be an id.
fn scalar(name: &str, expected: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(FormatError::whole(
            name,
            format!("{expected}, text or a number"),
            other.to_string(),
        )),
    }
}

/// Sets the attributes that are single values.
fn attributes(attributes: &mut Attributes, row: usize, values: Map<String, Value>) {
    for (key, value) in values {
        let (value, kind) = match value {
            Value::String(text) => (text, Kind::Text),
            Value::Number(number) => (number.to_string(), Kind::Any),
            Value::Bool(is) => (is.to_string(), Kind::Any),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        let column = attributes.column(&key, kind);
        attributes.set(column, row, value);
    }
}
