use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// A file of this magic number, sizes and values.
fn file(magic: u32, sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("pack");
    encoder.finish().expect("pack")
}

fn two_images() -> Vec<u8> {
    file(IMAGES, &[2, 1, 3], &[1, 2, 3, 4, 5, 255])
}

fn names() -> Vec<String> {
    vec!["boot".to_owned(), "bag".to_owned()]
}

fn set(images: Vec<u8>, labels: &[u8]) -> Result<LabelledImages, FormatError> {
    let count = u32::try_from(labels.len()).expect("few");
    part(("images", images), ("labels", file(LABELS, &[count], labels)))
}

#[test]
fn two_parts_become_samples_with_ids_labels_and_parts() {
    let train = set(two_images(), &[1, 0]).expect("two");
    let test = set(packed(&file(IMAGES, &[1, 1, 3], &[9, 8, 7])), &[1]).expect("one");
    let (nodes, samples) = assemble(train, &test, &names()).expect("samples");
    assert_eq!(nodes.ids(), ["train-0", "train-1", "test-0"]);
    let labels: Vec<_> = nodes.labels().iter().flatten().collect();
    assert_eq!(labels, ["bag", "boot", "bag"]);
    assert_eq!(samples.image(), Some(ImageShape { height: 1, width: 3 }));
    assert_eq!(samples.given_parts(), Some([Part::Train, Part::Train, Part::Test].as_slice()));
    let mut row = [0.0; 3];
    samples.values().copy_row(1, &mut row);
    assert!((row[2] - 1.0).abs() < f32::EPSILON);
    samples.values().copy_row(2, &mut row);
    assert!((row[0] - 9.0 / 255.0).abs() < f32::EPSILON);
}

#[test]
fn files_that_break_a_rule_say_where() {
    let whole = two_images();
    let said = |bytes: Vec<u8>| images("f", bytes).expect_err("refused").to_string();
    let longer = [whole.as_slice(), &[0]].concat();
    let mut torn = packed(&whole);
    torn.truncate(torn.len() - 4);
    let mut wrong_sum = packed(&whole);
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let cases = [
        ("empty", Vec::new()),
        ("too short for a magic number", vec![0, 0, 8]),
        ("no IDX", b"\x89PNG image".to_vec()),
        ("labels", file(LABELS, &[2], &[1, 2])),
        ("floats", file(0x0d03, &[1, 1, 1], &[0; 4])),
        ("header cut", whole[..10].to_vec()),
        ("values cut", whole[..20].to_vec()),
        ("bytes behind", longer.clone()),
        ("no image", file(IMAGES, &[0, 28, 28], &[])),
        ("no row", file(IMAGES, &[1, 0, 28], &[])),
        ("no pixel", file(IMAGES, &[1, 28, 0], &[])),
        ("claims 2^96", file(IMAGES, &[u32::MAX; 3], &[1])),
        ("claims 2^40", file(IMAGES, &[1 << 20, 1 << 10, 1 << 10], &[1])),
        ("packed: claims 2^40", packed(&file(IMAGES, &[1 << 20, 1 << 10, 1 << 10], &[1]))),
        ("packed: bytes behind", packed(&longer)),
        ("packed: values cut", packed(&whole[..20])),
        ("packed: header cut", packed(&whole[..9])),
        ("packed: torn", torn),
        ("packed: checksum", wrong_sum),
    ]
    .map(|(what, bytes)| format!("{what}: {}", said(bytes)));
    insta::assert_snapshot!(cases.join("\n"));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let said = [
        set(two_images(), &[0]).expect_err("one label short").to_string(),
        set(two_images(), &[0, 1, 1]).expect_err("one label more").to_string(),
        labels("l", two_images()).expect_err("images").to_string(),
        labels("l", file(LABELS, &[3], &[1])).expect_err("cut").to_string(),
    ];
    let train = || set(two_images(), &[1, 0]).expect("two");
    let unknown = set(two_images(), &[1, 2]).expect("a class without a name");
    let other = set(file(IMAGES, &[1, 3, 1], &[0; 3]), &[0]).expect("another shape");
    let fault =
        |test: &LabelledImages| assemble(train(), test, &names()).expect_err("refused").to_string();
    insta::assert_snapshot!([said.join("\n"), fault(&unknown), fault(&other)].join("\n"));
}

#[test]
fn a_bomb_is_not_unpacked() {
    // 3 pixels claimed; 50 MB of zeros in 50 kB.
    let bomb = packed(&[two_images(), vec![0; 50_000_000]].concat());
    let error = images("f", bomb).expect_err("more than claimed");
    assert!(error.to_string().contains("found 1 more"), "{error}");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        (count, height, width) in (1u32..5, 1u32..6, 1u32..6),
        salt: u8,
        is_packed: bool,
    ) {
        let values: Vec<u8> = (0..count * height * width)
            .map(|at| u8::try_from(at % 200).expect("below 256").wrapping_mul(salt))
            .collect();
        let bytes = file(IMAGES, &[count, height, width], &values);
        let bytes = if is_packed { packed(&bytes) } else { bytes };
        let read = images("f", bytes).expect("images");
        prop_assert_eq!(read.len(), count as usize);
        prop_assert_eq!((read.shape.height, read.shape.width), (height as usize, width as usize));
        prop_assert_eq!(read.pixels, values);
    }

    /// Whatever the header claims: it is true, or refused, and no memory is taken for it.
    #[test]
    fn hostile_headers_are_refused(
        sizes in prop::array::uniform3(prop_oneof![0u32..4, any::<u32>()]),
        magic in prop_oneof![4 => Just(IMAGES), 1 => any::<u32>()],
        values in prop::collection::vec(any::<u8>(), 0..40),
        is_packed: bool,
    ) {
        let bytes = file(magic, &sizes, &values);
        let bytes = if is_packed { packed(&bytes) } else { bytes };
        let claimed = sizes.iter().map(|&size| u128::from(size)).product::<u128>();
        let is_true = magic == IMAGES && claimed == values.len() as u128 && claimed > 0;
        prop_assert_eq!(images("f", bytes).is_ok(), is_true);
    }

    #[test]
    fn any_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), gzip: bool) {
        let bytes = if gzip { [GZIP.to_vec(), vec![8, 0], bytes].concat() } else { bytes };
        drop(images("f", bytes.clone()));
        drop(labels("f", bytes));
    }
}
