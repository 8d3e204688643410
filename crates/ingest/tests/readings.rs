//! Files in the forms that programs and people write: the graph that was meant, or an error that says what to do.

use std::fmt::Write as _;

use vgae_artifacts::{Audit, Graph};
use vgae_ingest::{IngestConfig, IngestError, load};

const RING: [(usize, usize); 8] = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3), (1, 4)];

/// The edges of a ring with two chords, a line each.
fn ring(line: impl Fn(usize, usize, usize) -> String) -> String {
    let lines = RING.iter().enumerate().map(|(row, &(src, dst))| line(row, src, dst) + "\n");
    lines.collect()
}

/// A line for each of the nodes of the ring.
fn nodes(line: impl Fn(usize) -> String) -> String {
    (0..6).map(|node| line(node) + "\n").collect()
}

fn read(
    edges: (&str, &[u8]),
    nodes: Option<(&str, &str)>,
    more: &str,
) -> Result<(Graph, Audit), IngestError> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(edges.0), edges.1).expect("written");
    let mut data = format!("{more}\n");
    if !more.contains("edges") {
        writeln!(data, "edges = \"{}\"", edges.0).expect("text");
    }
    if let Some((name, text)) = nodes {
        std::fs::write(folder.path().join(name), text).expect("written");
        if !more.contains("nodes") {
            writeln!(data, "nodes = \"{name}\"").expect("text");
        }
    }
    let config: IngestConfig = toml::from_str(&data).expect("a configuration");
    load(&config, folder.path(), None)
}

