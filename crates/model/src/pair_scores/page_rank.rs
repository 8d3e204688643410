//! Personalised `PageRank` (Page et al. 1999; Jeh & Widom 2003): where a walk from `u` is that at each step goes
//! back to `u` with chance `RETURN`, and to a random neighbour otherwise. A pair's score is `pi_u(v) + pi_v(u)`.
//!
//! `pi_u = RETURN (I - (1 - RETURN) A D^-1)^-1 e_u`. With `S = D^-1/2 A D^-1/2` and the symmetric
//! `G = RETURN (I - (1 - RETURN) S)^-1` it is `pi_u(v) = sqrt(d_v / d_u) G_uv`, so one end is enough:
//! `pi_u(v) + pi_v(u) = (sqrt(d_v / d_u) + sqrt(d_u / d_v)) G_uv`. A column of `G` comes from conjugate gradients
//! (Hestenes & Stiefel 1952): eigenvalues lie in `RETURN` to `2 - RETURN`, so some 35 products with `S` bring it to
//! `TOLERANCE`, while repeated steps of the walk would need 110.

use super::by_source::FromSource;
use crate::graph::Adjacency;

/// The chance to go back.
pub(super) const RETURN: f64 = 0.15;
/// What is left of the residual.
const TOLERANCE: f64 = 1e-8;
/// Far more steps than needed.
const MOST_STEPS: usize = 500;

pub(super) struct PageRank<'a> {
    adjacency: &'a Adjacency,
    /// `d^-1/2`, 0 of a node alone.
    scale: Vec<f64>,
}

impl<'a> PageRank<'a> {
    pub(super) fn new(adjacency: &'a Adjacency) -> Self {
        let scale = (0..adjacency.nodes()).map(|node| match adjacency.neighbours(node).len() {
            0 => 0.0,
            degree => 1.0 / (degree as f64).sqrt(),
        });
        Self { adjacency, scale: scale.collect() }
    }

    /// `y = (I - (1 - RETURN) S) x`; `t` is room for `D^-1/2 x`.
    fn multiply(&self, x: &[f64], t: &mut [f64], y: &mut [f64]) {
        for ((t, x), scale) in t.iter_mut().zip(x).zip(&self.scale) {
            *t = scale * x;
        }
        for (node, (y, x)) in y.iter_mut().zip(x).enumerate() {
            let sum: f64 = self.adjacency.neighbours(node).iter().map(|&j| t[j as usize]).sum();
            *y = x - (1.0 - RETURN) * self.scale[node] * sum;
        }
    }
}

impl FromSource for PageRank<'_> {
    /// Solution, residual, direction, its product, and room for the product.
    type Scratch = [Vec<f64>; 5];

    fn scratch(&self) -> Self::Scratch {
        [(); 5].map(|()| vec![0.0; self.adjacency.nodes()])
    }

    fn score(&self, source: usize, targets: &[u32], scratch: &mut Self::Scratch) -> Vec<f64> {
        if self.scale[source] == 0.0 {
            return vec![0.0; targets.len()];
        }
        let [x, residual, direction, product, room] = scratch;
        x.fill(0.0);
        residual.fill(0.0);
        residual[source] = RETURN;
        direction.clone_from(residual);
        let mut left = dot(residual, residual);
        let enough = left * TOLERANCE * TOLERANCE;
        for _ in 0..MOST_STEPS {
            if left <= enough {
                break;
            }
            self.multiply(direction, room, product);
            let step = left / dot(direction, product);
            for ((x, r), (d, p)) in
                x.iter_mut().zip(&mut *residual).zip(direction.iter().zip(&*product))
            {
                *x += step * d;
                *r -= step * p;
            }
            let now = dot(residual, residual);
            for (d, r) in direction.iter_mut().zip(&*residual) {
                *d = r + now / left * *d;
            }
            left = now;
        }
        let score = |&target: &u32| {
            let (own, other) = (self.scale[source], self.scale[target as usize]);
            if other == 0.0 { 0.0 } else { (own / other + other / own) * x[target as usize] }
        };
        targets.iter().map(score).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
