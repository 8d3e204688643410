use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean, standard deviation and standard error of one quantity over several runs or draws.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Cell {
    /// Mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1); absent with a single value.
    pub sd: Option<f64>,
    /// Standard error of the mean; absent with a single value.
    pub se: Option<f64>,
    /// Number of values: runs of a grid, draws of a probe.
    pub runs: usize,
}

impl Cell {
    /// Returns the statistics of some values; `None` without values.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let runs = values.len();
        if runs == 0 {
            return None;
        }
        let n = runs as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (runs > 1).then(|| (squares / (n - 1.0)).sqrt());
        Some(Self { mean, sd, se: sd.map(|sd| sd / n.sqrt()), runs })
    }

    /// Formats as `91.23 ± 0.80`, or the mean only for a single value.
    #[must_use]
    pub fn text(&self, decimals: usize) -> String {
        match self.sd {
            Some(sd) => format!("{:.decimals$} \u{b1} {sd:.decimals$}", self.mean),
            None => format!("{:.decimals$}", self.mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_needs_two_values() {
        let cell = Cell::of(&[90.0, 91.0, 92.0]).expect("values");
        assert_eq!((cell.mean, cell.sd, cell.runs), (91.0, Some(1.0), 3));
        assert!((cell.se.expect("three values") - 3.0f64.sqrt().recip()).abs() < 1e-15);
        assert_eq!(cell.text(2), "91.00 \u{b1} 1.00");
        let one = Cell::of(&[0.5]).expect("a value");
        assert_eq!((one.sd, one.se, one.text(1).as_str()), (None, None, "0.5"));
        assert_eq!(Cell::of(&[]), None);
    }
}
