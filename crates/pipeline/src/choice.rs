//! Choice of the method of a run by the size of its data.

use std::path::Path;

use vgae_model::{Choice, Method};

use crate::plan::{Asked, MethodChoice, Plan, RunPlan, first_allowed, run_plan};
use crate::search::Variant;
use crate::{PipelineError, machine, placement};

/// Returns `run` with the method chosen, given the folder of its ingested data: the first of those suited to data of
/// this size that the other settings allow and whose training fits in memory. Returns `None` if nothing is left to choose.
///
/// # Errors
/// When the data cannot be read, or no method is allowed: the reason against the first.
pub(crate) fn choose(
    plan: &Plan,
    run: &RunPlan,
    ingested: &Path,
) -> Result<Option<RunPlan>, PipelineError> {
    if run.choice != MethodChoice::Open {
        return Ok(None);
    }
    let size = placement::size(run.data_kind, ingested)?;
    let memory = machine::available_memory_bytes();
    let variant = Variant::without_search(&plan.config.model);
    let asked =
        Asked { data: &run.data, variant: &variant, protocol: run.protocol, seed: run.seed };
    let chosen = first_allowed(Method::suited_to(&size), |Choice { method, reason }| {
        let choice = MethodChoice::Suits(reason);
        let chosen = run_plan(&plan.config, &plan.name, asked, method, choice)?;
        placement::refuse_too_large(&chosen, &size, memory)?;
        Ok(chosen)
    });
    chosen.map(Some)
}
