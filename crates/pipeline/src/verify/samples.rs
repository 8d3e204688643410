//! The check of a run over samples, besides executing its stages again.

use std::path::Path;

use vgae_artifacts::{Kind, SampleCertificate, json, names};

use super::recomputed::Recomputed;
use crate::StageError;
use crate::stages::Artifacts;

pub(crate) fn checks(folder: &Path) -> Vec<Recomputed> {
    vec![("leak certificate proved again", certificate_fault(folder))]
}

fn certificate_fault(folder: &Path) -> Result<Option<String>, StageError> {
    let from = Artifacts(vec![folder.to_owned()]);
    let samples = from.samples()?;
    let split = from.sample_split(&samples)?;
    let stored: SampleCertificate =
        json::read(&folder.join(names::CERTIFICATE), Kind::Certificate)?;
    let proved = vgae_samples::certify(samples.len(), samples.given_parts(), &split);
    Ok(if !proved.holds() {
        Some(
            "the split leaks: a part overlaps another, or is not the one that the data gives"
                .to_owned(),
        )
    } else if proved != stored {
        Some("certificate.json is of another split".to_owned())
    } else {
        None
    })
}
