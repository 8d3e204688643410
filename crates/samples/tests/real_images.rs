//! MNIST and Fashion-MNIST as they are published: fetched, read, stored, read back.

use std::path::{Path, PathBuf};

use vgae_artifacts::{Part, Provenance, Samples};
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{Cache, FetchOptions, Registry, fetch};
use vgae_samples::load;

/// The mean of the training pixels, by which both are known: 0.1307 and 0.2860 in every tutorial.
fn mean_of_training(samples: &Samples) -> f64 {
    let parts = samples.given_parts().expect("parts are given");
    let mut row = vec![0.0; samples.values().columns()];
    let (mut sum, mut count) = (0.0, 0usize);
    for at in (0..samples.len()).filter(|&at| parts[at] == Part::Train) {
        samples.values().copy_row(at, &mut row);
        sum += row.iter().copied().map(f64::from).sum::<f64>();
        count += row.len();
    }
    sum / count as f64
}

#[test]
#[ignore = "downloads 40 MB, by npm and apt where HTTPS is not to be had"]
fn published_images_are_fetched_read_and_stored() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let root = std::env::var_os("VGAE_CACHE").map(PathBuf::from);
    let cache = Cache::new(root.unwrap_or_else(|| folder.path().to_owned()));
    for (name, mean) in [("mnist", 0.1307), ("fashion-mnist", 0.2860)] {
        let options = FetchOptions::default();
        let fetched = fetch(Registry::builtin(), name, &cache, &options, &mut ()).expect("fetched");
        let config = IngestConfig::dataset(name);
        let (nodes, samples, audit) =
            load(&config, Path::new("."), Some(&fetched)).expect("samples");
        assert_eq!((audit.samples, audit.columns, audit.classes), (70_000, 784, 10));
        assert_eq!(nodes.ids()[59_999..60_001], ["train-59999", "test-0"]);
        let counts = audit.given_parts.expect("given");
        assert_eq!((counts.train, counts.validation, counts.test), (60_000, 0, 10_000));
        assert!((mean_of_training(&samples) - mean).abs() < 5e-5);

        let path = folder.path().join(format!("{name}.parquet"));
        samples.write(&path, &Provenance::of_stage("ingest")).expect("write");
        assert_eq!(Samples::read(&path).expect("read"), samples);
    }
}
