use proptest::prelude::*;

use super::make::{adjacency, array, csr, csr_of, f32s, i32s, int, list, pickle, string, tuple};
use super::{Csr, Pickle, Scalar};
use crate::{FormatError, Place};

/// Reads and takes every view, so that hostile input meets all of the code. If no view fits, the fault
/// of the one that came furthest.
fn everything(bytes: &[u8]) -> Result<(), FormatError> {
    let pickle = Pickle::read("p", bytes)?;
    let views = [
        pickle.csr().map(|_| ()),
        pickle.matrix().map(|array| drop(array.rows())),
        pickle.adjacency().map(|_| ()),
    ];
    if views.iter().any(Result::is_ok) {
        return Ok(());
    }
    let reached = |error: &FormatError| match error.place {
        Place::Byte(byte) => byte,
        _ => 0,
    };
    Err(views.into_iter().filter_map(Result::err).max_by_key(reached).expect("three faults"))
}

fn read_csr(body: &[u8]) -> Result<Csr, FormatError> {
    Pickle::read("p", &pickle(body))?.csr()
}

fn read_adjacency(body: &[u8]) -> Result<Vec<(i64, Vec<i64>)>, FormatError> {
    Pickle::read("p", &pickle(body))?.adjacency()
}

#[test]
fn a_csr_matrix_is_read_sorted_and_without_zeros() {
    let body = csr((3, 4), &[0, 3, 3, 4], &[2, 0, 3, 1], &[2.0, 1.0, 0.0, 5.0]);
    let expected = Csr {
        cols: 4,
        row_starts: vec![0, 2, 2, 3],
        columns: vec![0, 2, 1],
        values: vec![1.0, 2.0, 5.0],
    };
    assert_eq!(read_csr(&body), Ok(expected));
}

#[test]
fn the_four_element_types_are_read() {
    let wide: Vec<u8> = [1i64, -2].iter().flat_map(|value| value.to_le_bytes()).collect();
    let double: Vec<u8> = [0.5f64, -1e300].iter().flat_map(|value| value.to_le_bytes()).collect();
    let cases = [
        (array("i4", "<", &[1, 2], false, &i32s(&[1, -2])), Scalar::I32, [1.0, -2.0]),
        (array("i8", "<", &[1, 2], false, &wide), Scalar::I64, [1.0, -2.0]),
        (array("f4", "<", &[1, 2], false, &f32s(&[0.5, 1.5])), Scalar::F32, [0.5, 1.5]),
        (array("f8", "<", &[1, 2], false, &double), Scalar::F64, [0.5, -1e300]),
    ];
    for (body, scalar, values) in cases {
        let bytes = pickle(&body);
        let read = Pickle::read("p", &bytes).expect("a pickle");
        let array = read.matrix().expect("an array");
        assert_eq!(array.scalar, scalar);
        assert_eq!(array.rows(), Some(vec![values.to_vec()]));
    }
}

#[test]
fn both_orders_of_an_array_are_read() {
    let rows = |fortran, stored: &[i32]| {
        let bytes = pickle(&array("i4", "<", &[2, 3], fortran, &i32s(stored)));
        Pickle::read("p", &bytes).expect("a pickle").matrix().expect("an array").rows()
    };
    let expected = Some(vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]]);
    assert_eq!(rows(false, &[1, 2, 3, 4, 5, 6]), expected);
    assert_eq!(rows(true, &[1, 4, 2, 5, 3, 6]), expected);
}

#[test]
fn adjacency_lists_are_read_in_order() {
    let lists = read_adjacency(&adjacency(&[(0, &[2, 1, 1]), (7, &[])])).expect("lists");
    assert_eq!(lists, [(0, vec![2, 1, 1]), (7, vec![])]);
    let plain = [b"}".to_vec(), int(3), list(&[4]), b"s".to_vec()].concat();
    assert_eq!(read_adjacency(&plain), Ok(vec![(3, vec![4])]));
}

#[test]
fn the_memo_gives_back_what_it_was_given() {
    // One list under two keys, by short and long memo opcodes, and an 8-byte integer as key.
    let body = b"}(K\x05]q\x09K\x01a\x8a\x01\xffh\x09r\x00\x01\x00\x00\x8a\x00j\x00\x01\x00\x00u";
    assert_eq!(read_adjacency(body), Ok(vec![(5, vec![1]), (-1, vec![1]), (0, vec![1])]));
}

