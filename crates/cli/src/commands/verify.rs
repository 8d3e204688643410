use std::process::ExitCode;

use crate::args::VerifyArgs;
use crate::output;

/// `vgae verify`: exit code 1 when a check fails.
pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let verifications = vgae_pipeline::verify(&args.folder, args.retrain)?;
    let mut sound = true;
    let mut lines = Vec::new();
    for verification in &verifications {
        sound &= verification.holds();
        lines.push(verification.folder.display().to_string());
        for check in &verification.checks {
            lines.push(match &check.fault {
                None => format!("  ok      {}", check.what),
                Some(fault) => format!("  FAILED  {}: {fault}", check.what),
            });
        }
    }
    output::result(&lines.join("\n"))?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
