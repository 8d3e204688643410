use proptest::prelude::*;

use std::num::NonZeroU32;

use super::sampled::Permutation;
use super::*;
use vgae_artifacts::{EdgeSplit, NodeTypes, Pair};
use vgae_testing::gradcheck;
use vgae_testing::{on_threads, ring, split_of};

/// Loss and gradient of the tiled kernel and of the naive one in `f64`.
fn both(z: &[f32], width: usize) -> ((f64, Vec<f32>), (f64, Vec<f64>)) {
    let nodes = z.len() / width;
    let mut d_tiled = vec![0.0; z.len()];
    let tiled = TiledPairs::new(nodes, width).forward_backward(z, 1.0, &mut d_tiled);
    let exact: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
    let mut d_naive = vec![0.0; z.len()];
    let mut naive = <NaivePairs as AllPairs<f64>>::new(nodes, width);
    let naive = naive.forward_backward(&exact, 1.0, &mut d_naive);
    ((tiled, d_tiled), (naive, d_naive))
}

/// How far `f32` may be off, in units of its rounding (2^-24). A logit of `width` products carries an
/// error of about `width` roundings of `sum |z_i||z_j|`, which enters softplus and sigmoid with a slope
/// of at most 1; the exponential, the division and the sums add some tens.
fn assert_agrees(z: &[f32], width: usize) {
    let ((tiled, d_tiled), (naive, d_naive)) = both(z, width);
    let nodes = z.len() / width;
    let rounding = f64::from(f32::EPSILON) / 2.0;
    let largest = z
        .chunks_exact(width)
        .map(|row| row.iter().map(|&z| f64::from(z).powi(2)).sum::<f64>())
        .fold(0.0, f64::max);
    let logit_error = (width as f64 + 2.0) * rounding * largest;
    let pairs = (nodes as f64).powi(2);
    assert!(tiled.is_finite());
    let tolerance = pairs * (logit_error + 20.0 * rounding) + 20.0 * rounding * naive;
    assert!((tiled - naive).abs() <= tolerance, "loss {tiled}, naive {naive}, {tolerance}");

    let sum_of_z =
        |k: usize| z.iter().skip(k).step_by(width).map(|z| f64::from(z.abs())).sum::<f64>();
    let columns: Vec<f64> = (0..width).map(sum_of_z).collect();
    for (at, (&found, &expected)) in d_tiled.iter().zip(&d_naive).enumerate() {
        let tolerance = (logit_error + 100.0 * rounding) * columns[at % width];
        let difference = (f64::from(found) - expected).abs();
        assert!(difference <= tolerance, "d_z[{at}]: {found}, naive {expected}, {tolerance}");
    }
}

