use vgae_artifacts::text::{Align, TextTable, printable};
use vgae_pipeline::query::{self, NeighborRow};

use crate::args::NeighborsArgs;
use crate::output;

/// `vgae neighbors`.
pub(crate) fn neighbors(args: &NeighborsArgs) -> anyhow::Result<()> {
    let (by, count) = (args.by, args.k.get());
    let found = query::neighbors(&args.folder, &args.id, by, count, args.out.as_deref())?;
    if args.json {
        output::result(&serde_json::to_string_pretty(&found)?)?;
        return Ok(());
    }
    if let Some(out) = &args.out {
        output::result(&format!("Written: {}", out.display()))?;
        return Ok(());
    }
    let mut table = TextTable::new([
        ("id", Align::Left),
        ("label", Align::Left),
        ("logit", Align::Right),
        ("cosine", Align::Right),
        ("probability", Align::Right),
        ("edge", Align::Left),
    ]);
    for row in &found.neighbors {
        table.row(cells(row));
    }
    output::table(&table, args.table.wide)?;
    if let Some(probabilities) = &found.probabilities {
        output::result(&format!("\n{}", probabilities.balanced()))?;
    }
    Ok(())
}

fn cells(row: &NeighborRow) -> Vec<String> {
    vec![
        printable(&row.id.to_string()).into_owned(),
        printable(row.label.as_deref().unwrap_or_default()).into_owned(),
        format!("{:.4}", row.logit),
        row.cosine.map_or("-".to_owned(), |cosine| format!("{cosine:.4}")),
        output::probability(row.probability),
        if row.edge { "yes" } else { "-" }.to_owned(),
    ]
}
