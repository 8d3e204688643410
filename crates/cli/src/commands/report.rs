use std::path::{Path, PathBuf};

use vgae_pipeline::report;

use crate::args::{ReportArgs, UsageError};
use crate::output;

/// `vgae report`.
pub(crate) fn report(args: &ReportArgs) -> anyhow::Result<()> {
    let page = match (&args.folders[..], &args.out) {
        ([a, b], out) => {
            let out = out.clone().unwrap_or_else(|| comparison(a, b));
            report::compare([a, b], &out)?
        }
        ([folder], None) => report::report(folder)?,
        _ => {
            let problem = "--out: the report of one run is in its folder; give two runs to compare, or remove it";
            return Err(UsageError(problem.to_owned()).into());
        }
    };
    output::result(&format!("Written: {}", page.display()))?;
    Ok(())
}

/// The default folder of the comparison of two runs.
fn comparison(a: &Path, b: &Path) -> PathBuf {
    let name = |folder: &Path| {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        folder.file_name().map_or("run".to_owned(), |name| name.to_string_lossy().into_owned())
    };
    Path::new("out").join(format!("compare-{}-{}", name(a), name(b)))
}
