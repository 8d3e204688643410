//! Names that people give to columns.

/// Names of the two ends of an edge, by how sure they are: the first that a table has counts.
const ENDS: [(&str, &str); 31] = [
    ("source", "target"),
    ("src", "dst"),
    ("from", "to"),
    ("source", "destination"),
    ("src", "dest"),
    ("sourceid", "targetid"),
    ("srcid", "dstid"),
    ("fromid", "toid"),
    ("startid", "endid"),
    ("fromnodeid", "tonodeid"),
    ("fromnode", "tonode"),
    ("sourcenode", "targetnode"),
    ("sourcenodeid", "targetnodeid"),
    ("node1", "node2"),
    ("nodea", "nodeb"),
    ("nodeid1", "nodeid2"),
    ("node1id", "node2id"),
    ("id1", "id2"),
    ("ida", "idb"),
    ("user1", "user2"),
    ("person1", "person2"),
    ("citing", "cited"),
    ("follower", "followee"),
    ("sender", "receiver"),
    ("parent", "child"),
    ("head", "tail"),
    ("subject", "object"),
    ("v1", "v2"),
    ("u", "v"),
    ("start", "end"),
    ("a", "b"),
];
const WEIGHTS: [&str; 4] = ["weight", "weights", "edgeweight", "w"];
const IDS: [&str; 10] =
    ["id", "nodeid", "node", "key", "name", "userid", "vertex", "vertexid", "uid", "index"];
/// Names of a column with the types of nodes; `bipartite` is the attribute of `NetworkX`.
const TYPES: [&str; 3] = ["nodetype", "ntype", "bipartite"];
const LABELS: [&str; 9] =
    ["label", "labels", "class", "category", "community", "group", "team", "subject", "y"];
/// Names of the columns of triplets: a feature, its value.
const FEATURES: [&str; 8] =
    ["feature", "featureid", "word", "wordid", "term", "attribute", "attributeid", "column"];
const VALUES: [&str; 4] = ["value", "count", "weight", "tfidf"];
/// Columns of edges that are no ends.
const ABOUT_EDGES: [&str; 14] = [
    "type",
    "kind",
    "relation",
    "rel",
    "label",
    "edgetype",
    "time",
    "timestamp",
    "date",
    "year",
    "rating",
    "score",
    "value",
    "count",
];
/// Names of a column that counts the rows.
const INDEX: [&str; 8] =
    ["", "indexlevel0", "unnamed0", "index", "rownames", "row", "rowid", "rownumber"];
/// Words of which names of columns are made.
const WORDS: [&str; 44] = [
    "id",
    "ids",
    "source",
    "target",
    "src",
    "dst",
    "from",
    "to",
    "node",
    "nodes",
    "name",
    "label",
    "weight",
    "class",
    "type",
    "user",
    "item",
    "movie",
    "person",
    "people",
    "friend",
    "author",
    "paper",
    "gene",
    "protein",
    "drug",
    "disease",
    "city",
    "country",
    "company",
    "page",
    "product",
    "tag",
    "word",
    "score",
    "rating",
    "count",
    "value",
    "time",
    "timestamp",
    "date",
    "age",
    "feature",
    "column",
];

/// A name without capitals, punctuation and the type that Neo4j writes behind it.
#[must_use]
pub fn plain(name: &str) -> String {
    let name = name.split('(').next().unwrap_or_default();
    // Neo4j: `nodeId:ID`, `:START_ID`, `age:int`.
    let name = match name.split_once(':') {
        Some((_, marked @ ("ID" | "START_ID" | "END_ID" | "LABEL"))) => marked,
        Some((before, kind)) if !before.is_empty() && !kind.starts_with(' ') => before,
        _ => name,
    };
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The positions of conventional ends among plain names.
pub(crate) fn ends(names: &[String]) -> Option<(usize, usize)> {
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    ENDS.into_iter().find_map(|(src, dst)| Some((find(src)?, find(dst)?)))
}

/// The position of the first of `wanted` that is among plain names.
fn first(names: &[String], wanted: &[&str]) -> Option<usize> {
    wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted))
}

/// The position of weights among plain names.
pub(crate) fn weight(names: &[String]) -> Option<usize> {
    first(names, &WEIGHTS)
}

