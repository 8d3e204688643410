use anyhow::Context;
use clap::CommandFactory;
use vgae_artifacts::atomic;

use crate::args::{Cli, ManArgs, UsageError};
use crate::output;

/// `vgae man`.
pub(crate) fn man(args: &ManArgs) -> anyhow::Result<()> {
    let mut program = Cli::command();
    program.build();
    if let Some(folder) = &args.dir {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let pages = pages(&program);
        for (name, page) in &pages {
            atomic::write(&folder.join(format!("{name}.1")), page)?;
        }
        return output::result(&format!("{} pages written to {}", pages.len(), folder.display()));
    }
    let mut command = &program;
    for name in &args.command {
        let known: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .filter(|it| *it != "help")
            .collect();
        command = command.find_subcommand(name).ok_or_else(|| {
            let near = vgae_options::nearest(name, known.iter().copied());
            let guess = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            UsageError(format!("expected one of {}, found `{name}`{guess}", known.join(", ")))
        })?;
    }
    output::result(&String::from_utf8_lossy(&page(command)))
}

/// Every page with its name.
fn pages(command: &clap::Command) -> Vec<(String, Vec<u8>)> {
    let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    let own = (name(command), page(command));
    std::iter::once(own).chain(inner.flat_map(pages)).collect()
}

/// Name of a page: `vgae-generate-graph-sbm`.
fn name(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

fn page(command: &clap::Command) -> Vec<u8> {
    let mut page = Vec::new();
    let command = command.clone().name(name(command));
    clap_mangen::Man::new(command).render(&mut page).map(|()| page).unwrap_or_default()
}
