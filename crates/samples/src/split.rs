use vgae_artifacts::{Part, PartCounts, SampleCertificate, SampleSplit, Seed, Stream};

use vgae_split::{CheckedSplitConfig, Fraction, shuffle_front};

use crate::SampleError;

/// Cuts `samples_len` samples into training, validation and test samples.
///
/// Parts that the source gives (`given_parts`, one a sample) are kept: its test samples are the test part,
/// whatever the test fraction, and its validation samples the validation part, if it names any. What it does
/// not give is drawn from the rest: `floor(N * test)` of N samples, then `floor(M * validation)` of the M
/// samples that are not for the test.
///
/// Every draw comes from `seed`'s stream [`Stream::Split`] and has a fixed width: the same input gives the
/// same split on every machine.
///
/// # Errors
/// When a part with a fraction above zero would be empty, nothing would be left to train on, there are
/// more samples than a `u32` counts, or the given parts are not one a sample.
pub fn split(
    samples_len: usize,
    given_parts: Option<&[Part]>,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<SampleSplit, SampleError> {
    let count = u32::try_from(samples_len)
        .map_err(|_| SampleError::TooManySamples { found: samples_len })?;
    if let Some(given) = given_parts.filter(|given| given.len() != samples_len) {
        return Err(SampleError::GivenParts { samples: samples_len, found: given.len() });
    }
    let mut split = SampleSplit::default();
    match given_parts {
        None => split.train = (0..count).collect(),
        Some(given) => {
            for (row, part) in (0..count).zip(given) {
                of_part(&mut split, *part).push(row);
            }
        }
    }

    let test = if split.test.is_empty() { share("test", config.test(), samples_len)? } else { 0 };
    let validation = if split.validation.is_empty() {
        let candidates = samples_len - test - split.test.len();
        share("validation", config.validation(), candidates)?
    } else {
        0
    };
    let drawn = validation + test;
    if drawn >= split.train.len() {
        let held_out = drawn + split.test.len() + split.validation.len();
        return Err(SampleError::NoSampleToTrain { samples: samples_len, held_out });
    }
    let mut rng = seed.stream(Stream::Split, 0);
    let mut front = std::mem::take(&mut split.train);
    shuffle_front(&mut rng, &mut front, drawn);
    split.train = front.split_off(drawn);
    split.test.extend(front.split_off(validation));
    split.validation.append(&mut front);
    for rows in [&mut split.train, &mut split.validation, &mut split.test] {
        rows.sort_unstable();
    }
    Ok(split)
}

fn of_part(split: &mut SampleSplit, part: Part) -> &mut Vec<u32> {
    match part {
        Part::Train => &mut split.train,
        Part::Validation => &mut split.validation,
        Part::Test => &mut split.test,
    }
}

fn share(part: &'static str, fraction: Fraction, samples: usize) -> Result<usize, SampleError> {
    let size = fraction.floor_of(samples);
    if size == 0 && fraction.is_positive() {
        return Err(SampleError::TooFewSamples {
            part,
            fraction: fraction.value(),
            needed: fraction.smallest_count(),
            samples,
        });
    }
    Ok(size)
}

/// Counts the parts of `split` and proves, from the rows alone, what a split of samples must hold. Works on
/// any split, so also on one that was read from a file.
///
/// A proof that fails is `false`; whether all hold says [`SampleCertificate::holds`].
#[must_use]
pub fn certify(
    samples_len: usize,
    given_parts: Option<&[Part]>,
    split: &SampleSplit,
) -> SampleCertificate {
    let parts = [
        (Part::Train, &split.train),
        (Part::Validation, &split.validation),
        (Part::Test, &split.test),
    ];
    let mut part_of: Vec<Option<Part>> = vec![None; samples_len];
    let (mut parts_disjoint, mut only_samples) = (true, true);
    for (part, rows) in parts {
        for &row in rows {
            match part_of.get_mut(row as usize) {
                Some(slot) => parts_disjoint &= slot.replace(part).is_none(),
                None => only_samples = false,
            }
        }
    }
    let gives = |given: &[Part], part: Part| given.contains(&part);
    let given_parts_kept = given_parts
        .filter(|given| gives(given, Part::Test) || gives(given, Part::Validation))
        .map(|given| {
            // A part that the source does not give is drawn, so only the given ones must agree.
            [Part::Validation, Part::Test].into_iter().filter(|&part| gives(given, part)).all(
                |part| {
                    given.len() == samples_len
                        && given
                            .iter()
                            .zip(&part_of)
                            .all(|(&given, &found)| (given == part) == (found == Some(part)))
                },
            )
        });
    SampleCertificate {
        samples: samples_len,
        counts: PartCounts {
            train: split.train.len(),
            validation: split.validation.len(),
            test: split.test.len(),
        },
        parts_disjoint,
        parts_cover_the_samples: only_samples && part_of.iter().all(Option::is_some),
        given_parts_kept,
        split_hash: split.content_hash(),
    }
}
