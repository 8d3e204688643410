use vgae_artifacts::text::{Align, TextTable, printable};
use vgae_pipeline::query::{self, Prediction, Wanted};

use crate::args::PredictArgs;
use crate::output;

/// `vgae predict`.
pub(crate) fn predict(args: &PredictArgs) -> anyhow::Result<()> {
    let out = args.out.as_deref();
    let (count, ids, missing) = (args.top.get(), args.ids.as_deref(), args.missing);
    let found = query::predict(&args.folder, Wanted { count, ids, missing }, out)?;
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
    let typed = found.predictions.iter().any(|row| row.relation.is_some());
    if typed {
        heads.push(("relation", Align::Left));
    }
    let weighted = found.predictions.iter().any(|row| row.weight.is_some());
    heads.push(("logit", Align::Right));
    if weighted {
        heads.push(("weight", Align::Right));
    }
    heads.extend([
        ("probability", Align::Right),
        ("precision", Align::Right),
        ("95 % interval", Align::Right),
    ]);
    let mut table = TextTable::new(heads);
    for row in &found.predictions {
        table.row(cells(row, Columns { labelled, typed, weighted }));
    }
    output::table(&table, args.table.wide)?;
    if let Some(shortlist) = &found.shortlist {
        output::result(&format!("\n{}", shortlist.told()))?;
    }
    let told = match (&found.estimate, &found.no_probabilities) {
        (Some(estimate), _) => estimate.told(),
        (None, Some(reason)) => format!("There are no probabilities: {reason}."),
        (None, None) => return Ok(()),
    };
    output::result(&format!("\n{}", output::wrap(&told)))?;
    Ok(())
}

/// Columns that not all methods and graphs have.
#[derive(Clone, Copy)]
struct Columns {
    labelled: bool,
    typed: bool,
    weighted: bool,
}

fn cells(row: &Prediction, columns: Columns) -> Vec<String> {
    let Columns { labelled, typed, weighted } = columns;
    let mut cells =
        [&row.src_id, &row.dst_id].map(|id| printable(&id.to_string()).into_owned()).to_vec();
    if labelled {
        cells.extend(
            [&row.src_label, &row.dst_label]
                .map(|label| printable(label.as_deref().unwrap_or_default()).into_owned()),
        );
    }
    if typed {
        cells.push(printable(row.relation.as_deref().unwrap_or("-")).into_owned());
    }
    cells.push(format!("{:.4}", row.logit));
    if weighted {
        cells.push(row.weight.map_or_else(|| "-".to_owned(), |weight| format!("{weight:.4}")));
    }
    cells.extend([
        output::probability(row.expected.map(|share| share.probability)),
        output::probability(row.expected.map(|share| share.precision)),
        row.expected.map_or_else(
            || "-".to_owned(),
            |share| format!("{:.3} to {:.3}", share.precision_low, share.precision_high),
        ),
    ]);
    cells
}
