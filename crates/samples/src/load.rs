use std::path::Path;

use vgae_artifacts::{Nodes, SampleAudit, Samples};
use vgae_ingest::fetch::Fetched;
use vgae_ingest::{IngestConfig, IngestError, SampleSource, verified};

use crate::{audit_samples, idx, table};

/// Reads the samples that `config` names: their ids, values and audit. Relative paths
/// start at `base`; `fetched` holds the files of the dataset that [`vgae_ingest::needs_fetch`] names.
///
/// Images have the ids `train-0`, `train-1`, ... and `test-0`, ..., and the names of their classes as
/// labels.
///
/// # Errors
/// When the configuration is not sound or names a graph (see [`IngestConfig::data_kind`]), or a file is
/// missing, damaged or not the one that the registry describes.
pub fn load(
    config: &IngestConfig,
    base: &Path,
    fetched: Option<&Fetched>,
) -> Result<(Nodes, Samples, SampleAudit), IngestError> {
    match config.sample_source()? {
        SampleSource::Table(table) => table::read(table, base, &config.na_values),
        SampleSource::Dataset(dataset) => {
            let (nodes, samples) = idx::read(dataset, &|name| verified(dataset, fetched, name))?;
            let audit = audit_samples(&nodes, &samples, &[]);
            Ok((nodes, samples, audit))
        }
    }
}
