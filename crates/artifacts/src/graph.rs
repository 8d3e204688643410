use crate::{ArtifactError, Edges, Features, Nodes, Result};

/// A graph as every later stage sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Who the nodes are.
    pub nodes: Nodes,
    /// How they are joined.
    pub edges: Edges,
    /// What is known of each, if anything.
    pub features: Option<Features>,
}

impl Graph {
    /// Joins the three tables.
    ///
    /// # Errors
    /// When they do not speak of the same number of nodes.
    pub fn new(nodes: Nodes, edges: Edges, features: Option<Features>) -> Result<Self> {
        let expected = nodes.len();
        let agree = |what: &str, found: usize| {
            if found == expected {
                Ok(())
            } else {
                Err(ArtifactError::invalid(what, format!("{expected} nodes"), found.to_string()))
            }
        };
        agree("edges", edges.node_count())?;
        if let Some(features) = &features {
            agree("features", features.node_count())?;
        }
        Ok(Self { nodes, edges, features })
    }

    /// The number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }
}
