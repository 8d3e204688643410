//! Delimited text: lines of values between separators, with or without quotes.
//!
//! The reader is strict where others repair: a quote without its end, or text after the end of a quote, is an
//! error with its line, because both are read differently by different programs. It is deterministic: one
//! pass, one thread, no guessing.

use std::borrow::Cow;

use crate::FormatError;

/// How text is cut into values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Separator of values.
    pub separator: Separator,
    /// The character that encloses values; doubled inside of one it stands for itself.
    pub quote: Option<u8>,
    /// Whether a backslash inside of quotes takes the next character as it is.
    pub escape: bool,
    /// Prefixes of lines that are comments.
    pub comments: Vec<String>,
}

/// Separator of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Separator {
    /// Any number of blanks and tabs; those at the ends of a line do not count.
    Blanks,
    /// This text.
    Text(String),
}

/// A value's place in the text.
#[derive(Debug, Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    quoted: bool,
    /// Whether the value differs from the text: it holds doubled quotes or escapes.
    changed: bool,
}

/// The records of a text, one after the other.
#[derive(Debug)]
pub struct Records<'a> {
    file: &'a str,
    text: &'a str,
    dialect: &'a Dialect,
    /// A blank that is the separator, or the start of it.
    blank_separator: Option<u8>,
    at: usize,
    line: usize,
    next_line: usize,
    /// Whether a quote stands behind a backslash somewhere.
    has_escaped_quotes: bool,
    fields: Vec<Field>,
    comment_lines: usize,
    /// Comments that may be records.
    doubtful: Vec<Doubtful>,
}

/// A comment that may be a record: no blank stands behind its mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    /// Its line, from 0.
    pub line: usize,
    /// The line without its end.
    pub text: String,
    /// The number of values that it would have.
    pub len: usize,
}

/// A quote that is a letter, as some programs write it.
const ESCAPED_QUOTE: &[u8] = b"\\\"";

/// Doubtful comments that are kept: one is enough for an error.
const MOST_DOUBTFUL: usize = 100;

impl<'a> Records<'a> {
    /// Starts at the first line of `text`; `file` names it in errors.
    #[must_use]
    pub fn new(file: &'a str, text: &'a str, dialect: &'a Dialect) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (line, next_line, comment_lines) = (0, 0, 0);
        let (fields, doubtful) = (Vec::new(), Vec::new());
        let blank_separator = match &dialect.separator {
            Separator::Text(text) => text.bytes().next().filter(|&byte| is_blank(byte)),
            Separator::Blanks => None,
        };
        Self {
            file,
            text,
            dialect,
            blank_separator,
            at,
            line,
            next_line,
            has_escaped_quotes: memchr::memmem::find(text.as_bytes(), ESCAPED_QUOTE).is_some(),
            fields,
            comment_lines,
            doubtful,
        }
    }

    /// Passes over lines, whatever they hold.
    pub fn skip_lines(&mut self, lines: usize) {
        for _ in 0..lines {
            self.at += line_length(&self.text.as_bytes()[self.at..]);
            self.end_line();
        }
    }

