use vgae_artifacts::Matrix;

/// The code and the class of each sample of a part that has a label.
pub(super) struct Labelled {
    /// `samples x width`, row-major.
    pub(super) codes: Vec<f32>,
    pub(super) width: usize,
    /// The place of each label among the classes; absent where training never saw it.
    pub(super) of: Vec<Option<usize>>,
    /// How many classes there are.
    pub(super) classes: usize,
}

/// The distinct labels of `rows`, sorted.
pub(super) fn classes<'a>(labels: &'a [Option<String>], rows: &[u32]) -> Vec<&'a str> {
    let labels = rows.iter().filter_map(|&row| labels[row as usize].as_deref());
    let mut classes: Vec<&str> = labels.collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

impl Labelled {
    pub(super) fn new(
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

    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(super) fn code(&self, at: usize) -> &[f32] {
        &self.codes[at * self.width..(at + 1) * self.width]
    }

    /// The share of `predicted` classes that are right, 0 to 1.
    pub(super) fn accuracy(&self, predicted: &[usize]) -> f64 {
        let right = self.of.iter().zip(predicted).filter(|(of, found)| **of == Some(**found));
        right.count() as f64 / self.len() as f64
    }
}
