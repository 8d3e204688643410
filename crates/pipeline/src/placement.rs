//! Placement: whether a run may execute concurrently with others.

use std::path::Path;

use vgae_artifacts::{Audit, DataKind, Kind, SampleAudit, json, names};
use vgae_model::{DataSize, FeatureUse, ModelConfig};

use crate::plan::RunPlan;
use crate::{PipelineError, machine};

/// Memory in bytes above which a run executes alone. Machines have more than this per core, so as many runs as there
/// are threads fit.
const LARGE: usize = 256 << 20;

/// Where a run executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Concurrently with others.
    Shared,
    /// Alone, with all threads and the memory.
    Alone,
}

impl Placement {
    /// The placement of a run whose ingested data are in `folder`, on a machine with `threads` threads.
    ///
    /// # Errors
    /// When the data cannot be read, or lack node features that the method needs.
    pub(crate) fn of(run: &RunPlan, folder: &Path, threads: usize) -> Result<Self, PipelineError> {
        let size = size(run.data_kind, folder)?;
        let needs_features = run.model.needs().features == FeatureUse::Required;
        if needs_features && matches!(size, DataSize::Graph { features: 0, .. }) {
            let source = run.model.no_features().into();
            return Err(PipelineError::Check { pipeline: run.name.clone(), source });
        }
        refuse_too_large(run, &size, machine::available_memory_bytes())?;
        Ok(Self::of_size(&run.model, &size, threads))
    }

    fn of_size(model: &ModelConfig, size: &DataSize, threads: usize) -> Self {
        let alone = model.memory(size) > LARGE || model.fills_threads(size, threads);
        if alone { Self::Alone } else { Self::Shared }
    }
}

/// Refuses a training that needs more memory than there is, since a failed allocation ends the program.
pub(crate) fn refuse_too_large(
    run: &RunPlan,
    size: &DataSize,
    available: Option<u64>,
) -> Result<(), PipelineError> {
    let needed = run.model.least_memory(size) as u64;
    let Some(available) = available.filter(|&available| needed > available) else { return Ok(()) };
    let widths = ["hidden", "latent", "dimensions"];
    let keys: Vec<String> = widths
        .into_iter()
        .filter_map(|key| {
            let value = run.model.node_encoder().get(key)?;
            Some(format!("`{key}` (now {value})"))
        })
        .collect();
    let advice = if keys.is_empty() {
        "use another method".to_owned()
    } else {
        format!("lower {}", keys.join(" or "))
    };
    let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    Err(PipelineError::Usage {
        what: format!("memory of {}", run.name),
        expected: format!("at most {}, which this process can allocate", gigabytes(available)),
        found: format!("a training that needs at least {}: {advice}", gigabytes(needed)),
    })
}

/// The size of ingested data.
pub(crate) fn size(data_kind: DataKind, folder: &Path) -> Result<DataSize, PipelineError> {
    let audit = folder.join(names::AUDIT);
    Ok(match data_kind {
        DataKind::Graph => (&json::read::<Audit>(&audit, Kind::Audit)?).into(),
        DataKind::Samples => (&json::read::<SampleAudit>(&audit, Kind::Audit)?).into(),
    })
}

#[cfg(test)]
mod tests {
    use vgae_model::Method;

    use super::*;

    fn model(method: &str) -> ModelConfig {
        method.parse::<Method>().expect("a method").default_config()
    }

    const PUBMED: DataSize =
        DataSize::Graph { nodes: 19_717, edges: 44_324, features: 500, feature_values: 988_031 };

    /// Measured memory of whole runs on Pubmed and MNIST, in MB, less some 30 of the program itself, is below the
    /// estimate.
    #[test]
    fn known_data_share_and_large_data_do_not() {
        for (method, measured) in [("sc", 108), ("dw", 76), ("gae", 66), ("vgae", 76)] {
            let expected = model(method).memory(&PUBMED);
            assert!((measured * 1_000_000..LARGE).contains(&expected), "{method}: {expected}");
        }
        let million =
            DataSize::Graph { nodes: 1_000_000, edges: 10_000_000, features: 0, feature_values: 0 };
        for method in Method::all().filter(|method| method.has("latent") && method.has("dropout")) {
            assert!(method.default_config().memory(&million) > LARGE, "{method}");
        }
        let mnist = model("vae").memory(&DataSize::Samples { samples: 70_000, columns: 784 });
        assert!((93_000_000..LARGE).contains(&mnist), "{mnist}");
        let large = DataSize::Samples { samples: 700_000, columns: 784 };
        assert!(model("vae").memory(&large) > LARGE);
    }

    #[test]
    fn the_exact_loss_fills_the_threads_of_a_small_machine() {
        let of = |nodes, threads| model("gae").fills_threads(&DataSize::of_nodes(nodes), threads);
        assert_eq!([2708, 3327, 19_717].map(|nodes| of(nodes, 2)), [false, false, true]);
        assert!(!of(19_717, 16));
        for other in ["dw", "gnae", "hybrid"] {
            assert!(!model(other).fills_threads(&PUBMED, 2), "{other}");
        }
        assert_eq!(Placement::of_size(&model("gae"), &PUBMED, 2), Placement::Alone);
        assert_eq!(Placement::of_size(&model("gae"), &PUBMED, 16), Placement::Shared);
    }

    #[test]
    fn nothing_overflows() {
        let most = usize::MAX;
        let graph =
            DataSize::Graph { nodes: most, edges: most, features: most, feature_values: most };
        assert_eq!(model("gae").memory(&graph), most);
        assert_eq!(model("vae").memory(&DataSize::Samples { samples: most, columns: most }), most);
        assert_eq!(model("gae").cost(&graph), u64::MAX);
    }
}
