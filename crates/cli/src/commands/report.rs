use std::path::Path;

use crate::output;

/// `vgae report`.
pub(crate) fn report(folder: &Path) -> anyhow::Result<()> {
    let page = vgae_pipeline::report::report(folder)?;
    output::result(&format!("Written: {}", page.display()))?;
    Ok(())
}
