//! The VAE 784-400-20 of `PyTorch`'s example on MNIST: bound and seconds of each epoch, and peak memory.
//!
//! ```text
//! cargo run --release -p vgae-autoencoder --example mnist_vae -- FOLDER [EPOCHS]
//! ```
//!
//! `FOLDER` holds the unpacked IDX files. After 10 epochs `PyTorch`'s own example has a test bound of 105.3
//! nats; this program ends with an error when it is more than 0.7 away.

#![expect(clippy::print_stdout, reason = "what the program is for")]

use std::error::Error;
use std::path::Path;

use vgae_artifacts::{EpochRecord, SampleSplit, SampleValues, SampleView, Samples, Seed};
use vgae_autoencoder::{AutoEncoderConfig, fit_samples};
use vgae_nn::training::{Callback, FitOptions};

/// Prints each epoch.
struct Printer;

impl Callback for Printer {
    fn epoch(&mut self, record: &EpochRecord, _: u32) {
        let (epoch, loss, seconds) = (record.epoch, record.loss, record.seconds);
        println!("epoch {epoch} train {loss:.2} sec {seconds:.2}");
    }
}

fn images(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(bytes.get(16..).ok_or("no IDX file of images")?.to_vec())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("expected a folder with MNIST's IDX files")?;
    let mut config = AutoEncoderConfig::default();
    if let Some(epochs) = arguments.next() {
        config.epochs = epochs.parse()?;
    }
    let mut data = images(&Path::new(&folder).join("train-images-idx3-ubyte"))?;
    let train = u32::try_from(data.len() / 784)?;
    data.extend(images(&Path::new(&folder).join("t10k-images-idx3-ubyte"))?);
    let all = u32::try_from(data.len() / 784)?;
    let samples = Samples::new(SampleValues::Bytes { columns: 784, data }, None, None)?;
    let split = SampleSplit {
        train: (0..train).collect(),
        test: (train..all).collect(),
        ..SampleSplit::default()
    };

    let view = SampleView::new(&samples, &split)?;
    let options = FitOptions::default();
    let fitted = fit_samples(view, &config, Some(1.0), Seed(1), options, &mut Printer)?;
    let loss = fitted.model.loss(samples.values(), &split.test, Seed(2))?;
    let bound = loss.total(1.0);
    let (reconstruction, kl) = (loss.reconstruction, loss.kl);
    println!("test {bound:.2} nats: reconstruction {reconstruction:.2}, KL {kl:.2}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{peak}");
    }
    if config.epochs == 10 && (bound - 105.3).abs() > 0.7 {
        return Err(format!("expected a bound of 105.3 +- 0.7 nats, found {bound:.2}").into());
    }
    Ok(())
}
