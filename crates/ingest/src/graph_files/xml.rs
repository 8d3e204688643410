//! XML as a stream of elements. Entities beyond the five of XML itself are not expanded.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Elements within elements, at most.
const MOST_DEPTH: usize = 64;

/// A piece of a document.
pub(super) enum Step {
    /// An element starts.
    Open(Element),
    /// The innermost element ends; the text directly before its end.
    Close(String, String),
    /// The document ends.
    End,
}

/// The start of an element.
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads a document.
pub(super) struct Xml<'a> {
    name: &'a str,
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The open elements.
    open: Vec<String>,
    /// Whether the innermost one was empty, so that it ends at once.
    is_empty: bool,
    /// The text since the last tag.
    content: String,
}

impl<'a> Xml<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        let reader = Reader::from_str(text);
        Self { name, text, reader, open: Vec::new(), is_empty: false, content: String::new() }
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Result<Step> {
        if std::mem::take(&mut self.is_empty) {
            return Ok(Step::Close(self.open.pop().unwrap_or_default(), String::new()));
        }
        loop {
            let event = self.reader.read_event();
            match event.map_err(|error| self.fault("well-formed XML", error.to_string()))? {
                Event::Start(start) => return self.open(&start).map(Step::Open),
                Event::Empty(start) => {
                    let element = self.open(&start)?;
                    self.is_empty = true;
                    return Ok(Step::Open(element));
                }
                Event::End(_) => {
                    let name = self.open.pop().unwrap_or_default();
                    return Ok(Step::Close(name, std::mem::take(&mut self.content)));
                }
                Event::Text(text) => {
                    self.content.push_str(&text.xml_content(XmlVersion::Implicit1_0));
                }
                Event::CData(text) => {
                    self.content.push_str(&text.xml_content(XmlVersion::Implicit1_0));
                }
                Event::GeneralRef(reference) => {
                    let letter = reference.resolve_char_ref();
                    let letter =
                        letter.map_err(|error| self.fault("a character", error.to_string()))?;
                    let name = reference.xml10_content();
                    match (letter, resolve_predefined_entity(&name)) {
                        (Some(letter), _) => self.content.push(letter),
                        (None, Some(text)) => self.content.push_str(text),
                        (None, None) => {
                            return Err(
                                self.fault("one of XML's own entities", format!("`&{name};`"))
                            );
                        }
                    }
                }
                Event::Eof => match self.open.last() {
                    None => return Ok(Step::End),
                    Some(open) => {
                        return Err(self.fault(&format!("`</{open}>`"), "the end of the file"));
                    }
                },
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<Element> {
        self.content.clear();
        if self.open.len() >= MOST_DEPTH {
            return Err(self.fault("fewer elements within elements", MOST_DEPTH.to_string()));
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute =
                attribute.map_err(|error| self.fault("attributes", error.to_string()))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value =
                value.map_err(|error| self.fault("an attribute's value", error.to_string()))?;
            let name = attribute.key.local_name();
            attributes.push((name.as_ref().to_owned(), value.into_owned()));
        }
        let name = start.local_name().as_ref().to_owned();
        self.open.push(name.clone());
        Ok(Element { name, attributes })
    }

    /// An error at the line that is being read.
    pub(super) fn fault(&self, expected: &str, found: impl Into<String>) -> FormatError {
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let before = &self.text.as_bytes()[..position.min(self.text.len())];
        // A position at the start of a line lies behind what was read.
        let line = before.iter().rev().skip(1).filter(|&&byte| byte == b'\n').count();
        FormatError::line(self.name, line, expected, found)
    }

    /// The value of an attribute that an element must have.
    pub(super) fn needed<'e>(&self, element: &'e Element, attribute: &str) -> Result<&'e str> {
        element.get(attribute).ok_or_else(|| {
            let expected = format!("an attribute `{attribute}` of `<{}>`", element.name);
            self.fault(&expected, "none")
        })
    }
}
