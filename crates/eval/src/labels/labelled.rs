use vgae_artifacts::Matrix;

/// Vectors with the class of each: nodes or samples that have a label.
pub struct Labelled {
    /// `samples x width`, row-major.
    pub codes: Vec<f32>,
    /// Numbers per vector.
    pub width: usize,
    /// Index of each label among the classes; `None` where no training row has it.
    pub of: Vec<Option<usize>>,
    /// Number of classes.
    pub classes: usize,
}

/// The distinct labels of `rows`, sorted.
#[must_use]
pub fn classes<'a>(labels: &'a [Option<String>], rows: &[u32]) -> Vec<&'a str> {
    let labels = rows.iter().filter_map(|&row| labels[row as usize].as_deref());
    let mut classes: Vec<&str> = labels.collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

impl Labelled {
    /// The labelled ones of `rows`, with classes as [`classes`] returned them.
    #[must_use]
    pub fn new(codes: &Matrix, labels: &[Option<String>], rows: &[u32], classes: &[&str]) -> Self {
        let mut found =
            Self { codes: Vec::new(), width: codes.cols(), of: Vec::new(), classes: classes.len() };
        for &row in rows {
            if let Some(label) = &labels[row as usize] {
                found.codes.extend_from_slice(codes.row(row as usize));
                found.of.push(classes.binary_search(&label.as_str()).ok());
            }
        }
        found
    }

    /// A selection by position.
    #[must_use]
    pub fn at(&self, places: &[usize]) -> Self {
        let codes = places.iter().flat_map(|&at| self.code(at)).copied().collect();
        let of = places.iter().map(|&at| self.of[at]).collect();
        Self { codes, width: self.width, of, classes: self.classes }
    }

    /// Number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// The vector at a position.
    #[must_use]
    pub fn code(&self, at: usize) -> &[f32] {
        &self.codes[at * self.width..(at + 1) * self.width]
    }

    /// The share of `predicted` classes that are right, 0 to 1.
    #[must_use]
    pub fn accuracy(&self, predicted: &[usize]) -> f64 {
        let right = self.of.iter().zip(predicted).filter(|(of, found)| **of == Some(**found));
        right.count() as f64 / self.len() as f64
    }
}
