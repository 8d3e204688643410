//! Time of each operation and of whole epochs, by dataset size and threads (`cargo bench -p vgae-model
//! --bench epoch`; a word after `--` selects some). The benchmark `roofline` compares the operations with the
//! limits of the machine.

mod common;

use std::num::NonZeroU32;
use std::sync::Arc;

use common::{CITESEER, CORA, PUBMED, Size, graph, matrix, pool};
use divan::Bencher;
use vgae_artifacts::{Matrix, Seed};
use vgae_model::{FitInput, GaeConfig, Negatives, Trainer, Weights};
use vgae_nn::ops::inner_product_loss::{InnerProductLoss, ReconstructionLoss};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::sparse::Csr;
use vgae_numerics::Adjacency;

fn main() {
    divan::main();
}

/// Widths of the paper.
const HIDDEN: usize = 32;
const LATENT: usize = 16;
const ONE: Negatives = Negatives::PerPositive(NonZeroU32::MIN);

fn pair_loss(bencher: Bencher, size: &Size, threads: usize, negatives: Negatives) {
    let (split, _) = graph(size);
    let z = matrix(size.nodes as usize, LATENT);
    let mut d_z = z.clone();
    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let mut loss = InnerProductLoss::<f32>::new(adjacency, LATENT, negatives);
    let mut number = 0;
    let pool = pool(threads);
    bencher.bench_local(|| {
        number += 1;
        pool.install(|| {
            loss.draw(Seed(1), number);
            loss.forward_backward(z.as_slice(), d_z.as_mut_slice())
        })
    });
}

fn features(bencher: Bencher, size: &Size, threads: usize, transposed: bool) {
    let (_, features) = graph(size);
    let x = Csr::<f32>::new(&features);
    let (x_transposed, _) = x.transpose(features.feature_count());
    let mut w = matrix(size.features as usize, HIDDEN);
    let mut y = matrix(size.nodes as usize, HIDDEN);
    let pool = pool(threads);
    bencher.bench_local(|| {
        pool.install(|| {
            if transposed {
                let values = &x_transposed.values;
                x_transposed.multiply(values, y.as_slice(), HIDDEN, w.as_mut_slice());
            } else {
                x.multiply(&x.values, w.as_slice(), HIDDEN, y.as_mut_slice());
            }
        });
    });
}

fn propagation(bencher: Bencher, size: &Size, threads: usize) {
    let (split, _) = graph(size);
    let adjacency = Propagation::new(Arc::new(Adjacency::new(split.train_view())));
    let x = matrix(size.nodes as usize, HIDDEN);
    let mut y = Matrix::zeros(x.rows(), x.cols());
    let pool = pool(threads);
    bencher.bench_local(|| {
        pool.install(|| adjacency.apply(x.as_slice(), HIDDEN, y.as_mut_slice()));
    });
}

fn epoch(bencher: Bencher, size: &Size, threads: usize, method: &str, negatives: Negatives) {
    let (split, features) = graph(size);
    let config = GaeConfig::of(method).expect("a method");
    let config = config.with(&serde_json::json!({"negatives": negatives})).expect("sound");
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let weights = Weights::glorot(input.width(&config).expect("suits"), &config, Seed(1));
    let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
    let mut number = 0;
    let pool = pool(threads);
    bencher.bench_local(|| {
        number += 1;
        pool.install(|| trainer.step(Seed(1), number))
    });
}

macro_rules! benches {
    ($size:ident, $samples:literal: $($name:ident => $call:expr;)*) => {$(
        #[divan::bench(args = [1, 2], sample_count = $samples, sample_size = 1)]
        fn $name(bencher: Bencher, threads: usize) {
            let call: fn(Bencher, &Size, usize) = $call;
            call(bencher, &$size, threads);
        }
    )*};
}

macro_rules! sizes {
    ($($name:ident: $size:ident, $samples:literal;)*) => {$(
        mod $name {
            use super::*;

            benches! { $size, $samples:
                features => |b, size, threads| super::features(b, size, threads, false);
                features_transposed => |b, size, threads| super::features(b, size, threads, true);
                propagation => super::propagation;
                loss_exact => |b, size, threads| pair_loss(b, size, threads, Negatives::All);
                loss_sampled => |b, size, threads| pair_loss(b, size, threads, ONE);
                epoch_gae => |b, size, threads| epoch(b, size, threads, "gae", Negatives::All);
                epoch_vgae => |b, size, threads| epoch(b, size, threads, "vgae", Negatives::All);
                epoch_vgae_star => |b, size, threads| {
                    epoch(b, size, threads, "vgae*", Negatives::All);
                };
                epoch_gae_sampled => |b, size, threads| epoch(b, size, threads, "gae", ONE);
                epoch_gnae => |b, size, threads| epoch(b, size, threads, "gnae", ONE);
                epoch_mlp_gae => |b, size, threads| epoch(b, size, threads, "mlp-gae", ONE);
                epoch_vgae_sampled => |b, size, threads| epoch(b, size, threads, "vgae", ONE);
            }
        }
    )*};
}

sizes! {
    cora: CORA, 100;
    citeseer: CITESEER, 100;
    pubmed: PUBMED, 20;
}