/// The position of the ids of nodes among plain names.
pub(crate) fn id(names: &[String]) -> Option<usize> {
    first(names, &IDS)
}

/// Whether the plain names of three columns are those of triplets: an id, a feature, its value.
pub(crate) fn are_triplets(names: &[String]) -> bool {
    matches!(names, [_, feature, value]
        if FEATURES.contains(&feature.as_str()) || VALUES.contains(&value.as_str()))
}

/// The position of the types of nodes among plain names.
pub(crate) fn node_type(names: &[String]) -> Option<usize> {
    first(names, &TYPES)
}

/// The positions of labels among plain names, the most specific name first.
pub(crate) fn labels(names: &[String]) -> impl Iterator<Item = usize> {
    LABELS.iter().filter_map(|wanted| names.iter().position(|name| name == wanted))
}

/// Whether a column of this plain name says something of an edge, not of its ends.
pub(crate) fn is_about_edges(name: &str) -> bool {
    ABOUT_EDGES.contains(&name) || WEIGHTS.contains(&name)
}

/// Whether a column of this plain name counts the rows, if its values do.
#[must_use]
pub fn is_index(name: &str) -> bool {
    INDEX.contains(&name)
}

/// Whether a name is that of an identifier: `rawId`, `facebook_id`, `hash`.
pub(crate) fn is_id_like(name: &str) -> bool {
    let last = words(name).pop().unwrap_or_default();
    matches!(last.as_str(), "id" | "ids" | "hash" | "uid" | "uuid" | "key" | "code" | "index")
}

/// Whether a column marks the nodes of a part: `train_mask`.
pub(crate) fn is_mask(name: &str) -> bool {
    words(name).pop().as_deref() == Some("mask")
}

/// Returns the type of nodes that a column's name implies: `user` of `userId`.
pub(crate) fn kind(name: &str) -> String {
    let mut words = words(name);
    while words.len() > 1 && matches!(words.last().map(String::as_str), Some("id" | "ids")) {
        words.pop();
    }
    words.join("_")
}

/// Whether a value of the first line is a name that columns usually have.
pub(crate) fn is_known(name: &str) -> bool {
    let plain = plain(name);
    let known = ENDS.into_iter().flat_map(|(src, dst)| [src, dst]);
    let mut known = known.chain(IDS).chain(LABELS).chain(WEIGHTS).chain(ABOUT_EDGES);
    // `a`, `u`, `v` may be ids just as well.
    let is_known = plain.len() > 2 && known.any(|word| word == plain);
    let is_id = name.contains(|letter: char| letter.is_numeric());
    is_known || (!is_id && words(name).iter().any(|word| WORDS.contains(&word.as_str())))
}

/// The words of a name: `rawId`, `raw_id` and `raw id` have two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (was_small && letter.is_uppercase()) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| plain(name)).collect()
    }

    #[test]
    fn ends_are_found_in_any_order_and_spelling() {
        let find = |all: &[&str]| ends(&names(all));
        assert_eq!(find(&["w", "Target", "SOURCE"]), Some((2, 1)));
        assert_eq!(find(&[":START_ID(Person)", ":END_ID(Person)", ":TYPE"]), Some((0, 1)));
        assert_eq!(find(&["FromNodeId", "ToNodeId"]), Some((0, 1)));
        assert_eq!(find(&["id", "node_1", "node_2"]), Some((1, 2)));
        assert_eq!(find(&["start", "end", "src", "dst"]), Some((2, 3)));
        assert_eq!(find(&["person", "friend"]), None);
        assert_eq!(id(&names(&["x", "personId:ID", "label"])), Some(1));
    }

    #[test]
    fn names_are_told_from_their_words() {
        assert!(is_id_like("rawId") && is_id_like("facebook_id") && !is_id_like("paid"));
        assert!(is_mask("train_mask") && !is_mask("masks"));
        assert_eq!(
            (kind("userId"), kind("movie_id"), kind("id")),
            ("user".into(), "movie".into(), "id".into())
        );
        assert!(is_known("reviewer name") && is_known("src"));
        assert!(!is_known("ann") && !is_known("a") && !is_known("node 7"));
    }
}
