use vgae_artifacts::Seed;
use vgae_pipeline::{Loaded, Plan, TABLE1, results};

use crate::args::{ReproduceArgs, RunsArgs};
use crate::commands::run::{datasets, look_at, options};
use crate::output;
use crate::progress::Progress;

/// `vgae reproduce`.
pub(crate) fn reproduce(args: &ReproduceArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut config = TABLE1.pipeline()?;
    let RunsArgs { seed, threads, source } = &args.runs_of;
    config.seed = Seed(*seed);
    config.protocol = Some(args.protocol);
    args.grid.narrow(config.grid.get_or_insert_default());
    let plan = Plan::new(Loaded { config, base: ".".into() })?;
    let options = options(args.out.clone(), source, *threads);
    let outcomes = vgae_pipeline::run(&plan, &options, progress)?;
    progress.finish();
    output::result(&datasets(&outcomes))?;
    output::results(&results(&outcomes, options.apart), &args.out, args.table.wide)?;
    look_at(&args.out)
}
