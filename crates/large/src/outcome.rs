//! Results of a run, and their files.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vgae_artifacts::{
    ArtifactError, Certificate, CertificateCounts, ContentHash, LinkMetrics, Result, atomic,
};

use crate::metrics::AP_BITS;

/// Counts of ingest, `audit.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeAudit {
    /// Rows of the edge table.
    pub source_rows: u64,
    /// Rows dropped since both ends are the same node.
    pub self_loops: u64,
    /// Rows dropped since an earlier row has the same pair, in either direction.
    pub duplicates: u64,
    /// Nodes.
    pub nodes: u64,
    /// Undirected edges.
    pub edges: u64,
    /// Nodes without training edges.
    pub isolated_in_training: u64,
}

/// Metrics on the held-out pairs, `metrics.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutMetrics {
    /// Metrics of validation pairs.
    pub validation: LinkMetrics,
    /// Metrics of test pairs.
    pub test: LinkMetrics,
}

impl HeldOutMetrics {
    /// Returns the metrics of a part of `size` edges and as many negatives. `auc_sum` is twice the number of pairs of an
    /// edge and a negative in the right order, `ap_sum` the sum of precision times gain in units of 2^-30.
    #[must_use]
    pub fn of_part(auc_sum: u64, ap_sum: u64, size: usize) -> LinkMetrics {
        if size == 0 {
            return LinkMetrics::default();
        }
        let count = size as f64;
        LinkMetrics {
            auc: Some(auc_sum as f64 / (2.0 * count * count)),
            ap: Some(ap_sum as f64 / (f64::from(1u32 << AP_BITS) * count)),
            positives: size,
            negatives: size,
        }
    }
}

/// Parts of a split in the order of the split hash: name, whether the pairs are edges.
pub const SPLIT_PARTS: [(&str, bool); 5] =
    [("train", true), ("val", true), ("val", false), ("test", true), ("test", false)];

/// Number of pairs of a part, and the sums of two keyed hashes of its pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartDigest {
    /// Number of pairs.
    pub pairs: u64,
    /// Sums of the hashes.
    pub words: [u64; 2],
}

/// Results of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Counts of ingest.
    pub audit: EdgeAudit,
    /// Certificate of the split.
    pub certificate: Certificate,
    /// Metrics on the held-out pairs.
    pub metrics: HeldOutMetrics,
}

impl Outcome {
    /// File of [`Outcome::audit`] in the output folder.
    pub const AUDIT: &str = "audit.json";
    /// File of [`Outcome::certificate`].
    pub const CERTIFICATE: &str = "certificate.json";
    /// File of [`Outcome::metrics`].
    pub const METRICS: &str = "metrics.json";

    /// Returns the certificate of a split whose properties have been verified, given the digests of [`SPLIT_PARTS`].
    ///
    /// # Errors
    /// Returns an error when a count does not fit the machine's integers.
    pub fn certificate(
        nodes: u64,
        digests: [PartDigest; 5],
        cold_test_edges: u64,
    ) -> Result<Certificate> {
        let count = |count: u64| {
            let expected = "a count that fits this machine's integers";
            usize::try_from(count)
                .map_err(|_| ArtifactError::invalid("certificate", expected, count.to_string()))
        };
        let lines = SPLIT_PARTS.iter().zip(&digests).map(|((part, positive), digest)| {
            let sign = if *positive { "positive" } else { "negative" };
            let PartDigest { pairs, words: [first, second] } = digest;
            format!("{part}_{sign} {pairs} {first} {second}\n")
        });
        let [train, validation, validation_negative, test, test_negative] =
            digests.map(|digest| digest.pairs);
        Ok(Certificate {
            counts: CertificateCounts {
                nodes: count(nodes)?,
                train: count(train)?,
                validation: count(validation)?,
                validation_negative: count(validation_negative)?,
                test: count(test)?,
                test_negative: count(test_negative)?,
            },
            parts_disjoint: true,
            positives_cover_the_graph: true,
            no_negative_is_an_edge: true,
            message_passing: "training edges only: the steps of the method read no other edges"
                .to_owned(),
            leaks: Vec::new(),
            cold_test_edges: count(cold_test_edges)?,
            split_hash: ContentHash::of_pieces(lines),
            given: None,
            rule: None,
        })
    }

    /// Writes the results into the folder `out`.
    ///
    /// # Errors
    /// Returns an error when a file cannot be written.
    pub fn write(&self, out: &Path) -> Result<()> {
        write_json(&out.join(Self::AUDIT), &self.audit)?;
        write_json(&out.join(Self::CERTIFICATE), &self.certificate)?;
        write_json(&out.join(Self::METRICS), &self.metrics)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EdgeAudit { nodes, edges, source_rows, duplicates, self_loops, .. } = self.audit;
        write!(
            f,
            "{nodes} nodes, {edges} edges from {source_rows} rows ({duplicates} duplicates, {self_loops} self-loops \
             dropped)"
        )?;
        for (part, metrics) in
            [("validation", &self.metrics.validation), ("test", &self.metrics.test)]
        {
            if let (Some(auc), Some(ap)) = (metrics.auc, metrics.ap) {
                write!(
                    f,
                    "\n{part}: AUC {:.2} %, AP {:.2} % on {} edges and {} negatives",
                    100.0 * auc,
                    100.0 * ap,
                    metrics.positives,
                    metrics.negatives
                )?;
            }
        }
        Ok(())
    }
}

/// Writes a value as indented JSON, atomically.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(ArtifactError::encode("JSON", path))?;
    text.push('\n');
    atomic::write(path, text.as_bytes())
}
