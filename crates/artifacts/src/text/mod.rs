//! Text formatting: numbers, names from data, tables.

mod table;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use table::{Align, Fitted, TextTable};

/// Formats a number with thousands separators: `19717` as `19,717`.
#[must_use]
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Truncates `text` to at most `limit` characters, ending in an ellipsis if truncated.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    if text.char_indices().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('\u{2026}');
    short
}

/// Escapes control characters, line separators and changes of writing direction (`\u{1b}`), so that a name
/// from a file cannot control a terminal or break a line.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) {
            let _infallible = write!(escaped, "{}", letter.escape_default());
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let shown = [0, 12, 123, 1234, 123_456, 1_234_567].map(count);
        assert_eq!(shown, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(shortened("probabilistic", 6), "proba\u{2026}");
        assert_eq!(shortened("näh", 3), "näh");
        assert_eq!(shortened("nah", 0), "\u{2026}");
    }

    #[test]
    fn what_would_steer_a_terminal_is_escaped() {
        assert_eq!(printable("Zürich \\ 東京"), "Zürich \\ 東京");
        assert_eq!(printable("a\u{1b}[31m\tb\nc\u{9b}"), "a\\u{1b}[31m\\tb\\nc\\u{9b}");
        assert_eq!(printable("\u{202e}abc\u{2028}"), "\\u{202e}abc\\u{2028}");
    }
}