    /// Moves to the next record. Blank lines and comments are none.
    ///
    /// # Errors
    /// When a quote has no end, or text follows the end of a quote.
    #[expect(clippy::should_implement_trait, reason = "the values borrow from the reader")]
    pub fn next(&mut self) -> Result<bool, FormatError> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let start = self.at + self.blanks(&bytes[self.at..]);
            self.line = self.next_line;
            match bytes.get(start) {
                None => break,
                Some(b'\n' | b'\r') => {
                    self.at = start;
                    self.end_line();
                }
                Some(_) if self.is_comment(start) => {
                    self.comment_lines += 1;
                    self.at = start + line_length(&bytes[start..]);
                    self.doubt(&self.text[start..self.at]);
                    self.end_line();
                }
                Some(_) => {
                    self.at = start;
                    self.record()?;
                    return Ok(true);
                }
            }
        }
        self.at = bytes.len();
        self.fields.clear();
        Ok(false)
    }

    /// The number of values in the record.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A value of the record; empty beyond its last.
    #[must_use]
    pub fn get(&self, position: usize) -> Cow<'a, str> {
        let Some(field) = self.fields.get(position) else { return Cow::Borrowed("") };
        let text = &self.text[field.start..field.end];
        if field.changed { Cow::Owned(self.unquoted(text)) } else { Cow::Borrowed(text) }
    }

    /// Whether a value of the record stands in quotes.
    #[must_use]
    pub fn is_quoted(&self, position: usize) -> bool {
        self.fields.get(position).is_some_and(|field| field.quoted)
    }

    /// The line that the record starts in, from 0.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The comments before the record.
    #[must_use]
    pub fn comment_lines(&self) -> usize {
        self.comment_lines
    }

    /// The comments so far that may be records.
    #[must_use]
    pub fn doubtful(&self) -> &[Doubtful] {
        &self.doubtful
    }

    fn doubt(&mut self, text: &str) {
        let mark = self.dialect.comments.iter().find_map(|mark| text.strip_prefix(mark.as_str()));
        let is_prose = mark.is_none_or(|rest| {
            rest.starts_with(|next: char| !next.is_alphanumeric() && next != '"')
        });
        if is_prose || self.doubtful.len() == MOST_DOUBTFUL {
            return;
        }
        let len = match &self.dialect.separator {
            Separator::Blanks => text.split_whitespace().count(),
            Separator::Text(separator) => text.split(separator.as_str()).count(),
        };
        self.doubtful.push(Doubtful { line: self.line, text: text.to_owned(), len });
    }

    fn is_comment(&self, start: usize) -> bool {
        self.dialect.comments.iter().any(|prefix| self.text[start..].starts_with(prefix.as_str()))
    }

    fn record(&mut self) -> Result<(), FormatError> {
        self.fields.clear();
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at + self.blanks(&bytes[self.at..]);
            let quoted = self.dialect.quote.is_some_and(|quote| bytes.get(start) == Some(&quote));
            let field = if quoted { self.quoted(start + 1)? } else { self.plain(start)? };
            self.fields.push(field);
            let rest = &bytes[self.at..];
            match &self.dialect.separator {
                _ if matches!(rest.first(), None | Some(b'\n' | b'\r')) => break,
                Separator::Blanks => {
                    self.at += self.blanks(rest);
                    if matches!(bytes.get(self.at), None | Some(b'\n' | b'\r')) {
                        break;
                    }
                }
                Separator::Text(separator) => self.at += separator.len(),
            }
        }
        self.end_line();
        Ok(())
    }

    /// A value without quotes, and the blanks around it; stops at a separator or line end.
    ///
    /// # Errors
    /// At a quote with a backslash before it: a program that writes it so means the quote alone, another program
    /// would have put the value in quotes.
    fn plain(&mut self, start: usize) -> Result<Field, FormatError> {
        let bytes = self.text.as_bytes();
        // One loop per kind of separator: this is where most of the time of large files goes.
        let rest = &bytes[start..];
        let is_line_end = |byte: u8| matches!(byte, b'\n' | b'\r');
        let length = match &self.dialect.separator {
            Separator::Blanks => rest.iter().position(|&byte| is_line_end(byte) || is_blank(byte)),
            Separator::Text(separator) => match separator.as_bytes() {
                &[mark] => rest.iter().position(|&byte| is_line_end(byte) || byte == mark),
                marks => (0..rest.len())
                    .find(|&at| is_line_end(rest[at]) || rest[at..].starts_with(marks)),
            },
        };
        let end = length.map_or(bytes.len(), |length| start + length);
        self.at = end;
        let kept = bytes[start..end].iter().rposition(|&byte| !is_blank(byte));
        let end = kept.map_or(start, |last| start + last + 1);
        let has_escape = self.has_escaped_quotes
            && self.dialect.quote == Some(b'"')
            && memchr::memmem::find(&bytes[start..end], ESCAPED_QUOTE).is_some();
        if has_escape {
            return Err(self.malformed("a quote with a backslash outside of quotes"));
        }
        Ok(Field { start, end, quoted: false, changed: false })
    }

    /// A value in quotes, from behind the first; stops at a separator or line end.
    fn quoted(&mut self, start: usize) -> Result<Field, FormatError> {
        let bytes = self.text.as_bytes();
        let quote = self.dialect.quote.unwrap_or(b'"');
        let (mut end, mut changed) = (start, false);
        loop {
            match bytes.get(end) {
                None => return Err(self.malformed("a quote without its end")),
                Some(b'\\') if self.dialect.escape && end + 1 < bytes.len() => {
                    changed = true;
                    end += 2;
                }
                Some(&byte) if byte == quote => {
                    if bytes.get(end + 1) != Some(&quote) {
                        break;
                    }
                    changed = true;
                    end += 2;
                }
                Some(_) => end += 1,
            }
        }
        self.next_line += line_ends(&bytes[start..end]);
        let after = end + 1 + self.blanks(&bytes[end + 1..]);
        let is_over = match bytes.get(after) {
            None | Some(b'\n' | b'\r') => true,
            Some(_) => match &self.dialect.separator {
                Separator::Blanks => after > end + 1,
                Separator::Text(separator) => bytes[after..].starts_with(separator.as_bytes()),
            },
        };
        if !is_over {
            return Err(self.malformed("text behind the end of a quote"));
        }
        self.at = if self.dialect.separator == Separator::Blanks { end + 1 } else { after };
        Ok(Field { start, end, quoted: true, changed })
    }

    fn malformed(&self, found: &str) -> FormatError {
        let quote = char::from(self.dialect.quote.unwrap_or(b'"'));
        let expected = format!(
            "values that start and end with {quote}, with {quote}{quote} for a {quote} inside \
             (`quote = \"none\"` takes quotes as letters)"
        );
        let found = format!("{found} in column {}", self.fields.len() + 1);
        FormatError::line(self.file, self.line, expected, found)
    }

    fn unquoted(&self, text: &str) -> String {
        let quote = char::from(self.dialect.quote.unwrap_or(b'"'));
        let mut value = String::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(letter) = rest.next() {
            let is_mark = letter == quote || (letter == '\\' && self.dialect.escape);
            // A mark stands before what is meant.
            value.push(if is_mark { rest.next().unwrap_or(letter) } else { letter });
        }
        value
    }

    /// Returns the number of leading blanks that are not part of a separator.
    fn blanks(&self, bytes: &[u8]) -> usize {
        let is_value = |&byte: &u8| !is_blank(byte) || Some(byte) == self.blank_separator;
        bytes.iter().position(is_value).unwrap_or(bytes.len())
    }

    fn end_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += if rest.starts_with(b"\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        self.next_line += 1;
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len())
}

