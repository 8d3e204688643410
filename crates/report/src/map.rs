//! A map of an embedding.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vgae_artifacts::table::row_index;
use vgae_artifacts::{Embedding, Matrix, NodeMap, Nodes, Seed};
use vgae_numerics::{Pca, neighbour_map};

use super::curves::Point;
use super::element::Element;
use super::number::{count, shortened};
use super::page::{Section, figure};
use super::plot::{Plot, WIDTH, tenths};
use super::scale::{Scale, extent, ticks};

/// As many nodes are drawn; more would be a blot, and a heavy page.
pub(crate) const DRAWN: usize = 4000;
/// As many labels have a colour and a shape of their own.
const LABELS: usize = 12;
/// Largest number of nodes on the neighbour map, whose time grows with the square of it: some seconds.
const MAPPED: usize = 20_000;
/// As many letters of an id or a label are shown.
const LETTERS: usize = 80;

/// The map and what its caption must say.
pub(crate) struct Map {
    pub(crate) plot: Plot,
    pub(crate) drawn: usize,
    /// How many there are to draw.
    of: usize,
    /// Outliers, which are drawn at the border.
    outside: usize,
    axes: Axes,
    /// Name of one item.
    one: &'static str,
    /// Labels that share the look of the others.
    pub(crate) other_labels: usize,
}

/// Axes of the map.
#[derive(Debug, Clone, Copy)]
enum Axes {
    /// Principal components, and the share of the variance along each, 0 to 1.
    Principal(f64, f64),
    /// The two dimensions of the code themselves.
    Own,
    /// A map that keeps neighbours together, without a meaning of its axes.
    Neighbours,
}

impl Axes {
    fn names(self) -> [String; 2] {
        match self {
            Self::Principal(first, second) => [(1, first), (2, second)]
                .map(|(rank, share)| format!("PC {rank} ({:.0} % of the variance)", 100.0 * share)),
            Self::Own => [1, 2].map(|dimension| format!("dimension {dimension} of the code")),
            Self::Neighbours => [1, 2].map(|axis| format!("map {axis}")),
        }
    }
}

/// Places to draw, one a node or sample.
struct Places<'a> {
    nodes: &'a Nodes,
    /// Which of the nodes, in the order of `points`.
    rows: Vec<u32>,
    points: Vec<Point>,
    axes: Axes,
    one: &'static str,
}

impl Places<'_> {
    fn label(&self, at: usize) -> Option<&str> {
        self.nodes.labels()[self.rows[at] as usize].as_deref()
    }
}

/// Labels in the order of their number of nodes, `None` for nodes without one.
fn labels<'a>(places: &'a Places<'_>) -> Vec<(Option<&'a str>, usize)> {
    let mut tally: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for at in 0..places.rows.len() {
        *tally.entry(places.label(at)).or_default() += 1;
    }
    let mut labels: Vec<_> = tally.into_iter().collect();
    labels.sort_by(|a, b| (a.0.is_none(), b.1, a.0).cmp(&(b.0.is_none(), a.1, b.0)));
    labels
}

/// The rows of a matrix on their first two principal axes, and those axes. Returns `None` for an empty matrix, and
/// where both rows and columns are too many for an analysis.
fn project(rows: &Matrix) -> Option<(Vec<Point>, Axes)> {
    let pca = Pca::fit(rows, 2).ok()??;
    let shares = pca.shares();
    let share = |axis: usize| shares.get(axis).copied().unwrap_or(0.0);
    let point = |row| {
        let mut along = pca.project(rows.row(row));
        (along.next().unwrap_or(0.0), along.next().unwrap_or(0.0))
    };
    Some(((0..rows.rows()).map(point).collect(), Axes::Principal(share(0), share(1))))
}

/// The maps of a graph's embedding.
pub(crate) struct Maps {
    pub(crate) principal: Map,
    /// None for embeddings of one dimension.
    pub(crate) neighbours: Option<Map>,
    /// The coordinates of both.
    pub(crate) table: Option<NodeMap>,
}

