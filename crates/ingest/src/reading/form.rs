//! The form of a table: what kind of file it is, how text is cut into values, where the values start.

use std::collections::HashSet;

use super::names;
use crate::IngestError;
use crate::config::{FileOptions, TableFormat};
use crate::delimited::{Dialect, Records, Separator};

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) format: TableFormat,
    /// Whether the first record has the names of columns.
    pub(crate) header: bool,
    /// How text is cut into values; of Parquet and Arrow without meaning.
    pub(crate) dialect: Dialect,
    /// Lines before the table: a title, or `sep=;`.
    pub(crate) skipped_lines: usize,
    /// Why it is read so.
    pub(crate) reasons: Vec<String>,
}

/// Separators that are looked for, the usual first.
const SEPARATORS: [&str; 5] = [",", ";", "\t", "|", "::"];
/// Rows that are looked at.
const ROWS: usize = 2000;
/// Lines that a title may have.
const TITLE_LINES: usize = 5;

/// A way to cut the first lines of a file.
struct Candidate {
    separator: Separator,
    quote: Option<u8>,
    escape: bool,
    title_lines: usize,
    /// Values, and whether they stand in quotes.
    rows: Vec<Vec<(String, bool)>>,
}

impl Candidate {
    fn of(
        text: &str,
        separator: &Separator,
        options: &FileOptions<'_>,
        is_cut: bool,
        must_escape: bool,
    ) -> Option<Self> {
        let apostrophe = text.contains('\'').then_some(Some(b'\''));
        let usual = apostrophe.into_iter().chain([Some(b'"'), None]);
        let quotes = options.quote().map_or_else(|| usual.collect(), |quote| vec![quote]);
        let is_blanks = *separator == Separator::Blanks;
        let ways = quotes.into_iter().flat_map(|quote| [(quote, false), (quote, true)]);
        // A backslash escapes only where quotes make no sense otherwise.
        let may_escape = must_escape || text.contains('\\');
        let mut ways =
            ways.filter(
                |&(quote, escape)| {
                    if escape { may_escape && quote.is_some() } else { !must_escape }
                },
            );
        ways.find_map(|(quote, escape)| {
            // In whitespace-separated text a quote is a letter, unless it encloses every value that contains one.
            let comments = comments(options, text);
            let dialect = Dialect { separator: separator.clone(), quote, escape, comments };
            let (title_lines, rest) = title(text, &dialect.separator);
            let (rows, is_whole) = rows(rest, &dialect);
            let is_given = options.quote.is_some();
            let is_sound = is_whole || (is_cut && !is_blanks);
            let candidate = Self { separator: dialect.separator, quote, escape, title_lines, rows };
            // An apostrophe is a quote only where it encloses every value of a column.
            let is_quote = match quote {
                Some(b'\'') => {
                    is_given || candidate.has_quoted_column() && candidate.width().is_some()
                }
                quote => is_given || is_blanks || quote.is_some(),
            };
            (is_sound && is_quote).then_some(candidate)
        })
    }

    /// Whether all names or all values of a column are in quotes, as far as there are some.
    fn has_quoted_column(&self) -> bool {
        let Some((names, rest)) = self.rows.split_first() else { return false };
        let are_quoted = |values: &mut dyn Iterator<Item = &(String, bool)>| {
            let mut values =
                values.filter(|(value, quoted)| *quoted || !value.is_empty()).peekable();
            values.peek().is_some() && values.all(|(_, quoted)| *quoted)
        };
        let width = rest.first().map_or(0, Vec::len);
        are_quoted(&mut names.iter())
            || (0..width).any(|at| are_quoted(&mut rest.iter().filter_map(|row| row.get(at))))
    }

    /// The number of values that every row has; the names may lack that of the first column, as R writes them.
    fn width(&self) -> Option<usize> {
        let (first, rest) = self.rows.split_first()?;
        let width = rest.last().unwrap_or(first).len();
        let same = rest.iter().all(|row| row.len() == width);
        let fits = first.len() == width || lacks_first_name(first, rest);
        (same && fits && width > 1).then_some(width)
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flatten().map(|(value, _)| value.as_str())
    }
}

impl Form {
    /// The form of a file whose format has types and names of its own.
    pub(crate) fn typed(format: TableFormat) -> Self {
        let separator = Separator::Blanks;
        let dialect = Dialect { separator, quote: None, escape: false, comments: Vec::new() };
        Self { format, header: true, dialect, skipped_lines: 0, reasons: Vec::new() }
    }