#[test]
fn faults_name_the_byte() {
    let vector = |len, values: &[i32]| array("i4", "<", &[len], false, &i32s(values));
    let square = |indptr: &[u8], indices: &[u8]| {
        let data = array("f4", "<", &[2], false, &f32s(&[1.0, 1.0]));
        pickle(&csr_of((2, 2), indptr, indices, &data))
    };
    let two = vector(2, &[0, 1]);
    let labels =
        |code, order, shape: &[i32]| pickle(&array(code, order, shape, false, &i32s(&[1, 2])));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("text", b"graph".to_vec()),
        ("protocol 4", b"\x80\x04N.".to_vec()),
        ("os.system", pickle(b"cos\nsystem\nU\x06echo hi\x85R")),
        ("builtins.eval", pickle(b"c__builtin__\neval\nU\x031+1\x85R")),
        ("calling a list", pickle(b"c__builtin__\nlist\n)R")),
        ("calling a string", pickle(b"U\x01a)R")),
        ("instance opcode", pickle(b"(ios\nsystem\n")),
        ("persistent id", pickle(b"Pid\n")),
        ("endless name", pickle(&[b'c'; 400])),
        ("string past the end", pickle(b"T\xff\xff\xff\x7fab")),
        ("negative length", pickle(b"T\xff\xff\xff\xffab")),
        ("unicode past the end", pickle(b"X\xff\xff\xff\xffab")),
        ("not unicode", pickle(b"X\x01\x00\x00\x00\xff")),
        ("unknown memo", pickle(b"j\xff\xff\xff\xff")),
        ("empty stack", pickle(b"a")),
        ("below the mark", pickle(b"]K\x01(a")),
        ("no mark", pickle(b"]e")),
        ("append to a dict", pickle(b"}K\x01a")),
        ("odd items", pickle(b"}(K\x01u")),
        ("build a list", pickle(b"]K\x01b")),
        ("state twice", pickle(b"cscipy.sparse.csr\ncsr_matrix\n)\x81}b}b")),
        ("two values", pickle(b"NN")),
        ("open mark", pickle(b"N(")),
        ("no value", pickle(b"")),
        ("more after the end", [pickle(b"N"), b"N".to_vec()].concat()),
        ("long integer", pickle(b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01")),
        ("no array", pickle(b"N")),
        ("big-endian", labels("i4", ">", &[1, 2])),
        ("other type", labels("c8", "<", &[1, 2])),
        ("no shape for its bytes", labels("i4", "<", &[2, 2])),
        ("shape that overflows", labels("i4", "<", &[i32::MAX, i32::MAX, i32::MAX])),
        ("negative shape", labels("i4", "<", &[-1, 2])),
        ("pointers do not add up", square(&vector(3, &[0, 1, 3]), &two)),
        ("pointers descend", square(&vector(3, &[0, 3, 2]), &two)),
        ("pointer below zero", square(&vector(3, &[-1, 1, 2]), &two)),
        ("too few pointers", square(&vector(2, &[0, 2]), &two)),
        ("column out of range", square(&vector(3, &[0, 1, 2]), &vector(2, &[0, 2]))),
        ("column below zero", square(&vector(3, &[0, 1, 2]), &vector(2, &[0, -1]))),
        ("column twice", square(&vector(3, &[0, 2, 2]), &vector(2, &[1, 1]))),
        ("text as a neighbour", pickle(b"}K\x01](U\x01aes")),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(what, bytes)| format!("{what}: {}", everything(bytes).expect_err(what)))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_field_that_is_missing_is_named() {
    let error = read_csr(b"cscipy.sparse.csr\ncsr_matrix\n)\x81}b").expect_err("no fields");
    insta::assert_snapshot!(error.to_string());
}

#[test]
fn truncated_anywhere_is_an_error() {
    let whole = [
        pickle(&csr((3, 4), &[0, 2, 2, 3], &[2, 0, 1], &[2.0, 1.0, 5.0])),
        pickle(&array("i4", "<", &[2, 3], false, &i32s(&[1, 0, 0, 0, 1, 0]))),
        pickle(&adjacency(&[(0, &[1, 2]), (1, &[0])])),
    ];
    for bytes in whole {
        assert_eq!(everything(&bytes), Ok(()));
        for end in 0..bytes.len() {
            assert!(everything(&bytes[..end]).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn a_changed_byte_never_panics() {
    let bytes = pickle(&csr((3, 4), &[0, 2, 2, 3], &[2, 0, 1], &[2.0, 1.0, 5.0]));
    for at in 0..bytes.len() {
        for change in [1, 2, 4, 8, 16, 32, 64, 128, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            drop(everything(&changed));
        }
    }
}

#[test]
fn a_memo_bomb_costs_what_it_weighs() {
    // Each list holds the one before twice: 2^200 entries if anything were copied or walked.
    let mut body = b"]q\x00".to_vec();
    for level in 0..200u8 {
        body.extend([b']', b'(', b'h', level, b'h', level, b'e', b'q', level + 1]);
    }
    let bytes = pickle(&tuple(&[body]));
    let read = Pickle::read("p", &bytes).expect("lists in a tuple");
    assert!(read.arena.len() < bytes.len());
    assert!(read.adjacency().is_err());
}

#[test]
fn lists_that_share_their_storage_are_not_multiplied() {
    // A thousand keys, all with one list of a thousand entries: a million from four kilobytes.
    let mut body = [b"}(K\x00".to_vec(), list(&[1; 1000]), b"q\x00".to_vec()].concat();
    for key in 1..1000u16 {
        body.extend([b"M".as_slice(), &key.to_le_bytes(), b"h\x00"].concat());
    }
    body.push(b'u');
    let error = read_adjacency(&body).expect_err("shared");
    assert!(error.to_string().contains("share"), "{error}");
}

#[test]
fn deep_nesting_and_cycles_are_harmless() {
    let depth = 1_000_000;
    let nested = [vec![b']'; depth], vec![b'a'; depth - 1]].concat();
    assert!(everything(&pickle(&nested)).is_err());
    let tuples = [b")".to_vec(), vec![0x85; depth]].concat();
    assert!(everything(&pickle(&tuples)).is_err());
    assert!(everything(&pickle(&vec![b'('; depth])).is_err());
    assert!(everything(&pickle(b"]q\x00h\x00a")).is_err());
    assert!(everything(&pickle(b"}q\x00K\x01h\x00s")).is_err());
}

#[test]
fn a_large_claim_allocates_nothing() {
    // An array without columns claims two thousand million rows and no bytes.
    let bytes = pickle(&array("i4", "<", &[i32::MAX, 0], false, &[]));
    let read = Pickle::read("p", &bytes).expect("a pickle");
    assert_eq!(read.matrix().expect("an array").rows(), Some(vec![]));
    let wide = csr_of(
        (i32::MAX, i32::MAX),
        &array("i4", "<", &[1], false, &i32s(&[0])),
        &array("i4", "<", &[0], false, &[]),
        &array("f4", "<", &[0], false, &[]),
    );
    assert!(read_csr(&wide).is_err());
    assert!(everything(&pickle(&string(&[0; 9]))).is_err());
}

proptest! {
    #[test]
    fn any_bytes_never_panic(body: Vec<u8>) {
        drop(everything(&body));
        drop(everything(&pickle(&body)));
    }

    /// Mostly known opcodes with small arguments, so that the machine goes far before it stops.
    #[test]
    fn any_program_never_panics(
        steps in prop::collection::vec(
            (
                prop::sample::select(b"NKM(t)]}aesuqh\x81\x85\x86\x87\x88\x89Rbc0.".to_vec()),
                0u8..4,
            ),
            0..60,
        ),
    ) {
        let globals: [&[u8]; 4] = [
            b"cnumpy\ndtype\n",
            b"ccollections\ndefaultdict\n",
            b"cscipy.sparse.csr\ncsr_matrix\n",
            b"cnumpy.core.multiarray\n_reconstruct\n",
        ];
        let mut body = Vec::new();
        for (opcode, small) in steps {
            match opcode {
                b'K' | b'q' | b'h' => body.extend([opcode, small]),
                b'M' => body.extend([opcode, small, 0]),
                b'c' => body.extend_from_slice(globals[usize::from(small)]),
                other => body.push(other),
            }
        }
        drop(everything(&pickle(&body)));
    }

    #[test]
    fn what_was_written_is_read(
        lists in prop::collection::vec(prop::collection::vec(0i32..50, 0..6), 0..8),
    ) {
        let keyed: Vec<(i32, &[i32])> = (0i32..).zip(lists.iter().map(Vec::as_slice)).collect();
        let read = read_adjacency(&adjacency(&keyed)).expect("lists");
        let expected: Vec<(i64, Vec<i64>)> = keyed
            .iter()
            .map(|(key, list)| (i64::from(*key), list.iter().map(|&i| i64::from(i)).collect()))
            .collect();
        prop_assert_eq!(read, expected);
    }
}
