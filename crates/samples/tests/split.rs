//! Splits of samples: counts, proofs, bytes and errors.

use proptest::prelude::*;
use vgae_artifacts::{Part, SampleSplit, Seed};
use vgae_samples::{SampleError, certify, split};
use vgae_split::{CheckedSplitConfig, SplitConfig};

fn fractions(validation: f64, test: f64) -> CheckedSplitConfig {
    SplitConfig { validation, test, ..SplitConfig::default() }
        .check()
        .expect("fractions that sum to less than 1")
}

fn defaults() -> CheckedSplitConfig {
    SplitConfig::default().check().expect("defaults are valid")
}

/// So many of each part, in order.
fn given(train: usize, validation: usize, test: usize) -> Vec<Part> {
    let of = |part, count| std::iter::repeat_n(part, count);
    of(Part::Train, train)
        .chain(of(Part::Validation, validation))
        .chain(of(Part::Test, test))
        .collect()
}

fn sizes(split: &SampleSplit) -> (usize, usize, usize) {
    (split.train.len(), split.validation.len(), split.test.len())
}

#[test]
fn the_official_test_part_of_mnist_is_kept() {
    let parts = given(60_000, 0, 10_000);
    let split = vgae_samples::split(70_000, Some(&parts), &defaults(), Seed(0)).expect("split");
    assert_eq!(sizes(&split), (57_000, 3_000, 10_000));
    assert_eq!(split.test, (60_000..70_000).collect::<Vec<u32>>());
    let certificate = certify(70_000, Some(&parts), &split);
    assert!(certificate.holds());
    assert_eq!(certificate.given_parts_kept, Some(true));
    assert_eq!(certificate.split_hash, split.content_hash());
}

#[test]
fn without_given_parts_both_are_drawn() {
    let split = vgae_samples::split(150, None, &defaults(), Seed(1)).expect("split");
    // floor(150 / 10) test; floor(135 / 20) validate.
    assert_eq!(sizes(&split), (129, 6, 15));
    let certificate = certify(150, None, &split);
    assert!(certificate.holds());
    assert_eq!(certificate.given_parts_kept, None);
}

#[test]
fn a_given_validation_part_is_kept_and_a_test_part_drawn_from_the_rest() {
    let parts = given(80, 20, 0);
    let split =
        vgae_samples::split(100, Some(&parts), &fractions(0.5, 0.1), Seed(0)).expect("split");
    assert_eq!(sizes(&split), (70, 20, 10));
    assert_eq!(split.validation, (80..100).collect::<Vec<u32>>());
    assert!(certify(100, Some(&parts), &split).holds());
    let all = given(7, 2, 1);
    let split = vgae_samples::split(10, Some(&all), &defaults(), Seed(0)).expect("nothing to draw");
    assert_eq!(sizes(&split), (7, 2, 1));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_seeds_differ() {
    let hash =
        |seed| split(100, None, &defaults(), Seed(seed)).expect("split").content_hash().to_hex();
    // Pinned: a change here changes everybody's splits.
    assert_eq!(hash(42), "251f9d0f3a50604a9080d27656d78f96060181656b60a5abe2541c0e954666ae");
    assert_ne!(hash(1), hash(2));
}

#[test]
fn what_cannot_be_split_says_why() {
    let said = |len: usize, given: Option<&[Part]>, config: &CheckedSplitConfig| {
        split(len, given, config, Seed(0)).expect_err("no split").to_string()
    };
    assert_eq!(
        said(9, None, &defaults()),
        "split: expected at least 10 samples to choose from, so that a test fraction of 0.1 holds one, \
         found 9; raise the fraction, or set it to 0 to go without that part"
    );
    assert_eq!(
        said(0, None, &fractions(0.0, 0.0)),
        "split: expected at least one sample left to train on, found 0 samples of which 0 are to be held \
         out; use more samples or lower the fractions"
    );
    assert_eq!(
        said(5, Some(&given(0, 0, 5)), &fractions(0.0, 0.1)),
        "split: expected at least one sample left to train on, found 5 samples of which 5 are to be held \
         out; use more samples or lower the fractions"
    );
    assert_eq!(
        said(5, Some(&given(2, 0, 2)), &defaults()),
        "split: expected a given part for each of 5 samples, found 4"
    );
    let few = split(30, Some(&given(15, 0, 15)), &defaults(), Seed(0));
    let few = few.expect_err("a twentieth of 15 is none");
    assert!(matches!(few, SampleError::TooFewSamples { part: "validation", needed: 20, .. }));
}

#[test]
fn the_certificate_sees_each_kind_of_fault() {
    let parts = given(3, 1, 2);
    let proofs = |break_it: fn(&mut SampleSplit)| {
        let mut split = SampleSplit { train: vec![0, 1, 2], validation: vec![3], test: vec![4, 5] };
        break_it(&mut split);
        let certificate = certify(6, Some(&parts), &split);
        let kept = certificate.given_parts_kept.expect("parts are given");
        (certificate.parts_disjoint, certificate.parts_cover_the_samples, kept)
    };
    assert_eq!(proofs(|_| {}), (true, true, true));
    // A test sample is learned from as well; a sample is lost, twice, or made up; parts are exchanged.
    assert_eq!(proofs(|split| split.train.push(5)), (false, true, true));
    assert_eq!(proofs(|split| split.train.truncate(2)), (true, false, true));
    assert_eq!(proofs(|split| split.train.push(0)), (false, true, true));
    assert_eq!(proofs(|split| split.train.push(9)), (true, false, true));
    assert_eq!(proofs(|split| split.train[0] = split.test.remove(0)), (true, false, false));
    assert_eq!(
        proofs(|split| std::mem::swap(&mut split.train[0], &mut split.test[0])),
        (true, true, false)
    );
    assert_eq!(
        proofs(|split| std::mem::swap(&mut split.train[0], &mut split.validation[0])),
        (true, true, false)
    );
}

proptest! {
    #[test]
    fn a_split_holds_or_is_refused_for_the_stated_reason(
        counts in (0usize..40, 0usize..6, 0usize..6),
        percent in (0u32..50, 0u32..50),
        names_parts: bool,
        seed in any::<u64>(),
    ) {
        let parts = given(counts.0, counts.1, counts.2);
        let len = parts.len();
        let parts = names_parts.then_some(parts.as_slice());
        let config = fractions(f64::from(percent.0) / 100.0, f64::from(percent.1) / 100.0);
        match vgae_samples::split(len, parts, &config, Seed(seed)) {
            Ok(split) => {
                let certificate = certify(len, parts, &split);
                prop_assert!(certificate.holds());
                prop_assert!(split.parts(len).is_ok() && !split.train.is_empty());
                let test = if names_parts && counts.2 > 0 {
                    counts.2
                } else {
                    len * percent.1 as usize / 100
                };
                prop_assert_eq!(split.test.len(), test);
                if !(names_parts && counts.1 > 0) {
                    prop_assert_eq!(split.validation.len(), (len - test) * percent.0 as usize / 100);
                }
                prop_assert_eq!(&split, &vgae_samples::split(len, parts, &config, Seed(seed)).expect("again"));
            }
            Err(SampleError::TooFewSamples { samples, fraction, .. }) => {
                prop_assert!(fraction > 0.0 && fraction * (samples as f64) < 1.0);
            }
            Err(SampleError::NoSampleToTrain { .. }) => {
                prop_assert!(len == 0 || names_parts);
            }
            Err(other) => prop_assert!(false, "unexpected: {}", other),
        }
    }
}
