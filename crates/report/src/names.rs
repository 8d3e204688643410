//! Names as titles and plots have them.

/// A method: what is short for something in capitals, words as they are. `linear-vgae` as `linear-VGAE`.
pub(crate) fn method_name(method: &str) -> String {
    let part = |part: &str| {
        let letters = part.trim_end_matches('*');
        let short = letters.len() <= 2 || (letters.len() <= 5 && letters.ends_with("ae"));
        if short { part.to_uppercase() } else { part.to_owned() }
    };
    method.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// A dataset, its first letter a capital.
pub(crate) fn titled(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Returns a name reduced to the characters that file names may contain.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(30).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_short_for_something_is_in_capitals() {
        let names = ["vgae*", "sc", "linear-gae", "vgnae", "page-rank", "smooth", "text", "hybrid"];
        assert_eq!(
            names.map(method_name).join(" "),
            "VGAE* SC linear-GAE VGNAE page-rank smooth text hybrid"
        );
        assert_eq!(titled("cora"), "Cora");
        assert_eq!(plain("../a b<"), "ab");
    }
}
