//! Which samples a page shows, and which codes it wants decoded.

use std::collections::BTreeMap;

use vgae_artifacts::{Embedding, Matrix, Nodes};

/// Picks `count` of `rows` for a page: the labels in turn, each by its first samples; without labels,
/// evenly spaced.
///
/// # Panics
/// When a row is not below the number of nodes.
#[must_use]
pub fn pick_rows(nodes: &Nodes, rows: &[u32], count: usize) -> Vec<u32> {
    let mut by_label: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for &row in rows {
        if let Some(label) = &nodes.labels()[row as usize] {
            by_label.entry(label).or_default().push(row);
        }
    }
    if by_label.is_empty() {
        let count = count.min(rows.len());
        return (0..count).map(|at| rows[at * rows.len() / count]).collect();
    }
    let most = by_label.values().map(Vec::len).max().unwrap_or(0);
    let turns = (0..most).flat_map(|turn| by_label.values().filter_map(move |own| own.get(turn)));
    turns.copied().take(count).collect()
}

/// Codes on the straight line from the code of one sample to that of another, both included: `steps x
/// width`.
///
/// # Panics
/// When a sample has no code.
#[must_use]
pub fn interpolation_codes(embedding: &Embedding, from: u32, to: u32, steps: usize) -> Matrix {
    let (from, to) = (embedding.mu().row(from as usize), embedding.mu().row(to as usize));
    let mut codes = Matrix::zeros(steps, from.len());
    let last = steps.saturating_sub(1).max(1) as f32;
    for (step, code) in codes.as_mut_slice().chunks_exact_mut(from.len().max(1)).enumerate() {
        let share = step as f32 / last;
        for ((code, from), to) in code.iter_mut().zip(from).zip(to) {
            *code = (1.0 - share) * from + share * to;
        }
    }
    codes
}

/// Codes over the plane, `side * side x 2`, row by row from the top left: the first coordinate rises to
/// the right, the second upwards. With a prior they are the quantiles of N(0, 1) at the middles of `side`
/// equal shares; without, the quantiles of the codes of `rows`.
///
/// # Panics
/// When codes have fewer than two dimensions or a row has none.
#[must_use]
pub fn plane_codes(embedding: &Embedding, rows: &[u32], side: usize, prior: bool) -> Matrix {
    let shares = (0..side).map(|at| (at as f64 + 0.5) / side as f64);
    let coordinates = |dimension: usize| -> Vec<f32> {
        if prior || rows.is_empty() {
            return shares.clone().map(normal_quantile).collect();
        }
        let codes = rows.iter().map(|&row| embedding.mu().row(row as usize)[dimension]);
        let mut sorted: Vec<f32> = codes.collect();
        sorted.sort_unstable_by(f32::total_cmp);
        (0..side).map(|at| sorted[(2 * at + 1) * sorted.len() / (2 * side)]).collect()
    };
    let (across, up) = (coordinates(0), coordinates(1));
    let mut codes = Matrix::zeros(side * side, 2);
    for (at, code) in codes.as_mut_slice().chunks_exact_mut(2).enumerate() {
        code.copy_from_slice(&[across[at % side], up[side - 1 - at / side]]);
    }
    codes
}

/// The value below which a draw of N(0, 1) lies with probability `share`, right to 1e-8 (Acklam's rational
/// approximation; 1.15e-9 relative).
fn normal_quantile(share: f64) -> f32 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const TAIL: f64 = 0.024_25;
    let polynomial = |of: &[f64], x: f64| of.iter().fold(0.0, |sum, term| sum * x + term);
    let tail = |share: f64| {
        let q = (-2.0 * share.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    };
    let value = if share < TAIL {
        tail(share)
    } else if share > 1.0 - TAIL {
        -tail(1.0 - share)
    } else {
        let q = share - 0.5;
        q * polynomial(&A, q * q) / polynomial(&B, q * q)
    };
    #[expect(clippy::cast_possible_truncation, reason = "codes are f32")]
    let value = value as f32;
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(labels: &[Option<&str>]) -> Nodes {
        let ids = (0..labels.len()).map(|at| at.to_string()).collect();
        let labels = labels.iter().map(|label| label.map(str::to_owned)).collect();
        Nodes::new(ids, labels).expect("nodes")
    }

    fn embedding(width: usize, values: Vec<f32>) -> Embedding {
        let mu = Matrix::from_row_major(values.len() / width, width, values).expect("shape");
        Embedding::new(mu, None).expect("finite")
    }

    #[test]
    fn labels_are_shown_in_turn() {
        let labelled = nodes(&[Some("b"), Some("a"), None, Some("a"), Some("b"), Some("a")]);
        let rows = [0, 1, 2, 3, 4, 5];
        assert_eq!(pick_rows(&labelled, &rows, 4), [1, 0, 3, 4]);
        assert_eq!(pick_rows(&labelled, &rows, 99), [1, 0, 3, 4, 5]);
        assert_eq!(pick_rows(&nodes(&[None; 6]), &rows, 3), [0, 2, 4]);
        assert_eq!(pick_rows(&nodes(&[None; 6]), &[], 3), [0; 0]);
    }

    #[test]
    fn a_line_has_its_ends() {
        let codes = embedding(2, vec![0.0, 1.0, 4.0, -1.0]);
        let line = interpolation_codes(&codes, 0, 1, 5);
        assert_eq!(
            (line.row(0), line.row(2), line.row(4)),
            (&[0.0, 1.0][..], &[2.0, 0.0][..], &[4.0, -1.0][..])
        );
        assert_eq!(interpolation_codes(&codes, 0, 1, 1).row(0), [0.0, 1.0]);
    }

    #[test]
    fn quantiles_are_those_of_the_normal() {
        // From tables of the normal distribution (R's qnorm).
        let known = [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.01, -2.326_347_874_040_841),
            (0.999, 3.090_232_306_167_813),
        ];
        for (share, value) in known {
            // The result is an f32.
            assert!((f64::from(normal_quantile(share)) - value).abs() < 3e-7, "{share}");
        }
    }

    #[test]
    fn the_plane_starts_at_the_top_left() {
        let codes = embedding(2, vec![0.0, 10.0, 1.0, 20.0, 2.0, 30.0]);
        let plane = plane_codes(&codes, &[0, 1, 2], 3, false);
        assert_eq!(
            (plane.row(0), plane.row(2), plane.row(8)),
            (&[0.0, 30.0][..], &[2.0, 30.0][..], &[2.0, 10.0][..])
        );
        let prior = plane_codes(&codes, &[], 4, true);
        assert!(prior.row(0)[0] < prior.row(1)[0] && prior.row(0)[1] > prior.row(4)[1]);
    }
}
