use vgae_artifacts::EdgeSplit;

use super::*;
use crate::NoCallback;
use vgae_testing::{gradcheck, on_threads, ring, split_of};

const OBJECTIVES: [SkipGramObjective; 2] =
    [SkipGramObjective::HierarchicalSoftmax, SkipGramObjective::NegativeSampling];

fn small(objective: SkipGramObjective) -> DeepWalkConfig {
    DeepWalkConfig {
        dimensions: 20,
        walks_per_node: 4,
        walk_length: 20,
        objective,
        ..DeepWalkConfig::default()
    }
}

fn embed(split: &EdgeSplit, config: &DeepWalkConfig) -> Result<Fitted, ModelError> {
    fit(FitInput { features: None, train: split.train_view() }, config, Seed(1), &mut NoCallback)
}

/// Steps of contexts, rows of `w_in`, against the same targets, with the widest vectors of this processor.
struct Window<'a> {
    chunks: usize,
    w_in: &'a mut [Lanes],
    w_out: &'a mut [Lanes],
    contexts: &'a [usize],
    targets: (&'a [u32], &'a [f32]),
    rate: f32,
}

impl Lanes16 for Window<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let Self { chunks, w_in, w_out, contexts, targets: (rows, labels), rate } = self;
        let mut targets = Targets::default();
        targets.take(w_out, chunks, rows, labels);
        for &context in contexts {
            targets.step::<S, V>(simd, &mut w_in[context * chunks..][..chunks], rate);
        }
        targets.put_back(w_out, chunks);
    }
}

/// Returns `count` rows of `chunks` times 16 values, deterministic for a salt.
fn rows(count: usize, chunks: usize, salt: u64) -> Vec<Lanes> {
    let values = gradcheck::point(count * chunks * LANES, salt);
    let lanes = values.chunks_exact(LANES);
    #[expect(clippy::cast_possible_truncation, reason = "any values will do")]
    let lanes = lanes.map(|lanes| std::array::from_fn(|lane| lanes[lane] as f32));
    lanes.collect()
}

fn wide(rows: &[Lanes]) -> Vec<f64> {
    rows.as_flattened().iter().map(|&value| f64::from(value)).collect()
}

fn labels_of(targets: usize) -> Vec<f32> {
    (0..targets).map(|j| f32::from(u8::from(j % 3 == 0))).collect()
}

fn ids(count: usize) -> Vec<u32> {
    (0..u32::try_from(count).expect("few")).collect()
}

#[test]
fn a_step_goes_down_the_gradient_of_its_loss() {
    /// Loss of one context, from the definition.
    fn loss(x: &[f64], w: &[f64], labels: &[f32]) -> f64 {
        let targets = w.chunks_exact(x.len()).zip(labels);
        let terms = targets.map(|(w, &label)| {
            let s = gradcheck::dot(x, w);
            s.max(0.0) + (-s.abs()).exp().ln_1p() - f64::from(label) * s
        });
        terms.sum()
    }
    // Widths with every remainder of chunks, and more targets than a group contains.
    for (chunks, targets) in [(1, 1), (2, 5), (8, 11), (5, 37), (19, 16)] {
        let (w_in, w_out) = (rows(1, chunks, 1), rows(targets, chunks, 2));
        let (mut new_in, mut new_out) = (w_in.clone(), w_out.clone());
        let (labels, rate) = (labels_of(targets), 0.5f32);
        on_16_lanes(Window {
            chunks,
            w_in: &mut new_in,
            w_out: &mut new_out,
            contexts: &[0],
            targets: (&ids(targets), &labels),
            rate,
        });
        let (x, w) = (wide(&w_in), wide(&w_out));
        let gradient = |new: &[Lanes], old: &[f64]| -> Vec<f64> {
            let moved = wide(new).into_iter().zip(old);
            moved.map(|(new, old)| (old - new) / f64::from(rate)).collect()
        };
        gradcheck::assert_gradient("x", &x, &gradient(&new_in, &x), |x| loss(x, &w, &labels));
        gradcheck::assert_gradient("w", &w, &gradient(&new_out, &w), |w| loss(&x, w, &labels));
    }
}

