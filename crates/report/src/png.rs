//! Images side by side, as PNG.

use png::{BitDepth, ColorType, Compression, Encoder};
use vgae_artifacts::{ArtifactError, ImageShape, Matrix, Result};

/// More pixels than this are a mistake: 256 million, 16 thousand each way.
const MOST_PIXELS: usize = 1 << 28;
/// The grey between images of a sheet that stands by itself.
const BETWEEN: u8 = 96;

/// How a sheet is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Images in a row.
    pub(crate) columns: usize,
    /// Pixels between images.
    pub(crate) gap: usize,
    /// Rows that belong together; between groups there are three gaps.
    pub(crate) group: usize,
    /// A pixel of an image becomes a square of this side.
    pub(crate) scale: usize,
    /// The values that are black and white.
    pub(crate) tones: (f32, f32),
    /// Whether one sees through between images; else there is grey.
    pub(crate) see_through: bool,
}

impl Layout {
    /// Images of values from 0 to 1 with small gaps, all rows in one group.
    pub(crate) fn new(columns: usize) -> Self {
        let tones = (0.0, 1.0);
        Self { columns, gap: 2, group: usize::MAX, scale: 1, tones, see_through: false }
    }
}

/// A PNG file and its size in pixels.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A sheet of grey images, `columns` in a row, one image a row of `images`; 0 is black, 1 is white, and
/// what lies beyond is drawn as these. The same values give the same bytes.
///
/// # Errors
/// When there are no images, the rows are no images of `shape`, or the sheet is larger than 268 million
/// pixels.
pub fn sheet(images: &Matrix, shape: ImageShape, columns: usize) -> Result<Vec<u8>> {
    let rows: Vec<&[f32]> = (0..images.rows()).map(|row| images.row(row)).collect();
    Ok(draw(&rows, shape, Layout::new(columns))?.bytes)
}

/// As [`sheet`], laid out as asked.
pub(crate) fn draw(images: &[&[f32]], shape: ImageShape, layout: Layout) -> Result<Picture> {
    let sheet = Sheet::new(images, shape, layout)?;
    let mut pixels = sheet.background();
    for (at, image) in images.iter().enumerate() {
        sheet.place(at, image, &mut pixels);
    }
    let colour = if layout.see_through { ColorType::GrayscaleAlpha } else { ColorType::Grayscale };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, sheet.pixels.0, sheet.pixels.1);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|error| {
        ArtifactError::invalid("a sheet of images", "one that PNG can hold", error.to_string())
    })?;
    Ok(Picture { bytes, width: sheet.pixels.0, height: sheet.pixels.1 })
}

struct Sheet {
    shape: ImageShape,
    layout: Layout,
    /// Width and height.
    size: (usize, usize),
    /// The same, as PNG counts.
    pixels: (u32, u32),
}

impl Sheet {
    fn new(images: &[&[f32]], shape: ImageShape, layout: Layout) -> Result<Self> {
        let invalid = |expected: String, found: String| {
            Err(ArtifactError::invalid("a sheet of images", expected, found))
        };
        if images.is_empty() || shape.height == 0 || shape.width == 0 {
            let found = format!("{} of {} x {}", images.len(), shape.height, shape.width);
            return invalid("at least one image with pixels".to_owned(), found);
        }
        let values = shape.height.checked_mul(shape.width);
        if let Some(image) = images.iter().find(|image| Some(image.len()) != values) {
            let expected = format!("images of {} x {} values", shape.height, shape.width);
            return invalid(expected, format!("{} values", image.len()));
        }
        let columns = layout.columns.clamp(1, images.len());
        let layout = Layout { columns, group: layout.group.max(1), ..layout };
        let rows = images.len().div_ceil(columns);
        let width = columns.checked_mul(shape.width.saturating_mul(layout.scale) + layout.gap);
        let height = rows.checked_mul(shape.height.saturating_mul(layout.scale) + layout.gap);
        let extra = 2 * layout.gap * ((rows - 1) / layout.group);
        // Gaps are only between.
        let size = width
            .zip(height.and_then(|height| height.checked_add(extra)))
            .map(|(width, height)| (width - layout.gap, height - layout.gap));
        let area = size.and_then(|(width, height)| width.checked_mul(height));
        let pixels = size.and_then(|(w, h)| Some((u32::try_from(w).ok()?, u32::try_from(h).ok()?)));
        match (size, pixels, area.filter(|area| *area <= MOST_PIXELS)) {
            (Some(size), Some(pixels), Some(_)) => Ok(Self { shape, layout, size, pixels }),
            _ => invalid(
                format!("at most {MOST_PIXELS} pixels: fewer images"),
                format!("{} images of {} x {}", images.len(), shape.height, shape.width),
            ),
        }
    }

