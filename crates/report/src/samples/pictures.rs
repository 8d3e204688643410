//! Pictures: what comes back, what is made from nothing, what lies between.

use vgae_artifacts::{ImageShape, Matrix};

use super::super::element::Element;
use super::super::number::{count, significant};
use super::super::page::{Section, figures, paragraph};
use super::{Generated, Interpolated, Plane, Reconstructed, SamplesReport};
use crate::png::{self, Layout};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

/// Pairs of images in a row.
const PAIRS: usize = 10;
/// A picture has about so many pixels across, so that it is sharp on a desk and not too heavy.
const ACROSS: usize = 640;

/// A picture with its words.
struct Shown<'a> {
    id: &'a str,
    title: &'a str,
    /// Description for screen readers.
    alt: String,
    caption: String,
}

impl SamplesReport {
    /// Returns the section of reconstructions.
    pub(super) fn pictures(&self) -> Option<Section> {
        let (shape, shown) = (self.image?, self.reconstructed.as_ref()?);
        let content = vec![self.pairs(shape, shown)?];
        Some(Section { id: "reconstruction", title: "What comes back", content })
    }

    /// Returns the section of images decoded from new codes.
    pub(super) fn generation(&self) -> Option<Section> {
        let shape = self.image?;
        let mut content = Vec::new();
        let generated: Vec<Element> =
            self.generated.iter().enumerate().filter_map(|(at, of)| drawn(shape, at, of)).collect();
        if !generated.is_empty() {
            content.push(paragraph(
                "A variational model is trained so that its codes spread as N(0, I), the prior, does: what decodes \
                 from draws of the prior looks like data. A plain auto-encoder leaves its codes wherever they fall, \
                 and draws of N(0, I) are mostly codes it never saw.",
            ));
            content.push(figures(generated));
        }
        let between = self.interpolated.as_ref().and_then(|of| self.between(shape, of));
        let plane = self.plane.as_ref().and_then(|plane| plane_figure(shape, plane));
        content.extend(between.into_iter().chain(plane));
        let title = "What codes decode to";
        (!content.is_empty()).then_some(Section { id: "generation", title, content })
    }

    fn pairs(&self, shape: ImageShape, shown: &Reconstructed) -> Option<Element> {
        let images = shown.originals.rows().min(shown.reconstructions.rows()).min(shown.rows.len());
        let columns = PAIRS.min(images.max(1));
        // Each row of originals is followed by the row of what they became; the last is filled with nothing.
        let mut rows: Vec<&[f32]> = Vec::new();
        for start in (0..images).step_by(columns) {
            let end = (start + columns).min(images);
            if end - start < columns && start > 0 {
                break;
            }
            rows.extend((start..end).map(|at| shown.originals.row(at)));
            rows.extend((start..end).map(|at| shown.reconstructions.row(at)));
        }
        let pairs = rows.len() / 2;
        let tones = tones(&shown.originals);
        let layout = Layout { group: 2, tones, ..layout(columns, shape) };
        let names: Vec<String> = shown.rows[..pairs].iter().map(|&row| self.named(row)).collect();
        let error = mean_squared_error(&shown.originals, &shown.reconstructions, pairs);
        let shown = Shown {
            id: "reconstructions",
            title: "Originals above, reconstructions below",
            alt: format!("{pairs} images, each above its reconstruction: {}.", names.join(", ")),
            caption: format!(
                "{} images of the test part, some of each label in turn. Upper row of each pair: the originals; \
                 lower row: decoded from their codes. Mean squared error a pixel of these: {}.",
                count(pairs),
                significant(error)
            ),
        };
        picture(&rows, shape, layout, &shown)
    }

    fn between(&self, shape: ImageShape, of: &Interpolated) -> Option<Element> {
        let rows = rows(&of.images);
        let (from, to) = (self.named(of.from), self.named(of.to));
        let shown = Shown {
            id: "interpolation",
            title: "From one image to another",
            alt: format!("{} images that change from {from} to {to}.", rows.len()),
            caption: format!(
                "Decoded from even steps on the straight line between the codes of two test images: {from} and {to}."
            ),
        };
        let tones = tones(&of.images);
        picture(&rows, shape, Layout { tones, ..layout(rows.len(), shape) }, &shown)
    }
}

