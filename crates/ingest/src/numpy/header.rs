//! The header of a `.npy` file: a Python dictionary of three literals, read by hand.
//!
//! Format: numpy, `numpy/lib/format.py`, versions 1.0, 2.0 and 3.0.

/// Content of a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The element type, as `<f4`.
    pub(super) descr: String,
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
}

/// A value of the dictionary.
enum Value {
    Text(String),
    Bool(bool),
    Tuple(Vec<usize>),
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`. Nothing where it is anything else.
pub(super) fn parse(text: &str) -> Option<Header> {
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim_start();
    while !rest.is_empty() {
        let (key, after) = quoted(rest)?;
        let (value, after) = value(after.trim_start().strip_prefix(':')?.trim_start())?;
        match (key, value) {
            ("descr", Value::Text(text)) => descr = Some(text),
            ("fortran_order", Value::Bool(is)) => fortran = Some(is),
            ("shape", Value::Tuple(axes)) => shape = Some(axes),
            _ => return None,
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(Header { descr: descr?, fortran: fortran?, shape: shape? })
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (inside, after) = text[1..].split_once(quote)?;
    (!inside.contains('\\')).then_some((inside, after))
}

fn value(text: &str) -> Option<(Value, &str)> {
    if let Some((text, after)) = quoted(text) {
        return Some((Value::Text(text.to_owned()), after));
    }
    for (word, is) in [("True", true), ("False", false)] {
        if let Some(after) = text.strip_prefix(word) {
            return Some((Value::Bool(is), after));
        }
    }
    let (inside, after) = text.strip_prefix('(')?.split_once(')')?;
    let axes = inside.trim().trim_end_matches(',');
    // numpy 1 on Python 2 wrote `3L`.
    let axis = |axis: &str| axis.trim().trim_end_matches('L').parse().ok();
    let axes: Vec<usize> = match axes {
        "" => Vec::new(),
        axes => axes.split(',').map(axis).collect::<Option<_>>()?,
    };
    // numpy itself has at most 64 axes.
    (axes.len() <= 64).then_some((Value::Tuple(axes), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_numpy_writes_is_read_and_nothing_else() {
        let header = |shape: &[usize]| Header {
            descr: "<f4".to_owned(),
            fortran: false,
            shape: shape.to_vec(),
        };
        let read = |shape: &str| {
            parse(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}   \n"))
        };
        assert_eq!(read("(3, 2)"), Some(header(&[3, 2])));
        assert_eq!(read("(3,)"), Some(header(&[3])));
        assert_eq!(read("()"), Some(header(&[])));
        assert_eq!(read("(3L, 2L)"), Some(header(&[3, 2])));
        for other in ["(-1, 2)", "(3, 2", "3", "(a,)", "(1,,2)", "__import__('os')"] {
            assert_eq!(read(other), None, "{other}");
        }
        for other in ["", "{", "{}", "{'descr': '<f4'}", "{'descr': [('a', '<f4')], 'shape': ()}"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
