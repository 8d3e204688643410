//! From values to places in a drawing, and the round values in between.

/// A straight map from values to coordinates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) from: f64,
    pub(crate) to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// Maps `from` to `start` and `to` to `end`.
    pub(crate) fn new((from, to): (f64, f64), (start, end): (f64, f64)) -> Self {
        Self { from, to, start, end }
    }

    /// Where a value is drawn; the middle where all values are one.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        let share = if share.is_finite() { share } else { 0.5 };
        self.start + share * (self.end - self.start)
    }
}

/// The smallest and largest of the finite values, with a margin of `share` of their distance on both
/// sides; a unit around them when they are all one; zero to one when there are none.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>, share: f64) -> (f64, f64) {
    let finite = values.into_iter().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        (0.0, 1.0)
    } else if low < high {
        let margin = share * (high - low);
        (low - margin, high + margin)
    } else {
        let half = if low == 0.0 { 0.5 } else { 0.05 * low.abs() };
        (low - half, high + half)
    }
}

/// Multiples of 1, 2 or 5 times a power of ten, about `wanted` of them between `low` and `high`, each with
/// as many decimals as tell them apart.
pub(crate) fn ticks(low: f64, high: f64, wanted: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / wanted.max(1) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return vec![(low, label(low, 0, 1.0))];
    }
    let power = rough.log10().floor();
    let unit = 10f64.powf(power);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * unit);
    // The rounding of a power must not push a step that fits exactly to the next one.
    let step = step.into_iter().find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(10.0 * unit);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to some 300")]
    let decimals = (-(step * (1.0 + 1e-9)).log10().floor()).max(0.0) as usize;
    let first = (low / step - 1e-9).ceil();
    (0u32..)
        .map(|at| (first + f64::from(at)) * step)
        .take_while(|value| *value <= high + 1e-9 * step)
        .take(4 * wanted.max(1))
        .map(|value| (value, label(value, decimals, step)))
        .collect()
}

/// Powers of ten from `low` to `high`, both above zero; where these are few, twice and five times them as well.
pub(crate) fn log_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    if !(low > 0.0 && high.is_finite()) {
        return Vec::new();
    }
    #[expect(clippy::cast_possible_truncation, reason = "-324 to 308")]
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let steps: &[f64] = if high / low > 1e3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let values = powers.flat_map(|power| {
        steps.iter().map(move |step| {
            let decimals = usize::try_from(-power).unwrap_or(0);
            (step * 10f64.powi(power), decimals)
        })
    });
    let within = values.filter(|(value, _)| (low..=high).contains(value));
    within.map(|(value, decimals)| (value, label(value, decimals, value))).collect()
}

fn label(value: f64, decimals: usize, step: f64) -> String {
    // Multiples of a step near zero are zero.
    let value = if value.abs() < 1e-6 * step { 0.0 } else { value };
    let size = value.abs();
    if (size >= 1e6 || decimals > 5) && size > 0.0 {
        format!("{value:.1e}")
    } else {
        format!("{value:.decimals$}").replacen('-', "\u{2212}", 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(low: f64, high: f64, wanted: usize) -> String {
        let labels: Vec<String> =
            ticks(low, high, wanted).into_iter().map(|(_, text)| text).collect();
        labels.join(" ")
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(0.0, 1.0, 5), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(1.0, 200.0, 4), "50 100 150 200");
        assert_eq!(labels(0.483, 0.771, 4), "0.5 0.6 0.7");
        assert_eq!(labels(-4.2, 9.0, 4), "0 5");
        assert_eq!(labels(-9.0, 9.0, 4), "\u{2212}5 0 5");
        assert_eq!(labels(90.31, 90.38, 4), "90.32 90.34 90.36 90.38");
        assert_eq!(labels(3.0, 3.0, 4), "3");
        let powers = |low, high| -> String {
            let labels: Vec<String> = log_ticks(low, high).into_iter().map(|tick| tick.1).collect();
            labels.join(" ")
        };
        assert_eq!(powers(0.03, 2.5), "0.05 0.1 0.2 0.5 1 2");
        assert_eq!(powers(0.03, 250.0), "0.1 1 10 100");
        assert_eq!(powers(0.0, 1.0), "");
    }

    #[test]
    fn a_scale_of_one_value_has_a_middle() {
        let scale = Scale::new((2.0, 2.0), (0.0, 10.0));
        assert_eq!(scale.at(2.0).to_bits(), 5.0f64.to_bits());
        assert_eq!(extent([f64::NAN], 0.1), (0.0, 1.0));
        assert_eq!(extent([0.0, 0.0], 0.1), (-0.5, 0.5));
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_are_few(low in -1e9..1e9f64, width in 1e-6..1e9f64, wanted in 1usize..10) {
            let high = low + width;
            let ticks = ticks(low, high, wanted);
            prop_assert!(ticks.len() <= 4 * wanted);
            let slack = 1e-6 * width;
            for (value, label) in ticks {
                prop_assert!((low - slack..=high + slack).contains(&value), "{value}");
                prop_assert!(!label.is_empty());
            }
        }
    }
}