/// Every node (or evenly many of them) on the first two principal axes, and on a map of neighbours.
pub(crate) fn maps(nodes: &Nodes, embedding: &Embedding, clusters: Option<&[u32]>) -> Option<Maps> {
    let rows = (0..u32::try_from(nodes.len()).ok()?).collect();
    let (points, axes) = project(embedding.mu())?;
    if nodes.len() != points.len() {
        return None;
    }
    let mut table = neighbours(nodes, embedding.mu(), &points);
    if let Some(table) = &mut table {
        table.clusters = clusters.filter(|of| of.len() == table.nodes.len()).map(<[u32]>::to_vec);
    }
    let principal = draw(&Places { nodes, rows, points, axes, one: "node" })?;
    let neighbours = table.as_ref().and_then(|table| {
        let points = table.neighbour.iter().map(|[x, y]| (f64::from(*x), f64::from(*y)));
        let has_labels = nodes.labels().iter().any(Option::is_some);
        let labels = match &table.clusters {
            Some(clusters) if !has_labels => {
                clusters.iter().map(|cluster| Some(format!("cluster {cluster}"))).collect()
            }
            _ => table.labels.clone(),
        };
        // The nodes of the map alone: there may be many more.
        let nodes = &Nodes::new(table.ids.clone(), labels).ok()?;
        let (rows, points) = ((0..row_index(nodes.len())).collect(), points.collect());
        draw(&Places { nodes, rows, points, axes: Axes::Neighbours, one: "node" })
    });
    Some(Maps { principal, neighbours, table })
}

/// Nodes that are on the neighbour map: all, or evenly many of them where there are more than 20,000.
#[must_use]
pub fn mapped(nodes: usize) -> Vec<u32> {
    let count = nodes.min(MAPPED);
    (0..count).map(|at| row_index(at * nodes / count)).collect()
}

/// Coordinates of the rows on both maps; evenly many of them where there are more than [`MAPPED`].
fn neighbours(nodes: &Nodes, rows: &Matrix, principal: &[Point]) -> Option<NodeMap> {
    if rows.cols() < 2 || rows.rows() < 3 {
        return None;
    }
    let chosen: Vec<usize> = mapped(rows.rows()).into_iter().map(|row| row as usize).collect();
    let count = chosen.len();
    let values = chosen.iter().flat_map(|&row| rows.row(row)).copied().collect();
    let matrix = Matrix::from_row_major(count, rows.cols(), values).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "positions on a map")]
    let principal: Vec<[f32; 2]> =
        chosen.iter().map(|&row| [principal[row].0 as f32, principal[row].1 as f32]).collect();
    let neighbour = neighbour_map(&matrix, &principal, Seed(0));
    Some(NodeMap {
        ids: chosen.iter().map(|&row| nodes.ids()[row].clone()).collect(),
        labels: chosen.iter().map(|&row| nodes.labels()[row].clone()).collect(),
        nodes: chosen.into_iter().map(row_index).collect(),
        clusters: None,
        principal,
        neighbour,
    })
}

/// The codes of some samples: as they are if they have two dimensions, else on the first two principal
/// axes of all codes.
pub(crate) fn code_map(nodes: &Nodes, embedding: &Embedding, rows: &[u32]) -> Option<Map> {
    let mu = embedding.mu();
    if nodes.len() != mu.rows() || rows.iter().any(|&row| row as usize >= nodes.len()) {
        return None;
    }
    let chosen = || rows.iter().map(|&row| row as usize);
    let (points, axes) = if mu.cols() == 2 {
        let own = chosen().map(|row| (f64::from(mu.row(row)[0]), f64::from(mu.row(row)[1])));
        (own.collect(), Axes::Own)
    } else {
        let (points, axes) = project(mu)?;
        (chosen().map(|row| points[row]).collect(), axes)
    };
    draw(&Places { nodes, rows: rows.to_vec(), points, axes, one: "sample" })
}

