//! Graph auto-encoders in memory: from an edge list to embeddings, link scores and metrics.
//!
//! [`GraphBuilder`] takes edges and features from slices, iterators or Arrow arrays, [`split`] holds out edges,
//! [`fit`] trains a [`Method`], and the [`Model`] that it returns embeds nodes, scores pairs, measures itself on the
//! held-out edges and ranks missing links. No file is read or written.
//!
//! ```
//! use vgae::{EvalConfig, GraphBuilder, Method, Seed, SplitConfig};
//!
//! // A ring of 60 nodes with chords.
//! let edges = (0..60).flat_map(|node| [(node, (node + 1) % 60), (node, (node + 2) % 60)]);
//! let graph = GraphBuilder::new().edges(edges).build()?;
//! let split = vgae::split(&graph, SplitConfig::default(), Seed(0))?;
//!
//! let config = "gae*".parse::<Method>()?.default_config().with(&[("epochs", 50.into())])?;
//! let model = vgae::fit(&graph, &split, &config, Seed(0))?;
//!
//! let embedding = model.embedding().expect("gae* embeds nodes");
//! assert_eq!((embedding.mu().rows(), embedding.mu().cols()), (60, 16));
//! let metrics = model.evaluate(&EvalConfig::default())?.metrics;
//! println!("test AUC {:?}", metrics.test.auc);
//! for link in model.missing_links(3)? {
//!     println!("{} - {}: logit {:.2}", link.pair.src, link.pair.dst, link.logit);
//! }
//! # Ok::<(), vgae::Error>(())
//! ```
//!
//! The same graph, configuration and seed give the same bits as the `vgae` command, at any number of threads; run
//! within a rayon pool of your own to choose that number.
//!
//! This crate does not fetch datasets, read tables, or keep a folder of results (the `vgae` command does).

mod error;
mod graph;
mod model;

pub use error::Error;
pub use graph::GraphBuilder;
pub use model::{Model, ModelView, fit, fit_with, split};

pub use vgae_artifacts::{Audit, EdgeSplit, Embedding, Graph, Metrics, Pair, Seed};
pub use vgae_eval::{EvalConfig, Evaluation, Neighbour, RankedPair, Similarity};
pub use vgae_model::{
    Callback, FitInput, FittedModel, Method, MlpDecoder, ModelConfig, NoCallback, PairModel,
};
pub use vgae_split::SplitConfig;
