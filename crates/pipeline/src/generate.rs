//! Samples from a trained model: draws from its prior, decoded to images or rows of a table.

use std::path::{Path, PathBuf};

use rand_distr::{Distribution, StandardNormal};
use vgae_artifacts::{
    Kind, Matrix, Provenance, SampleAudit, SampleValues, Samples, Seed, Stream, atomic, json, names,
};
use vgae_autoencoder::AutoEncoder;

use crate::{PipelineError, Stage};

/// Default file of images.
pub const SHEET: &str = "generated.png";
/// Default file of rows.
pub const TABLE: &str = "generated.parquet";

/// Draws `count` codes from the prior N(0, I), decodes them with the model of the run in `folder`, and
/// writes them to `out`: a `.png` file shows images side by side, a `.parquet` file has the columns of
/// `samples.parquet`, in the units that the model sees. Without `out`, images go to [`SHEET`] and rows of a
/// table to [`TABLE`] in `folder`. Returns the file's path.
///
/// # Errors
/// When `folder` is not of a run over samples, its model has no prior, `out` does not suit the data, or a file cannot be read or written.
pub fn generate(
    folder: &Path,
    count: usize,
    seed: Seed,
    out: Option<&Path>,
) -> Result<PathBuf, PipelineError> {
    if !folder.join(names::WEIGHTS).exists() || !folder.join(names::SAMPLES).exists() {
        return Err(usage(
            folder.display().to_string(),
            "the folder of a run over images or a table of numbers, with method `vae`",
            "no such run",
        ));
    }
    let model =
        AutoEncoder::read(&folder.join(names::WEIGHTS)).map_err(PipelineError::at(Stage::Train))?;
    if !model.is_variational() {
        return Err(usage(
            folder.display().to_string(),
            "a model of method `vae`, whose codes have a prior to draw from",
            "one of method `ae`, whose codes have none",
        ));
    }
    let audit: SampleAudit = json::read(&folder.join(names::AUDIT), Kind::Audit)?;
    let path = out.map_or_else(
        || folder.join(if audit.image.is_some() { SHEET } else { TABLE }),
        Path::to_owned,
    );
    let extension = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
    refuse_to_replace(folder, &path)?;
    match (extension.as_deref(), audit.image) {
        (Some("png"), Some(shape)) => {
            let images = model
                .decode(&prior_codes(count, model.latent(), seed))
                .map_err(PipelineError::at(Stage::Train))?;
            let sheet = vgae_report::png::sheet(&images, shape, side(count))?;
            atomic::write(&path, &sheet)?;
        }
        (Some("png"), None) => {
            let what = path.display().to_string();
            return Err(usage(what, "a .parquet file: rows of a table are no pictures", ".png"));
        }
        (Some("parquet"), image) => {
            let rows = model
                .decode(&prior_codes(count, model.latent(), seed))
                .map_err(PipelineError::at(Stage::Train))?;
            let samples = Samples::new(SampleValues::Reals(rows), image, None)?;
            let provenance = Provenance { seed: Some(seed), ..Provenance::of_stage("generate") };
            samples.write(&path, &provenance)?;
        }
        _ => {
            let what = path.display().to_string();
            let found = extension.map_or("none of them".to_owned(), |end| format!(".{end}"));
            return Err(usage(what, "a name that ends in .png or .parquet", &found));
        }
    }
    Ok(path)
}

/// Returns codes drawn from N(0, I), `count x width`. The first of many are those of few.
#[must_use]
pub fn prior_codes(count: usize, width: usize, seed: Seed) -> Matrix {
    let mut rng = seed.stream(Stream::Prior, 0);
    let mut codes = Matrix::zeros(count, width);
    for value in codes.as_mut_slice() {
        *value = StandardNormal.sample(&mut rng);
    }
    codes
}

/// Images in a row of a sheet that is about square.
fn side(count: usize) -> usize {
    let root = count.isqrt();
    (root + usize::from(root * root < count)).max(1)
}

/// No file of the run itself may be written over.
pub(crate) fn refuse_to_replace(folder: &Path, path: &Path) -> Result<(), PipelineError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let here = |path: &Path| path.canonicalize().ok();
    let same = here(parent.unwrap_or(Path::new("."))) == here(folder);
    match path.file_name() {
        Some(name) if same && names::run_files().any(|file| name == file.name) => {
            let what = path.display().to_string();
            Err(usage(what, "a name that no file of the run has", "one of the run's files"))
        }
        _ => Ok(()),
    }
}

fn usage(what: String, expected: &str, found: &str) -> PipelineError {
    PipelineError::Usage { what, expected: expected.to_owned(), found: found.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_normal_and_the_first_of_many_are_those_of_few() {
        let (few, many) = (prior_codes(3, 2, Seed(1)), prior_codes(5000, 2, Seed(1)));
        assert_eq!(few.as_slice(), &many.as_slice()[..6]);
        assert_ne!(few, prior_codes(3, 2, Seed(2)));
        let values = many.as_slice().iter().map(|&value| f64::from(value));
        let count = many.as_slice().len() as f64;
        let mean = values.clone().sum::<f64>() / count;
        let square = values.map(|value| value * value).sum::<f64>() / count;
        // Standard errors are 0.01 and 0.014.
        assert!(mean.abs() < 0.05 && (square - 1.0).abs() < 0.07, "{mean} {square}");
    }

    #[test]
    fn sheets_are_about_square() {
        assert_eq!([1, 2, 4, 5, 64, 100].map(side), [1, 2, 2, 3, 8, 10]);
    }
}
