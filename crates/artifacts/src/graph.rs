use crate::{ArtifactError, Edges, Features, Nodes, Relations, Result};

/// A graph, the input of all later stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Node ids and labels.
    pub nodes: Nodes,
    /// Edges.
    pub edges: Edges,
    /// Node features, if any.
    pub features: Option<Features>,
    /// Relation types of edges, if any.
    pub relations: Option<Relations>,
}

impl Graph {
    /// Combines the three tables.
    ///
    /// # Errors
    /// Returns an error when their numbers of nodes differ.
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
        Ok(Self { nodes, edges, features, relations: None })
    }

    /// Sets the relation types of edges.
    #[must_use]
    pub fn with_relations(mut self, relations: Option<Relations>) -> Self {
        self.relations = relations;
        self
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }
}
