use vgae_ingest::fetch::{self, FetchError, Registry};

use crate::args::FetchCommand;
use crate::output;
use crate::progress::Progress;

/// `vgae fetch`.
pub(crate) fn fetch(args: &FetchCommand, progress: &mut Progress) -> anyhow::Result<()> {
    let registry = Registry::builtin();
    let names: Vec<&str> = if args.names.is_empty() {
        registry.graphs().collect()
    } else {
        args.names.iter().map(String::as_str).collect()
    };
    let (cache, options) = (args.source.cache().ok_or(FetchError::NoCache)?, args.source.options());
    let fetched = fetch::fetch_all(registry, &names, &cache, &options, progress)?;
    progress.finish();
    for dataset in fetched {
        let bytes: u64 = dataset.files.iter().map(|file| file.bytes).sum();
        let folder = dataset.files.first().and_then(|file| file.path.parent());
        output::result(&format!(
            "{}: {} files, {bytes} bytes, verified, in {}",
            dataset.dataset,
            dataset.files.len(),
            folder.unwrap_or(cache.root()).display()
        ))?;
    }
    Ok(())
}
