//! `GraphML`: nodes and edges with attributes that are declared by keys.
//!
//! Format: U. Brandes et al., "`GraphML` progress report", Graph Drawing (2001), and graphml.graphdrawing.org.

use std::collections::HashMap;

use super::GraphFile;
use super::tables::{Attributes, Kind, Named};
use super::xml::{Element, Step, Xml};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// An attribute as declared.
struct Key {
    name: String,
    kind: Kind,
    default: Option<String>,
}

/// The kind of element whose data is being read.
#[derive(Clone, Copy)]
enum Owner {
    None,
    Node(usize),
    Edge(usize),
}

/// Reads the one graph of a file.
pub(super) fn read(name: &str, text: &str) -> Result<GraphFile> {
    let mut xml = Xml::new(name, text);
    let mut keys: HashMap<(String, bool), Key> = HashMap::new();
    let (mut graph, mut directed) = (Named::default(), None);
    let (mut owner, mut ids, mut data): (_, Vec<String>, Option<String>) =
        (Owner::None, Vec::new(), None);
    loop {
        match xml.next()? {
            Step::Open(element) => match element.name.as_str() {
                "key" => ids = declare(&xml, &element, &mut keys)?,
                "graph" if directed.is_some() => {
                    return Err(xml.fault("one graph in a file", "another"));
                }
                "graph" => directed = Some(element.get("edgedefault") == Some("directed")),
                "node" => {
                    let id = xml.needed(&element, "id")?;
                    let node = graph
                        .add(id)
                        .ok_or_else(|| xml.fault("each node once", format!("`{id}` again")))?;
                    owner = Owner::Node(node);
                }
                "edge" => {
                    let (source, target) =
                        (xml.needed(&element, "source")?, xml.needed(&element, "target")?);
                    owner = Owner::Edge(graph.connect(source, target));
                }
                "hyperedge" => return Err(xml.fault("edges between two nodes", "a hyperedge")),
                "data" => data = element.get("key").map(str::to_owned),
                _ => {}
            },
            Step::Close(element, content) => match element.as_str() {
                "default" => {
                    for id in &ids {
                        for of_edges in [false, true] {
                            if let Some(key) = keys.get_mut(&(id.clone(), of_edges)) {
                                key.default = Some(content.clone());
                            }
                        }
                    }
                }
                "key" => ids.clear(),
                "node" | "edge" => owner = Owner::None,
                "data" => {
                    let Some(id) = data.take() else { continue };
                    let set = |attributes: &mut Attributes, row, of_edges| -> Result<()> {
                        let key = keys.get(&(id.clone(), of_edges)).ok_or_else(|| {
                            xml.fault("a key that is declared", format!("`{id}`"))
                        })?;
                        let column = attributes.column(&key.name, key.kind);
                        attributes.set(column, row, content.clone());
                        Ok(())
                    };
                    match owner {
                        Owner::Node(node) => set(&mut graph.nodes, node, false)?,
                        Owner::Edge(edge) => set(&mut graph.edges, edge, true)?,
                        Owner::None => {}
                    }
                }
                _ => {}
            },
            Step::End => break,
        }
    }
    let Some(directed) = directed else { return Err(xml.fault("a `<graph>`", "none")) };
    let (nodes, edges) = (graph.ids.len(), graph.ends.len());
    for ((_, of_edges), key) in &keys {
        let Some(default) = &key.default else { continue };
        let (attributes, rows) =
            if *of_edges { (&mut graph.edges, edges) } else { (&mut graph.nodes, nodes) };
        let column = attributes.column(&key.name, key.kind);
        attributes.fill(column, rows, default);
    }
    let tables = graph.finish(name, text.len())?;
    Ok(GraphFile {
        edges: tables.edges,
        nodes: Some(tables.nodes),
        directed: Some(directed),
        weight: tables.weight,
        bipartite: false,
        description: format!("GraphML, {}", super::direction(directed)),
    })
}

/// Adds a key, of nodes, edges or both; its id, if it is of either.
fn declare(
    xml: &Xml<'_>,
    element: &Element,
    keys: &mut HashMap<(String, bool), Key>,
) -> Result<Vec<String>> {
    let id = xml.needed(element, "id")?.to_owned();
    let name = element.get("attr.name").unwrap_or(&id);
    let kind = if element.get("attr.type") == Some("string") { Kind::Text } else { Kind::Any };
    let of = element.get("for").unwrap_or("all");
    for (part, of_edges) in [("node", false), ("edge", true)] {
        if of == part || of == "all" {
            let key = Key { name: name.to_owned(), kind, default: None };
            keys.insert((id.clone(), of_edges), key);
        }
    }
    Ok(vec![id])
}
