//! Inputs of stages, beside their configuration.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use vgae_artifacts::{EdgeSplit, Features, NegativeSet, NodeTypes, Nodes, Relations, Seed, names};
use vgae_eval::{EvalConfig, NegativeFiles};
use vgae_ingest::{IngestConfig, SplitFiles};
use vgae_model::ModelConfig;
use vgae_split::CheckedSplitConfig;

use crate::StageError;

pub(crate) type Result<T, E = StageError> = std::result::Result<T, E>;

/// Folders in which artifacts are looked for, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Artifacts(pub(crate) Vec<PathBuf>);

impl Artifacts {
    /// Where the artifact of that name is, or would be expected.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let candidates = || self.0.iter().map(|folder| folder.join(name));
        candidates().find(|path| path.exists()).or_else(|| candidates().next()).unwrap_or_default()
    }

    pub(crate) fn nodes(&self) -> Result<Nodes> {
        Ok(Nodes::read(&self.path(names::NODES))?)
    }

    pub(crate) fn node_count(&self) -> Result<usize> {
        Ok(Nodes::count(&self.path(names::NODES))?)
    }

    pub(crate) fn node_types(&self) -> Result<Option<NodeTypes>> {
        Ok(Nodes::read_types(&self.path(names::NODES))?)
    }

    /// Reads the split, with the types of its nodes and the relation types of its edges.
    pub(crate) fn split(&self, node_count: usize) -> Result<EdgeSplit> {
        let split = EdgeSplit::read(&self.path(names::SPLIT), node_count)?;
        let split = match self.node_types()? {
            Some(types) => split.with_node_types(types)?,
            None => split,
        };
        let relations =
            self.optional(names::RELATIONS, |path| Relations::read(path, node_count))?;
        Ok(match relations {
            Some(relations) => split.with_relations(&relations)?,
            None => split,
        })
    }

    /// Reads an artifact if it is there.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Path) -> vgae_artifacts::Result<T>,
    ) -> Result<Option<T>> {
        let path = self.path(name);
        Ok(path.exists().then(|| read(&path)).transpose()?)
    }

    pub(crate) fn features(&self, node_count: usize) -> Result<Option<Features>> {
        self.optional(names::FEATURES, |path| Features::read(path, node_count))
    }
}

/// Parameters of splitting.
pub(crate) struct Splitting<'a> {
    pub(crate) config: &'a CheckedSplitConfig,
    pub(crate) seed: Seed,
    /// The hard negatives that evaluation will ask for: they hang on the split alone, so that runs share them.
    pub(crate) hard: &'a [NegativeSet],
    /// Files with the parts; without them, edges are drawn.
    pub(crate) files: Option<&'a SplitFiles>,
    /// Files with negatives of the edges in `files`.
    pub(crate) negatives: Option<&'a NegativeFiles>,
    /// Configuration that the graph was read with, whose rules hold for further tables.
    pub(crate) data: &'a IngestConfig,
    /// Folder that relative paths of files start from.
    pub(crate) base: &'a Path,
}

/// Parameters of training.
pub(crate) struct Training<'a> {
    pub(crate) config: &'a ModelConfig,
    pub(crate) seed: Seed,
    /// Where the state is saved between epochs, and how often.
    pub(crate) checkpoint: Option<(PathBuf, u32)>,
    /// Evaluation in every epoch, if each metric is reported at its own best epoch.
    pub(crate) own_epochs: Option<&'a EvalConfig>,
    /// Ends the training when it becomes true.
    pub(crate) cancelled: Option<&'a AtomicBool>,
}
