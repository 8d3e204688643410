use vgae_artifacts::Seed;
use vgae_pipeline::table1::{self, Table};
use vgae_pipeline::{Loaded, Plan};

use crate::args::{Protocol, ReproduceArgs, RunsArgs};
use crate::commands::run::{look_at, options};
use crate::output;
use crate::progress::Progress;

/// `vgae reproduce`.
pub(crate) fn reproduce(args: &ReproduceArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut config = table1::pipeline()?;
    let RunsArgs { seed, threads, source } = &args.runs_of;
    config.seed = Seed(*seed);
    if args.protocol == Protocol::FixedSplit {
        config.split_seed = Some(Seed(*seed));
    }
    args.grid.narrow(config.grid.get_or_insert_default());
    let plan = Plan::new(Loaded { config, base: ".".into() })?;
    let options = options(args.out.clone(), source, *threads)?;
    let outcomes = vgae_pipeline::run(&plan, &options, progress)?;
    progress.finish();
    let table = Table::new(args.protocol.name(), &outcomes);
    table.write(&args.out)?;
    output::result(&format!("{}\n{}", table.text(), wrap(&table.caption())));
    if let Some(cold) = table.cold_caption() {
        output::result(&wrap(cold));
    }
    output::result(&format!(
        "\nWritten to {}: table1.json, table1.parquet, table1.md; a folder a run in runs/.",
        args.out.display()
    ));
    look_at(&args.out)
}

/// Breaks a paragraph into lines of at most 100 characters.
pub(crate) fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > 100 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
