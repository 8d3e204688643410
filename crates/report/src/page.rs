//! Elements of every report: head, contents, sections, tables, figures.

use super::element::Element;
use super::plot::{self, Plot};

const SCRIPT: &str = include_str!("page.js");
/// SHA-256 of the script, by which the page allows this script and no other.
const SCRIPT_HASH: &str = "sha256-Npno3N0QdSvyCwOwAgwUi+KYopNzqXH55rATjGqloHQ=";

/// A page before it is text.
pub(crate) struct Page {
    pub(crate) title: String,
    /// Above the title: what kind of page this is.
    pub(crate) eyebrow: String,
    /// Says what the page was made from, so that it is known whether it is still true.
    pub(crate) stamp: String,
    /// Warnings above everything else; empty for most reports.
    pub(crate) alert: Vec<String>,
    pub(crate) lead: Vec<Element>,
    pub(crate) sections: Vec<Section>,
}

/// A part of a page, found from its contents.
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) content: Vec<Element>,
}

impl Page {
    pub(crate) fn html(self, maker: &str) -> String {
        let links = self.sections.iter().map(|section| {
            let link = Element::of("a", section.title).attr("href", format!("#{}", section.id));
            Element::new("li").child(link)
        });
        let nav = Element::new("nav")
            .attr("aria-label", "Contents")
            .child(Element::new("ul").children(links));
        let header = Element::new("header")
            .child(Element::of("a", "Skip to the content").class("skip").attr("href", "#content"))
            .children(alert(&self.alert))
            .child(Element::of("p", &self.eyebrow).class("eyebrow"))
            .child(Element::of("h1", &self.title))
            .newline()
            .children(self.lead)
            .newline()
            .child(nav);
        let sections = self.sections.into_iter().map(|section| {
            let heading = format!("{}-heading", section.id);
            Element::new("section")
                .attr("id", section.id)
                .attr("aria-labelledby", &heading)
                .newline()
                .child(Element::of("h2", section.title).attr("id", heading))
                .newline()
                .children(section.content)
                .newline()
        });
        let main =
            Element::new("main").attr("id", "content").newline().children(sections).newline();
        let footer = Element::new("footer").child(Element::of(
            "p",
            format!(
                "{maker}. This report is one file and loads nothing from the network. Its plots are also SVG files \
                 in plots/; its numbers are those of the JSON and Parquet files in the same folder."
            ),
        ));
        let body = Element::new("body")
            .newline()
            .child(header)
            .newline()
            .child(main)
            .newline()
            .child(footer)
            .newline()
            .child(Element::new("script").source(SCRIPT))
            .newline();
        let head = head_of(&self.title, &self.stamp);
        let html =
            Element::new("html").attr("lang", "en").newline().child(head).newline().child(body);
        format!("<!DOCTYPE html>\n<!-- {maker} -->\n{html}\n")
    }
}

fn alert(said: &[String]) -> Option<Element> {
    let lines = said.iter().map(|text| Element::of("p", text));
    let alert = Element::new("div").class("alert").attr("role", "alert").children(lines);
    (!said.is_empty()).then(|| alert.newline())
}

fn head_of(title: &str, stamp: &str) -> Element {
    let meta = |name: &str, content: &str| {
        Element::new("meta").attr("name", name).attr("content", content)
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '{SCRIPT_HASH}'; \
         base-uri 'none'; form-action 'none'"
    );
    let parts = [
        Element::new("meta").attr("charset", "utf-8"),
        meta(super::STAMP, stamp),
        meta("viewport", "width=device-width, initial-scale=1"),
        meta("color-scheme", "light dark"),
        Element::new("meta").attr("http-equiv", "Content-Security-Policy").attr("content", policy),
        Element::of("title", title),
        Element::new("link").attr("rel", "icon").attr("href", "data:,"),
        Element::new("style").source(&style()),
    ];
    parts.into_iter().fold(Element::new("head").newline(), |head, part| head.child(part).newline())
}

