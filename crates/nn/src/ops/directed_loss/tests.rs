use std::num::NonZeroU32;

use proptest::prelude::*;
use vgae_testing::{golden, gradcheck, on_threads, uniform};

use super::*;

const DECODERS: [DirectedDecoder; 3] = [
    DirectedDecoder::SourceTarget,
    DirectedDecoder::Gravity { distance_weight: 1.0 },
    DirectedDecoder::Gravity { distance_weight: 0.05 },
];

fn edges(nodes: u32) -> Vec<Pair> {
    let chain = (1..nodes).map(|node| Pair::new(node - 1, node));
    let back = (0..nodes / 3).map(|node| Pair::new(nodes - 1 - node, node));
    let mut edges: Vec<Pair> = chain.chain(back).filter(|pair| !pair.is_self_loop()).collect();
    edges.extend((nodes > 2).then_some(Pair::new(1, 0)));
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// The formula over all pairs, in `f64`.
fn naive(decoder: DirectedDecoder, nodes: usize, edges: &[Pair], z: &[f64]) -> f64 {
    let width = z.len() / nodes;
    let LossScale { pos_weight, norm } = LossScale::directed(nodes, edges.len());
    let softplus = |s: f64| s.max(0.0) + (-s.abs()).exp().ln_1p();
    let mut sum = 0.0;
    for i in 0..nodes {
        for j in 0..nodes {
            let (source, target) = (&z[i * width..][..width], &z[j * width..][..width]);
            let s = match decoder {
                DirectedDecoder::SourceTarget => {
                    let (half, products) = (width / 2, source.iter());
                    products.take(half).zip(&target[half..]).map(|(a, b)| a * b).sum::<f64>()
                }
                DirectedDecoder::Gravity { distance_weight } => {
                    let squares =
                        source[..width - 1].iter().zip(target).map(|(a, b)| (a - b).powi(2));
                    target[width - 1] - distance_weight * (squares.sum::<f64>() + 0.01).ln()
                }
            };
            #[expect(clippy::cast_possible_truncation, reason = "few nodes")]
            let is_positive = i == j || edges.binary_search(&Pair::new(i as u32, j as u32)).is_ok();
            sum += if is_positive { pos_weight * softplus(-s) } else { softplus(s) };
        }
    }
    norm / (nodes as f64).powi(2) * sum
}

#[test]
fn the_loss_is_the_formula_and_its_gradient_that_of_finite_differences() {
    for decoder in DECODERS {
        for (nodes, width) in [(3, 2), (7, 4), (70, 6)] {
            let edges = edges(nodes);
            let nodes = nodes as usize;
            let z = gradcheck::point(nodes * width, 3);
            let mut loss = DirectedLoss::<f64>::new(nodes, &edges, width, decoder, Negatives::All);
            let mut d_z = vec![9.0; z.len()];
            let found = loss.forward_backward(&z, &mut d_z);
            let expected = naive(decoder, nodes, &edges, &z);
            assert!((found - expected).abs() < 1e-12 * expected.abs(), "{found} for {expected}");
            gradcheck::assert_gradient("Z", &z, &d_z, |z| naive(decoder, nodes, &edges, z));
        }
    }
}

#[test]
fn a_sample_of_every_pair_once_is_the_exact_loss_and_samples_have_it_as_their_mean() {
    for decoder in DECODERS {
        let (nodes, width) = (12, 4);
        let edges = edges(nodes);
        let nodes = nodes as usize;
        let z = gradcheck::point(nodes * width, 4);
        let sampled = Negatives::PerPositive(NonZeroU32::MIN);
        let mut loss = DirectedLoss::<f64>::new(nodes, &edges, width, decoder, sampled);
        let epochs = 20_000;
        let (mut mean, mut mean_d) = (0.0, vec![0.0; z.len()]);
        let mut d_z = vec![0.0; z.len()];
        for epoch in 0..epochs {
            loss.draw(Seed(5), epoch);
            mean += loss.forward_backward(&z, &mut d_z) / f64::from(epochs);
            for (mean, d) in mean_d.iter_mut().zip(&d_z) {
                *mean += d / f64::from(epochs);
            }
        }
        let mut exact = DirectedLoss::<f64>::new(nodes, &edges, width, decoder, Negatives::All);
        let expected = exact.forward_backward(&z, &mut d_z);
        assert!((mean - expected).abs() < 0.005 * expected, "{mean} for {expected}");
        let largest = d_z.iter().fold(0.0, |a: f64, &b| a.max(b.abs()));
        for (found, expected) in mean_d.iter().zip(&d_z) {
            assert!((found - expected).abs() < 0.02 * largest, "{found} for {expected}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    /// `f32` on vector instructions against `f64`, and the same bits on any number of threads.
    #[test]
    fn f32_agrees_with_f64(
        nodes in 2u32..200,
        half in 1usize..20,
        scale in prop::sample::select(vec![1e-3f32, 0.3, 3.0]),
        number in 0usize..3,
        salt in 0u64..1000,
    ) {
        let (edges, width, decoder) = (edges(nodes), 2 * half, DECODERS[number]);
        let nodes = nodes as usize;
        #[expect(clippy::cast_possible_truncation, reason = "values of f32")]
        let z: Vec<f32> =
            gradcheck::point(nodes * width, salt).into_iter().map(|z| z as f32 * scale).collect();
        let run = |threads| on_threads(threads, || {
            let mut loss = DirectedLoss::<f32>::new(nodes, &edges, width, decoder, Negatives::All);
            let mut d_z = vec![0.0; z.len()];
            (loss.forward_backward(&z, &mut d_z), d_z)
        });
        let (found, d_found) = run(1);
        prop_assert_eq!((found, &d_found), { let other = run(3); (other.0, &other.1.clone()) });
        let exact: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
        let mut loss = DirectedLoss::<f64>::new(nodes, &edges, width, decoder, Negatives::All);
        let mut d_z = vec![0.0; z.len()];
        let expected = loss.forward_backward(&exact, &mut d_z);
        prop_assert!((found - expected).abs() < 2e-5 * expected.abs(), "{} for {}", found, expected);
        let largest = d_z.iter().fold(1e-9, |a: f64, &b| a.max(b.abs()));
        for (&found, expected) in d_found.iter().zip(&d_z) {
            prop_assert!((f64::from(found) - expected).abs() < 2e-4 * largest, "{} for {}", found, expected);
        }
    }
}

#[test]
fn loss_and_gradient_are_those_of_torch() {
    let golden = golden("torch_directed.json");
    let (nodes, width) = (60u32, 8);
    let steps = |node: u32| [(node + 1) % nodes, (node * 7 + 3) % nodes];
    let mut edges: Vec<Pair> = (0..nodes)
        .flat_map(|node| steps(node).map(|other| Pair::new(node, other)))
        .filter(|pair| !pair.is_self_loop())
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let nodes = nodes as usize;
    let z: Vec<f64> = uniform(7, nodes * width).map(|u| u - 0.5).collect();
    for (name, decoder) in ["source-target", "gravity-1", "gravity-0.05"].into_iter().zip(DECODERS)
    {
        let mut loss = DirectedLoss::<f64>::new(nodes, &edges, width, decoder, Negatives::All);
        let mut d_z = vec![0.0; z.len()];
        let found = loss.forward_backward(&z, &mut d_z);
        let expected = golden[name]["loss"].as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-12 * expected, "{name}: {found} for {expected}");
        let gradient = golden[name]["gradient"].as_array().expect("numbers");
        for (found, expected) in d_z.iter().zip(gradient) {
            let expected = expected.as_f64().expect("a number");
            assert!((found - expected).abs() < 1e-14, "{name}: {found} for {expected}");
        }
        // Scores are the same function.
        #[expect(clippy::cast_possible_truncation, reason = "vectors are stored as f32")]
        let z: Vec<f32> = z.iter().map(|&z| z as f32).collect();
        let (source, target) = (&z[..width], &z[3 * width..4 * width]);
        let raw = decoder.raw(source, target);
        let expected = match decoder {
            DirectedDecoder::SourceTarget => raw,
            DirectedDecoder::Gravity { distance_weight } => {
                #[expect(clippy::cast_possible_truncation, reason = "compared in f32")]
                let weight = distance_weight as f32;
                target[width - 1] - weight * raw.ln()
            }
        };
        assert!((decoder.logit(source, target) - expected).abs() < 1e-6, "{name}");
    }
}
