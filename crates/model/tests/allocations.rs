//! Epochs reuse preallocated buffers: the training loop does not allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Pair, Seed};
use vgae_model::{FitInput, GaeConfig, Trainer, Weights};

/// Number of allocations so far.
static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: all calls are forwarded unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract of `dealloc`, and `at` was returned by the system
        // allocator.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn an_epoch_over_the_whole_graph_allocates_nothing() {
    let nodes = 300u32;
    let edges = (0..nodes - 1).map(|node| Pair::new(node, node + 1)).collect();
    let none = LabelledPairs::default;
    let split = EdgeSplit::new(nodes as usize, edges, none(), none()).expect("canonical pairs");
    let (starts, columns) = ((0..=nodes as usize).collect(), (0..nodes).map(|n| n % 20).collect());
    let values = vec![1.0; nodes as usize];
    let features = Features::from_rows(20, starts, columns, values).expect("sound rows");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    for config in GaeConfig::all().filter(|config| !config.learns_decoder()) {
        for negatives in [json!("all"), json!(1)] {
            let options = json!({"negatives": negatives, "dropout": 0.1, "layers": 4, "hops": 2});
            let config = config.with(&options).expect("sound");
            let input = FitInput { features: Some(&features), train: split.train_view() };
            let weights = Weights::glorot(input.width(&config).expect("suits"), &config, Seed(1));
            let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
            let allocated = pool.install(|| {
                // The first epochs allocate thread-local buffers.
                trainer.step(Seed(1), 1);
                trainer.step(Seed(1), 2);
                let before = COUNT.load(Ordering::Relaxed);
                trainer.step(Seed(1), 3);
                COUNT.load(Ordering::Relaxed) - before
            });
            assert_eq!(allocated, 0, "{}, {negatives}", config.name());
        }
    }
}
