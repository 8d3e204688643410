use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::{printable, shortened};

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left, for text.
    Left,
    /// Right, for numbers.
    Right,
}

/// Text table, for terminals and Markdown.
#[derive(Debug, Clone)]
pub struct TextTable {
    heads: Vec<(String, Align)>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
enum Row {
    Cells(Vec<String>),
    Blank,
}

/// Table fitted to a terminal width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// Lines of the table.
    pub text: String,
    /// Titles of the dropped columns.
    pub hidden: Vec<String>,
    /// Whether cells were shortened.
    pub shortened: bool,
}

/// Number of spaces between two columns.
const GAP: usize = 2;
/// Minimum width of shortened text; columns are dropped instead of shortening further.
const LEAST: usize = 12;

impl TextTable {
    /// Creates a table without rows.
    #[must_use]
    pub fn new(heads: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        let heads = heads.into_iter().map(|(head, align)| (head.into(), align)).collect();
        Self { heads, rows: Vec::new() }
    }

    /// Adds a row with one cell per head. Control characters are escaped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        let cells = cells.into_iter().map(|cell| printable(cell.as_ref()).into_owned());
        let mut cells: Vec<String> = cells.take(self.heads.len()).collect();
        cells.resize(self.heads.len(), String::new());
        self.rows.push(Row::Cells(cells));
    }

    /// Adds a blank line, between two groups of rows.
    pub fn blank(&mut self) {
        self.rows.push(Row::Blank);
    }

    /// Formats the table with aligned columns, with no line wider than `width`: text columns are shortened
    /// first, then columns are dropped from the right.
    #[must_use]
    pub fn fitted(&self, width: Option<usize>) -> Fitted {
        let mut widths: Vec<usize> = (0..self.heads.len()).map(|at| self.widest(at)).collect();
        let natural = widths.clone();
        let mut kept = widths.len();
        if let Some(most) = width {
            let total = |widths: &[usize]| {
                widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
            };
            // The widest text column is shortened first.
            while total(&widths[..kept]) > most {
                let is_text = |at: &usize| self.heads[*at].1 == Align::Left;
                let widest = (0..kept).filter(is_text).max_by_key(|&at| widths[at]);
                match widest.filter(|&at| widths[at] > LEAST) {
                    Some(at) => {
                        let over = total(&widths[..kept]) - most;
                        widths[at] = widths[at].saturating_sub(over).max(LEAST);
                    }
                    None if kept > 1 => {
                        kept -= 1;
                        widths[..kept].copy_from_slice(&natural[..kept]);
                    }
                    None => {
                        widths[0] = widths[0].min(most);
                        break;
                    }
                }
            }
        }
        let widths = &widths[..kept];
        let mut text = String::new();
        let heads: Vec<&str> = self.heads.iter().map(|(head, _)| head.as_str()).collect();
        self.line(&heads, widths, &mut text);
        let rule = text.trim_end().width();
        let _infallible = writeln!(text, "{}", "-".repeat(rule));
        for row in &self.rows {
            match row {
                Row::Cells(cells) => self.line(cells, widths, &mut text),
                Row::Blank => text.push('\n'),
            }
        }
        Fitted {
            text,
            hidden: heads[kept..].iter().map(|head| (*head).to_owned()).collect(),
            shortened: widths.iter().zip(&natural).any(|(width, natural)| width < natural),
        }
    }

    /// Formats the table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            let cells: Vec<String> = cells.collect();
            let _infallible = writeln!(text, "| {} |", cells.join(" | "));
        };
        let escaped = |cell: &str| cell.replace('|', "\\|").replace('*', "\\*");
        line(&mut self.heads.iter().map(|(head, _)| escaped(head)));
        line(&mut self.heads.iter().map(|(_, align)| match align {
            Align::Left => "---".to_owned(),
            Align::Right => "---:".to_owned(),
        }));
        for row in &self.rows {
            if let Row::Cells(cells) = row {
                line(&mut cells.iter().map(|cell| escaped(cell)));
            }
        }
        text
    }

    fn cells(&self) -> impl Iterator<Item = &Vec<String>> {
        self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) => Some(cells),
            Row::Blank => None,
        })
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.cells().map(|cells| cells[column].width());
        cells.chain([self.heads[column].0.width()]).max().unwrap_or(0)
    }

    fn line(&self, cells: &[impl AsRef<str>], widths: &[usize], text: &mut String) {
        let start = text.len();
        for (at, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            let cell = cut(cell.as_ref(), width);
            let padding = " ".repeat(width - cell.width());
            if at > 0 {
                text.push_str(&" ".repeat(GAP));
            }
            match self.heads[at].1 {
                Align::Left => text.extend([cell, padding]),
                Align::Right => text.extend([padding, cell]),
            }
        }
        text.truncate(start + text[start..].trim_end().len());
        text.push('\n');
    }
}

/// Truncates `cell` to at most `width` columns.
fn cut(cell: &str, width: usize) -> String {
    let mut letters = cell.chars().count();
    let mut cut = cell.to_owned();
    // A character takes up to two columns.
    while cut.width() > width {
        letters = letters.saturating_sub(1).min(width);
        cut = if letters == 0 { String::new() } else { shortened(cell, letters) };
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TextTable {
        let mut table =
            TextTable::new([("name", Align::Left), ("AUC", Align::Right), ("s", Align::Right)]);
        table.row(["gae", "91.2 \u{b1} 0.80", "1.5"]);
        table.blank();
        table.row(["東京\t*", "9.1", "-"]);
        table
    }

    #[test]
    fn columns_are_aligned_whatever_they_hold() {
        let fitted = table().fitted(None);
        let lines: Vec<&str> = fitted.text.lines().collect();
        assert_eq!(
            lines,
            [
                "name             AUC    s",
                "-------------------------",
                "gae      91.2 \u{b1} 0.80  1.5",
                "",
                "東京\\t*          9.1    -"
            ]
        );
        assert!(fitted.hidden.is_empty() && !fitted.shortened);
        assert_eq!(table().markdown().lines().nth(3), Some("| 東京\\t\\* | 9.1 | - |"));
    }

    #[test]
    fn what_does_not_fit_is_shortened_or_left_out_and_named() {
        let narrow = table().fitted(Some(21));
        assert_eq!(narrow.hidden, ["s"]);
        assert!(narrow.text.lines().all(|line| line.width() <= 21), "{}", narrow.text);

        let mut table = TextTable::new([("id", Align::Left), ("other", Align::Left)]);
        table.row(["x".repeat(100_000), "東".repeat(50_000)]);
        for width in [1, 5, 13, 30, 80] {
            let fitted = table.fitted(Some(width));
            assert!(fitted.shortened, "{width}");
            assert!(fitted.text.lines().all(|line| line.width() <= width), "{width}");
        }
        assert_eq!(table.fitted(Some(80)).hidden, [""; 0]);
        assert!(table.fitted(None).text.len() > 200_000);
    }
}
