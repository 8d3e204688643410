use crate::args::FetchCommand;
use crate::output;
use crate::progress::Progress;

/// What `vgae fetch` fetches if nobody says: the graphs of the paper.
const DEFAULT: [&str; 3] = ["cora", "citeseer", "pubmed"];

/// `vgae fetch`.
pub(crate) fn fetch(args: &FetchCommand, progress: &mut Progress) -> anyhow::Result<()> {
    let names: Vec<&str> = if args.names.is_empty() {
        DEFAULT.to_vec()
    } else {
        args.names.iter().map(String::as_str).collect()
    };
    let fetched =
        vgae_ingest::fetch_all(&names, &args.source.cache(), &args.source.options(), progress)?;
    progress.finish();
    for (name, files) in names.iter().zip(fetched) {
        output::result(&format!("{name}: {} files in {}", files.files.len(), files.folder.display()));
    }
    Ok(())
}
