use vgae_artifacts::Matrix;

/// The code and the class of each sample of a part that has a label.
pub(crate) struct Labelled {
    /// `samples x width`, row-major.
    pub(crate) codes: Vec<f32>,
    pub(crate) width: usize,
    /// The place of each label among the classes; absent where training never saw it.
    pub(crate) of: Vec<Option<usize>>,
    /// How many classes there are.
    pub(crate) classes: usize,
}

/// The distinct labels of `rows`, sorted.
pub(crate) fn classes<'a>(labels: &'a [Option<String>], rows: &[u32]) -> Vec<&'a str> {
    let labels = rows.iter().filter_map(|&row| labels[row as usize].as_deref());
    let mut classes: Vec<&str> = labels.collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

impl Labelled {
    pub(crate) fn new(
        codes: &Matrix,
        labels: &[Option<String>],
        rows: &[u32],
        classes: &[&str],
    ) -> Self {
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

    /// Those in some places.
    pub(crate) fn at(&self, places: &[usize]) -> Self {
        let codes = places.iter().flat_map(|&at| self.code(at)).copied().collect();
        let of = places.iter().map(|&at| self.of[at]).collect();
        Self { codes, width: self.width, of, classes: self.classes }
    }

    pub(crate) fn len(&self) -> usize {
        self.of.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(crate) fn code(&self, at: usize) -> &[f32] {
        &self.codes[at * self.width..(at + 1) * self.width]
    }

    /// The share of `predicted` classes that are right, 0 to 1.
    pub(crate) fn accuracy(&self, predicted: &[usize]) -> f64 {
        let right = self.of.iter().zip(predicted).filter(|(of, found)| **of == Some(**found));
        right.count() as f64 / self.len() as f64
    }
}
