//! Text as words, numbers and quoted texts, as GML and Pajek have them.

use crate::FormatError;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Quoted(&'a str),
}

impl<'a> Token<'a> {
    pub(super) fn text(&self) -> &'a str {
        match self {
            Self::Word(text) | Self::Quoted(text) => text,
        }
    }
}

/// Letters written as entities: `&quot;`, `&amp;`, `&#233;`.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// The tokens of a text, each with its line from 0. A quoted text ends at the next quote.
pub(super) struct Tokens<'a> {
    name: &'a str,
    rest: &'a str,
    line: usize,
    /// Whether no token has been read.
    is_start: bool,
    /// Letters that are tokens by themselves.
    marks: &'static [char],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(name: &'a str, text: &'a str, marks: &'static [char]) -> Self {
        Self { name, rest: text, line: 0, is_start: true, marks }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, FormatError> {
        loop {
            let line = self.line;
            self.skip(char::is_whitespace);
            // A comment is a whole line.
            let is_start = self.is_start || self.line > line;
            if !(is_start && self.rest.starts_with('#')) {
                break;
            }
            self.skip(|letter| letter != '\n');
        }
        self.is_start = false;
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if first == '"' {
            let line = self.line;
            let Some((text, rest)) = self.rest[1..].split_once('"') else {
                return Err(FormatError::line(self.name, line, "a quote that ends a text", "none"));
            };
            self.line += text.matches('\n').count();
            self.rest = rest;
            return Ok(Some(Token::Quoted(text)));
        }
        if self.marks.contains(&first) {
            let (mark, rest) = self.rest.split_at(first.len_utf8());
            self.rest = rest;
            return Ok(Some(Token::Word(mark)));
        }
        let ends = |letter: char| letter.is_whitespace() || self.marks.contains(&letter);
        let (word, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(Some(Token::Word(word)))
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        let rest = self.rest.trim_start_matches(skipped);
        let passed = &self.rest[..self.rest.len() - rest.len()];
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }
}
