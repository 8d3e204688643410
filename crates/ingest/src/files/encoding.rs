//! Text of any encoding as UTF-8.

use encoding_rs::{Encoding, UTF_8};

use crate::FormatError;

/// How much of a text is looked at for zero bytes.
const START: usize = 1 << 12;

/// The encoding of this name: `latin1`, `windows-1252`, `utf-16le`, `shift_jis` and all others of the WHATWG
/// Encoding Standard.
#[must_use]
pub fn encoding(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.as_bytes())
}

/// Bytes as text: by their byte-order mark (UTF-8, UTF-16), else by `encoding`, else as UTF-8. Line ends that are
/// all carriage returns, as on old Macs, become line feeds. `name` is for errors.
///
/// # Errors
/// When bytes do not make a letter, with line and column.
pub fn text(
    name: &str,
    mut bytes: Vec<u8>,
    encoding: Option<&'static Encoding>,
) -> Result<String, FormatError> {
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err(FormatError::byte(name, 0, "text in UTF-8 (save it as such)", "UTF-32"));
    }
    let mark = Encoding::for_bom(&bytes);
    if let Some((_, length)) = mark {
        bytes.drain(..length);
    }
    let encoding = mark.map(|(encoding, _)| encoding).or(encoding).unwrap_or(UTF_8);
    let mut text = if encoding == UTF_8 {
        if bytes[..bytes.len().min(START)].contains(&0) {
            let expected = "text without zero bytes (of UTF-16, say `encoding = \"utf-16le\"` or `\"utf-16be\"`)";
            let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
            return Err(FormatError::byte(name, at as u64, expected, "a zero byte"));
        }
        String::from_utf8(bytes)
            .map_err(|error| invalid(name, error.as_bytes(), error.utf8_error()))?
    } else {
        let (text, has_faults) = encoding.decode_without_bom_handling(&bytes);
        if has_faults {
            let line = text.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
            let (line, column) = place(line.as_bytes());
            let expected = format!("text in {}", encoding.name());
            let found = format!("bytes that are no letter, in column {column}");
            return Err(FormatError::line(name, line, expected, found));
        }
        text.into_owned()
    };
    if !text.contains('\n') && text.contains('\r') {
        text = text.replace('\r', "\n");
    }
    Ok(text)
}

/// Bytes as text that is UTF-8 already.
///
/// # Errors
/// As [`text`].
pub fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, FormatError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| invalid(name, bytes, error))
}

fn invalid(name: &str, bytes: &[u8], error: std::str::Utf8Error) -> FormatError {
    let (before, after) = bytes.split_at(error.valid_up_to());
    let (line, column) = place(before);
    let expected =
        "text in UTF-8; save it as such, or say how it is encoded (`encoding = \"latin1\"`)";
    let byte = after.first().copied().unwrap_or_default();
    FormatError::line(name, line, expected, format!("the byte {byte:#04x} in column {column}"))
}

/// The line from 0 and the column from 1 behind a text.
fn place(before: &[u8]) -> (usize, usize) {
    let ends = if before.contains(&b'\n') { b'\n' } else { b'\r' };
    let line = before.split(|&byte| byte == ends).count() - 1;
    let last = before.rsplit(|&byte| byte == ends).next().unwrap_or_default();
    (line, String::from_utf8_lossy(last).chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], name: Option<&str>) -> Result<String, String> {
        let encoding = name.map(|name| encoding(name).expect(name));
        text("e.csv", bytes.to_vec(), encoding).map_err(|error| error.to_string())
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let mark = [0xfeff].into_iter().chain(text.encode_utf16());
        mark.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn marks_names_and_line_ends_are_understood() {
        let text = "src,dst\nZoë,José\n";
        assert_eq!(read(text.as_bytes(), None).as_deref(), Ok(text));
        assert_eq!(read(format!("\u{feff}{text}").as_bytes(), None).as_deref(), Ok(text));
        assert_eq!(read(&utf16(text, false), None).as_deref(), Ok(text));
        assert_eq!(read(&utf16(text, true), None).as_deref(), Ok(text));
        assert_eq!(read(&utf16(text, false)[2..], Some("utf-16le")).as_deref(), Ok(text));
        let latin: Vec<u8> =
            text.chars().map(|it| u8::try_from(u32::from(it)).expect("Latin-1")).collect();
        for name in ["latin1", "windows-1252", "ISO-8859-1"] {
            assert_eq!(read(&latin, Some(name)).as_deref(), Ok(text), "{name}");
        }
        assert_eq!(read(text.replace('\n', "\r").as_bytes(), None).as_deref(), Ok(text));
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(read(crlf.as_bytes(), None).as_deref(), Ok(crlf.as_str()));
        assert!(encoding("latin-9000").is_none());
    }

    #[test]
    fn bytes_that_make_no_letter_are_placed() {
        let said = [
            read(b"src,dst\n1,2\n3,Jos\xe9\n", None),
            read(b"1 2\r3 Jos\xc3\xa9 \xe9\r", None),
            read(b"1,\x81\n", Some("shift_jis")),
            read(b"a\0,\0b\0", None),
            read(b"\xff\xfe\0\0a\0\0\0", None),
        ]
        .map(|read| read.expect_err("no letter"));
        insta::assert_snapshot!(said.join("\n"));
    }
}
