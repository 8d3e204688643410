//! A stand-in encoder, for measuring: `Z = A_hat^hops (SCALE x rows of XW + b, scaled to unit length)` (after Ahn &
//! Kim 2021, arXiv 2108.08046), sampled negatives 1:1, Adam.

use std::error::Error;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use vgae_artifacts::{Embedding, Features, LabelledPairs, Matrix, Seed, Stream, TrainView};
use vgae_model::kernels::{FeatureProduct, NormalisedAdjacency};

const SCALE: f32 = 1.8;
const RATE: f32 = 0.005;

pub(crate) struct Encoder<'a> {
    pub(crate) features: &'a Features,
    pub(crate) width: usize,
    pub(crate) hops: usize,
    pub(crate) epochs: u32,
    /// What decides the epoch.
    pub(crate) watch: &'a LabelledPairs,
}

struct Adam(Vec<f32>, Vec<f32>);

impl Adam {
    fn new(size: usize) -> Self {
        Self(vec![0.0; size], vec![0.0; size])
    }

    fn step(&mut self, w: &mut [f32], g: &[f32], t: i32) {
        let (fix_1, fix_2) = (1.0 - 0.9f32.powi(t), 1.0 - 0.999f32.powi(t));
        for ((w, &g), (m, v)) in w.iter_mut().zip(g).zip(self.0.iter_mut().zip(&mut self.1)) {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            *w -= RATE * (*m / fix_1) / ((*v / fix_2).sqrt() + 1e-8);
        }
    }
}

fn unit(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32
}

fn node(rng: &mut ChaCha8Rng, nodes: usize) -> usize {
    ((u64::from(rng.next_u32()) * nodes as u64) >> 32) as usize
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Adds the loss's gradient of one pair to both ends.
fn pull(z: &Matrix, d_z: &mut [f32], (u, v): (usize, usize), truth: f32, share: f32) {
    let width = z.cols();
    let logit = dot(z.row(u), z.row(v));
    let slope = share * (1.0 / (1.0 + (-logit).exp()) - truth);
    for (d, x) in d_z[u * width..(u + 1) * width].iter_mut().zip(z.row(v)) {
        *d += slope * x;
    }
    for (d, x) in d_z[v * width..(v + 1) * width].iter_mut().zip(z.row(u)) {
        *d += slope * x;
    }
}

impl Encoder<'_> {
    pub(crate) fn fit(
        &self,
        train: TrainView<'_>,
        seed: Seed,
    ) -> Result<Embedding, Box<dyn Error>> {
        let (nodes, width) = (train.node_count(), self.width);
        let x = scaled(self.features)?;
        let (product, a_hat) = (FeatureProduct::new(&x), NormalisedAdjacency::new(train));
        let mut rng = seed.stream(Stream::Init, 0);
        let bound = 1.0 / (x.feature_count() as f32).sqrt();
        let mut w = Matrix::zeros(x.feature_count(), width);
        w.as_mut_slice().iter_mut().for_each(|w| *w = bound * (2.0 * unit(&mut rng) - 1.0));
        let mut b: Vec<f32> = (0..width).map(|_| bound * (2.0 * unit(&mut rng) - 1.0)).collect();
        let (mut adam_w, mut adam_b) = (Adam::new(w.as_slice().len()), Adam::new(width));
        let (mut h, mut z, mut t) =
            (Matrix::zeros(nodes, width), Matrix::zeros(nodes, width), Matrix::zeros(nodes, width));
        let mut d_w = Matrix::zeros(x.feature_count(), width);
        let mut lengths = vec![0.0f32; nodes];
        let mut best: (f64, Option<Matrix>) = (0.0, None);
        for epoch in 0..=self.epochs {
            product.multiply(&w, &mut h)?;
            for (row, length) in h.as_mut_slice().chunks_exact_mut(width).zip(&mut lengths) {
                row.iter_mut().zip(&b).for_each(|(h, b)| *h += b);
                *length = dot(row, row).sqrt().max(1e-12);
                for h in row {
                    *h *= SCALE / *length;
                }
            }
            z.as_mut_slice().copy_from_slice(h.as_slice());
            for _ in 0..self.hops {
                a_hat.multiply(&z, &mut t)?;
                std::mem::swap(&mut z, &mut t);
            }
            if epoch > 0 && epoch % 10 == 0 {
                let score = |pairs: &[vgae_artifacts::Pair]| -> Vec<f32> {
                    pairs.iter().map(|p| z.inner_product(p.src as usize, p.dst as usize)).collect()
                };
                let (auc, ap) =
                    super::measure(&score(&self.watch.positive), &score(&self.watch.negative));
                if auc + ap > best.0 {
                    best = (auc + ap, Some(z.clone()));
                }
            }
            if epoch == self.epochs {
                break;
            }
            let d_z = t.as_mut_slice();
            d_z.fill(0.0);
            let mut rng = seed.stream(Stream::Negatives, u64::from(epoch));
            let share = 1.0 / train.edges().len() as f32;
            for pair in train.edges() {
                pull(&z, d_z, (pair.src as usize, pair.dst as usize), 1.0, share);
                let (u, v) = (node(&mut rng, nodes), node(&mut rng, nodes));
                pull(&z, d_z, (u, v), 0.0, share);
            }
            for _ in 0..self.hops {
                a_hat.multiply(&t, &mut z)?;
                std::mem::swap(&mut z, &mut t);
            }
            let mut d_b = vec![0.0; width];
            let rows =
                t.as_mut_slice().chunks_exact_mut(width).zip(h.as_slice().chunks_exact(width));
            for ((d, h), length) in rows.zip(&lengths) {
                // h = SCALE y / |y|; d_y = SCALE / |y| (d - h (h . d) / SCALE^2).
                let along = dot(d, h) / (SCALE * SCALE);
                d.iter_mut().zip(h).for_each(|(d, h)| *d = SCALE / length * (*d - h * along));
                d_b.iter_mut().zip(&*d).for_each(|(sum, d)| *sum += d);
            }
            product.multiply_transposed(&t, &mut d_w)?;
            let step = i32::try_from(epoch)? + 1;
            adam_w.step(w.as_mut_slice(), d_w.as_slice(), step);
            adam_b.step(&mut b, &d_b, step);
        }
        Ok(Embedding::new(best.1.unwrap_or(z), None)?)
    }
}

/// Rows that sum to 1.
fn scaled(x: &Features) -> Result<Features, Box<dyn Error>> {
    let mut values = x.values().to_vec();
    for bounds in x.row_starts().windows(2) {
        let row = &mut values[bounds[0]..bounds[1]];
        let sum = row.iter().map(|x| x.abs()).sum::<f32>().max(1e-12);
        for x in row {
            *x /= sum;
        }
    }
    Ok(Features::from_rows(
        x.feature_count(),
        x.row_starts().to_vec(),
        x.columns().to_vec(),
        values,
    )?)
}