fn drawn(shape: ImageShape, at: usize, of: &Generated) -> Option<Element> {
    let method = of.method.to_uppercase();
    let rows = rows(&of.images);
    let columns = (1..=rows.len()).find(|side| side * side >= rows.len()).unwrap_or(1);
    let title = format!("{method}: drawn from N(0, I)");
    let what = if of.variational {
        "The model was trained towards this prior: these are new images."
    } else {
        "The model has no prior: these are what it makes of noise, not a fair sample of anything."
    };
    let whose = if at == 0 {
        "by this run".to_owned()
    } else {
        format!("by the run {}", super::super::number::shortened(&of.run, 80))
    };
    let shown = Shown {
        id: &format!("generated-{}", at + 1),
        title: &title,
        alt: format!("{} images that the {method} decodes from random codes.", rows.len()),
        caption: format!("Decoded {whose} from {} draws of N(0, I). {what}", count(rows.len())),
    };
    let tones = tones(&of.images);
    picture(&rows, shape, Layout { tones, ..layout(columns, shape) }, &shown)
}

fn plane_figure(shape: ImageShape, plane: &Plane) -> Option<Element> {
    let rows = rows(&plane.images);
    let ends = |dimension: usize| {
        let values = (0..plane.codes.rows()).filter_map(|at| plane.codes.row(at).get(dimension));
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &value| {
            (low.min(value), high.max(value))
        })
    };
    let ((left, right), (bottom, top)) = (ends(0), ends(1));
    let steps = if plane.of_prior {
        "quantiles of the prior N(0, 1), so that every image stands for an equal share of it"
    } else {
        "quantiles of the codes of test images (the model has no prior)"
    };
    let shown = Shown {
        id: "plane",
        title: "The plane of codes",
        alt: format!(
            "A grid of {0} by {0} images, decoded from codes of two dimensions, which change gradually from \
             place to place.",
            plane.side
        ),
        caption: format!(
            "Decoded from a grid over the plane of codes. To the right: dimension 1, from {left:.2} to {right:.2}; \
             upwards: dimension 2, from {bottom:.2} to {top:.2}. The steps are {steps}."
        ),
    };
    let tones = tones(&plane.images);
    let layout = Layout { gap: 0, tones, ..layout(plane.side, shape) };
    Some(picture(&rows, shape, layout, &shown)?.class("wide"))
}

fn rows(images: &Matrix) -> Vec<&[f32]> {
    (0..images.rows()).map(|row| images.row(row)).collect()
}

/// So many images in a row, at a size that a page can show, the page's colour between them.
fn layout(columns: usize, shape: ImageShape) -> Layout {
    let scale = ACROSS / (columns.max(1) * shape.width.max(1)).max(1);
    let scale = scale.clamp(1, 8);
    Layout { gap: 2 * scale, scale, see_through: true, ..Layout::new(columns) }
}

/// From 0 to 1, as pixels are, unless there are values beyond: then from the least to the greatest.
fn tones(images: &Matrix) -> (f32, f32) {
    let finite = images.as_slice().iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // A Gaussian likelihood's means lie a little beyond now and then: these are cut off.
    if low < -1.0 || high > 2.0 { (low, high) } else { (0.0, 1.0) }
}

fn mean_squared_error(a: &Matrix, b: &Matrix, rows: usize) -> f64 {
    let pairs = (0..rows).flat_map(|row| a.row(row).iter().zip(b.row(row)));
    let sum: f64 = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    sum / (rows * a.cols()).max(1) as f64
}

/// Nothing where the rows are no images of this shape.
fn picture(
    images: &[&[f32]],
    shape: ImageShape,
    layout: Layout,
    shown: &Shown<'_>,
) -> Option<Element> {
    let picture = png::draw(images, shape, layout).ok()?;
    let image = Element::new("img")
        .class("sheet")
        .attr("src", format!("data:image/png;base64,{}", BASE64.encode(&picture.bytes)))
        .attr("width", picture.width)
        .attr("height", picture.height)
        .attr("alt", &shown.alt);
    let figure = Element::new("figure")
        .attr("id", format!("figure-{}", shown.id))
        .newline()
        .child(Element::of("h3", shown.title))
        .newline()
        .child(image)
        .newline()
        .child(Element::of("figcaption", &shown.caption))
        .newline();
    Some(figure)
}
