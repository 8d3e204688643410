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
    let text = template(args.edges.as_deref(), args.nodes.as_deref(), args.table.as_deref());
    atomic::write(&args.file, text.as_bytes())
        .with_context(|| format!("cannot write the pipeline {}", args.file.display()))?;
    output::result(&format!("Written: {0}\nRun it with: vgae run {0}", args.file.display()));
    Ok(())
}

/// The template with the user's own files filled in.
fn template(edges: Option<&Path>, nodes: Option<&Path>, table: Option<&Path>) -> String {
    let mut text = TEMPLATE.to_owned();
    let quoted = |path: &Path| toml::Value::String(path.to_string_lossy().into_owned()).to_string();
    if let Some(edges) = edges {
        text = text.replace("dataset = \"karate\"", "# dataset = \"cora\"");
        text = text.replace("# edges = \"edges.csv\"", &format!("edges = {}", quoted(edges)));
    }
    if let Some(nodes) = nodes {
        text = text.replace("# nodes = \"nodes.csv\"", &format!("nodes = {}", quoted(nodes)));
        text = text.replace("method = \"vgae*\"", "method = \"vgae\"");
    }
    if let Some(table) = table {
        text = text.replace("dataset = \"karate\"", "# dataset = \"mnist\"");
        let own = format!("table = {{ path = {}, scale = \"min-max\" }}", quoted(table));
        text = text.replace("# table = \"table.csv\"", &own);
        text = text.replace("method = \"vgae*\"", "method = \"vae\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use vgae_pipeline::PipelineConfig;

    use super::*;

    fn parse(text: &str) -> PipelineConfig {
        PipelineConfig::parse(text, Path::new("template.toml")).expect("a pipeline")
    }

    #[test]
    fn what_the_template_shows_as_default_is_the_default() {
        let (graph, rest) = TEMPLATE.split_once("[split]").expect("a section");
        let (rest, grid) = rest.split_once("# Several runs").expect("a section");
        assert!(graph.contains("[data]") && grid.contains("# [grid]"));
        let shown = rest.replace("\n# ", "\n").replace("method = \"vgae*\"", "method = \"vgae\"");
        let shown = parse(&format!("[split]{shown}"));
        let default = PipelineConfig::default();
        assert_eq!((shown.split, shown.model), (default.split, default.model));
        assert_eq!(shown.export, default.export);
        assert_eq!((shown.run.checkpoint_every, default.run.checkpoint_every), (Some(50), None));
    }

    #[test]
    fn every_way_to_name_ones_tables_is_understood() {
        for line in TEMPLATE.lines().filter(|line| line.contains(" = {")) {
            let line = line.trim_start_matches("# ");
            let data = parse(&format!("[data]\n{line}")).data;
            let named = data.edges.is_some() || data.nodes.is_some() || data.table.is_some();
            assert!(named, "{line}");
        }
    }

    #[test]
    fn strange_file_names_are_quoted() {
        let path = Path::new("a \"b\" \\ \n.csv");
        let config = parse(&template(Some(path), None, None));
        assert_eq!(config.data.dataset, None);
        assert_eq!(config.data.edges.expect("edges").path, path);
        let config = parse(&template(None, None, Some(path)));
        assert_eq!(config.data.dataset, None);
        assert_eq!(config.data.table.expect("table").path, path);
    }
}
