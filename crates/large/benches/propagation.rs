//! A propagation step beside random gathers of whole cache lines (`cargo bench -p vgae-large --bench propagation`): the
//! same rows in the same order, with nothing computed but the exclusive or of their bits. Prints a Markdown table of
//! medians of several rounds in turn. Arguments: millions of nodes, edges per node.

#![expect(clippy::print_stdout, reason = "prints a table")]

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;
use vgae_artifacts::{Pair, Seed, Stream};
use vgae_large::{Vectors, hop};
use vgae_numerics::Adjacency;

const ROUNDS: usize = 5;

fn main() {
    let numbers: Vec<usize> =
        std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let nodes = numbers.first().copied().unwrap_or(4) * 1_000_000;
    let per_node = numbers.get(1).copied().unwrap_or(10);
    let pairs = (0..nodes).into_par_iter().flat_map_iter(|node| {
        let mut rng = Seed(0).stream(Stream::GraphEdges, node as u64);
        let node = u32::try_from(node).unwrap_or(0);
        (0..per_node).filter_map(move |_| {
            let other = u32::try_from(rand::Rng::next_u64(&mut rng) % nodes as u64).unwrap_or(0);
            (other != node).then_some(Pair::new(node, other))
        })
    });
    let pairs: Vec<Pair> = pairs.collect();
    let adjacency = Adjacency::of_pairs(nodes, &pairs);
    drop(pairs);
    let messages = 2 * adjacency.edges() + nodes;
    println!(
        "{nodes} nodes, {} edges, {} threads",
        adjacency.edges(),
        rayon::current_num_threads()
    );
    println!("| width | step | gathers alone | GB/s of the step | share of the gathers |");
    println!("|---:|---:|---:|---:|---:|");
    for width in [16, 32, 64] {
        let mut from = Vectors::zeros(nodes, width).expect("memory");
        from.for_each_row(|node, row| row.fill((node % 1000) as f32 / 1000.0));
        let mut to = Vectors::zeros(nodes, width).expect("memory");
        let (mut steps, mut gathers) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            hop(&adjacency, &from, 36, &mut to);
            steps.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            black_box(gather(&adjacency, &from));
            gathers.push(start.elapsed().as_secs_f64());
        }
        let [step, gathered] = [median(steps), median(gathers)];
        let rate = (messages * width * size_of::<f32>()) as f64 / step / 1e9;
        println!(
            "| {width} | {step:.3} s | {gathered:.3} s | {rate:.1} | {:.0} % |",
            100.0 * gathered / step
        );
    }
}

/// Exclusive or of the bits of all rows that a propagation step reads.
fn gather(adjacency: &Adjacency, from: &Vectors) -> u32 {
    let ranges: Vec<_> = adjacency.chunks.ranges().collect();
    let of_range = |range: std::ops::Range<usize>| {
        let mut all = [0u32; 16];
        for node in range {
            for &sender in adjacency.neighbours(node) {
                for line in from.row(sender as usize).chunks_exact(16) {
                    for (all, value) in all.iter_mut().zip(line) {
                        *all ^= value.to_bits();
                    }
                }
            }
        }
        all.iter().fold(0, |all, bits| all ^ bits)
    };
    ranges.into_par_iter().map(of_range).reduce(|| 0, |a, b| a ^ b)
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
