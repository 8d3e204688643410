//! From an edge list in memory to embeddings, metrics and missing links.
//!
//! ```sh
//! cargo run --release -p vgae --example edge_list
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use vgae::{EvalConfig, GraphBuilder, Method, Seed, SplitConfig};

fn main() -> Result<(), vgae::Error> {
    // Four groups of 15 people: everybody has met the next four of the own group, and one person of the next group.
    let id = |group: u32, person: u32| format!("g{}-p{}", group % 4, person % 15);
    let edges = (0..4).flat_map(|group| {
        (0..15).flat_map(move |person| {
            let own = (1..=4).map(move |step| (id(group, person), id(group, person + step)));
            own.chain([(id(group, person), id(group + 1, 7 * person))])
        })
    });
    let (graph, audit) = GraphBuilder::new().edges_by_id(edges).build_with_audit()?;
    println!("{} nodes, {} edges", audit.nodes, audit.edges);

    let split = vgae::split(&graph, SplitConfig::default(), Seed(0))?;
    let config = "vgae*".parse::<Method>()?.default_config();
    let model = vgae::fit(&graph, &split, &config, Seed(0))?;

    let metrics = model.evaluate(&EvalConfig::default())?.metrics;
    println!("test edges: {:?}", metrics.test);
    if let Some(embedding) = model.embedding() {
        println!("{}: {:?}", graph.nodes.ids()[0], &embedding.mu().row(0)[..4]);
    }
    for link in model.missing_links(5)? {
        let name = |node: u32| &graph.nodes.ids()[node as usize];
        println!("{} - {}: logit {:.2}", name(link.pair.src), name(link.pair.dst), link.logit);
    }
    Ok(())
}
