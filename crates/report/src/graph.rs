//! Sections on a run's graph and split.

use vgae_artifacts::{Audit, Certificate, GivenSplit};

use super::element::Element;
use super::number::count;
use super::page::{Section, cell, head, row, table};

/// The audit of the graph, and the certificate of its split.
pub(crate) fn section(audit: &Audit, certificate: Option<&Certificate>) -> Section {
    let facts = [
        ("nodes", audit.nodes),
        (if audit.directed { "edges (directed)" } else { "edges (undirected)" }, audit.edges),
        ("edge entries in the raw data", audit.raw_edge_entries),
        ("self-loops dropped", audit.self_loops_dropped),
        ("duplicates collapsed", audit.duplicates_collapsed),
        ("entries naming unknown nodes, dropped", audit.unknown_ends_dropped),
        ("isolated nodes", audit.isolated_nodes),
        ("largest degree", audit.max_degree),
        ("connected components", audit.components.count),
        ("nodes in the largest component", audit.components.largest),
        ("features", audit.features),
        ("stored feature values", audit.feature_nonzeros),
        ("nodes whose features are all zero", audit.zero_feature_nodes),
        ("classes", audit.classes),
        ("nodes without a label", audit.unlabelled_nodes),
    ];
    let rows = facts.map(|(name, value)| row([head(name), cell(count(value))]));
    let mut content = vec![table("The audit of the graph.", &[("t", "What"), ("", "Count")], rows)];
    let readings = audit.readings.iter();
    let readings = readings.map(|reading| format!("{} = {}", reading.key, reading.stated));
    let notes = readings.chain(audit.warnings.iter().chain(&audit.notes).cloned());
    let notes: Vec<Element> = notes.map(|note| Element::of("li", note)).collect();
    if !notes.is_empty() {
        content.push(Element::of("h3", "Notes"));
        content.push(Element::new("ul").class("notes").children(notes));
    }
    if let Some(certificate) = certificate {
        content.push(split(certificate));
    }
    Section { id: "graph", title: "The graph", content }
}

fn split(certificate: &Certificate) -> Element {
    let counts = &certificate.counts;
    let yes = |holds: bool| if holds { "\u{2713} holds" } else { "\u{2717} does not hold" };
    let fact = |name: &str, value: String| row([head(name), cell(value).class("t wrap")]);
    let rows = [
        fact("training edges", count(counts.train)),
        fact(
            "validation edges, non-edges",
            format!("{}, {}", count(counts.validation), count(counts.validation_negative)),
        ),
        fact(
            "test edges, non-edges",
            format!("{}, {}", count(counts.test), count(counts.test_negative)),
        ),
        fact("no pair is in two parts", yes(certificate.parts_disjoint).to_owned()),
        fact(
            "the parts are all edges of the graph",
            yes(certificate.positives_cover_the_graph).to_owned(),
        ),
        fact("no non-edge is an edge", yes(certificate.no_negative_is_an_edge).to_owned()),
        fact("message passing", certificate.message_passing.clone()),
        fact("test edges with a cold end", count(certificate.cold_test_edges)),
        fact("split", certificate.split_hash.short()),
    ];
    let leaks =
        certificate.leaks.iter().map(|leak| row([head("LEAK"), cell(leak).class("t wrap leak")]));
    let findings = certificate.given.iter().flat_map(GivenSplit::findings);
    let findings =
        findings.map(|finding| row([head("given files"), cell(finding).class("t wrap")]));
    let rule = certificate.rule.iter();
    let rule = rule.map(|rule| row([head("rule"), cell(rule.to_string()).class("t wrap")]));
    let rows = rows.into_iter().chain(rule).chain(findings).chain(leaks);
    let caption = if certificate.leaks.is_empty() {
        "The split, and the certificate that it does not leak. A cold end is a node that no training edge touches."
    } else {
        "The split, and the certificate, which says that it LEAKS. A cold end is a node that no training edge touches."
    };
    table(caption, &[("t", "What"), ("t", "Value")], rows)
}
