//! Numbers as people read them.

use std::fmt::Write as _;

pub(crate) use vgae_artifacts::text::{count, shortened};

/// Seconds in the unit that suits them.
pub(crate) fn seconds(value: f64) -> String {
    match value {
        v if !v.is_finite() => "-".to_owned(),
        v if v < 0.001 => "under 1 ms".to_owned(),
        v if v < 1.0 => format!("{:.0} ms", 1e3 * v),
        v if v < 100.0 => format!("{v:.1} s"),
        v if v < 7200.0 => format!("{:.1} min", v / 60.0),
        v => format!("{:.1} h", v / 3600.0),
    }
}

/// Bytes in the unit that suits them (1 MB is a million).
pub(crate) fn bytes(value: u64) -> String {
    let scaled = value as f64;
    match value {
        0..1_000 => format!("{value} B"),
        1_000..1_000_000 => format!("{:.1} kB", scaled / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", scaled / 1e6),
        _ => format!("{:.2} GB", scaled / 1e9),
    }
}

/// A share of one, as metrics are: four decimals, or a dash.
pub(crate) fn metric(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.4}"))
}

/// A value of no known size with four significant digits.
pub(crate) fn significant(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "-".to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e6).contains(&size) {
        format!("{value:.3e}")
    } else if size < 10.0 {
        // As many decimals as make four digits that count.
        let decimals = [1.0, 0.1, 0.01, 0.001].iter().filter(|limit| size < **limit).count();
        format!("{value:.*}", 3 + decimals)
    } else {
        format!("{value:.1}")
    }
}

/// A coordinate in a drawing: a tenth of a unit, without a needless `.0`.
pub(crate) fn place(out: &mut String, value: f64) {
    let tenths = (value * 10.0).round() / 10.0;
    let _infallible = write!(out, "{}", tenths + 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [seconds(0.0833), seconds(12.34), seconds(240.0)].join(" "),
            "83 ms 12.3 s 4.0 min"
        );
        assert_eq!(
            [bytes(787), bytes(24_078), bytes(21_020_672)].join(" "),
            "787 B 24.1 kB 21.0 MB"
        );
        assert_eq!(
            [
                significant(0.012_345),
                significant(0.5),
                significant(1.5),
                significant(1234.56),
                significant(1e-9)
            ]
            .join(" "),
            "0.01235 0.5000 1.500 1234.6 1.000e-9"
        );
        let mut places = String::new();
        for value in [12.04, -0.04, 12.06] {
            place(&mut places, value);
            places.push(' ');
        }
        assert_eq!(places, "12 0 12.1 ");
    }
}