    /// Bytes a pixel.
    fn depth(&self) -> usize {
        if self.layout.see_through { 2 } else { 1 }
    }

    fn background(&self) -> Vec<u8> {
        let fill = if self.layout.see_through { 0 } else { BETWEEN };
        vec![fill; self.size.0 * self.size.1 * self.depth()]
    }

    fn place(&self, at: usize, image: &[f32], pixels: &mut [u8]) {
        let Layout { columns, gap, group, scale, tones, .. } = self.layout;
        let (row, column) = (at / columns, at % columns);
        let left = column * (self.shape.width * scale + gap);
        let top = row * (self.shape.height * scale + gap) + row / group * 2 * gap;
        for (y, line) in image.chunks_exact(self.shape.width).enumerate() {
            for below in 0..scale {
                let start = (top + y * scale + below) * self.size.0 + left;
                for (x, &value) in line.iter().enumerate() {
                    let grey = grey(value, tones);
                    for beside in 0..scale {
                        let pixel = (start + x * scale + beside) * self.depth();
                        pixels[pixel] = grey;
                        if self.layout.see_through {
                            pixels[pixel + 1] = u8::MAX;
                        }
                    }
                }
            }
        }
    }
}

fn grey(value: f32, (black, white): (f32, f32)) -> u8 {
    let share = (value - black) / (white - black);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; no number at all becomes 0"
    )]
    let grey = (255.0 * share.clamp(0.0, 1.0)).round() as u8;
    grey
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { height: 2, width: 3 };

    fn decode(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut reader =
            png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG file");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("pixels");
        (info.width as usize, info.height as usize, pixels)
    }

    #[test]
    fn images_stand_where_they_belong() {
        let values = (0..18).map(|at| at as f32 / 17.0).collect();
        let images = Matrix::from_row_major(3, 6, values).expect("shape");
        let bytes = sheet(&images, SHAPE, 2).expect("a sheet");
        let (width, height, pixels) = decode(&bytes);
        assert_eq!((width, height), (3 + 2 + 3, 2 + 2 + 2));
        let pixel = |x: usize, y: usize| pixels[y * width + x];
        // First image, last pixel; second, first; third, last; the gap; the empty fourth place.
        assert_eq!([pixel(2, 1), pixel(5, 0), pixel(2, 5)], [75, 90, 255]);
        assert_eq!([pixel(3, 0), pixel(0, 2), pixel(7, 5)], [BETWEEN; 3]);
        assert_eq!(sheet(&images, SHAPE, 2).expect("a sheet"), bytes);
    }

    #[test]
    fn layouts_scale_group_and_see_through() {
        let image = [0.0, 0.5, 1.0, -3.0, 7.0, f32::NAN];
        let layout =
            Layout { scale: 2, group: 1, tones: (-3.0, 1.0), see_through: true, ..Layout::new(1) };
        let picture = draw(&[&image, &image], SHAPE, layout).expect("a sheet");
        let (width, height, pixels) = decode(&picture.bytes);
        assert_eq!((width, height), (6, 4 + 2 + 4 + 4));
        assert_eq!((picture.width, picture.height), (6, 14));
        let pixel =
            |x: usize, y: usize| (pixels[2 * (y * width + x)], pixels[2 * (y * width + x) + 1]);
        assert_eq!([pixel(0, 0), pixel(1, 1), pixel(4, 0)], [(191, 255), (191, 255), (255, 255)]);
        assert_eq!([pixel(0, 3), pixel(3, 2), pixel(5, 2)], [(0, 255), (255, 255), (0, 255)]);
        assert_eq!([pixel(0, 4), pixel(0, 9), pixel(0, 10)], [(0, 0), (0, 0), (191, 255)]);
    }

    #[test]
    fn what_is_no_sheet_is_refused() {
        let refused = |images: Matrix, shape, columns| {
            sheet(&images, shape, columns).expect_err("no sheet").to_string()
        };
        assert!(refused(Matrix::zeros(0, 6), SHAPE, 4).contains("at least one image"));
        assert!(refused(Matrix::zeros(2, 5), SHAPE, 4).contains("2 x 3 values, found 5"));
        let long = ImageShape { height: 1, width: 1 << 20 };
        assert!(refused(Matrix::zeros(300, 1 << 20), long, 1).contains("fewer images"));
        // Any number of columns is fine.
        for columns in [0, 1, usize::MAX] {
            sheet(&Matrix::zeros(2, 6), SHAPE, columns).expect("a sheet");
        }
    }
}
