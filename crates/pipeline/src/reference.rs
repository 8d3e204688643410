//! The pipeline file, described from the declarations of its options: JSON schema, reference and template.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::{EdgeTable, IngestConfig, NodeTable, SampleTable, SplitFiles};
use vgae_model::Method;
use vgae_options::{Field, fields, root_schema, template, toml_value};
use vgae_split::SplitTable;

use crate::{GridConfig, PipelineConfig, RunConfig};

/// A hyper-parameter, with the methods that share its declaration.
#[derive(Debug, Clone)]
pub struct ModelOption {
    /// The declaration, with the default of the first method.
    pub field: Field,
    /// Each default, with its methods.
    pub defaults: Vec<(Value, Vec<Method>)>,
}

impl ModelOption {
    /// The methods that have it.
    pub fn methods(&self) -> impl Iterator<Item = Method> {
        self.defaults.iter().flat_map(|(_, methods)| methods.iter().copied())
    }

    /// The defaults in words: that of most methods, then the others with their methods.
    #[must_use]
    pub fn shown_defaults(&self) -> String {
        let mut defaults: Vec<_> = self.defaults.iter().collect();
        defaults.sort_by_key(|(_, methods)| std::cmp::Reverse(methods.len()));
        let shown = defaults.iter().enumerate().filter_map(|(at, (default, methods))| {
            let field = Field { default: default.clone(), ..self.field.clone() };
            let value = field.shown_default()?.replace('"', "");
            Some(if at == 0 { value } else { format!("{}: {value}", names(methods)) })
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// The names of methods, in a list.
#[must_use]
pub fn names(methods: &[Method]) -> String {
    methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ")
}

/// The hyper-parameters of all methods. Options of one name that are declared apart, of different families, follow each
/// other.
#[must_use]
pub fn model_options() -> Vec<ModelOption> {
    let mut options: Vec<ModelOption> = Vec::new();
    for method in Method::all() {
        for field in method.default_config().fields() {
            let same = |option: &&mut ModelOption| {
                option.field.key == field.key
                    && option.field.about == field.about
                    && option.field.schema == field.schema
            };
            let default = field.default.clone();
            if let Some(option) = options.iter_mut().find(same) {
                match option.defaults.iter_mut().find(|(known, _)| *known == default) {
                    Some((_, methods)) => methods.push(method),
                    None => option.defaults.push((default, vec![method])),
                }
            } else {
                let at = options.iter().rposition(|option| option.field.key == field.key);
                let option = ModelOption { field, defaults: vec![(default, vec![method])] };
                options.insert(at.map_or(options.len(), |at| at + 1), option);
            }
        }
    }
    options
}

/// The JSON schema of a pipeline file.
#[must_use]
pub fn schema() -> Value {
    root_schema::<PipelineConfig>()
}

/// The schema of `[model]`: the options of all methods, and a table per method.
pub(crate) fn model_schema() -> Map<String, Value> {
    let mut properties = Map::new();
    let methods: Vec<&str> = Method::all().map(Method::name).collect();
    let about = "Method. Defaults to vgae and, for samples, to vae.";
    properties.insert("method".to_owned(), json!({ "description": about, "enum": methods }));
    for option in model_options() {
        let schema = option.field.schema;
        match properties.get_mut(&option.field.key) {
            None => {
                properties.insert(option.field.key, schema);
            }
            Some(Value::Object(known)) if known.get("anyOf").is_some_and(is_merged) => {
                if let Some(Value::Array(schemas)) = known.get_mut("anyOf") {
                    schemas.push(schema);
                }
            }
            Some(known) => *known = json!({ "anyOf": [known.take(), schema] }),
        }
    }
    for method in Method::all() {
        let fields = method.default_config().fields();
        let own = fields.into_iter().map(|field| (field.key, field.schema));
        let own: Map<String, Value> = own.collect();
        let table = json!({
            "type": "object", "description": format!("Options of {method} alone."),
            "properties": own, "additionalProperties": false,
        });
        properties.insert(method.name().to_owned(), table);
    }
    let schema = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// Whether alternatives are declarations of several families, which have descriptions of their own.
fn is_merged(alternatives: &Value) -> bool {
    let described = |schema: &Value| schema.get("description").is_some();
    alternatives.as_array().is_some_and(|schemas| schemas.iter().all(described))
}

/// Values that a template contains.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Comments on the data, one per line.
    pub notes: Vec<String>,
    /// Options of `[data]`.
    pub data: Vec<(String, Value)>,
    /// The method.
    pub method: Method,
    /// Hyper-parameters.
    pub model: Vec<(String, Value)>,
}

/// A commented pipeline file that shows every option: those of `filled` as values, the others as comments with their
/// defaults.
#[must_use]
pub fn template(filled: &Filled) -> String {
    let mut text = "# A vgae pipeline: one file, one reproducible run. Only the data must be given; lines that are \
                    commented out\n# show the defaults. Unknown keys are errors. docs/options.md describes every \
                    option.\n\n"
        .to_owned();
    let given = [("seed".to_owned(), json!(0))];
    section(&mut text, None, &general_fields(), &given);

    text.push_str("\n[data]\n");
    for note in &filled.notes {
        let note = note.replace(char::is_control, " ");
        let _infallible = writeln!(text, "# {note}");
    }
    section(&mut text, None, &data_fields(), &filled.data);
    section(&mut text, Some("[split]"), &fields(&SplitTable::<SplitFiles>::default()), &[]);

    let method = filled.method;
    let assignment = format!("method = \"{method}\"");
    let about = format!("{}; others: vgae train --help", method.about());
    let _infallible = writeln!(text, "\n[model]\n{}", template::commented(&assignment, &about));
    section(&mut text, None, &fields_beside_others(method), &filled.model);

    section(&mut text, Some("[eval]"), &fields(&EvalConfig::default()), &[]);
    section(&mut text, Some("[export]"), &fields(&ExportConfig::default()), &[]);
    section(&mut text, Some("[run]"), &fields(&RunConfig::default()), &[]);
    text.push_str("\n# A grid: several runs from one file.");
    section(&mut text, Some("# [grid]"), &fields(&GridConfig::default()), &[]);
    text
}

/// The options of a method, with the defaults of others of its data kind where they differ: a line that is copied to
/// another method sets a value there.
fn fields_beside_others(method: Method) -> Vec<Field> {
    let options = model_options();
    let beside = |mut field: Field| {
        let own = options.iter().filter(|option| option.field.key == field.key);
        let others = own.flat_map(|option| &option.defaults).filter_map(|(default, methods)| {
            let methods = methods.iter().copied().filter(|other| other.data() == method.data());
            let methods: Vec<Method> = methods.collect();
            let differs = *default != field.default && !methods.is_empty();
            let shown = toml_value(default).filter(|_| differs)?;
            Some(format!("{shown} for {}", names(&methods)))
        });
        let others = others.collect::<Vec<_>>().join("; ");
        if !others.is_empty() {
            field.about = format!("{} (default: {others})", field.summary());
        }
        field
    };
    method.default_config().fields().into_iter().map(beside).collect()
}

/// The options outside of any table.
fn general_fields() -> Vec<Field> {
    let fields = fields(&PipelineConfig::default());
    let general = ["name", "seed", "split_seed", "protocol"];
    fields.into_iter().filter(|field| general.contains(&field.key.as_str())).collect()
}

/// The options of `[data]`, those that name the data first.
fn data_fields() -> Vec<Field> {
    let mut fields = fields(&IngestConfig::default());
    fields.sort_by_key(|field| !field.default.is_null());
    fields
}

fn section(text: &mut String, head: Option<&str>, fields: &[Field], given: &[(String, Value)]) {
    if let Some(head) = head {
        let _infallible = writeln!(text, "\n{head}");
    }
    for field in fields {
        let given = given.iter().find(|(key, _)| *key == field.key).map(|(_, value)| value);
        let _infallible = writeln!(text, "{}", template::lines(field, given));
    }
}

/// The reference of all options of a pipeline file, in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = "# Options of a pipeline file\n\n\
        Generated from the declarations in the code by `VGAE_UPDATE_DOCS=1 cargo test --workspace -- schemas`.\n\
        `vgae init` writes a file that shows the options; `docs/schemas/pipeline.json` is its JSON schema, for\n\
        completion and checks in an editor.\n"
        .to_owned();
    table(&mut text, "Top level", "", &general_fields());
    table(
        &mut text,
        "`[data]`",
        "The dataset: one of `dataset`, `edges` and `table`.",
        &data_fields(),
    );
    table(&mut text, "`[data.edges]`", "One row per edge.", &fields(&EdgeTable::new("edges.csv")));
    table(&mut text, "`[data.nodes]`", "One row per node.", &fields(&NodeTable::new("nodes.csv")));
    table(
        &mut text,
        "`[data.table]`",
        "One row per sample, without a graph.",
        &fields(&SampleTable::new("table.csv")),
    );
    table(&mut text, "`[split]`", "", &fields(&SplitTable::<SplitFiles>::default()));
    table(
        &mut text,
        "`[split.files]`",
        "Parts of a split that are given in files.",
        &fields(&SplitFiles::default()),
    );
    text.push_str(
        "\n## `[model]`\n\nIn a grid over several methods, an option applies to the methods that have it. A table \
         `[model.NAME]` sets options\nof one method.\n\n| method | data | description |\n|---|---|---|\n",
    );
    for method in Method::all() {
        let (data, about) = (method.data(), method.about());
        let _infallible = writeln!(text, "| `{method}` | {data} | {about} |");
    }
    text.push_str("\n| option | values | default | methods | meaning |\n|---|---|---|---|---|\n");
    for option in model_options() {
        let methods: Vec<Method> = option.methods().collect();
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            option.field.key,
            cell(&option.field.allowed()),
            cell(&option.shown_defaults()),
            names(&methods),
            meaning(&option.field),
        );
    }
    table(&mut text, "`[eval]`", "", &fields(&EvalConfig::default()));
    table(&mut text, "`[eval.samples]`", "", &fields(&EvalConfig::default().samples));
    table(&mut text, "`[export]`", "", &fields(&ExportConfig::default()));
    table(&mut text, "`[run]`", "Nothing here changes a result.", &fields(&RunConfig::default()));
    table(&mut text, "`[grid]`", "Several runs from one file.", &fields(&GridConfig::default()));
    text
}

fn table(text: &mut String, head: &str, about: &str, fields: &[Field]) {
    let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
    let _infallible = write!(
        text,
        "\n## {head}\n\n{about}| option | values | default | meaning |\n|---|---|---|---|\n"
    );
    for field in fields {
        let default = field.shown_default().unwrap_or_default();
        let (key, allowed) = (&field.key, field.allowed());
        let (allowed, default, meaning) = (cell(&allowed), cell(&default), meaning(field));
        let _infallible = writeln!(text, "| `{key}` | {allowed} | {default} | {meaning} |");
    }
}

/// The documentation of an option and of the names it chooses among.
fn meaning(field: &Field) -> String {
    let choices = field.choices().into_iter().filter(|(_, about)| !about.is_empty());
    let choices = choices.map(|(name, about)| format!("`{name}`: {about}"));
    let parts: Vec<String> = [field.about.clone()].into_iter().chain(choices).collect();
    cell(&parts.join(" "))
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_pipeline_that_sets_nothing_else() {
        for method in Method::all() {
            let filled = Filled {
                notes: vec!["two\nlines".to_owned()],
                data: vec![("dataset".to_owned(), json!("karate"))],
                method,
                model: Vec::new(),
            };
            let text = template(&filled);
            let config =
                PipelineConfig::parse(&text, "template.toml".as_ref()).expect("a pipeline");
            let model = config.model.config(method).expect("sound");
            assert_eq!(model, method.default_config());
            let rest = PipelineConfig {
                data: IngestConfig::dataset("karate"),
                model: config.model.clone(),
                ..PipelineConfig::default()
            };
            assert_eq!(config, rest);
        }
    }

    #[test]
    fn values_that_a_template_shows_are_the_defaults() {
        for method in Method::all() {
            let fields = method.default_config().fields();
            let lines: Vec<String> = fields
                .iter()
                .filter(|field| !field.default.is_null())
                .map(|field| template::lines(field, None))
                .collect();
            let shown = lines.join("\n").replace("\n# ", "\n");
            let text =
                format!("[model]\nmethod = \"{method}\"\n{}", shown.trim_start_matches("# "));
            let config = PipelineConfig::parse(&text, "template.toml".as_ref()).expect(&text);
            assert_eq!(config.model.config(method).expect("sound"), method.default_config());
        }
    }

    #[test]
    fn options_of_several_methods_are_described_once() {
        let options = model_options();
        let latent = options.iter().find(|option| option.field.key == "latent").expect("an option");
        assert!(
            latent.shown_defaults().contains("gnae, vgnae, mlp-gae: 256"),
            "{}",
            latent.shown_defaults()
        );
        assert!(
            schema()["properties"]["model"]["properties"]["gnae"]["properties"]["hidden"].is_null()
        );
    }
}
