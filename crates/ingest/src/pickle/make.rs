//! Small pickles for tests, opcode by opcode, as Python 2 and numpy wrote them.

/// `\x80\x02 BODY .`
pub(crate) fn pickle(body: &[u8]) -> Vec<u8> {
    [b"\x80\x02", body, b"."].concat()
}

pub(crate) fn int(value: i32) -> Vec<u8> {
    [b"J".as_slice(), &value.to_le_bytes()].concat()
}

pub(crate) fn short_string(text: &[u8]) -> Vec<u8> {
    [b"U", [u8::try_from(text.len()).expect("short")].as_slice(), text].concat()
}

pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let len = i32::try_from(bytes.len()).expect("short");
    [b"T".as_slice(), &len.to_le_bytes(), bytes].concat()
}

pub(crate) fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(".to_vec(), items.concat(), b"t".to_vec()].concat()
}

pub(crate) fn list(items: &[i32]) -> Vec<u8> {
    let items: Vec<u8> = items.iter().flat_map(|&item| int(item)).collect();
    [b"](", items.as_slice(), b"e"].concat()
}

/// A numpy array: `code` like `i4`, `order` like `<`.
pub(crate) fn array(code: &str, order: &str, shape: &[i32], fortran: bool, data: &[u8]) -> Vec<u8> {
    let dtype = [
        b"cnumpy\ndtype\n".to_vec(),
        tuple(&[short_string(code.as_bytes()), int(0), int(1)]),
        b"R".to_vec(),
        tuple(&[int(3), short_string(order.as_bytes()), b"NNN".to_vec(), int(-1), int(-1), int(0)]),
        b"b".to_vec(),
    ]
    .concat();
    let shape: Vec<Vec<u8>> = shape.iter().map(|&axis| int(axis)).collect();
    [
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R".to_vec(),
        tuple(&[
            int(1),
            tuple(&shape),
            dtype,
            if fortran { b"\x88".to_vec() } else { b"\x89".to_vec() },
            string(data),
        ]),
        b"b".to_vec(),
    ]
    .concat()
}

pub(crate) fn i32s(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn vector(values: &[i32]) -> Vec<u8> {
    array("i4", "<", &[i32::try_from(values.len()).expect("short")], false, &i32s(values))
}

/// A scipy CSR matrix of `f4`.
pub(crate) fn csr(shape: (i32, i32), indptr: &[i32], indices: &[i32], data: &[f32]) -> Vec<u8> {
    let count = i32::try_from(data.len()).expect("short");
    let data = array("f4", "<", &[count], false, &f32s(data));
    csr_of(shape, &vector(indptr), &vector(indices), &data)
}

/// A scipy CSR matrix of any three arrays.
pub(crate) fn csr_of(shape: (i32, i32), indptr: &[u8], indices: &[u8], data: &[u8]) -> Vec<u8> {
    [
        b"cscipy.sparse.csr\ncsr_matrix\n)\x81}(".to_vec(),
        short_string(b"format"),
        short_string(b"csr"),
        short_string(b"_shape"),
        tuple(&[int(shape.0), int(shape.1)]),
        short_string(b"maxprint"),
        int(50),
        short_string(b"indptr"),
        indptr.to_vec(),
        short_string(b"indices"),
        indices.to_vec(),
        short_string(b"data"),
        data.to_vec(),
        b"ub".to_vec(),
    ]
    .concat()
}

/// A `defaultdict(list)` of adjacency lists.
pub(crate) fn adjacency(lists: &[(i32, &[i32])]) -> Vec<u8> {
    let items: Vec<u8> =
        lists.iter().flat_map(|(node, items)| [int(*node), list(items)].concat()).collect();
    let head = b"ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R(";
    [head, items.as_slice(), b"u"].concat()
}
