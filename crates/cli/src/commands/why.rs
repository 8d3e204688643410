use vgae_pipeline::Verdict;

use crate::args::WhyArgs;
use crate::commands::run::{default_out, load};
use crate::output;

/// `vgae why`.
pub(crate) fn why(args: &WhyArgs) -> anyhow::Result<()> {
    let plan = load(&args.pipeline, args.seed)?;
    let out = args.out.clone().unwrap_or_else(|| default_out(&plan));
    let mut lines = Vec::new();
    for forecast in vgae_pipeline::why(&plan, &out)? {
        lines.push(forecast.run);
        for (stage, verdict) in forecast.stages {
            lines.push(match verdict {
                Verdict::Skip => format!("  {stage:<7} skip"),
                Verdict::Run(reasons) => {
                    format!("  {stage:<7} run   {}", reasons.join("; "))
                }
            });
        }
    }
    output::result(&lines.join("\n"))?;
    Ok(())
}
