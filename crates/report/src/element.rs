//! Markup that cannot be broken by what it shows.

use std::fmt::{Display, Write as _};

/// An HTML or SVG element. Text and attribute values are escaped on their way in, names are fixed in the
/// program, so an id or a label from a file is never taken for markup.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

/// Elements that have no end tag in HTML, and the shapes of SVG, which may close themselves.
const CLOSED: [&str; 9] =
    ["meta", "link", "br", "img", "circle", "path", "rect", "line", "polyline"];

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), content: String::new() }
    }

    /// An element with nothing but text in it.
    pub(crate) fn of(name: &'static str, text: impl Display) -> Self {
        Self::new(name).text(text)
    }

    #[must_use]
    pub(crate) fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        let _infallible = write!(self.attributes, " {name}=\"");
        escape(&mut self.attributes, &value.to_string());
        self.attributes.push('"');
        self
    }

    #[must_use]
    pub(crate) fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    #[must_use]
    pub(crate) fn text(mut self, text: impl Display) -> Self {
        escape(&mut self.content, &text.to_string());
        self
    }

    #[must_use]
    pub(crate) fn child(self, child: Self) -> Self {
        self.children([child])
    }

    #[must_use]
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        for child in children {
            child.write(&mut self.content);
        }
        self
    }

    /// Text that is part of the program: a style sheet, the script. Not escaped.
    #[must_use]
    pub(crate) fn source(mut self, text: &str) -> Self {
        self.content.push_str(text);
        self
    }

    /// A new line after what is there, so that the file can be read and compared by people.
    #[must_use]
    pub(crate) fn newline(mut self) -> Self {
        self.content.push('\n');
        self
    }

    fn write(&self, out: &mut String) {
        let Self { name, attributes, content } = self;
        let _infallible = if content.is_empty() && CLOSED.contains(name) {
            write!(out, "<{name}{attributes}/>")
        } else {
            write!(out, "<{name}{attributes}>{content}</{name}>")
        };
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// Appends `text` so that it means itself between tags and between double quotes, in HTML and in XML.
fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no form for these at all; a single one makes a whole SVG file unreadable.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() && !matches!(control, '\t' | '\n') => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            // They turn the reading direction of what follows on the page.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            plain => out.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_text() {
        let element = Element::new("td")
            .attr("title", "\" onload='x'")
            .text("<script>alert(1)</script> & \u{0}\u{202e}");
        assert_eq!(
            element.to_string(),
            "<td title=\"&quot; onload=&#39;x&#39;\">&lt;script&gt;alert(1)&lt;/script&gt; &amp; \
             \u{fffd}\u{fffd}</td>"
        );
    }

    #[test]
    fn only_elements_without_content_close_themselves() {
        assert_eq!(Element::new("path").attr("d", "M0 0").to_string(), "<path d=\"M0 0\"/>");
        assert_eq!(Element::new("td").to_string(), "<td></td>");
        let titled = Element::new("circle").child(Element::of("title", "a"));
        assert_eq!(titled.to_string(), "<circle><title>a</title></circle>");
    }
}
