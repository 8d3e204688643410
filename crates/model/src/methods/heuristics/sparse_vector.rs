/// Vector over all nodes with few nonzero entries: random access like a dense vector, iteration and clearing
/// in the number of entries.
#[derive(Debug)]
pub(super) struct SparseVector {
    values: Vec<f64>,
    known: Vec<bool>,
    touched: Vec<u32>,
}

impl SparseVector {
    pub(super) fn new(size: usize) -> Self {
        Self { values: vec![0.0; size], known: vec![false; size], touched: Vec::new() }
    }

    pub(super) fn add(&mut self, at: usize, value: f64) {
        if !self.known[at] {
            self.known[at] = true;
            #[expect(clippy::cast_possible_truncation, reason = "nodes and features are u32")]
            self.touched.push(at as u32);
        }
        self.values[at] += value;
    }

    pub(super) fn get(&self, at: usize) -> f64 {
        self.values[at]
    }

    /// Returns an entry and sets it to 0.
    pub(super) fn take(&mut self, at: usize) -> f64 {
        std::mem::take(&mut self.values[at])
    }

    /// Returns the touched entries, in the order in which they were first added to.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.touched.iter().map(|&at| (at as usize, self.values[at as usize]))
    }

    pub(super) fn clear(&mut self) {
        for at in self.touched.drain(..) {
            self.values[at as usize] = 0.0;
            self.known[at as usize] = false;
        }
    }
}
