//! Matrix Market, `.mtx`, in coordinate form: a header, a line of sizes, an entry per line. Rows and columns count
//! from 1, and so do the ids of nodes.
//!
//! Format: R. F. Boisvert, R. Pozo and K. A. Remington, "The Matrix Market exchange formats", NISTIR 5935 (1996).

use super::GraphFile;
use super::tables::Entries;
use crate::FormatError;

/// Type of the values.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Pattern,
    Number,
}

/// Reads a file. Of a symmetric matrix each edge stands once, as in the file.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<GraphFile, FormatError> {
    let mut lines = bytes.split(|&byte| byte == b'\n').enumerate();
    let (field, is_symmetric, kind) = header(name, lines.next().map_or(&[], |(_, line)| line))?;
    let mut lines = lines.filter(|(_, line)| {
        let line = line.trim_ascii();
        !line.is_empty() && !line.starts_with(b"%")
    });
    let (at, line) = lines.next().ok_or_else(|| {
        FormatError::whole(name, "a line with the numbers of rows, columns and entries", "the end")
    })?;
    let sizes: Option<Vec<u64>> = words(line).map(|word| word?.parse().ok()).collect();
    let sizes: Option<[u64; 3]> = sizes.and_then(|sizes| sizes.try_into().ok());
    let Some([rows, columns, claimed]) = sizes else {
        return Err(fault(name, at, "the numbers of rows, columns and entries", line));
    };
    let mut entries = Entries::default();
    let mut weights = (field == Field::Number).then(Vec::new);
    for (at, line) in lines {
        let mut words = words(line);
        let mut index = |most: u64| -> Option<i64> {
            let number: u64 = words.next()??.parse().ok()?;
            ((1..=most).contains(&number)).then(|| i64::try_from(number).ok()).flatten()
        };
        let (row, column) = (index(rows), index(columns));
        let (Some(row), Some(column)) = (row, column) else {
            let expected = format!("a row of 1 to {rows} and a column of 1 to {columns}");
            return Err(fault(name, at, &expected, line));
        };
        if let Some(weights) = &mut weights {
            let value = words.next().flatten().and_then(|word| word.parse::<f64>().ok());
            let Some(value) = value else {
                return Err(fault(name, at, "a row, a column and a number", line));
            };
            weights.push(value);
        }
        if words.next().is_some() {
            let expected = if weights.is_some() {
                "a row, a column and a number"
            } else {
                "a row and a column"
            };
            return Err(fault(name, at, expected, line));
        }
        entries.rows.push(row);
        entries.columns.push(column);
    }
    if entries.rows.len() as u64 != claimed {
        let expected = format!("{claimed} entries, as its line of sizes says");
        return Err(FormatError::whole(name, expected, entries.rows.len().to_string()));
    }
    entries.weights = weights;
    let mut file = entries.finish(name, bytes.len(), [rows, columns], 1)?;
    file.description = format!("Matrix Market, {kind}, {}", file.description);
    file.directed = is_symmetric.then_some(false);
    Ok(file)
}

/// Returns the type of the values, whether the matrix is symmetric, and both in the file's words.
fn header(name: &str, line: &[u8]) -> Result<(Field, bool, String), FormatError> {
    let text = String::from_utf8_lossy(line).to_ascii_lowercase();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let refuse = |expected: &str| Err(fault(name, 0, expected, line));
    let ["%%matrixmarket", "matrix", form, field, symmetry] = words[..] else {
        return refuse("`%%MatrixMarket matrix coordinate real general` or the like");
    };
    if form != "coordinate" {
        return refuse(
            "`coordinate` (a dense matrix becomes a sparse one by \
             `scipy.io.mmwrite(\"g.mtx\", scipy.sparse.coo_matrix(scipy.io.mmread(FILE)))`)",
        );
    }
    let values = match field {
        "pattern" => Field::Pattern,
        "real" | "integer" => Field::Number,
        _ => return refuse("`real`, `integer` or `pattern` values"),
    };
    let is_symmetric = match symmetry {
        "general" => false,
        "symmetric" => true,
        _ => return refuse("a `general` or `symmetric` matrix"),
    };
    Ok((values, is_symmetric, format!("{field} {symmetry}")))
}

fn words(line: &[u8]) -> impl Iterator<Item = Option<&str>> {
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.map(|word| std::str::from_utf8(word).ok())
}

fn fault(name: &str, line: usize, expected: &str, found: &[u8]) -> FormatError {
    let found = found.trim_ascii();
    let shown = found[..found.len().min(60)].escape_ascii();
    FormatError::line(name, line, expected, format!("`{shown}`"))
}