fn draw(places: &Places<'_>) -> Option<Map> {
    let all = places.rows.len();
    if all == 0 {
        return None;
    }
    let labels = labels(places);
    let named: Vec<Option<&str>> =
        labels.iter().filter(|(label, _)| label.is_some()).take(LABELS).map(|(l, _)| *l).collect();
    let side = WIDTH - 20.0;
    let legend: Vec<(Option<usize>, String)> = legend(&labels, &named);
    let rows = if named.is_empty() { 0 } else { legend.len().div_ceil(2) };
    let height = side + 34.0 + 18.0 * rows as f64 + if rows > 0 { 8.0 } else { 0.0 };
    let (name, title) = match (places.axes, places.one) {
        (Axes::Neighbours, _) => ("neighbours", "Neighbours in the embedding"),
        (_, "node") => ("embedding", "Map of the embedding"),
        _ => ("embedding", "Map of the codes"),
    };
    let mut plot = Plot::new(name, title, height);
    let window = Window::of(&places.points);
    let outside = places.points.iter().filter(|&&point| window.clamp(point) != point).count();
    let (x, y) = axes(&mut plot, window, side, &places.axes.names());

    let drawn = all.min(DRAWN);
    let size = if drawn > 1500 { 1.8 } else { 2.6 };
    for at in 0..drawn {
        let at = at * all / drawn;
        let point = window.clamp(places.points[at]);
        let label = places.label(at);
        let look = label.and_then(|label| named.iter().position(|name| *name == Some(label)));
        let look = if named.is_empty() { Some(0) } else { look };
        let id = shortened(&places.nodes.ids()[places.rows[at] as usize], LETTERS);
        let text = match label {
            Some(label) => format!("{id} \u{b7} {}", shortened(label, LETTERS)),
            None => id,
        };
        let mark = mark(look, (x.at(point.0), y.at(point.1)), size);
        plot.add(mark.child(Element::of("title", text)));
    }
    if !named.is_empty() {
        for (at, (look, text)) in legend.iter().enumerate() {
            let (column, row) = (at % 2, at / 2);
            let place = (14.0 + column as f64 * (WIDTH / 2.0), side + 44.0 + 18.0 * row as f64);
            plot.add(mark(*look, place, 4.5));
            plot.text((place.0 + 10.0, place.1 + 4.0), "", text);
        }
    }
    plot.description = describe(places, &labels);
    let other_labels = labels.iter().filter(|(label, _)| label.is_some()).count() - named.len();
    Some(Map { plot, drawn, of: all, outside, axes: places.axes, one: places.one, other_labels })
}

fn legend(
    labels: &[(Option<&str>, usize)],
    named: &[Option<&str>],
) -> Vec<(Option<usize>, String)> {
    let mut entries: Vec<(Option<usize>, String)> = labels
        .iter()
        .take(named.len())
        .enumerate()
        .map(|(look, (label, nodes))| {
            let label = label.unwrap_or_default();
            (Some(look), format!("{} ({})", shortened(label, 20), count(*nodes)))
        })
        .collect();
    let rest: usize = labels.iter().skip(named.len()).map(|(_, nodes)| nodes).sum();
    if rest > 0 {
        let unlabelled = labels.iter().skip(named.len()).all(|(label, _)| label.is_none());
        let name = if unlabelled { "no label" } else { "other" };
        entries.push((None, format!("{name} ({})", count(rest))));
    }
    entries
}

/// The drawn part of the plane, a square.
#[derive(Debug, Clone, Copy)]
struct Window {
    horizontal: Point,
    vertical: Point,
}

/// Share of the points on each side that may be outliers, and the margin around the others, in their extent: a point
/// further out is drawn at the border, so that a few do not squeeze all others into a spot.
const OUTLIERS: f64 = 0.01;
const MARGIN: f64 = 0.5;

impl Window {
    /// One scale for both axes, so that distances on the map are distances along the axes.
    fn of(points: &[Point]) -> Self {
        let horizontal = robust(points.iter().map(|point| point.0).collect());
        let vertical = robust(points.iter().map(|point| point.1).collect());
        let half = 0.5 * (horizontal.1 - horizontal.0).max(vertical.1 - vertical.0);
        let around = |(low, high): Point| {
            let middle = 0.5 * (low + high);
            (middle - half, middle + half)
        };
        Self { horizontal: around(horizontal), vertical: around(vertical) }
    }

    fn clamp(self, (x, y): Point) -> Point {
        (x.clamp(self.horizontal.0, self.horizontal.1), y.clamp(self.vertical.0, self.vertical.1))
    }
}

