use std::path::Path;

use anyhow::Context;
use vgae_artifacts::atomic;

use crate::args::{InitArgs, UsageError};
use crate::output;

const TEMPLATE: &str = include_str!("../template.toml");

/// `vgae init`.
pub(crate) fn init(args: &InitArgs) -> anyhow::Result<()> {
    if args.file.exists() {
        let text = format!(
            "{} exists already: name another file, or remove it first",
            args.file.display()
        );
        return Err(UsageError(text).into());
    }
    let text = template(args.edges.as_deref(), args.nodes.as_deref());
    atomic::write(&args.file, text.as_bytes())
        .with_context(|| format!("cannot write the pipeline {}", args.file.display()))?;
    output::result(&format!("Written: {0}\nRun it with: vgae run {0}", args.file.display()));
    Ok(())
}

/// The template with the user's own files filled in.
fn template(edges: Option<&Path>, nodes: Option<&Path>) -> String {
    let mut text = TEMPLATE.to_owned();
    let quoted = |path: &Path| toml_string(&path.to_string_lossy());
    if let Some(edges) = edges {
        text = text.replace("dataset = \"karate\"", "# dataset = \"cora\"");
        text = text.replace("# edges = \"edges.csv\"", &format!("edges = {}", quoted(edges)));
    }
    if let Some(nodes) = nodes {
        text = text.replace("# nodes = \"nodes.csv\"", &format!("nodes = {}", quoted(nodes)));
        text = text.replace("method = \"vgae*\"", "method = \"vgae\"");
    }
    text
}

/// A TOML basic string.
fn toml_string(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| match letter {
            '"' | '\\' => vec!['\\', letter],
            control if control.is_control() => {
                format!("\\u{:04X}", u32::from(control)).chars().collect()
            }
            plain => vec![plain],
        })
        .collect();
    format!("\"{escaped}\"")
}
