use vgae_artifacts::Matrix;

/// Vectors of labelled nodes or samples, with the class of each.
pub struct Labelled {
    /// `samples x width`, row-major.
    pub codes: Vec<f32>,
    /// Number of dimensions.
    pub width: usize,
    /// Class index of each vector; `None` if the label does not occur in the training rows.
    pub of: Vec<Option<usize>>,
    /// Number of classes.
    pub classes: usize,
}

/// Returns the distinct labels of `rows`, sorted.
#[must_use]
pub fn classes<'a>(labels: &'a [Option<String>], rows: &[u32]) -> Vec<&'a str> {
    let labels = rows.iter().filter_map(|&row| labels[row as usize].as_deref());
    let mut classes: Vec<&str> = labels.collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

impl Labelled {
    /// Selects the labelled rows among `rows`. `classes` are those returned by [`classes`].
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

    /// Returns the vectors at the given positions.
    #[must_use]
    pub fn at(&self, places: &[usize]) -> Self {
        let codes = places.iter().flat_map(|&at| self.code(at)).copied().collect();
        let of = places.iter().map(|&at| self.of[at]).collect();
        Self { codes, width: self.width, of, classes: self.classes }
    }

    /// Returns the number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Returns whether there are no vectors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Returns the vector at a position.
    #[must_use]
    pub fn code(&self, at: usize) -> &[f32] {
        &self.codes[at * self.width..(at + 1) * self.width]
    }

    /// Returns the accuracy of `predicted` classes, 0 to 1.
    #[must_use]
    pub fn accuracy(&self, predicted: &[usize]) -> f64 {
        let right = self.of.iter().zip(predicted).filter(|(of, found)| **of == Some(**found));
        right.count() as f64 / self.len() as f64
    }
}
