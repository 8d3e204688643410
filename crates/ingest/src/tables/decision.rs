//! The part that each column plays, and the record of it.

use serde::Serialize;
use vgae_artifacts::{ColumnUse, NamedCount, TableReading};

use super::frame::Table;
pub use crate::config::Stated;
use crate::delimited::Separator;
use crate::findings::EXAMPLES;
use crate::printable;

/// Role of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Role {
    Src,
    Dst,
    Weight,
    Id,
    Label,
    Type,
    Feature,
    Value,
    Part,
    Positive,
    Edge,
    Time,
    Relation,
    #[strum(serialize = "not used")]
    Unused,
}

/// The use of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    pub column: usize,
    pub part: Role,
    /// The reason; empty where it goes without saying.
    pub why: &'static str,
}

/// The record of how a table is read; `stated` are the options in full.
pub fn reading(table: &Table<'_>, uses: &[Use], stated: &impl Serialize) -> TableReading {
    let mut uses = uses.to_vec();
    uses.sort_by_key(|used| used.part == Role::Unused);
    let same = |a: &Use, b: &Use| a.part == b.part && a.why == b.why;
    let columns = uses.chunk_by(same).map(|group| {
        let name = |used: &Use| {
            let name = table.columns().nth(used.column).unwrap_or_default();
            printable(name).into_owned()
        };
        ColumnUse {
            part: group[0].part.to_string(),
            columns: NamedCount {
                count: group.len(),
                examples: group.iter().take(EXAMPLES).map(name).collect(),
            },
            why: group[0].why.to_owned(),
        }
    });
    let mut reasons = table.form.reasons.clone();
    if table.repeated_headers > 0 {
        let lines = table.repeated_headers;
        reasons.push(format!("{lines} lines repeat the names of the columns and were left out"));
    }
    TableReading {
        key: table.options.key.to_owned(),
        path: printable(&table.name).into_owned(),
        format: table.form.format.name().to_owned(),
        stated: statement(stated),
        rows: table.rows(),
        comment_lines: table.comment_lines,
        columns: columns.collect(),
        reasons,
    }
}

impl Stated {
    pub fn of(table: &Table<'_>) -> Self {
        let form = &table.form;
        let is_named = crate::TableFormat::of(table.options.path) == Some(form.format);
        if !form.format.is_text() {
            let format = (!is_named).then_some(form.format);
            let encoding = table.options.encoding.map(str::to_owned);
            return Self {
                format,
                header: None,
                separator: None,
                quote: None,
                comment: None,
                encoding,
            };
        }
        let separator = match &form.dialect.separator {
            Separator::Blanks => "whitespace".to_owned(),
            Separator::Text(text) => text.clone(),
        };
        let quote = match form.dialect.quote {
            None => Some("none".to_owned()),
            Some(b'"') => None,
            Some(quote) => Some(char::from(quote).to_string()),
        };
        let comment = table.options.comment.map(str::to_owned);
        let header = Some(form.header);
        let encoding = table.options.encoding.map(str::to_owned);
        Self { format: None, header, separator: Some(separator), quote, comment, encoding }
    }
}

/// A table of the configuration on one line: its path alone if there is nothing more to state.
pub(crate) fn statement(table: &impl Serialize) -> String {
    const ORDER: [&str; 21] = [
        "path",
        "format",
        "header",
        "separator",
        "quote",
        "comment",
        "encoding",
        "layout",
        "src",
        "dst",
        "weight",
        "src_type",
        "dst_type",
        "id",
        "feature",
        "value",
        "label",
        "type",
        "type_column",
        "features",
        "columns",
    ];
    let table = toml::Table::try_from(table).unwrap_or_default();
    let rest = table.keys().map(String::as_str).filter(|key| !ORDER.contains(key));
    let fields: Vec<String> = ORDER
        .into_iter()
        .chain(rest)
        .filter_map(|key| table.get(key).map(|value| format!("{key} = {value}")))
        .collect();
    match &fields[..] {
        [path] => path.trim_start_matches("path = ").to_owned(),
        fields => format!("{{ {} }}", fields.join(", ")),
    }
}
