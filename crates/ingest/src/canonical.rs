/// Returns the integer that a text is, if it is written as numbers are: `007` is another id than 7.
pub(crate) fn canonical_integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}