fn embedding() -> impl Strategy<Value = (usize, Vec<f32>)> {
    let widths = prop::sample::select(vec![1usize, 7, 16, 33, 128]);
    let sizes = prop_oneof![1usize..=4, 60usize..=70, 120usize..=200];
    let scales = prop::sample::select(vec![1e-3f32, 0.3, 1.0, 30.0, 1e4]);
    (widths, sizes, scales).prop_flat_map(|(width, nodes, scale)| {
        let value = (-1.0f32..1.0).prop_map(move |x| x * scale);
        (Just(width), prop::collection::vec(value, nodes * width))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn tiles_agree_with_the_naive_form((width, z) in embedding()) {
        assert_agrees(&z, width);
    }
}

#[test]
fn many_blocks_agree_with_the_naive_form() {
    // Enough blocks that every strip has several, and the last block is partly filled.
    let (nodes, width) = (2500, 16);
    let z: Vec<f32> = (0..nodes * width).map(|at| ((at * at) as f32 * 0.37).sin()).collect();
    assert_agrees(&z, width);
}

#[test]
fn zeros_give_the_exact_value() {
    for nodes in [1, 2, 63, 64, 65, 1000] {
        let ((tiled, d_z), _) = both(&vec![0.0; nodes * 3], 3);
        let expected = (nodes as f64).powi(2) * std::f64::consts::LN_2;
        // Powers of two are counted as integers, so only the final sums round.
        assert!((tiled - expected).abs() <= 1e-14 * expected, "{tiled} {expected}");
        assert!(d_z.iter().all(|&d| d.to_bits() == 0));
    }
}

#[test]
fn huge_logits_neither_overflow_nor_vanish() {
    let z = [1e15f32, -1e15, 1e15, 0.0];
    let ((tiled, d_z), (naive, _)) = both(&z, 1);
    assert!((tiled - naive).abs() <= 1e-6 * naive, "{tiled} {naive}");
    assert!(d_z.iter().all(|d| d.is_finite()), "{d_z:?}");
}

#[test]
fn what_is_not_finite_is_not_hidden() {
    for (value, at) in [(f32::NAN, 0), (f32::INFINITY, 70), (1e30, 5)] {
        let mut z = vec![0.1f32; 100];
        z[at] = value;
        let mut d_z = vec![0.0; 100];
        let loss = TiledPairs::new(100, 1).forward_backward(&z, 1.0, &mut d_z);
        assert!(!loss.is_finite(), "{value}: {loss}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let (nodes, width) = (777, 20);
    let z: Vec<f32> = (0..nodes * width).map(|at| (at as f32 * 0.77).sin()).collect();
    let run = || {
        let mut d_z = vec![0.0; z.len()];
        let loss = TiledPairs::new(nodes, width).forward_backward(&z, 0.5, &mut d_z);
        (loss.to_bits(), d_z.iter().map(|d| d.to_bits()).collect::<Vec<_>>())
    };
    let one = on_threads(1, run);
    assert!(one == on_threads(2, run) && one == on_threads(5, run));
}

#[test]
fn vector_instructions_do_not_change_a_bit() {
    use pulp::Simd;
    let (nodes, width) = (200, 20);
    let z: Vec<f32> = (0..nodes * width).map(|at| 3.0 * (at as f32 * 0.77).sin()).collect();
    let run = |dispatch: &(dyn Fn(tiles::StripTask<'_>) + Sync)| {
        let mut d_z = vec![0.0; z.len()];
        let loss = TiledPairs::new(nodes, width).run(&z, 0.5, &mut d_z, dispatch);
        (loss.to_bits(), d_z.iter().map(|d| d.to_bits()).collect::<Vec<_>>())
    };
    let best = run(&|task| pulp::Arch::new().dispatch(task));
    assert!(best == run(&|task| Simd::vectorize(pulp::Scalar, task)), "one lane");
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        assert!(best == run(&|task| Simd::vectorize(avx2, task)), "eight lanes");
    }
}

#[test]
fn gradient_of_the_whole_loss() {
    let split = split_of(9, &[(0, 1), (1, 2), (0, 4), (5, 8)]);
    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let mut loss = InnerProductLoss::<f64>::new(adjacency, 4, Negatives::All);
    let z = gradcheck::point(36, 1);
    let mut d_z = vec![0.0; 36];
    loss.forward_backward(&z, &mut d_z);
    gradcheck::assert_gradient("Z", &z, &d_z, |z| loss.forward_backward(z, &mut [0.0; 36]));
}

#[test]
fn is_the_weighted_cross_entropy() {
    // From the definition, with sigmoid and logarithm.
    let edges = [(0, 1), (2, 3)];
    let split = split_of(5, &edges);
    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let z = gradcheck::point(10, 1);
    let found = InnerProductLoss::<f64>::new(adjacency, 2, Negatives::All)
        .forward_backward(&z, &mut [0.0; 10]);
    let (all, ones) = (25.0, 4.0);
    let mut sum = 0.0;
    for i in 0..5 {
        for j in 0..5 {
            let row = |i: u32| &z[2 * i as usize..2 * i as usize + 2];
            let p = 1.0 / (1.0 + (-gradcheck::dot(row(i), row(j))).exp());
            let positive = i == j || edges.contains(&(i, j)) || edges.contains(&(j, i));
            sum -= if positive { (all - ones) / ones * p.ln() } else { (1.0 - p).ln() };
        }
    }
    let expected = all / (2.0 * (all - ones)) * sum / all;
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn scale_works_like_the_authors_code() {
    // PROTOCOL: Cora, Citeseer, Pubmed with 85% of their edges.
    for (nodes, edges, pos_weight, norm) in [
        (2708, 4488, 815.9857, 0.500_613),
        (3327, 3870, 1429.0942, 0.500_350),
        (19_717, 37_676, 5158.2538, 0.500_097),
    ] {
        let scale = LossScale::new(nodes, edges);
        assert!((scale.pos_weight - pos_weight).abs() < 5e-5, "{scale:?}");
        assert!((scale.norm - norm).abs() < 5e-7, "{scale:?}");
    }
}

#[expect(clippy::cast_possible_truncation, reason = "single precision is what is tested")]
fn in_single(z: &[f64]) -> Vec<f32> {
    z.iter().map(|&z| z as f32).collect()
}

/// A sample of every ordered pair, each once: shift after shift.
fn every_pair(nodes: u32) -> SampledPairs {
    let permutations = (0..nodes)
        .map(|shift| {
            let forward: Vec<u32> = (0..nodes).map(|node| (node + shift) % nodes).collect();
            let inverse = (0..nodes).map(|node| (node + nodes - shift) % nodes).collect();
            Permutation { forward, inverse }
        })
        .collect();
    SampledPairs::of(nodes as usize, (nodes as usize).pow(2), permutations, 3)
}

#[test]
fn a_sample_of_every_pair_is_the_exact_sum() {
    for (nodes, width) in [(11, 4), (70, 16), (33, 20)] {
        let len = nodes * width;
        let z = gradcheck::point(len, 3);
        let (mut d_naive, mut d_sampled) = (vec![0.0; len], vec![0.0; len]);
        let mut naive = <NaivePairs as AllPairs<f64>>::new(nodes, width);
        let expected = naive.forward_backward(&z, 0.5, &mut d_naive);
        let mut every = every_pair(u32::try_from(nodes).expect("few"));
        let found = every.forward_backward((&z[..], width), 0.5, |_, _| true, &mut d_sampled);
        assert!((found - expected).abs() < 1e-9 * expected, "{found} {expected}");
        for (found, expected) in d_sampled.iter().zip(&d_naive) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
        // And in f32, on vector instructions.
        let z: Vec<f32> = in_single(&z);
        let mut d_f32 = vec![0.0; len];
        let found = every.forward_backward((&z[..], width), 0.5, |_, _| true, &mut d_f32);
        assert!((found - expected).abs() < 1e-6 * expected, "{found} {expected}");
        for (&found, expected) in d_f32.iter().zip(&d_naive) {
            assert!((f64::from(found) - expected).abs() < 2e-5, "{found} {expected}");
        }
    }
}

/// The loss of a ring with `negatives`, and its gradient.
fn loss_of_ring<T: Kernels>(
    negatives: Negatives,
    width: usize,
    z: &[T],
    seed: u64,
    epoch: u32,
) -> (f64, Vec<T>) {
    let adjacency = Arc::new(Adjacency::new(ring(40).train_view()));
    let mut loss = InnerProductLoss::new(adjacency, width, negatives);
    loss.draw(Seed(seed), epoch);
    let mut d_z = vec![T::ZERO; z.len()];
    (loss.forward_backward(z, &mut d_z), d_z)
}

fn per_positive(count: u32) -> Negatives {
    Negatives::PerPositive(NonZeroU32::new(count).expect("not 0"))
}

#[test]
fn sampled_losses_estimate_the_exact_one_without_bias() {
    let z = gradcheck::point(80, 5);
    let (exact, d_exact) = loss_of_ring(Negatives::All, 2, &z, 0, 0);
    // 52 edges make 52 pairs: one permutation and 12 rows of a second.
    let epochs = 20_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    let (mut d_sum, mut d_squares) = (vec![0.0; 80], vec![0.0; 80]);
    for epoch in 0..epochs {
        let (loss, d_z) = loss_of_ring(per_positive(1), 2, &z, 7, epoch);
        (sum, squares) = (sum + loss, squares + loss * loss);
        for (at, d) in d_z.iter().enumerate() {
            d_sum[at] += d;
            d_squares[at] += d * d;
        }
    }
    let check = |what: String, sum: f64, squares: f64, expected: f64| {
        let count = f64::from(epochs);
        let mean = sum / count;
        let error = ((squares / count - mean * mean).max(0.0) / count).sqrt();
        assert!(error > 0.0, "{what} is drawn");
        assert!((mean - expected).abs() < 5.0 * error, "{what}: {mean} +- {error}, {expected}");
    };
    check("loss".to_owned(), sum, squares, exact);
    for (at, expected) in d_exact.into_iter().enumerate() {
        check(format!("d_z[{at}]"), d_sum[at], d_squares[at], expected);
    }
}

#[test]
fn gradient_of_the_sampled_loss() {
    for count in [1, 3] {
        let z = gradcheck::point(160, 1);
        let of = |z: &[f64]| loss_of_ring(per_positive(count), 4, z, 3, 9);
        gradcheck::assert_gradient("Z", &z, &of(&z).1, |z| of(z).0);
    }
}

#[test]
fn sampled_terms_agree_in_both_precisions() {
    for (width, size) in [(1, 1.0), (7, 0.5), (16, 1.0), (33, 0.3), (16, 8.0)] {
        let z: Vec<f64> = gradcheck::point(40 * width, 2).iter().map(|z| size * z).collect();
        let (expected, d_expected) = loss_of_ring(per_positive(2), width, &z, 1, 1);
        let z: Vec<f32> = in_single(&z);
        let (found, d_found) = loss_of_ring(per_positive(2), width, &z, 1, 1);
        assert!((found - expected).abs() < 1e-5 * expected, "{width}: {found} {expected}");
        let largest = d_expected.iter().fold(0.0f64, |most, d| most.max(d.abs()));
        for (&found, expected) in d_found.iter().zip(d_expected) {
            assert!((f64::from(found) - expected).abs() < 1e-5 * largest, "{found} {expected}");
        }
    }
}

#[test]
fn sampled_losses_have_the_same_bits_on_any_number_of_threads_and_differ_by_epoch() {
    let z: Vec<f32> = in_single(&gradcheck::point(40 * 16, 2));
    let of = |threads, epoch| {
        let (loss, d_z) = on_threads(threads, || loss_of_ring(per_positive(3), 16, &z, 1, epoch));
        (loss.to_bits(), d_z.iter().map(|d| d.to_bits()).collect::<Vec<_>>())
    };
    let one = of(1, 4);
    assert!(one == of(2, 4) && one == of(5, 4));
    assert_ne!(one, of(1, 5));
}

#[test]
fn a_sampled_loss_does_not_hide_what_is_not_finite() {
    for (value, at) in [(f32::NAN, 0), (f32::INFINITY, 70), (1e30, 5)] {
        let mut z = vec![0.1f32; 80];
        z[at] = value;
        let (loss, _) = loss_of_ring(per_positive(1), 2, &z, 1, 1);
        assert!(!loss.is_finite(), "{value}: {loss}");
    }
}

#[test]
fn vector_instructions_do_not_change_a_bit_of_single_pairs() {
    use batch::{InLanes, Term};
    let (nodes, width) = (70, 20);
    let z = in_single(&gradcheck::point(nodes * width, 2));
    let pairs: Vec<(usize, usize)> = (0..61).map(|at| (at, (at * at) % nodes)).collect();
    let run = |term: Term, dispatch: &dyn Fn(InLanes<'_, '_>)| {
        let mut d_rows = vec![0.0; z.len()];
        let mut sum = TermSum::EMPTY;
        let (z, d_rows_of) = (&z[..], &mut d_rows[..]);
        let pairs = &pairs[..];
        let batch = Batch { z, width, term, scale: 0.5, pairs, first_row: 0, d_rows: d_rows_of };
        dispatch(InLanes { batch, sum: &mut sum });
        let total = sum.finish(term).to_bits();
        (total, d_rows.iter().map(|d| d.to_bits()).collect::<Vec<_>>())
    };
    for term in [Term::Any, Term::Positive { weight: 9.0 }] {
        let best = run(term, &|work| vgae_numerics::simd::on_16_lanes(work));
        assert!(best == run(term, &|work| vgae_numerics::simd::on(pulp::Scalar, work)), "one lane");
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = pulp::x86::V3::try_new() {
            assert!(best == run(term, &|work| vgae_numerics::simd::on(avx2, work)), "eight lanes");
        }
    }
}

/// Users 0, 3, 6, ..., movies 1, 4, 7, ... and tags 2, 5, 8, ...: users watch movies and follow users, movies have tags.
fn typed(nodes: u32) -> (EdgeSplit, Arc<PairTypes>) {
    let mut edges: Vec<(u32, u32)> =
        (0..nodes - 4).step_by(3).map(|user| (user, user + 4)).collect();
    edges.extend((1..nodes - 1).step_by(3).map(|movie| (movie, movie + 1)));
    edges.push((0, 6));
    let names: Vec<&str> =
        (0..nodes).map(|node| ["user", "movie", "tag"][node as usize % 3]).collect();
    let split = split_of(nodes as usize, &edges);
    let split = split.with_node_types(NodeTypes::new(&names).expect("three")).expect("typed");
    let types = split.train_view().pair_types().map(Arc::clone).expect("typed");
    (split, types)
}

/// The loss of a typed graph from its definition: pairs that are not allowed are no part of it.
fn loss_of_types(split: &EdgeSplit, types: &PairTypes, z: &[f64], width: usize) -> f64 {
    let nodes = u32::try_from(split.node_count()).expect("few");
    let all = (0..nodes).flat_map(|i| (0..nodes).map(move |j| Pair::new(i, j)));
    let allowed: Vec<Pair> = all.filter(|&pair| types.allows(pair)).collect();
    let (count, ones) = (allowed.len() as f64, 2.0 * split.train().len() as f64);
    let row = |node: u32| &z[node as usize * width..][..width];
    let mut sum = 0.0;
    for pair in allowed {
        let p = 1.0 / (1.0 + (-gradcheck::dot(row(pair.src), row(pair.dst))).exp());
        let is_positive = pair.is_self_loop() || split.train().contains(&pair.canonical());
        sum -= if is_positive { (count - ones) / ones * p.ln() } else { (1.0 - p).ln() };
    }
    count / (2.0 * (count - ones)) * sum / count
}

#[test]
fn typed_graphs_have_the_loss_of_allowed_pairs() {
    let (split, types) = typed(14);
    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let z = gradcheck::point(14 * 3, 2);
    let mut loss = InnerProductLoss::<f64>::new(Arc::clone(&adjacency), 3, Negatives::All)
        .with_pair_types(Some(&types));
    let mut d_z = vec![0.0; 14 * 3];
    let found = loss.forward_backward(&z, &mut d_z);
    let expected = loss_of_types(&split, &types, &z, 3);
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    gradcheck::assert_gradient("Z", &z, &d_z, |z| loss.forward_backward(z, &mut [0.0; 14 * 3]));

    // And in single precision, with the fast kernels.
    let mut fast =
        InnerProductLoss::<f32>::new(adjacency, 3, Negatives::All).with_pair_types(Some(&types));
    let mut d_fast = vec![0.0; 14 * 3];
    let found = fast.forward_backward(&in_single(&z), &mut d_fast);
    assert!((found - expected).abs() < 1e-5 * expected.abs(), "{found} {expected}");
    for (&found, expected) in d_fast.iter().zip(&d_z) {
        assert!((f64::from(found) - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn sampled_losses_of_typed_graphs_estimate_the_exact_one_without_bias() {
    let (split, types) = typed(20);
    let adjacency = Arc::new(Adjacency::new(split.train_view()));
    let z = gradcheck::point(40, 5);
    let exact = loss_of_types(&split, &types, &z, 2);
    let mut loss =
        InnerProductLoss::<f64>::new(adjacency, 2, per_positive(1)).with_pair_types(Some(&types));
    let epochs = 20_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for epoch in 0..epochs {
        loss.draw(Seed(3), epoch);
        let found = loss.forward_backward(&z, &mut [0.0; 40]);
        (sum, squares) = (sum + found, squares + found * found);
    }
    let count = f64::from(epochs);
    let mean = sum / count;
    let error = ((squares / count - mean * mean) / count).sqrt();
    assert!((mean - exact).abs() < 5.0 * error, "{mean} +- {error}, exact {exact}");
}
