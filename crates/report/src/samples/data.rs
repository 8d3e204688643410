//! The samples themselves: what ingest found, how they are split.

use vgae_artifacts::{NamedCount, SampleAudit, SampleCertificate};

use super::super::element::Element;
use super::super::number::{count, shortened, significant};
use super::super::page::{Section, cell, details, head, row, table};

pub(super) fn section(audit: &SampleAudit, certificate: Option<&SampleCertificate>) -> Section {
    let fact = |name: &str, value: String| row([head(name), cell(value).class("t wrap")]);
    let shape = audit.image.map(|shape| format!("{} x {} pixels", shape.height, shape.width));
    let missing = match audit.missing.values {
        0 => "0".to_owned(),
        values => {
            let columns = named(&audit.missing.columns);
            format!("{} in columns {columns}: {}", count(values), audit.missing.action)
        }
    };
    let parts = audit.given_parts.map(|parts| {
        format!(
            "training {}, validation {}, test {}",
            count(parts.train),
            count(parts.validation),
            count(parts.test)
        )
    });
    let facts = [
        ("samples", Some(count(audit.samples))),
        ("columns", Some(count(audit.columns))),
        ("image", shape),
        ("constant columns", Some(named(&audit.constant_columns))),
        ("missing values", Some(missing)),
        ("classes", Some(count(audit.classes))),
        ("samples without a label", Some(count(audit.unlabelled_samples))),
        ("parts that the source gives", parts),
        (
            "stored values",
            Some(format!(
                "{} to {}",
                significant(f64::from(audit.minimum)),
                significant(f64::from(audit.maximum))
            )),
        ),
    ];
    let rows = facts.into_iter().filter_map(|(name, value)| Some(fact(name, value?)));
    let heads = [("t", "What"), ("t", "Value")];
    let mut content = vec![table("The audit of the samples.", &heads, rows)];
    let reading = audit.reading.iter();
    let reading = reading.map(|reading| format!("{} = {}", reading.key, reading.stated));
    let notes: Vec<Element> =
        reading.chain(audit.notes.iter().cloned()).map(|note| Element::of("li", note)).collect();
    if !notes.is_empty() {
        content.push(Element::of("h3", "Notes"));
        content.push(Element::new("ul").class("notes").children(notes));
    }
    if !audit.scaling.is_empty() {
        let rows = audit.scaling.iter().map(|scale| {
            row([
                head(shortened(&scale.column, 80)),
                cell(significant(scale.offset)),
                cell(significant(scale.divisor)),
            ])
        });
        let heads = [("t", "Column"), ("", "Taken away"), ("", "Divided by")];
        let caption = "How columns were scaled: stored = (read \u{2212} taken away) / divided by.";
        content.push(details("How columns were scaled", table(caption, &heads, rows)));
    }
    content.extend(certificate.map(split));
    Section { id: "data", title: "The data", content }
}

/// How many, and the first of them.
fn named(count_of: &NamedCount) -> String {
    if count_of.examples.is_empty() {
        return count(count_of.count);
    }
    let examples: Vec<String> =
        count_of.examples.iter().map(|example| shortened(example, 40)).collect();
    let more = if count_of.count > examples.len() { ", \u{2026}" } else { "" };
    format!("{} ({}{more})", count(count_of.count), examples.join(", "))
}

fn split(certificate: &SampleCertificate) -> Element {
    let counts = certificate.counts;
    let yes = |holds: bool| if holds { "\u{2713} holds" } else { "\u{2717} does not hold" };
    let fact = |name: &str, value: String| row([head(name), cell(value).class("t wrap")]);
    let rows = [
        fact("training samples", count(counts.train)),
        fact("validation samples", count(counts.validation)),
        fact("test samples", count(counts.test)),
        fact("no sample is in two parts", yes(certificate.parts_disjoint).to_owned()),
        fact("the parts are all samples", yes(certificate.parts_cover_the_samples).to_owned()),
        fact(
            "the parts that the source gives are kept",
            certificate.given_parts_kept.map_or("it gives none", yes).to_owned(),
        ),
        fact("split", certificate.split_hash.short()),
    ];
    let caption = "The split, and the certificate that it does not leak.";
    table(caption, &[("t", "What"), ("t", "Value")], rows)
}