/// The outcome in a line or two.
fn outcome(read: Result<(Graph, Audit), IngestError>) -> String {
    let (graph, audit) = match read {
        Err(error) => return format!("error: {error}"),
        Ok(read) => read,
    };
    let first: Vec<&str> = graph.nodes.ids().iter().take(3).map(String::as_str).collect();
    let mut text =
        format!("{} nodes ({}, ...), {} edges", audit.nodes, first.join(", "), audit.edges);
    if graph.edges.weights().is_some() {
        text.push_str(", weights");
    }
    if let Some(names) = graph.features.as_ref().and_then(|features| features.names()) {
        write!(text, ", features {}", names.join(" ")).expect("text");
    }
    if audit.classes > 0 {
        write!(text, ", {} classes, {} nodes without", audit.classes, audit.unlabelled_nodes)
            .expect("text");
    }
    for reading in &audit.readings {
        let uses = reading.columns.iter().map(|used| {
            format!("{} {} {}", used.part, used.columns.examples.join(" "), used.why)
                .trim()
                .to_owned()
        });
        let uses: Vec<String> = uses.collect();
        write!(text, "\n    {}: {}", reading.stated, uses.join("; ")).expect("text");
        for reason in &reading.reasons {
            write!(text, "\n      {reason}").expect("text");
        }
    }
    for warning in &audit.warnings {
        write!(text, "\n    warning: {warning}").expect("text");
    }
    text
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn edges_as_people_write_them() {
    let plain = |separator: &str| ring(|_, src, dst| format!("{src}{separator}{dst}"));
    let names = ["Ann Lee", "Bob Ray", "Cid Fox", "Dee Roy", "Eve Kim", "Flo Day"];
    let words = ["ann", "bob", "cid", "dan", "eve", "fay"];
    let cases: Vec<(&str, &str, String)> = vec![
        (
            "an index without a name",
            "e.csv",
            format!(",src,dst\n{}", ring(|row, a, b| format!("{row},{a},{b}"))),
        ),
        (
            "an index beside unusual names",
            "e.csv",
            format!("Unnamed: 0,p,q\n{}", ring(|row, a, b| format!("{row},{a},{b}"))),
        ),
        (
            "ids of the edges",
            "e.csv",
            format!("id,source,target\n{}", ring(|row, a, b| format!("{},{a},{b}", row + 100))),
        ),
        (
            "a type first",
            "e.csv",
            format!("type,source,target\n{}", ring(|_, a, b| format!("likes,{a},{b}"))),
        ),
        (
            "Neo4j",
            "e.csv",
            format!(":START_ID(P),:END_ID(P),:TYPE\n{}", ring(|_, a, b| format!("{a},{b},KNOWS"))),
        ),
        ("counted rows without names", "e.csv", ring(|row, a, b| format!("{row},n{a},n{b}"))),
        ("words without names", "e.csv", ring(|_, a, b| format!("N0{a},N0{b}"))),
        ("one word among numbers", "e.csv", format!("alice,7\n{}", plain(","))),
        ("words that may be names", "e.csv", "ann,bob\ncid,dan\neve,fay\n".to_owned()),
        (
            "unusual names",
            "e.csv",
            format!("reviewer,author\n{}", ring(|_, a, b| format!("{},{}", words[a], words[b]))),
        ),
        ("names in text", "e.txt", format!("from to\n{}", plain(" "))),
        ("commas and blanks in text", "e.txt", plain(", ")),
        (
            "tabs between names with blanks",
            "e.txt",
            ring(|_, a, b| format!("{}\t{}", names[a], names[b])),
        ),
        ("tabs and blanks between numbers", "e.txt", ring(|row, a, b| format!("{a}\t{b} {row}.5"))),
        ("semicolons", "e.csv", format!("from;to\n{}", plain(";"))),
        ("decimal commas", "e.csv", ring(|row, a, b| format!("{a};{b};{row},5"))),
        ("two colons", "e.dat", ring(|row, a, b| format!("{a}::{b}::{row}.5"))),
        ("sep=", "e.csv", format!("sep=;\nsrc;dst\n{}", plain(";"))),
        ("a title", "e.csv", format!("Friends of 2024\nsrc,dst\n{}", plain(","))),
        ("a header that is repeated", "e.csv", format!("src,dst\n{}src,dst\n6,0\n", plain(","))),
        (
            "quotes behind blanks",
            "e.csv",
            format!("src, dst\n{}", ring(|_, a, b| format!("\"n{a}\", \"n{b}\""))),
        ),
        (
            "quotes with a backslash",
            "e.csv",
            format!("src,dst\n{}", ring(|_, a, b| format!("\"n\\\"{a}\",\"n\\\"{b}\""))),
        ),
        (
            "a stray quote",
            "e.tsv",
            format!("src\tdst\tnote\n{}", ring(|_, a, b| format!("{a}\t{b}\t5\" disk"))),
        ),
        (
            "a quote without its end",
            "e.csv",
            format!("src,dst,note\n{}7,8,\"open\n", ring(|_, a, b| format!("{a},{b},ok"))),
        ),
        ("old line ends", "e.csv", format!("src,dst\n{}", plain(",")).replace('\n', "\r")),
        ("old line ends in text", "e.txt", plain(" ").replace('\n', "\r")),
        (
            "hashtags",
            "e.txt",
            ring(|row, a, b| if row == 3 { format!("#t{a} t{b}") } else { format!("t{a} t{b}") }),
        ),
        ("comments", "e.txt", format!("# Nodes: 6\n# FromNodeId\tToNodeId\n{}", plain("\t"))),
        ("commented names", "e.csv", format!("#source,target\n{}", plain(","))),
        ("floats of pandas", "e.csv", format!("src,dst\n{}", ring(|_, a, b| format!("{a},{b}.0")))),
        (
            "large numbers of R",
            "e.csv",
            format!(
                "src,dst\n{}",
                ring(|_, a, b| format!(
                    "{a},{}",
                    if b == 0 { "1e+05".to_owned() } else { b.to_string() }
                ))
            ),
        ),
        (
            "names of rows of R",
            "e.txt",
            format!("\"from\" \"to\"\n{}", ring(|row, a, b| format!("\"{}\" {a} {b}", row + 1))),
        ),
        ("missing ids", "e.csv", format!("src,dst\n{}7,NA\n", plain(","))),
        (
            "a weight by its name",
            "e.csv",
            format!("src,dst,weight\n{}", ring(|row, a, b| format!("{a},{b},{row}"))),
        ),
        (
            "users and movies",
            "e.csv",
            format!(
                "userId,movieId,rating,timestamp\n{}",
                ring(|row, a, b| format!("{a},{b},3,{}", 1_000_000_000 + row))
            ),
        ),
        (
            "head, relation, tail",
            "e.tsv",
            ring(|row, a, b| {
                format!("{}\t{}\t{}", words[a], ["likes", "knows"][row % 2], words[b])
            }),
        ),
        ("lists of neighbours", "e.txt", "0 1 5\n1 2 4\n2 3 0\n3 4 1\n4 5 2\n5 0 3\n".to_owned()),
        ("lists of neighbours, uneven", "e.txt", "0 1 5 3\n1 2\n2 3\n".to_owned()),
        ("a matrix", "e.csv", ",a,b,c,d\na,0,1,1,0\nb,1,0,0,1\nc,1,0,0,1\nd,0,1,1,0\n".to_owned()),
        ("one column", "e.csv", "id\n1\n2\n".to_owned()),
        ("nothing", "e.csv", String::new()),
    ];
    let mut said = String::new();
    for (what, name, text) in cases {
        let read = read((name, text.as_bytes()), None, "");
        writeln!(said, "{what}: {}", outcome(read)).expect("text");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn nodes_as_people_write_them() {
    let edges = format!("src,dst\n{}", ring(|_, a, b| format!("{a},{b}")));
    let twelve: Vec<String> =
        (0..12).map(|node| format!("{node},name {node},{node}.5\n")).collect();
    let twelve = twelve.concat();
    let cases: Vec<(&str, String)> = vec![
        (
            "the id is not first",
            format!("x,Id,label\n{}", nodes(|node| format!("{node}.5,{node},A"))),
        ),
        (
            "an index, an id and a copy",
            format!(
                ",id,node_index,x\n{}",
                nodes(|node| format!("{node},{node},{node},{}", node % 3))
            ),
        ),
        (
            "an index alone",
            format!(",x,y\n{}", nodes(|node| format!("{node},{node}.5,{}.25", node * 2))),
        ),
        ("an index or a name", format!(",who,x\n{}", nodes(|node| format!("{node},n{node},0.5")))),
        (
            "masks and lists of DGL",
            format!(
                "node_id,label,train_mask,val_mask,feat\n{}",
                nodes(|node| format!("{node},{},True,False,\"0.{node}, 1.5\"", node % 2))
            ),
        ),
        (
            "an identifier",
            format!(
                "id,rawId,x\n{}",
                nodes(|node| format!("{node},{},{}", node * 7 + 3000, node % 3))
            ),
        ),
        (
            "hashes beyond 2^63",
            format!("id,hash,x\n{}", nodes(|node| format!("{node},1000000000000000000{node},0.5"))),
        ),
        (
            "missing labels",
            format!(
                "id,label,x\n{}",
                nodes(|node| format!("{node},{},0.5", ["NaN", "NA", "B"][node % 3]))
            ),
        ),
        (
            "missing numbers",
            format!(
                "id,x\n{}",
                nodes(|node| format!("{node},{}", if node == 3 { "?" } else { "1.5" }))
            ),
        ),
        ("huge numbers", format!("id,x\n{}", nodes(|node| format!("{node},{node}.5e14")))),
        ("large numbers", format!("id,x\n{}", nodes(|node| format!("{node},{node}.5e6")))),
        ("zeros", format!("id,x\n{}", nodes(|node| format!("{node},0")))),
        (
            "one class for all nodes",
            (0..12).fold("id,label,subject\n".to_owned(), |text, node| {
                format!("{text}{node},Paper,{}\n", node % 3)
            }),
        ),
        ("a class for every node", format!("id,label,x\n{twelve}")),
        ("ids and labels alone", format!("id,label\n{}", nodes(|node| format!("{node},A")))),
        ("another separator", format!("id;label\n{}", nodes(|node| format!("{node};A")))),
    ];
    let mut said = String::new();
    for (what, text) in cases {
        let read = read(("e.csv", edges.as_bytes()), Some(("n.csv", &text)), "");
        writeln!(said, "{what}: {}", outcome(read)).expect("text");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn options_choose_what_is_ambiguous() {
    let pairs = "ann,bob\ncid,dan\neve,fay\n";
    let users = format!("userId,movieId\n{}", ring(|_, a, b| format!("{a},{b}")));
    let quoted = "src\tdst\tnote\n1\t2\t\"open\n2\t3\tok\n";
    let tags =
        ring(|row, a, b| if row == 3 { format!("#t{a} t{b}") } else { format!("t{a} t{b}") });
    let triples = ring(|_, a, b| format!("w{a}\tlikes\tw{b}"));
    let cases = [
        ("e.csv", pairs, "edges = { path = \"e.csv\", header = false }"),
        ("e.csv", pairs, "edges = { path = \"e.csv\", header = true }"),
        ("e.csv", users.as_str(), "bipartite = true"),
        ("e.csv", users.as_str(), "bipartite = false"),
        ("e.tsv", quoted, "edges = { path = \"e.tsv\", quote = \"none\" }"),
        ("e.txt", tags.as_str(), "edges = { path = \"e.txt\", comment = \"none\" }"),
        ("e.txt", tags.as_str(), "edges = { path = \"e.txt\", comment = \"#\" }"),
        ("e.tsv", triples.as_str(), "edges = { path = \"e.tsv\", src = 0, dst = 2 }"),
        ("e.csv", "src,dst\nNA,SE\nSE,NO\n", "na_values = []"),
        (
            "e.csv",
            "src,dst,weight\na,b,1\nb,c,2\n",
            "edges = { path = \"e.csv\", weight = \"none\" }",
        ),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(name, text, more)| {
            format!("{more}: {}", outcome(read((name, text.as_bytes()), None, more)))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_was_decided_can_be_stated() {
    let edges = format!("w;to;from\n{}", ring(|row, a, b| format!("{row},5;n{a};n{b}")));
    let (graph, audit) = read(("e.csv", edges.as_bytes()), None, "").expect("a graph");
    let stated = format!("edges = {}", audit.readings[0].stated);
    let (again, same) = read(("e.csv", edges.as_bytes()), None, &stated).expect("a graph");
    assert_eq!(graph, again);
    assert_eq!(audit.readings[0].stated, same.readings[0].stated);
}

/// Types of the nodes, and the types that edges join.
fn types(read: Result<(Graph, Audit), IngestError>) -> String {
    match read {
        Err(error) => format!("error: {error}"),
        Ok((graph, audit)) => {
            let named = graph.nodes.types().map(|types| {
                let all = (0u32..).zip(graph.nodes.ids());
                let all: Vec<String> =
                    all.map(|(node, id)| format!("{id} is {}", types.name(node))).collect();
                all.join(", ")
            });
            let joined = audit.types.map(|types| types.joined).unwrap_or_default();
            format!("{}; {joined}; {}", named.unwrap_or_default(), audit.notes.join("; "))
        }
    }
}

/// Name and text of an edge file, those of a node file, and options.
type Case<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>, &'a str);

#[test]
fn types_of_nodes_are_those_of_columns_tables_and_files() {
    let watched = "userId,movieId\n1,10\n2,10\n2,11\n";
    let shared = "userId,movieId\n1,1\n2,1\n2,3\n";
    let plain = "src,dst\n1,10\n2,10\n2,11\n";
    let people = "id,node_type\n1,user\n2,user\n10,movie\n11,movie\n";
    let rectangle = "%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 1\n2 3\n";
    let modes = "*Vertices 4 2\n1 \"a\"\n2 \"b\"\n3 \"c\"\n4 \"d\"\n*Edges\n1 3\n2 4\n";
    let cases: [Case<'_>; 12] = [
        ("e.csv", watched, None, ""),
        ("e.csv", watched, None, "bipartite = true"),
        ("e.csv", watched, None, "bipartite = false"),
        ("e.csv", shared, None, "bipartite = true"),
        ("e.csv", plain, None, ""),
        ("e.csv", plain, None, "edges = { path = \"e.csv\", src_type = \"u\", dst_type = \"m\" }"),
        ("e.csv", plain, Some(("n.csv", people)), ""),
        (
            "e.csv",
            plain,
            Some(("n.csv", people)),
            "nodes = { path = \"n.csv\", type_column = \"none\" }",
        ),
        ("e.csv", plain, Some(("n.csv", "id,node_type\n1,user\n2,\n10,movie\n11,movie\n")), ""),
        ("e.mtx", rectangle, None, ""),
        (
            "e.mtx",
            "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 2\n",
            None,
            "directed = true",
        ),
        ("e.net", modes, None, ""),
    ];
    let said = cases.map(|(name, text, nodes, more)| {
        format!("{name} {more}: {}", types(read((name, text.as_bytes()), nodes, more)))
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn several_tables_are_one_graph() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("watched.csv", "user,movie,weight\n1,1,4.5\n2,1,3\n2,2,1\n"),
        ("friends.csv", "a,b\n1,2\n"),
        ("users.csv", "id,age,label\n1,30,x\n2,40,y\n"),
        ("movies.csv", "id,year,age\n2,1999,27\n1,2001,25\n"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let read = |data: &str| {
        let config: IngestConfig = toml::from_str(data).map_err(|error| error.to_string())?;
        load(&config, folder.path(), None).map_err(|error| error.to_string())
    };
    let edges = "edges = [{ path = \"watched.csv\", src_type = \"user\", dst_type = \"movie\" }, \
                 { path = \"friends.csv\", src_type = \"user\", dst_type = \"user\" }]\n";
    let nodes = "nodes = [{ path = \"users.csv\", type = \"user\" }, { path = \"movies.csv\", type = \"movie\" }]";
    let (graph, audit) = read(&format!("{edges}{nodes}")).expect("a graph");
    assert_eq!(graph.nodes.ids(), ["user:1", "user:2", "movie:2", "movie:1"]);
    let pairs: Vec<(u32, u32)> =
        graph.edges.pairs().iter().map(|pair| (pair.src, pair.dst)).collect();
    assert_eq!(pairs, [(0, 1), (0, 3), (1, 2), (1, 3)]);
    assert_eq!(graph.edges.weights(), Some(&[1.0, 4.5, 1.0, 3.0][..]));
    let features = graph.features.as_ref().expect("features");
    assert_eq!(features.names(), Some(&["age".to_owned(), "year".to_owned()][..]));
    assert_eq!(features.row(2).collect::<Vec<_>>(), [(0, 27.0), (1, 1999.0)]);
    assert_eq!(features.row(0).collect::<Vec<_>>(), [(0, 30.0)]);
    assert_eq!(graph.nodes.labels()[1].as_deref(), Some("y"));
    let joined = audit.types.as_ref().map(|types| types.joined.as_str());
    assert_eq!(joined, Some("movie - user, user - user"));
    assert_eq!(audit.readings.len(), 4);
    assert!(
        audit.warnings.iter().any(|it| it.contains("friends.csv: some edge tables")),
        "{audit:?}"
    );

    // A label that is one per table is the type of its nodes, and what was decided can be stated.
    for (name, text) in
        [("u.csv", "id,label\n1,User\n2,User\n"), ("m.csv", "id,label\n10,Movie\n11,Movie\n")]
    {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    std::fs::write(folder.path().join("e.csv"), "src,dst\n1,10\n2,10\n2,11\n").expect("written");
    let (typed, audit) =
        read("edges = \"e.csv\"\nnodes = [\"u.csv\", \"m.csv\"]").expect("a graph");
    assert_eq!(typed.nodes.types().map(|types| types.name(3)), Some("Movie"));
    let stated: Vec<&str> =
        audit.readings.iter().filter(|it| it.key == "nodes").map(|it| it.stated.as_str()).collect();
    let stated = format!("edges = \"e.csv\"\nnodes = [{}]", stated.join(", "));
    assert_eq!(read(&stated).expect("the same graph").0, typed);

    let alone = read(edges).expect("without node tables").0;
    assert_eq!(alone.nodes.ids(), ["user:1", "movie:1", "user:2", "movie:2"]);
    let refused = [
        format!("{edges}nodes = \"users.csv\""),
        "edges = [\"watched.csv\", \"friends.csv\"]\nnodes = [\"users.csv\", \"movies.csv\"]"
            .to_owned(),
        format!("{edges}nodes = {{ path = \"users.csv\", type = \"user\" }}"),
    ];
    let refused = refused.map(|data| read(&data).expect_err(&data));
    insta::assert_snapshot!(refused.join("\n"));
}