    /// Decides on the form of a text file that starts with `text`; `is_cut` says that there is more, and `ids`
    /// how many columns of ids it must have. With `must_escape`, backslashes are known to escape quotes.
    pub(crate) fn of_text(
        options: &FileOptions<'_>,
        text: &str,
        is_cut: bool,
        ids: usize,
        must_escape: bool,
    ) -> Result<Self, IngestError> {
        let text = text.trim_start_matches('\u{feff}');
        let text = match text.rfind(['\n', '\r']) {
            Some(end) if is_cut => &text[..end],
            _ => text,
        };
        let mut reasons = Vec::new();
        let (named_separator, text, mut skipped_lines) = match separator_line(text) {
            Some((separator, rest)) => (Some(separator), rest, 1),
            None => (None, text, 0),
        };
        let named = options.format.or_else(|| TableFormat::of(options.path));
        let candidate =
            candidate(options, named, named_separator, text, (is_cut, must_escape), &mut reasons)?;
        if options.quote.is_none() && candidate.quote == Some(b'\'') {
            reasons.push("values stand in single quotes".to_owned());
        }
        skipped_lines += candidate.title_lines;
        if skipped_lines > 0 {
            reasons.push(format!("{skipped_lines} lines before the table are no part of it"));
        }
        let format = match &candidate.separator {
            Separator::Blanks => TableFormat::Text,
            Separator::Text(tab) if tab == "\t" => TableFormat::Tsv,
            Separator::Text(_) => TableFormat::Csv,
        };
        let header = match options.header {
            Some(header) => header,
            None => header(options, &candidate.rows, ids, &mut reasons)?,
        };
        let Candidate { separator, quote, escape, .. } = candidate;
        let comments = comments(options, text);
        let dialect = Dialect { separator, quote, escape, comments };
        Ok(Self { format, header, dialect, skipped_lines, reasons })
    }
}

/// Whether the first row has names for all columns but the first, which has names of rows: as R writes tables.
fn lacks_first_name<R: AsRef<[(String, bool)]>>(first: &[(String, bool)], rest: &[R]) -> bool {
    let is_number = |(value, _): &(String, bool)| value.parse::<f64>().is_ok();
    let is_name = |(at, row): (usize, &R)| {
        let row = row.as_ref();
        row.len() == first.len() + 1 && (row[0].1 || row[0].0.parse() == Ok(at + 1))
    };
    !first.iter().any(is_number) && !rest.is_empty() && rest.iter().enumerate().all(is_name)
}

/// `sep=;` in the first line, as Excel understands it.
fn separator_line(text: &str) -> Option<(Separator, &str)> {
    let (first, rest) = text.split_once(['\n', '\r'])?;
    let separator = first.trim_matches('"').strip_prefix("sep=")?.trim_end_matches('"');
    let is_one = separator.chars().count() == 1;
    is_one.then(|| (Separator::Text(separator.to_owned()), rest.trim_start_matches('\n')))
}

/// The prefixes of comments: those that are asked for, else those of the format.
fn comments(options: &FileOptions<'_>, text: &str) -> Vec<String> {
    let usual = |marks: &[&str]| marks.iter().map(|&mark| mark.to_owned()).collect();
    match options.comment {
        Some("none") => Vec::new(),
        Some(prefix) => usual(&[prefix]),
        None => {
            let first =
                text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
            let marks = ["#", "%", "//"];
            let at_start = marks.into_iter().find(|mark| first.starts_with(mark));
            let named = options.format.or_else(|| TableFormat::of(options.path));
            let is_text = matches!(named, None | Some(TableFormat::Text));
            match at_start {
                Some("//") => usual(&["//"]),
                _ if is_text => usual(&["#", "%"]),
                Some(mark) => usual(&[mark]),
                None => Vec::new(),
            }
        }
    }
}

/// Lines at the start without any separator, before lines with some.
fn title<'t>(text: &'t str, separator: &Separator) -> (usize, &'t str) {
    let Separator::Text(separator) = separator else { return (0, text) };
    let mut rest = text;
    for lines in 0..=TITLE_LINES {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let is_table = line.contains(separator.as_str());
        let is_plain =
            !SEPARATORS.iter().any(|mark| line.contains(mark)) && !line.contains(['"', '#', '%']);
        if is_table {
            return (lines, rest);
        }
        if !is_plain || line.trim().is_empty() {
            break;
        }
        rest = after;
    }
    (0, text)
}

/// The first rows, and whether all of them are well-formed.
fn rows(text: &str, dialect: &Dialect) -> (Vec<Vec<(String, bool)>>, bool) {
    let mut records = Records::new("", text, dialect);
    let mut rows = Vec::new();
    while rows.len() < ROWS {
        match records.next() {
            Ok(true) => rows.push(
                (0..records.len())
                    .map(|at| (records.get(at).into_owned(), records.is_quoted(at)))
                    .collect(),
            ),
            Ok(false) => return (rows, true),
            Err(_) => return (rows, false),
        }
    }
    (rows, true)
}

