use vgae_artifacts::EdgeSplit;

use super::*;
use crate::gradcheck;
use crate::testing::{on_threads, ring, split_of};

const OBJECTIVES: [SkipGramObjective; 2] =
    [SkipGramObjective::HierarchicalSoftmax, SkipGramObjective::NegativeSampling];

fn small(objective: SkipGramObjective) -> DeepWalkConfig {
    DeepWalkConfig { dimensions: 20, walks: 4, length: 20, objective, ..DeepWalkConfig::default() }
}

fn embed(split: &EdgeSplit, config: &DeepWalkConfig) -> Result<Fitted, ModelError> {
    fit(FitInput { features: None, train: split.train_view() }, config, Seed(1))
}

/// A step on the widest vectors of this processor.
struct Step<'a> {
    vectors: Vectors<'a>,
    contexts: &'a [u32],
    targets: (&'a [u32], &'a [f32]),
    rate: f32,
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (rate, scratch) = (self.rate, &mut Scratch::default());
        match S::F32_LANES {
            16 => self.vectors.step::<S, 1>(simd, self.contexts, self.targets, rate, scratch),
            8 => self.vectors.step::<S, 2>(simd, self.contexts, self.targets, rate, scratch),
            4 => self.vectors.step::<S, 4>(simd, self.contexts, self.targets, rate, scratch),
            _ => self.vectors.step::<S, 16>(simd, self.contexts, self.targets, rate, scratch),
        }
    }
}

/// The loss of a window, from its definition; `x` and `w` are rows of `width`.
fn loss(x: &[f64], w: &[f64], width: usize, labels: &[f32]) -> f64 {
    let mut loss = 0.0;
    for x in x.chunks_exact(width) {
        for (w, &label) in w.chunks_exact(width).zip(labels) {
            let s = gradcheck::dot(x, w);
            loss += s.max(0.0) + (-s.abs()).exp().ln_1p() - f64::from(label) * s;
        }
    }
    loss
}

#[test]
fn a_step_goes_down_the_gradient_of_the_window() {
    // Widths with a tail of chunks, counts with a tail of rows, more targets than a group holds.
    for (chunks, contexts, targets) in [(1, 1, 1), (2, 3, 5), (8, 20, 11), (5, 7, 37), (4, 4, 16)] {
        let width = chunks * LANES;
        let rows = |count: usize, salt: u64| -> Vec<Lanes> {
            let values = gradcheck::point(count * width, salt);
            let lanes = values.chunks_exact(LANES);
            #[expect(clippy::cast_possible_truncation, reason = "any values serve")]
            let lanes = lanes.map(|lanes| std::array::from_fn(|lane| lanes[lane] as f32));
            lanes.collect()
        };
        let (w_in, w_out) = (rows(contexts, 1), rows(targets, 2));
        let of = |rows: &[Lanes]| -> Vec<f64> {
            rows.as_flattened().iter().map(|&value| f64::from(value)).collect()
        };
        let labels: Vec<f32> = (0..targets).map(|j| f32::from(u8::from(j % 3 == 0))).collect();
        let ids = |count: usize| (0..u32::try_from(count).expect("few")).collect::<Vec<u32>>();
        let (mut new_in, mut new_out) = (w_in.clone(), w_out.clone());
        let (contexts, targets) = (ids(contexts), ids(targets));
        let rate = 0.5f32;
        Arch::new().dispatch(Step {
            vectors: Vectors { chunks, w_in: &mut new_in, w_out: &mut new_out },
            contexts: &contexts,
            targets: (&targets, &labels),
            rate,
        });
        let (x, w) = (of(&w_in), of(&w_out));
        let gradient = |new: &[Lanes], old: &[f64]| -> Vec<f64> {
            let moved = of(new).into_iter().zip(old);
            moved.map(|(new, old)| (old - new) / f64::from(rate)).collect()
        };
        gradcheck::assert_gradient("w_in", &x, &gradient(&new_in, &x), |x| {
            loss(x, &w, width, &labels)
        });
        gradcheck::assert_gradient("w_out", &w, &gradient(&new_out, &w), |w| {
            loss(&x, w, width, &labels)
        });
    }
}