/// Line ends of any kind: LF, CR LF or CR.
fn line_ends(bytes: &[u8]) -> usize {
    let pairs = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() - pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn csv() -> Dialect {
        let separator = Separator::Text(",".to_owned());
        Dialect { separator, quote: Some(b'"'), escape: false, comments: Vec::new() }
    }

    fn snap() -> Dialect {
        let comments = vec!["#".to_owned(), "%".to_owned()];
        Dialect { separator: Separator::Blanks, quote: None, escape: false, comments }
    }

    /// Each record with its line from 1.
    fn read(text: &str, dialect: &Dialect) -> Result<Vec<(usize, Vec<String>)>, String> {
        let mut records = Records::new("e.csv", text, dialect);
        let mut all = Vec::new();
        while records.next().map_err(|error| error.to_string())? {
            let values = (0..records.len()).map(|at| records.get(at).into_owned()).collect();
            all.push((records.line() + 1, values));
        }
        Ok(all)
    }

    fn values(text: &str, dialect: &Dialect) -> Vec<Vec<String>> {
        let read = read(text, dialect).expect("well-formed");
        read.into_iter().map(|(_, values)| values).collect()
    }

    #[test]
    fn line_ends_blanks_and_quotes_of_all_kinds() {
        let expected = [["a", "b c"], ["x,\"y\"", "2"], ["", "z"]];
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end] {
                let lines = ["\u{feff}a, b c ", "", "\"x,\"\"y\"\"\" ,\t2", ",z"];
                let text = lines.join(end) + last;
                assert_eq!(values(&text, &csv()), expected, "{text:?}");
            }
        }
        assert_eq!(
            values("a\tb\n\tc\n", &Dialect { separator: Separator::Text("\t".into()), ..csv() }),
            [["a", "b"], ["", "c"]]
        );
        let double = Dialect { separator: Separator::Text("::".into()), ..csv() };
        assert_eq!(values("1::2::\n3::\"::\"::4:5", &double), [["1", "2", ""], ["3", "::", "4:5"]]);
    }

    #[test]
    fn whitespace_and_comments() {
        let text = "\u{feff}# Nodes: 3\n% more\n\n  1 \t 2\r\n\t\n2    \"3  \n  # not this\n3 1";
        let read = read(text, &snap()).expect("two columns");
        let expected = [(4, ["1", "2"]), (6, ["2", "\"3"]), (8, ["3", "1"])];
        assert_eq!(read, expected.map(|(line, values)| (line, values.map(str::to_owned).to_vec())));
        let quoted = Dialect { quote: Some(b'"'), ..snap() };
        assert_eq!(values("\"a b\" \"c\"\nd  \"e\"\n", &quoted), [["a b", "c"], ["d", "e"]]);
    }

    #[test]
    fn lines_are_counted_through_quotes() {
        let read = read("a,\"1\r\n2\n3\"\nb,c\n", &csv()).expect("well-formed");
        assert_eq!(read.iter().map(|record| record.0).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn backslashes_escape_only_where_they_do() {
        let escaped = Dialect { escape: true, ..csv() };
        assert_eq!(values("\"a \\\"b\\\", \\\\\",c\n", &escaped), [["a \"b\", \\", "c"]]);
        assert_eq!(values("\"C:\\\",c\n", &csv()), [["C:\\", "c"]]);
        assert!(read("\"a \\\"b\\\"\",c\n", &csv()).is_err());
    }

    #[test]
    fn malformed_quotes_are_one_line() {
        for text in ["a,b\n1,\"2\n3,4\n", "a,b\n1,\"2\"3\n"] {
            let error = read(text, &csv()).expect_err("malformed");
            assert!(
                error.starts_with("e.csv, line 2: ") && error.ends_with(" in column 2"),
                "{error}"
            );
        }
        assert_eq!(values("5\" disk,b\n", &csv()), [["5\" disk", "b"]]);
    }

    proptest! {
        /// Text written by the `csv` crate is read back, for all values.
        #[test]
        fn reads_what_is_written(
            rows in prop::collection::vec(prop::collection::vec("[ab,;\"\\\\#\r\n ]{0,5}", 3), 1..6),
            separator in prop::sample::select(vec![b',', b';', b'|']),
            crlf: bool,
        ) {
            let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().delimiter(separator).terminator(end)
                .quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).expect("a record");
            }
            let text = String::from_utf8(writer.into_inner().expect("flushed")).expect("text");
            let separator = Separator::Text(char::from(separator).to_string());
            prop_assert_eq!(values(&text, &Dialect { separator, ..csv() }), rows);
        }

        /// The naive twin splits lines and joins their words.
        #[test]
        fn whitespace_agrees_with_its_naive_twin(text in "([ab#% \t\r]{0,6}\n){0,6}[ab ]{0,4}") {
            let lines = text.split(['\n', '\r']);
            let words = lines.map(|line| line.split([' ', '\t']).filter(|word| !word.is_empty()));
            let words: Vec<Vec<&str>> = words.map(Iterator::collect).collect();
            let is_data = |words: &&Vec<&str>| {
                words.first().is_some_and(|word| !word.starts_with(['#', '%']))
            };
            let expected: Vec<&Vec<&str>> = words.iter().filter(is_data).collect();
            let found = values(&text, &snap());
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        }
    }
}
