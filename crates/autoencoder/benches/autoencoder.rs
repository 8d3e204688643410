//! Time of an epoch of the VAE 784-400-20, batches of 128, over 60,000 rows of bytes: MNIST's size. Time
//! does not depend on what the images show, so anything serves (`cargo bench -p vgae-autoencoder`).

use divan::Bencher;
use vgae_artifacts::{SampleSplit, SampleValues, SampleView, Samples, Seed};
use vgae_autoencoder::{AutoEncoderConfig, fit_samples};
use vgae_nn::training::{FitOptions, NoCallback};

fn main() {
    divan::main();
}

fn epoch(bencher: Bencher, threads: usize, variational: bool) {
    let mut state = 1u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 30 == 0 { state.to_be_bytes()[1] } else { 0 }
    };
    let data = (0..60_000 * 784).map(|_| byte()).collect();
    let samples = Samples::new(SampleValues::Bytes { columns: 784, data }, None, None);
    let samples = samples.expect("whole rows");
    let split = SampleSplit { train: (0..60_000).collect(), ..SampleSplit::default() };
    let view = SampleView::new(&samples, &split).expect("rows in range");
    let config = AutoEncoderConfig { epochs: 1, ..AutoEncoderConfig::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    bencher.bench_local(|| {
        let options = FitOptions::default();
        pool.install(|| {
            fit_samples(
                view,
                &config,
                variational.then_some(1.0),
                Seed(1),
                options,
                &mut NoCallback,
            )
            .expect("fits")
        })
    });
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn ae(bencher: Bencher, threads: usize) {
    epoch(bencher, threads, false);
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn vae(bencher: Bencher, threads: usize) {
    epoch(bencher, threads, true);
}