/// The way to cut lines that fits all of them.
fn candidate(
    options: &FileOptions<'_>,
    named: Option<TableFormat>,
    named_separator: Option<Separator>,
    text: &str,
    (is_cut, must_escape): (bool, bool),
    reasons: &mut Vec<String>,
) -> Result<Candidate, IngestError> {
    let of = |separator: &Separator| Candidate::of(text, separator, options, is_cut, must_escape);
    let broken = |separator: &Separator| Candidate {
        separator: separator.clone(),
        quote: options.quote().unwrap_or(Some(b'"')),
        escape: must_escape,
        title_lines: 0,
        rows: Vec::new(),
    };
    let comma = || Separator::Text(",".to_owned());
    let tab = || Separator::Text("\t".to_owned());
    let given = options.separator.map(|given| match given {
        "whitespace" => Separator::Blanks,
        given => Separator::Text(given.to_owned()),
    });
    let given = given.or(named_separator).or(match options.format {
        Some(TableFormat::Tsv) => Some(tab()),
        Some(TableFormat::Text) => Some(Separator::Blanks),
        _ => None,
    });
    if let Some(separator) = given {
        return Ok(of(&separator).unwrap_or_else(|| broken(&separator)));
    }
    let usual = match named {
        Some(TableFormat::Csv) => comma(),
        Some(TableFormat::Tsv) => tab(),
        _ => Separator::Blanks,
    };
    let marks = SEPARATORS.into_iter().map(|mark| Separator::Text(mark.to_owned()));
    let fitting = |separator| of(&separator).filter(|candidate| candidate.width().is_some());
    let mut found: Vec<Candidate> = marks.filter_map(fitting).collect();
    let blanks = of(&Separator::Blanks).filter(|candidate| candidate.width().is_some());
    // A tab is hardly ever part of a value.
    if let Some(tabs) = found.iter().position(|candidate| candidate.separator == tab()) {
        let tabs = found.swap_remove(tabs);
        found.clear();
        found.push(tabs);
    }
    if let Some(blanks) = blanks {
        match found.first() {
            None if options.format.is_none() => found.push(blanks),
            Some(marked) if usual == Separator::Blanks => {
                let is_number = |value: &str| value.parse::<f64>().is_ok();
                let trails = |value: &str| value.ends_with([',', ';', '|']);
                if marked.separator == tab() {
                    // `1 <tab> 2 0.5`: blanks beside tabs.
                    if marked.width() == blanks.width() || blanks.values().all(is_number) {
                        found = vec![blanks];
                    }
                } else if !blanks.values().any(trails) {
                    found.push(blanks);
                }
            }
            _ => {}
        }
    }
    match found.len() {
        0 => Ok(of(&usual).unwrap_or_else(|| broken(&usual))),
        1 => {
            let found = found.swap_remove(0);
            if found.separator != usual {
                reasons.push(format!("values stand between {}", shown(&found.separator)));
            }
            Ok(found)
        }
        _ => {
            let reading = |candidate: &Candidate| {
                let values: Vec<&str> = candidate
                    .rows
                    .iter()
                    .take(1)
                    .flatten()
                    .map(|(value, _)| value.as_str())
                    .collect();
                let key = match &candidate.separator {
                    Separator::Blanks => "separator = \"whitespace\"".to_owned(),
                    Separator::Text(text) => format!("separator = \"{text}\""),
                };
                format!("`{}` (set `{key}`)", values.join("` and `"))
            };
            let what = "the first line";
            Err(options.ambiguous(what, &reading(&found[0]), &reading(&found[1])))
        }
    }
}

fn shown(separator: &Separator) -> String {
    match separator {
        Separator::Blanks => "blanks".to_owned(),
        Separator::Text(text) if text == "\t" => "tabs".to_owned(),
        Separator::Text(text) => format!("`{text}`"),
    }
}

