//! Random vectors as the input of propagation, for `fastrp`.

use vgae_artifacts::{HashPurpose, KeyedHash, Seed};

use super::degrees::DEGREES;
use super::propagation::vectors_step;
use super::{Step, listed};
use crate::hash::{HashColumn, with_hashes};

/// `D^b R`: a random vector of 1 and -1 per node, times a power of its number of messages. The power is
/// `half_powers / 2`, since roots round alike in every engine and other powers do not.
///
/// Component `k` of a node is 1 - 2 times bit `k mod 32` of the hash of the node and `floor(k / 32)`. Output and facts
/// as in [`vectors_step`].
pub(crate) fn random(name: &str, seed: Seed, half_powers: i32, nodes: u64, width: usize) -> Step {
    let hash = KeyedHash::new(HashPurpose::Vectors, seed);
    let words: Vec<HashColumn> = (0..width.div_ceil(32))
        .map(|word| HashColumn {
            name: format!("w{word}"),
            hash,
            a: "node".to_owned(),
            b: word.to_string(),
        })
        .collect();
    let hashed = with_hashes(DEGREES, &["node", "messages"], &words);
    let names: Vec<&str> = words.iter().map(|word| word.name.as_str()).collect();
    let scaled = format!(
        "SELECT node, {}, {} AS scale FROM (\n{hashed}\n) AS words",
        names.join(", "),
        power("CAST(messages AS DOUBLE)", half_powers),
    );
    let columns = listed(width, |k| {
        let (word, bit) = (k / 32, k % 32);
        format!(
            "CAST(CASE WHEN (w{word} >> {bit}) & 1 = 0 THEN scale ELSE -scale END AS REAL) AS y{k}"
        )
    });
    let sql = format!("SELECT node, {columns}\nFROM ({scaled}) AS scaled");
    vectors_step(name, &[DEGREES], sql, nodes, width)
}

/// Returns `base` to the power `half_powers / 2`, made of products, a root and a quotient.
fn power(base: &str, half_powers: i32) -> String {
    let count = half_powers.unsigned_abs();
    let mut factors = vec![base.to_owned(); (count / 2) as usize];
    if count % 2 == 1 {
        factors.push(format!("sqrt({base})"));
    }
    let product =
        if factors.is_empty() { "CAST(1 AS DOUBLE)".to_owned() } else { factors.join(" * ") };
    if half_powers < 0 { format!("CAST(1 AS DOUBLE) / ({product})") } else { product }
}