/// The extent of values without far outliers.
fn robust(mut values: Vec<f64>) -> Point {
    let whole = extent(values.iter().copied(), 0.03);
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return whole };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of points"
    )]
    let skipped = (OUTLIERS * last as f64).ceil() as usize;
    let (low, high) = (values[skipped.min(last)], values[last - skipped.min(last)]);
    let margin = MARGIN * (high - low);
    if margin > 0.0 { (whole.0.max(low - margin), whole.1.min(high + margin)) } else { whole }
}

fn axes(plot: &mut Plot, window: Window, side: f64, names: &[String; 2]) -> (Scale, Scale) {
    let Window { horizontal, vertical } = window;
    let (left, right, top, bottom) = (36.0, side + 14.0, 22.0, side);
    let x = Scale::new(horizontal, (left, left + (bottom - top)));
    let y = Scale::new(vertical, (bottom, top));
    for (value, label) in ticks(horizontal.0, horizontal.1, 5) {
        plot.segment("grid", (x.at(value), top), (x.at(value), bottom));
        plot.text((x.at(value), bottom + 15.0), "tick middle", &label);
    }
    for (value, label) in ticks(vertical.0, vertical.1, 5) {
        plot.segment("grid", (left, y.at(value)), (left + (bottom - top), y.at(value)));
        plot.text((left - 5.0, y.at(value) + 4.0), "tick end", &label);
    }
    plot.text((4.0, 13.0), "", &names[1]);
    plot.text((right, bottom + 30.0), "end", &names[0]);
    (x, y)
}

/// A mark of a shape and colour of its own: colour alone is not accessible.
fn mark(look: Option<usize>, (x, y): Point, r: f64) -> Element {
    let class = look.map_or_else(|| "pt other".to_owned(), |look| format!("pt k{look}"));
    let d = 2.0 * r;
    let outline = match look.map(|look| look % 6) {
        Some(1) => format!("M{} {}h{d}v{d}h-{d}z", tenths(x - r), tenths(y - r)),
        Some(2) => {
            let (half, tall) = (r * 1.2, r * 2.2);
            format!("M{} {}l{half} {tall}h-{}z", tenths(x), tenths(y - r * 1.3), 2.0 * half)
        }
        Some(3) => {
            let r = r * 1.3;
            format!("M{} {}l{r} {r}l-{r} {r}l-{r} -{r}z", tenths(x), tenths(y - r))
        }
        Some(4) => {
            let (half, tall) = (r * 1.2, r * 2.2);
            format!("M{} {}l{half} -{tall}h-{}z", tenths(x), tenths(y + r * 1.3), 2.0 * half)
        }
        Some(5) => {
            let (arm, t) = (tenths(r * 0.9), tenths(r * 0.7));
            format!(
                "M{} {}h{t}v{arm}h{arm}v{t}h-{arm}v{arm}h-{t}v-{arm}h-{arm}v-{t}h{arm}z",
                tenths(x - r * 0.35),
                tenths(y - r * 1.25)
            )
        }
        _ => {
            let r = if look.is_none() { 0.8 * r } else { r };
            let circle = Element::new("circle").class(&class);
            return circle.attr("cx", tenths(x)).attr("cy", tenths(y)).attr("r", tenths(r));
        }
    };
    Element::new("path").class(&class).attr("d", outline)
}

fn describe(places: &Places<'_>, labels: &[(Option<&str>, usize)]) -> String {
    let named: Vec<&(Option<&str>, usize)> =
        labels.iter().filter(|(label, _)| label.is_some()).take(LABELS).collect();
    let by = match places.axes {
        Axes::Principal(..) => "its first two principal components",
        Axes::Own => "the two dimensions of its code",
        Axes::Neighbours => "a map (UMAP) that puts neighbours in the embedding beside each other",
    };
    if named.is_empty() {
        return format!(
            "{} {}s, each by {by}; they have no labels.",
            count(places.rows.len()),
            places.one
        );
    }
    let centres: Vec<String> = named
        .iter()
        .map(|(label, size)| {
            let own = (0..places.rows.len()).filter(|&at| places.label(at) == *label);
            let (sx, sy) = own
                .map(|at| places.points[at])
                .fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
            let label = shortened(label.unwrap_or_default(), 40);
            // What rounds to zero is zero, without a sign.
            let mean = |sum: f64| (10.0 * sum / *size as f64).round() / 10.0 + 0.0;
            format!("{label} ({:.1}, {:.1})", mean(sx), mean(sy))
        })
        .collect();
    format!("Each {} by {by}. Centres of the labels: {}.", places.one, centres.join(", "))
}