#[test]
fn rows_that_come_twice_are_moved_twice() {
    let step = |contexts: &[u32], w_in: &mut Vec<Lanes>| {
        let mut w_out = vec![[0.25; LANES]; 2];
        let targets: (&[u32], &[f32]) = (&[1, 1], &[1.0, 0.0]);
        let vectors = Vectors { chunks: 1, w_in, w_out: &mut w_out };
        Arch::new().dispatch(Step { vectors, contexts, targets, rate: 0.1 });
        w_out
    };
    let start = vec![[0.5; LANES]; 2];
    let (mut once, mut twice) = (start.clone(), start.clone());
    let out_once = step(&[0], &mut once);
    let out_twice = step(&[0, 0], &mut twice);
    let moved = |new: &[Lanes], old: f32| new.iter().map(|row| row[3] - old).collect::<Vec<_>>();
    for (a, b) in moved(&twice, 0.5).iter().zip(moved(&once, 0.5)) {
        assert!((a - 2.0 * b).abs() < 1e-6, "{a} {b}");
    }
    for (a, b) in moved(&out_twice, 0.25).iter().zip(moved(&out_once, 0.25)) {
        assert!((a - 2.0 * b).abs() < 1e-6, "{a} {b}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    // Several blocks a stint, and several meetings.
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
    // Two rings with chords, side by side, and a node alone.
    let mut edges = Vec::new();
    for first in [0, 40] {
        for node in 0..40u32 {
            edges.extend([1, 3].map(|hop| (first + node, first + (node + hop) % 40)));
        }
    }
    let split = split_of(81, &edges);
    for objective in OBJECTIVES {
        let config = DeepWalkConfig { walks: 40, ..small(objective) };
        let embedding = embed(&split, &config).expect("trains").embedding;
        let mean = |pairs: Vec<(u32, u32)>| {
            let logits = pairs.iter().map(|&(a, b)| f64::from(embedding.logit(a, b)));
            logits.sum::<f64>() / pairs.len() as f64
        };
        let near = mean(edges.clone());
        let far = mean((0..40).map(|node| (node, 40 + node)).collect());
        assert!(near > far + 0.1, "{objective:?}: {near} {far}");
        // The node alone is where it began.
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
            // More dimensions than nodes are no trouble, and the default is 128.
            let config = DeepWalkConfig { objective, ..DeepWalkConfig::default() };
            let fitted = embed(&split, &config).expect("sound");
            assert_eq!(fitted.embedding.mu().rows(), split.node_count());
            assert_eq!(fitted.embedding.mu().cols(), 128);
            assert!(fitted.history.0.is_empty());

            let fast = DeepWalkConfig { learning_rate: 1.0, ..config };
            if let Err(error) = embed(&split, &fast) {
                assert!(error.to_string().contains("lower `deepwalk.learning_rate`"), "{error}");
            }
        }
    }
}

#[test]
fn check_names_the_key() {
    let base = DeepWalkConfig::default();
    base.check().expect("the defaults are sound");
    let cases = [
        (DeepWalkConfig { dimensions: 0, ..base }, "dimensions"),
        (DeepWalkConfig { walks: 0, ..base }, "walks"),
        (DeepWalkConfig { length: 1, ..base }, "length"),
        (DeepWalkConfig { window: 0, ..base }, "window"),
        (DeepWalkConfig { passes: 0, ..base }, "passes"),
        (DeepWalkConfig { learning_rate: f64::NAN, ..base }, "learning_rate"),
        (DeepWalkConfig { least_learning_rate: 0.1, ..base }, "least_learning_rate"),
        (DeepWalkConfig { negatives: 0, ..base }, "negatives"),
        (DeepWalkConfig { p: 0.0, ..base }, "p"),
        (DeepWalkConfig { q: f64::INFINITY, ..base }, "q"),
    ];
    for (config, key) in cases {
        let error = config.check().expect_err(key).to_string();
        assert!(error.starts_with(&format!("model: deepwalk.{key}: expected ")), "{error}");
    }
}
