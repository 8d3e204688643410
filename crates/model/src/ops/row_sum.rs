use crate::scalar::Scalar;

/// `out = sum over entries (r, w) of w * x[r, ..]`, the inner loop of every sparse product; `x` has
/// `out.len()` columns. The sum runs in the order of the entries, from `first` if there is one.
///
/// Panels of columns are held in registers while the entries pass.
#[expect(clippy::needless_pass_by_value, reason = "an iterator, walked once a panel")]
#[inline(always)]
pub(crate) fn weighted_row_sum<T: Scalar>(
    out: &mut [T],
    x: &[T],
    first: Option<(usize, T)>,
    entries: impl Iterator<Item = (usize, T)> + Clone,
) {
    let width = out.len();
    let mut at = 0;
    while width - at >= 32 {
        panel::<T, 32>(&mut out[at..], x, width, at, first, entries.clone());
        at += 32;
    }
    while width - at >= 8 {
        panel::<T, 8>(&mut out[at..], x, width, at, first, entries.clone());
        at += 8;
    }
    while width > at {
        panel::<T, 1>(&mut out[at..], x, width, at, first, entries.clone());
        at += 1;
    }
}

#[inline(always)]
fn panel<T: Scalar, const W: usize>(
    out: &mut [T],
    x: &[T],
    width: usize,
    at: usize,
    first: Option<(usize, T)>,
    entries: impl Iterator<Item = (usize, T)>,
) {
    let mut sums = [T::ZERO; W];
    if let Some((row, weight)) = first {
        let x = &x[row * width + at..][..W];
        for lane in 0..W {
            sums[lane] = x[lane] * weight;
        }
    }
    for (row, weight) in entries {
        let x = &x[row * width + at..][..W];
        for lane in 0..W {
            sums[lane] = x[lane].fused(weight, sums[lane]);
        }
    }
    out[..W].copy_from_slice(&sums);
}
