//! From Arrow arrays with node features to the embedding as a matrix.
//!
//! ```sh
//! cargo run --release -p vgae --example arrow
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use vgae::{GraphBuilder, Method, Seed, SplitConfig};

fn main() -> Result<(), vgae::Error> {
    let people = 0..80i64;
    let sources: ArrayRef = Arc::new(people.clone().chain(people.clone()).collect::<Int64Array>());
    let next = people.clone().map(|person| (person + 1) % 80);
    let after = people.map(|person| (person + 2) % 80);
    let targets: ArrayRef = Arc::new(next.chain(after).collect::<Int64Array>());
    let features: Vec<f32> = (0..80)
        .flat_map(|person| (0..8).map(move |place| f32::from(u8::from(person / 10 == place))))
        .collect();

    let graph = GraphBuilder::new()
        .edges_from_arrow(&sources, &targets)?
        .dense_features(8, &features)?
        .build()?;
    let split = vgae::split(&graph, SplitConfig::default(), Seed(1))?;
    let config = "gnae".parse::<Method>()?.default_config().with(&[("latent", 8.into())])?;
    let model = vgae::fit(&graph, &split, &config, Seed(1))?;
    if let Some(embedding) = model.embedding() {
        let mu = embedding.mu();
        println!("{} x {}, first row {:?}", mu.rows(), mu.cols(), mu.row(0));
    }
    Ok(())
}