impl Map {
    /// The map on its page, with a line that says what is pointed at.
    pub(crate) fn section(&self, title: &'static str) -> Section {
        let (id, map) = match self.axes {
            Axes::Neighbours => ("neighbour-map", "map-of-neighbours"),
            Axes::Principal(..) | Axes::Own => ("embedding-map", "map"),
        };
        let Self { one, of, drawn, .. } = *self;
        let mut caption = self.plot.description.clone();
        if let Axes::Principal(first, second) = self.axes {
            let _infallible = write!(
                caption,
                " The axes hold {:.0} % and {:.0} % of the variance; {one}s far apart in what they leave out \
                 can lie close here.",
                100.0 * first,
                100.0 * second
            );
        }
        if let Axes::Neighbours = self.axes {
            caption.push_str(
                " Groups that belong together are seen better here than on principal components; distances between \
                 groups and the axes mean nothing. plots/map.parquet has the coordinates of both maps, and clusters of \
                 the vectors by k-means, which are the colours where nodes have no labels.",
            );
        }
        if self.outside > 0 {
            let _infallible =
                write!(caption, " {} outliers are drawn at the border.", count(self.outside));
        }
        if drawn < of {
            let _infallible = write!(
                caption,
                " {} of the {} {one}s are drawn, evenly spaced in the order of the node table.",
                count(drawn),
                count(of)
            );
            if let Axes::Principal(..) = self.axes {
                caption.push_str(" The axes are those of all.");
            }
        }
        if self.other_labels > 0 {
            let _infallible = write!(
                caption,
                " The {} rarest labels are drawn as \u{201c}other\u{201d}.",
                self.other_labels
            );
        }
        let said = Element::of("output", format!("Point at a {one} to see its id."));
        let figure = figure(&self.plot, &caption).class("wide");
        let map = Element::new("div").attr("id", map).class("map").attr("data-one", one);
        let content = vec![map.newline().child(figure).newline().child(said)];
        Section { id, title, content }
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::Matrix;

    use super::*;

    fn embedding(rows: usize) -> Embedding {
        let values = (0..rows * 3).map(|at| (at as f32 * 0.7).sin()).collect();
        Embedding::new(Matrix::from_row_major(rows, 3, values).expect("shape"), None)
            .expect("finite")
    }

    #[test]
    fn large_graphs_are_sampled_and_rare_labels_are_other() {
        let ids = (0..9000).map(|node| format!("n{node}")).collect();
        let label = |node: usize| (!node.is_multiple_of(7)).then(|| format!("l{}", node % 20));
        let nodes = Nodes::new(ids, (0..9000).map(label).collect()).expect("labels");
        let map = maps(&nodes, &embedding(9000), None).expect("maps").principal;
        assert_eq!((map.drawn, map.other_labels), (DRAWN, 8));
        let text = map.plot.inline().to_string();
        assert_eq!(text.matches("<title>n").count(), DRAWN);
        assert!(text.contains("k11") && !text.contains("k12"));
        assert!(text.contains("other ("));
    }

    #[test]
    fn without_labels_there_is_no_legend() {
        let nodes = Nodes::new(vec!["a".into(), "b".into()], vec![None, None]).expect("nodes");
        let text =
            maps(&nodes, &embedding(2), None).expect("maps").principal.plot.inline().to_string();
        assert!(!text.contains("no label ("), "{text}");
        assert!(maps(&nodes, &embedding(3), None).is_none(), "another graph's vectors");
    }

    #[test]
    fn an_outlier_does_not_squeeze_the_others_into_a_spot() {
        let mut points: Vec<Point> =
            (0..300).map(|at| (f64::from(at % 20), f64::from(at / 20))).collect();
        points.push((1e6, -1e6));
        let window = Window::of(&points);
        assert!(window.horizontal.1 < 100.0 && window.vertical.0 > -100.0, "{window:?}");
        assert_eq!(points.iter().filter(|&&point| window.clamp(point) != point).count(), 1);
        let even = Window::of(&points[..300]);
        assert!(points[..300].iter().all(|&point| even.clamp(point) == point), "{even:?}");
    }
}
