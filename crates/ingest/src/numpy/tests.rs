use std::path::Path;

use proptest::prelude::*;

use super::*;

/// A file that numpy or scipy wrote, by `tests/golden/make_numpy.py`.
fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/numpy");
    std::fs::read(folder.join(name)).expect("a golden file")
}

fn rows(features: &Features) -> Vec<Vec<(u32, f32)>> {
    (0..features.node_count()).map(|node| features.row(node).collect()).collect()
}

fn expected() -> Vec<Vec<(u32, f32)>> {
    vec![vec![(1, 1.0)], vec![(0, 1.0)], vec![], vec![(1, 1.0), (2, 1.0)]]
}

#[test]
fn every_element_type_and_order_of_numpy_is_read() {
    for kind in ["lf4", "bf4", "lf8", "li8", "li4", "bi2", "nu1", "nb1", "fortran"] {
        let name = format!("{kind}.npy");
        let features = dense(&name, &golden(&name)).expect(kind);
        assert_eq!((rows(&features), features.feature_count()), (expected(), 3), "{kind}");
    }
    let signed = dense("signed.npy", &golden("signed.npy")).expect("signed");
    assert_eq!(rows(&signed), [[(0, -2.0)], [(1, 127.0)]]);
}

#[test]
fn what_scipy_saves_is_read() {
    for name in ["csr.npz", "plain.npz", "unsorted.npz"] {
        let features = csr(name, &golden(name)).expect(name);
        assert_eq!((rows(&features), features.feature_count()), (expected(), 3), "{name}");
    }
}

/// A `.npy` file of version 1 with this header and these bytes.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn files_that_are_none_or_lie_are_refused() {
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
    };
    let nan = f32::NAN.to_le_bytes();
    let dense = |bytes: Vec<u8>| super::dense("f.npy", &bytes).expect_err("refused").to_string();
    let csr = |bytes: Vec<u8>| super::csr("f.npz", &bytes).expect_err("refused").to_string();
    let said = [
        dense(Vec::new()),
        dense(b"\x93NUMPY\x01\x00\xff\xff".to_vec()),
        dense(b"\x93NUMPY\x07\x00\x00\x00\x00\x00".to_vec()),
        dense(golden("object.npy")),
        dense(golden("vector.npy")),
        dense(npy(&header("<f4", "(1000000000000, 1000000000000)"), &[0; 4])),
        dense(npy(&header("<f4", "(9223372036854775807, 4)"), &[0; 4])),
        dense(npy(&header("<f4", "(1000000000000, 0)"), &[])),
        dense(npy(&header("<f4", "(2, 1)"), &[0; 4])),
        dense(npy(&header("<f4", "(1, 1)"), &nan)),
        dense(npy(&header("<f8", "(1, 1)"), &1e300f64.to_le_bytes())),
        dense(npy(&header("<c8", "(1, 1)"), &[0; 8])),
        dense(npy("exec('1')", &[])),
        csr(Vec::new()),
        csr(golden("coo.npz")),
        csr(golden("lf4.npy")),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is wrong with a file, it ends in a value or an error.
    #[test]
    fn damaged_files_are_no_panic(name in prop::sample::select(vec![
        "lf4.npy", "fortran.npy", "csr.npz", "plain.npz", "unsorted.npz",
    ]), at: prop::sample::Index, with: u8, cut: prop::sample::Index) {
        let mut bytes = golden(name);
        let place = at.index(bytes.len());
        bytes[place] ^= with;
        drop((dense(name, &bytes), csr(name, &bytes)));
        bytes.truncate(cut.index(bytes.len()));
        drop((dense(name, &bytes), csr(name, &bytes)));
    }
}
