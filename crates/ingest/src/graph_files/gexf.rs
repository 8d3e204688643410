//! GEXF, as Gephi writes it: nodes and edges with attributes that are declared by class.
//!
//! Format: gexf.net, versions 1.1 to 1.3.

use std::collections::HashMap;

use super::GraphFile;
use super::tables::{Kind, Named};
use super::xml::{Element, Step, Xml};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// The kind of element whose values are being read.
#[derive(Clone, Copy)]
enum Owner {
    Node(usize),
    Edge(usize),
}

/// The part of a file that has been read.
#[derive(Default)]
struct Reader {
    graph: Named,
    /// Whether edges that say nothing of it have a direction, once there is a graph.
    default: Option<bool>,
    /// Edges with and without a direction.
    directed: usize,
    undirected: usize,
    /// The class whose attributes are being declared, and the attribute.
    class: String,
    current: Option<(String, Kind)>,
    /// Title and type of an attribute by class and id.
    declared: HashMap<(String, String), (String, Kind)>,
    /// Whether of edges, title, type and value.
    defaults: Vec<(bool, String, Kind, String)>,
    owner: Option<Owner>,
}

/// Reads a file.
pub(super) fn read(name: &str, text: &str) -> Result<GraphFile> {
    let mut xml = Xml::new(name, text);
    let mut reader = Reader::default();
    loop {
        match xml.next()? {
            Step::Open(element) => reader.open(&xml, &element)?,
            Step::Close(element, content) => reader.close(&element, content),
            Step::End => break,
        }
    }
    if reader.default.is_none() {
        return Err(xml.fault("a `<graph>`", "none"));
    }
    reader.finish(name, text.len())
}

impl Reader {
    fn open(&mut self, xml: &Xml<'_>, element: &Element) -> Result<()> {
        match element.name.as_str() {
            "graph" if element.get("mode") == Some("dynamic") => {
                return Err(xml.fault("a static graph", "a dynamic one"));
            }
            "graph" => self.default = Some(element.get("defaultedgetype") == Some("directed")),
            "attributes" => element.get("class").unwrap_or_default().clone_into(&mut self.class),
            "attribute" => {
                let id = xml.needed(element, "id")?;
                let title = element.get("title").unwrap_or(id).to_owned();
                let kind =
                    if element.get("type") == Some("string") { Kind::Text } else { Kind::Any };
                self.declared.insert((self.class.clone(), id.to_owned()), (title.clone(), kind));
                self.current = Some((title, kind));
            }
            "node" => {
                let id = xml.needed(element, "id")?;
                let again = || xml.fault("each node once", format!("`{id}` again"));
                let node = self.graph.add(id).ok_or_else(again)?;
                if let Some(label) = element.get("label") {
                    let column = self.graph.nodes.column("label", Kind::Text);
                    self.graph.nodes.set(column, node, label);
                }
                self.owner = Some(Owner::Node(node));
            }
            "edge" => self.edge(xml, element)?,
            "attvalue" => self.value(xml, element)?,
            _ => {}
        }
        Ok(())
    }

    fn edge(&mut self, xml: &Xml<'_>, element: &Element) -> Result<()> {
        let edge =
            self.graph.connect(xml.needed(element, "source")?, xml.needed(element, "target")?);
        let is_directed = match element.get("type") {
            Some(kind) => kind == "directed",
            None => self.default == Some(true),
        };
        *(if is_directed { &mut self.directed } else { &mut self.undirected }) += 1;
        if let Some(weight) = element.get("weight") {
            let column = self.graph.edges.column("weight", Kind::Any);
            self.graph.edges.set(column, edge, weight);
        }
        self.owner = Some(Owner::Edge(edge));
        Ok(())
    }

    fn value(&mut self, xml: &Xml<'_>, element: &Element) -> Result<()> {
        // Version 1.1 calls it `id`.
        let id = element.get("for").or(element.get("id"));
        let id = id.ok_or_else(|| xml.fault("an attribute `for` of `<attvalue>`", "none"))?;
        let (class, attributes, row) = match self.owner {
            Some(Owner::Node(node)) => ("node", &mut self.graph.nodes, node),
            Some(Owner::Edge(edge)) => ("edge", &mut self.graph.edges, edge),
            None => return Ok(()),
        };
        let declared = self.declared.get(&(class.to_owned(), id.to_owned()));
        let unknown = || xml.fault("an attribute that is declared", format!("`{id}`"));
        let (title, kind) = declared.ok_or_else(unknown)?;
        let column = attributes.column(title, *kind);
        attributes.set(column, row, xml.needed(element, "value")?);
        Ok(())
    }

    fn close(&mut self, element: &str, content: String) {
        match (element, &self.current) {
            ("default", Some((title, kind))) => {
                self.defaults.push((self.class == "edge", title.clone(), *kind, content));
            }
            ("attribute", _) => self.current = None,
            ("node" | "edge", _) => self.owner = None,
            _ => {}
        }
    }

    fn finish(self, name: &str, bytes: usize) -> Result<GraphFile> {
        let Self { mut graph, directed, undirected, defaults, .. } = self;
        let (nodes, edges) = (graph.ids.len(), graph.ends.len());
        for (of_edges, title, kind, default) in defaults {
            let (attributes, rows) =
                if of_edges { (&mut graph.edges, edges) } else { (&mut graph.nodes, nodes) };
            let column = attributes.column(&title, kind);
            attributes.fill(column, rows, &default);
        }
        // An edge without a weight has the weight 1 in GEXF.
        graph.fill_weights();
        // What Gephi calls a label is a name, unless nodes share it as they share a class.
        graph.nodes.remove_names("label");
        let tables = graph.finish(name, bytes)?;
        Ok(GraphFile {
            edges: tables.edges,
            nodes: Some(tables.nodes),
            directed: super::common_direction(directed, undirected),
            weight: tables.weight,
            bipartite: false,
            description: format!("GEXF, {}", super::directions(directed, undirected)),
        })
    }
}
