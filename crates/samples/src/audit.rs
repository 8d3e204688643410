//! Audit of samples before training.

use std::collections::BTreeSet;

use vgae_artifacts::{
    MissingValues, NamedCount, Nodes, Part, PartCounts, SampleAudit, SampleValues, Samples,
};

/// How many names an audit lists.
const EXAMPLES: usize = 5;

/// Counts what `samples` hold; `columns` are the names of their columns, if they have any. Nothing is
/// missing and nothing was scaled; the caller records imputation and scaling.
pub(crate) fn audit_samples(nodes: &Nodes, samples: &Samples, columns: &[String]) -> SampleAudit {
    let count = samples.values().columns();
    let (constant, (minimum, maximum)) = match samples.values() {
        SampleValues::Bytes { data, .. } => {
            let (low, high) = (data.iter().min(), data.iter().max());
            let range = |value: Option<&u8>| value.map_or(0.0, |&value| f32::from(value));
            (constant_columns(data, count), (range(low), range(high)))
        }
        SampleValues::Reals(matrix) => {
            let data = matrix.as_slice();
            let low = data.iter().copied().reduce(f32::min).unwrap_or(0.0);
            let high = data.iter().copied().reduce(f32::max).unwrap_or(0.0);
            (constant_columns(data, count), (low, high))
        }
    };
    let name = |column: usize| match (columns.get(column), samples.image()) {
        (Some(name), _) => name.clone(),
        (None, Some(shape)) => {
            format!("row {}, column {}", column / shape.width, column % shape.width)
        }
        (None, None) => format!("column {column}"),
    };
    let labels = nodes.labels();
    let classes: BTreeSet<&str> = labels.iter().flatten().map(String::as_str).collect();
    SampleAudit {
        samples: samples.len(),
        columns: count,
        image: samples.image(),
        constant_columns: named(constant.into_iter().map(name)),
        missing: MissingValues {
            values: 0,
            columns: NamedCount::default(),
            action: "nothing was missing".to_owned(),
        },
        classes: classes.len(),
        unlabelled_samples: labels.iter().filter(|label| label.is_none()).count(),
        given_parts: samples.given_parts().map(part_counts),
        minimum,
        maximum,
        scaling: Vec::new(),
        reading: None,
        notes: Vec::new(),
    }
}

/// How many names there are, and the first of them.
pub(crate) fn named(mut names: impl Iterator<Item = String>) -> NamedCount {
    let examples: Vec<String> = names.by_ref().take(EXAMPLES).collect();
    NamedCount { count: examples.len() + names.count(), examples }
}

fn constant_columns<T: PartialEq>(data: &[T], columns: usize) -> Vec<usize> {
    let mut rows = data.chunks_exact(columns);
    let Some(first) = rows.next() else { return Vec::new() };
    let mut constant = vec![true; columns];
    for row in rows {
        for ((constant, value), first) in constant.iter_mut().zip(row).zip(first) {
            *constant &= value == first;
        }
    }
    (0..columns).filter(|&column| constant[column]).collect()
}

fn part_counts(parts: &[Part]) -> PartCounts {
    let count = |wanted| parts.iter().filter(|&&part| part == wanted).count();
    PartCounts {
        train: count(Part::Train),
        validation: count(Part::Validation),
        test: count(Part::Test),
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{ImageShape, Matrix};

    use super::*;

    #[test]
    fn images_are_counted_with_their_dark_pixels() {
        let nodes =
            Nodes::new(vec!["a".to_owned(), "b".to_owned()], vec![Some("1".to_owned()), None]);
        let values = SampleValues::Bytes { columns: 4, data: vec![0, 9, 7, 3, 0, 8, 7, 3] };
        let shape = ImageShape { height: 2, width: 2 };
        let samples = Samples::new(values, Some(shape), Some(vec![Part::Train, Part::Test]));
        let audit = audit_samples(&nodes.expect("two"), &samples.expect("images"), &[]);
        assert_eq!((audit.samples, audit.columns, audit.image), (2, 4, Some(shape)));
        assert_eq!(audit.constant_columns.count, 3);
        assert_eq!(audit.constant_columns.examples[1], "row 1, column 0");
        assert_eq!((audit.classes, audit.unlabelled_samples), (1, 1));
        assert_eq!(audit.given_parts, Some(PartCounts { train: 1, validation: 0, test: 1 }));
        assert!(audit.minimum.abs() < f32::EPSILON && (audit.maximum - 9.0).abs() < f32::EPSILON);
    }

    #[test]
    fn only_the_first_names_are_listed() {
        let nodes = Nodes::new(vec!["a".to_owned()], vec![None]).expect("one");
        let values = SampleValues::Reals(Matrix::zeros(1, 9));
        let samples = Samples::new(values, None, None).expect("a row");
        let audit = audit_samples(&nodes, &samples, &["x".to_owned()]);
        assert_eq!(audit.constant_columns.count, 9);
        let examples = ["x", "column 1", "column 2", "column 3", "column 4"];
        assert_eq!(audit.constant_columns.examples, examples);
        assert_eq!(audit.given_parts, None);
    }
}