/// The style sheet: colours by scheme, the page, the marks of plots.
fn style() -> String {
    let palette = |colours: &[(&str, &str)]| -> String {
        let set = colours.iter().map(|(name, colour)| format!("--{name}:{colour}"));
        set.collect::<Vec<_>>().join(";")
    };
    let (light, dark) = (palette(&plot::LIGHT), palette(&plot::DARK));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media print{{:root{{color-scheme:light}}}}\n{}{}",
        include_str!("page.css"),
        plot::STYLE
    )
}

/// A plot with its heading and caption.
pub(crate) fn figure(plot: &Plot, caption: &str) -> Element {
    Element::new("figure")
        .attr("id", format!("figure-{}", plot.name))
        .newline()
        .child(Element::of("h3", &plot.title))
        .newline()
        .child(plot.inline())
        .newline()
        .child(Element::new("figcaption").text(caption))
        .newline()
}

/// Figures beside each other where there is room, as large as the room.
pub(crate) fn figures(figures: impl IntoIterator<Item = Element>) -> Element {
    Element::new("div").class("plots").newline().children(figures)
}

/// The same, of one size in all rows of a page.
pub(crate) fn even_figures(figures: impl IntoIterator<Item = Element>) -> Element {
    Element::new("div").class("plots even").newline().children(figures)
}

/// A table that scrolls within itself where it is too wide.
pub(crate) fn table(
    caption: &str,
    head: &[(&'static str, &str)],
    rows: impl IntoIterator<Item = Element>,
) -> Element {
    table_of("", caption, head, rows)
}

/// The same, sortable by any column: by `data-value` where its cells have one, else by text.
pub(crate) fn sortable_table(
    caption: &str,
    head: &[(&'static str, &str)],
    rows: impl IntoIterator<Item = Element>,
) -> Element {
    table_of("sortable", caption, head, rows)
}

fn table_of(
    class: &str,
    caption: &str,
    head: &[(&'static str, &str)],
    rows: impl IntoIterator<Item = Element>,
) -> Element {
    let heads = head.iter().map(|(class, text)| {
        let cell = Element::of("th", text).attr("scope", "col");
        if class.is_empty() { cell } else { cell.class(class) }
    });
    let body = rows
        .into_iter()
        .fold(Element::new("tbody").newline(), |body, row| body.child(row).newline());
    let table = Element::new("table");
    let table = if class.is_empty() { table } else { table.class(class) };
    let table = table
        .child(Element::of("caption", caption))
        .newline()
        .child(Element::new("thead").child(Element::new("tr").children(heads)))
        .newline()
        .child(body)
        .newline();
    // Reached by the tab key, so that those without a pointer can scroll it too.
    let label = super::number::shortened(caption, 60);
    Element::new("div")
        .class("scroll")
        .attr("role", "region")
        .attr("aria-label", label)
        .attr("tabindex", 0)
        .newline()
        .child(table)
        .newline()
}

pub(crate) fn row(cells: impl IntoIterator<Item = Element>) -> Element {
    Element::new("tr").children(cells)
}

/// The cell that names its row.
pub(crate) fn head(text: impl std::fmt::Display) -> Element {
    Element::of("th", text).attr("scope", "row")
}

pub(crate) fn cell(text: impl std::fmt::Display) -> Element {
    Element::of("td", text)
}

/// A cell that carries the exact number it shows, and where that stands in its JSON file.
pub(crate) fn exact(element: Element, path: &str, value: Option<f64>) -> Element {
    let element = element.attr("data-metric", path);
    match value.filter(|value| value.is_finite()) {
        Some(value) => element.attr("data-value", value),
        None => element,
    }
}

pub(crate) fn paragraph(text: impl std::fmt::Display) -> Element {
    Element::of("p", text)
}

/// Returns a collapsible block.
pub(crate) fn details(summary: &str, content: Element) -> Element {
    Element::new("details")
        .child(Element::of("summary", summary))
        .newline()
        .child(content)
        .newline()
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_page_allows_its_own_script() {
        let hash: [u8; 32] = Sha256::digest(SCRIPT.as_bytes()).into();
        assert_eq!(
            SCRIPT_HASH,
            format!("sha256-{}", BASE64.encode(hash)),
            "the script has changed"
        );
    }
}
