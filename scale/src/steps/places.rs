//! Elements at given places of a total order, without sorting all rows.
//!
//! Rows are counted in bins, the bin of each place is found from the prefix sums, and only the rows of these bins are
//! sorted.

use super::{OUTPUT, Step, integer};

/// Total order of the rows of a table.
pub(crate) struct Order<'a> {
    /// Table or query, in parentheses and with an alias, with the columns of `keys`.
    pub(crate) rows: String,
    /// Datasets that `rows` reads.
    pub(crate) inputs: &'a [&'a str],
    /// Columns that rows are ordered by. No two rows are equal in all.
    pub(crate) keys: &'a [&'a str],
    /// Shift of the first key, a non-negative integer, that leaves at most 2^16 bins.
    pub(crate) shift: u32,
}

impl Order<'_> {
    /// Step whose output has a row per place: `place` and the keys of the row at this place. Places count from 0.
    ///
    /// Facts: `row_count`, and for each place `KEY_PLACE`.
    pub(crate) fn at_places(&self, name: &str, places: &[u64]) -> Step {
        let Self { rows, inputs, keys, shift } = self;
        let (first, listed) = (keys[0], keys.join(", "));
        let holds = |place: &u64| {
            format!("(places.before <= {place} AND {place} < places.before + places.size)")
        };
        let chosen = places.iter().map(holds).collect::<Vec<_>>().join(" OR ");
        let wanted = places.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "WITH keyed AS (SELECT {listed}, {first} >> {shift} AS bin FROM {rows}),\n\
             bins AS (SELECT bin, count(*) AS size FROM keyed GROUP BY bin),\n\
             places AS (SELECT bin, size, sum(size) OVER (ORDER BY bin) - size AS before FROM bins),\n\
             chosen AS (SELECT bin, before FROM places WHERE {chosen}),\n\
             ranked AS (SELECT CAST(chosen.before + row_number() OVER (PARTITION BY keyed.bin ORDER BY {ordered}) - 1 \
             AS BIGINT) AS place, {kept} FROM chosen JOIN keyed ON keyed.bin = chosen.bin)\n\
             SELECT place, {listed} FROM ranked WHERE place IN ({wanted})",
            ordered = qualified(keys),
            kept = qualified(keys),
        );
        let columns = [&["place"], *keys].concat().into_iter().map(integer).collect();
        let facts = places.iter().flat_map(|place| {
            keys.iter().map(move |key| {
                format!("max(CASE WHEN place = {place} THEN {key} END) AS {key}_{place}")
            })
        });
        let facts = facts.collect::<Vec<_>>().join(", ");
        let check = format!("SELECT count(*) AS row_count, {facts} FROM {OUTPUT}");
        Step::new(name, inputs, sql, columns)
            .check("one row per place", check)
            .equals("row_count", places.len() as u64)
    }
}

fn qualified(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("keyed.{key}")).collect::<Vec<_>>().join(", ")
}
