//! Text between blanks, as SNAP's edge lists: made into text between single tabs, in place.

use crate::FormatError;

/// Turns every run of blanks into one tab and leaves out blank lines and those that start with one of
/// `comments`. Every line left must have as many values as the first.
///
/// # Errors
/// When one has more or fewer, with its number in the file.
pub fn to_tabs(name: &str, bytes: &mut Vec<u8>, comments: &[String]) -> Result<(), FormatError> {
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c);
    let byte_order_mark = b"\xef\xbb\xbf";
    let (mut from, mut to) = (if bytes.starts_with(byte_order_mark) { 3 } else { 0 }, 0);
    let (mut line, mut expected) = (0, None);
    // What is written never overtakes what is read: values only move to the front.
    while from < bytes.len() {
        let end = bytes[from..].iter().position(|&byte| byte == b'\n');
        let end = end.map_or(bytes.len(), |length| from + length);
        let start = from + bytes[from..end].iter().take_while(|&&byte| is_blank(byte)).count();
        let is_comment = comments.iter().any(|mark| bytes[start..end].starts_with(mark.as_bytes()));
        if start < end && !is_comment {
            let (mut values, mut gap) = (1, false);
            for at in start..end {
                let byte = bytes[at];
                if is_blank(byte) {
                    gap = true;
                    continue;
                }
                if gap {
                    bytes[to] = b'\t';
                    to += 1;
                    values += 1;
                    gap = false;
                }
                bytes[to] = byte;
                to += 1;
            }
            // The last line may end without a line end.
            if end < bytes.len() {
                bytes[to] = b'\n';
                to += 1;
            }
            match expected {
                None => expected = Some((values, line + 1)),
                Some((wanted, _)) if wanted == values => {}
                Some((wanted, first)) => {
                    let rule = format!("{wanted} values between blanks, as in line {first}");
                    return Err(FormatError::line(name, line, rule, values.to_string()));
                }
            }
        }
        from = end + 1;
        line += 1;
    }
    bytes.truncate(to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tabs(text: &str) -> Result<String, String> {
        let mut bytes = text.as_bytes().to_vec();
        let comments = ["#".to_owned(), "%".to_owned()];
        to_tabs("e.txt", &mut bytes, &comments).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn blanks_comments_and_line_ends_do_not_matter() {
        let text = "\u{feff}# Nodes: 3\n% more\n\n  1 \t 2\r\n\t\n2    3  \n  # not this\n3 1";
        assert_eq!(tabs(text).expect("two columns"), "1\t2\n2\t3\n3\t1");
        assert_eq!(tabs("").expect("nothing"), "");
        assert_eq!(tabs("# nothing\n").expect("nothing"), "");
    }

    #[test]
    fn a_ragged_line_is_named_by_its_number() {
        let error = tabs("# a\n1 2\n\n2 3 4\n").expect_err("three values");
        assert_eq!(error, "e.txt, line 4: expected 2 values between blanks, as in line 2, found 3");
    }

    proptest! {
        /// The naive twin splits lines and joins their words.
        #[test]
        fn agrees_with_its_naive_twin(text in "([ab#% \t\r]{0,6}\n){0,6}[ab ]{0,4}") {
            let lines = text.lines().map(|line| line.split([' ', '\t', '\r']).filter(|word| !word.is_empty()));
            let lines: Vec<Vec<&str>> = lines.map(Iterator::collect).collect();
            let is_data = |words: &Vec<&str>| {
                words.first().is_some_and(|word| !word.starts_with(['#', '%']))
            };
            let kept: Vec<&Vec<&str>> = lines.iter().filter(|words| is_data(words)).collect();
            let even = kept.windows(2).all(|pair| pair[0].len() == pair[1].len());
            let joined: Vec<String> = kept.iter().map(|words| words.join("\t")).collect();
            match tabs(&text) {
                Ok(found) => {
                    prop_assert!(even);
                    prop_assert_eq!(found.trim_end_matches('\n'), joined.join("\n"));
                }
                Err(_) => prop_assert!(!even),
            }
        }
    }
}
