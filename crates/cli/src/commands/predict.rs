use vgae_artifacts::text::{Align, TextTable, printable};
use vgae_pipeline::query::{self, Prediction};

use crate::args::PredictArgs;
use crate::output;

/// `vgae predict`.
pub(crate) fn predict(args: &PredictArgs) -> anyhow::Result<()> {
    let (ids, out) = (args.ids.as_deref(), args.out.as_deref());
    let found = query::predict(&args.folder, args.top.get(), ids, out)?;
    if args.json {
        output::result(&serde_json::to_string_pretty(&found)?)?;
        return Ok(());
    }
    if let Some(out) = out {
        output::result(&format!("Written: {}", out.display()))?;
        return Ok(());
    }
    let labelled =
        found.predictions.iter().any(|row| row.src_label.is_some() || row.dst_label.is_some());
    let mut heads = vec![("src", Align::Left), ("dst", Align::Left)];
    if labelled {
        heads.extend([("label of src", Align::Left), ("label of dst", Align::Left)]);
    }
    heads.extend([
        ("logit", Align::Right),
        ("probability", Align::Right),
        ("at density", Align::Right),
    ]);
    let mut table = TextTable::new(heads);
    for row in &found.predictions {
        table.row(cells(row, labelled));
    }
    output::table(&table, args.table.wide)?;
    if let Some(shortlist) = &found.shortlist {
        output::result(&format!("\n{}", shortlist.told()))?;
    }
    if let Some(probabilities) = &found.probabilities {
        let text = format!("\n{} {}", probabilities.balanced(), probabilities.rarer());
        output::result(&text)?;
    }
    Ok(())
}

fn cells(row: &Prediction, labelled: bool) -> Vec<String> {
    let mut cells = [&row.src_id, &row.dst_id].map(|id| printable(&id.to_string()).into_owned()).to_vec();
    if labelled {
        cells.extend(
            [&row.src_label, &row.dst_label]
                .map(|label| printable(label.as_deref().unwrap_or_default()).into_owned()),
        );
    }
    cells.extend([
        format!("{:.4}", row.logit),
        output::probability(row.probability),
        output::probability(row.probability_at_density),
    ]);
    cells
}
