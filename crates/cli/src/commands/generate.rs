use vgae_artifacts::Seed;

use crate::args::GenerateArgs;
use crate::output;

/// `vgae generate`.
pub(crate) fn generate(args: &GenerateArgs) -> anyhow::Result<()> {
    let (count, seed) = (args.count as usize, Seed(args.seed));
    let file = vgae_pipeline::generate::generate(&args.folder, count, seed, args.out.as_deref())?;
    output::result(&format!("Written: {}", file.display()))?;
    Ok(())
}