/// Whether the first row has the names of the columns.
fn header(
    options: &FileOptions<'_>,
    rows: &[Vec<(String, bool)>],
    ids: usize,
    reasons: &mut Vec<String>,
) -> Result<bool, IngestError> {
    let Some((first, rest)) = rows.split_first() else { return Ok(true) };
    // Files that were put together have their names again and again.
    let repeats = rest.iter().filter(|row| *row == first).count();
    let rest: Vec<&Vec<(String, bool)>> = rest.iter().filter(|row| *row != first).collect();
    let width = rest.first().map_or(first.len(), |row| row.len());
    if first.len() != width {
        // Lines of different lengths are refused where they are read.
        if !lacks_first_name(first, &rest) {
            return Ok(false);
        }
        reasons.push("the first line has one value less than the others: names without one for the first column".to_owned());
        return Ok(true);
    }
    let names: Vec<&str> = first.iter().map(|(value, _)| value.trim()).collect();
    let is_number = |value: &str| value.trim().parse::<f64>().is_ok();
    let is_missing = |value: &str| options.na_values.contains_among_numbers(value.trim());
    let columns: Vec<Vec<&str>> = (0..width)
        .map(|at| rest.iter().filter_map(move |row| row.get(at)).map(|(value, _)| value.trim()))
        .map(|column| column.filter(|value| !is_missing(value)).collect())
        .collect();
    let numeric: Vec<bool> = columns
        .iter()
        .map(|column| !column.is_empty() && column.iter().all(|value| is_number(value)))
        .collect();
    let named: Vec<bool> = names.iter().map(|name| names::is_known(name)).collect();
    let is_again = |at: usize| columns[at].contains(&names[at]);
    let elsewhere: HashSet<&str> = columns.iter().flatten().copied().collect();
    let again = if ids > 1 {
        (0..width).any(|at| !names[at].is_empty() && elsewhere.contains(names[at]))
    } else {
        (0..width).any(|at| !names[at].is_empty() && is_again(at))
    };
    let conventional = are_conventional(&names, &named, &columns, ids);
    if names.iter().all(|name| is_number(name)) {
        // Some programs call columns 0, 1, 2.
        let counted = names.iter().enumerate().all(|(at, name)| name.parse() == Ok(at));
        let of_samples = ids == 0 && counted && numeric.iter().all(|&numeric| numeric);
        if !of_samples {
            reasons
                .push("the first line holds numbers, so there are no names of columns".to_owned());
        }
        return Ok(of_samples);
    }
    if conventional && repeats > 0 {
        reasons.push("the first line has usual names of columns, and is repeated".to_owned());
        return Ok(true);
    }
    let over_numbers = |at: usize| numeric[at] && !is_number(names[at]) && !is_missing(names[at]);
    let words = (0..width).any(over_numbers);
    let numbers = (0..width).any(|at| numeric[at] && is_number(names[at]));
    let is_data = ids > 1 && again && !conventional;
    if words && !is_data && (!numbers || conventional || ids == 0) {
        reasons.push("the first line has words over columns of numbers".to_owned());
        return Ok(true);
    }
    let lonely = rest.is_empty() && names.iter().any(|name| is_number(name));
    if lonely || (numbers && (again || !conventional)) {
        reasons
            .push("the first line has a number in a column of numbers, so it is data".to_owned());
        return Ok(false);
    }
    if again && !conventional && repeats == 0 {
        reasons.push("a value of the first line occurs in others too, so it is data".to_owned());
        return Ok(false);
    }
    if !again && (conventional || named.iter().any(|&named| named)) {
        reasons.push("the first line has usual names of columns".to_owned());
        return Ok(true);
    }
    if !again && !rest.is_empty() {
        let differs = |at: usize| {
            let wanted = shape(names[at]);
            let mut shapes = columns[at].iter().map(|value| shape(value));
            let one = shapes.next();
            one.as_ref().is_some_and(|one| *one != wanted) && shapes.all(|it| Some(it) == one)
        };
        if columns.iter().all(|column| column.len() > 1) && (0..width).all(differs) {
            reasons.push("the first line has another form than all others".to_owned());
            return Ok(true);
        }
        let is_empty = |at: usize| names[at].is_empty();
        if (0..width).any(is_empty) && ids == 0 {
            return Ok(true);
        }
    }
    let line = names.join(" ");
    let what = format!("the first line, `{line}`,");
    Err(options.ambiguous(
        &what,
        "names of columns (set `header = true`)",
        "data (set `header = false`)",
    ))
}

/// Whether the names of a first row are usual ones: of two ends, if the table has `ids` of edges, else any.
fn are_conventional(names: &[&str], named: &[bool], columns: &[Vec<&str>], ids: usize) -> bool {
    let plain: Vec<String> = names.iter().map(|name| names::plain(name)).collect();
    // Single letters above single letters may be ids just as well.
    let is_letter = |value: &str| value.chars().count() == 1;
    let letters = columns.iter().flatten().all(|value| is_letter(value));
    let is_pair =
        |(src, dst): (usize, usize)| !(letters && is_letter(names[src]) && is_letter(names[dst]));
    if ids > 1 {
        names::ends(&plain).is_some_and(is_pair)
    } else {
        named.iter().any(|&named| named)
    }
}

/// The kinds of letters of a value, in order: `a0` of `n12`.
fn shape(value: &str) -> String {
    let mut shape = String::new();
    for letter in value.chars() {
        let kind = match letter {
            letter if letter.is_numeric() => '0',
            letter if letter.is_alphabetic() => 'a',
            letter => letter,
        };
        if !shape.ends_with(kind) {
            shape.push(kind);
        }
    }
    shape
}