#[test]
fn a_window_is_its_contexts_one_after_the_other() {
    let (chunks, targets, rate) = (3, 7, 0.3f32);
    // The same context twice: its vector has moved before the second step.
    let contexts = [2, 0, 2, 1];
    let (w_in, w_out) = (rows(3, chunks, 3), rows(targets, chunks, 4));
    let labels = labels_of(targets);
    let (mut new_in, mut new_out) = (w_in.clone(), w_out.clone());
    on_16_lanes(Window {
        chunks,
        w_in: &mut new_in,
        w_out: &mut new_out,
        contexts: &contexts,
        targets: (&ids(targets), &labels),
        rate,
    });
    // The loop of word2vec, in f64.
    let (mut x, mut w, width) = (wide(&w_in), wide(&w_out), chunks * LANES);
    for context in contexts {
        let x = &mut x[context * width..][..width];
        let mut moved = vec![0.0; width];
        for (w, &label) in w.chunks_exact_mut(width).zip(&labels) {
            let g =
                f64::from(rate) * (f64::from(label) - 1.0 / (1.0 + (-gradcheck::dot(x, w)).exp()));
            for ((w, x), moved) in w.iter_mut().zip(&*x).zip(&mut moved) {
                *moved += g * *w;
                *w += g * x;
            }
        }
        x.iter_mut().zip(moved).for_each(|(x, moved)| *x += moved);
    }
    for (found, expected) in wide(&new_in).iter().chain(&wide(&new_out)).zip(x.iter().chain(&w)) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    // Several blocks per stint, and several synchronisations.
    let split = ring(600);
    for objective in OBJECTIVES {
        let config = DeepWalkConfig { passes: 2, p: 0.5, q: 2.0, ..small(objective) };
        let on = |threads| {
            let fitted = on_threads(threads, || embed(&split, &config)).expect("trains");
            (fitted.embedding.content_hash(), fitted.weights, fitted.diagnostics)
        };
        let one = on(1);
        assert!(one == on(2) && one == on(5), "{objective:?}");
    }
}

#[test]
fn nodes_that_meet_become_alike() {
    // Two separate rings with chords, and an isolated node.
    let mut edges = Vec::new();
    for first in [0, 40] {
        for node in 0..40u32 {
            edges.extend([1, 3].map(|hop| (first + node, first + (node + hop) % 40)));
        }
    }
    let split = split_of(81, &edges);
    for objective in OBJECTIVES {
        let config = DeepWalkConfig { walks_per_node: 40, ..small(objective) };
        let embedding = embed(&split, &config).expect("trains").embedding;
        let mean = |pairs: Vec<(u32, u32)>| {
            let logits = pairs.iter().map(|&(a, b)| f64::from(embedding.logit(a, b)));
            logits.sum::<f64>() / pairs.len() as f64
        };
        let near = mean(edges.clone());
        let far = mean((0..40).map(|node| (node, 40 + node)).collect());
        assert!(near > far + 0.1, "{objective:?}: {near} {far}");
        // The isolated node keeps its initial vector.
        let start = initial(81, 20, Seed(1));
        let alone = &start[80 * 2..].as_flattened()[..20];
        assert_eq!(embedding.mu().row(80), alone, "{objective:?}");
    }
}

#[test]
fn small_and_broken_graphs_are_errors_or_sound() {
    for objective in OBJECTIVES {
        let edgeless = embed(&split_of(9, &[]), &small(objective)).expect_err("nothing to learn");
        assert!(matches!(edgeless, ModelError::NoTrainingEdges), "{edgeless}");
        let few = embed(&split_of(1, &[]), &small(objective)).expect_err("one node");
        assert!(matches!(few, ModelError::TooFewNodes { nodes: 1 }), "{few}");
        for split in [split_of(2, &[(0, 1)]), split_of(50, &[(3, 4)]), ring(34)] {
            // More dimensions than nodes are allowed; the default is 128.
            let config = DeepWalkConfig { objective, ..DeepWalkConfig::default() };
            let fitted = embed(&split, &config).expect("sound");
            assert_eq!(fitted.embedding.mu().rows(), split.node_count());
            assert_eq!(fitted.embedding.mu().cols(), 128);
            assert!(fitted.history.0.is_empty());

            let fast = DeepWalkConfig { learning_rate: 1.0, ..config };
            if let Err(error) = embed(&split, &fast) {
                assert!(error.to_string().contains("lower `learning_rate`"), "{error}");
            }
        }
    }
}
