//! Agreement of clusters with classes.

use vgae_numerics::elementary::ln;

use super::assignment;

/// Contingency table of classes and clusters.
pub(super) struct Table {
    size: usize,
    /// `classes x clusters`, square.
    counts: Vec<usize>,
    points: usize,
}

impl Table {
    /// Counts the points per class and cluster. `size` is the number of classes and of clusters, some of
    /// which may be empty.
    pub(super) fn new(truth: &[usize], clusters: &[usize], size: usize) -> Self {
        let mut counts = vec![0; size * size];
        for (class, cluster) in truth.iter().zip(clusters) {
            counts[class * size + cluster] += 1;
        }
        Self { size, counts, points: truth.len() }
    }

    fn row(&self, class: usize) -> impl Iterator<Item = usize> {
        self.counts[class * self.size..(class + 1) * self.size].iter().copied()
    }

    fn classes(&self) -> Vec<usize> {
        (0..self.size).map(|class| self.row(class).sum()).collect()
    }

    fn clusters(&self) -> Vec<usize> {
        let of = |cluster: usize| self.counts.iter().skip(cluster).step_by(self.size).sum();
        (0..self.size).map(of).collect()
    }

    /// Returns the adjusted Rand index: agreement of pairs of points corrected for chance, 1 being perfect
    /// (Hubert & Arabie 1985, eq. 5).
    pub(super) fn adjusted_rand_index(&self) -> f64 {
        let pairs = |count: usize| 0.5 * count as f64 * (count as f64 - 1.0);
        let sum = |counts: &[usize]| counts.iter().map(|&count| pairs(count)).sum::<f64>();
        let both = sum(&self.counts);
        let (classes, clusters) = (sum(&self.classes()), sum(&self.clusters()));
        let chance = classes * clusters / pairs(self.points).max(1.0);
        let most = 0.5 * (classes + clusters);
        // One cluster and one class, or all points apart in both.
        if most <= chance { 1.0 } else { (both - chance) / (most - chance) }
    }

    /// Returns the mutual information divided by the mean of both entropies, 0 to 1.
    pub(super) fn normalized_mutual_information(&self) -> f64 {
        let all = self.points.max(1) as f64;
        let entropy = |counts: &[usize]| -> f64 {
            let shares = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / all);
            -shares.map(|share| share * ln(share)).sum::<f64>()
        };
        let (classes, clusters) = (self.classes(), self.clusters());
        let mut mutual = 0.0;
        for (class, &of_class) in classes.iter().enumerate() {
            for (count, &of_cluster) in self.row(class).zip(&clusters) {
                if count > 0 {
                    let ratio = all * count as f64 / (of_class as f64 * of_cluster as f64);
                    mutual += count as f64 / all * ln(ratio);
                }
            }
        }
        let mean = 0.5 * (entropy(&classes) + entropy(&clusters));
        if mean <= 0.0 { 1.0 } else { (mutual / mean).clamp(0.0, 1.0) }
    }

    /// Returns the accuracy under the optimal assignment of clusters to classes.
    pub(super) fn accuracy(&self) -> f64 {
        let most = assignment::most(&self.counts, self.size);
        most as f64 / self.points.max(1) as f64
    }
}
