//! In the place of people's own tables where the feature `tables` is off.

use std::path::Path;

use vgae_artifacts::{Nodes, SampleAudit, Samples};

use crate::config::{EdgeTable, NodeTable, Rules, SampleTable};
use crate::{IngestError, RawGraph};

const PROBLEM: &str = "this build reads no tables: it was made without the feature `tables`";

pub(crate) fn read(
    _: &EdgeTable,
    _: Option<&NodeTable>,
    _: &Path,
    _: Rules,
) -> Result<RawGraph, IngestError> {
    Err(IngestError::config("edges", PROBLEM))
}

pub(crate) fn read_samples(
    _: &SampleTable,
    _: &Path,
) -> Result<(Nodes, Samples, SampleAudit), IngestError> {
    Err(IngestError::config("table", PROBLEM))
}
