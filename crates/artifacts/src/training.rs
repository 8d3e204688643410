use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, optional, required};
use crate::{Kind, Provenance, Result};

/// AUC and AP on validation pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validation {
    /// Area under the ROC curve, 0 to 1.
    pub auc: f64,
    /// Average precision, 0 to 1.
    pub ap: f64,
}

/// Record of one epoch.
///
/// Graph models make one update per epoch: loss and validation refer to the weights before it. For models
/// trained in mini-batches, losses are means over the epoch's batches, each before its own update, and
/// validation refers to the weights after the last update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRecord {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// Training loss: reconstruction plus weighted KL divergence.
    pub loss: f64,
    /// Reconstruction term.
    pub reconstruction: f64,
    /// KL term as it enters the loss; 0 for models without one.
    pub kl: f64,
    /// Metrics on validation pairs, if measured in this epoch.
    pub validation: Option<Validation>,
    /// Loss on validation samples, if measured in this epoch; models of samples only.
    pub validation_loss: Option<f64>,
    /// Wall-clock time in seconds, the only column that differs between two identical runs.
    pub seconds: f64,
}

/// Training history, one record per epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History(pub Vec<EpochRecord>);

/// Best epoch of a training, if its weights are not the last ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Best epoch, from 1; its weights are those before its update.
    pub epoch: u32,
    /// Whether early stopping ended the training before its last epoch.
    pub stopped_early: bool,
}

/// Keys in the file's metadata.
const CHOSEN: [&str; 2] = ["selected_epoch", "stopped_early"];

impl History {
    fn fields() -> Vec<Field> {
        vec![
            required("epoch", DataType::UInt32, "1, 2, 3, ..."),
            required(
                "loss",
                DataType::Float64,
                "training loss: reconstruction plus weighted KL divergence",
            ),
            required("reconstruction", DataType::Float64, "reconstruction term of the loss"),
            required("kl", DataType::Float64, "KL term of the loss; 0 for methods without one"),
            optional("val_auc", DataType::Float64, "AUC on validation pairs, where measured"),
            optional("val_ap", DataType::Float64, "AP on validation pairs, where measured"),
            required("seconds", DataType::Float64, "wall-clock time of the epoch"),
        ]
    }

    /// Returns the column of validation losses, present only if they were measured.
    fn validation_loss_field() -> Field {
        optional("val_loss", DataType::Float64, "loss on validation samples; samples only")
    }

    pub(crate) fn forms() -> Vec<Vec<Field>> {
        let mut of_samples = Self::fields();
        of_samples.push(Self::validation_loss_field());
        vec![Self::fields(), of_samples]
    }

    /// Writes `history.parquet`. The column `val_loss` is present if a record has it.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        self.write_chosen(path, None, provenance)
    }

    /// Writes `history.parquet` with the best epoch in the metadata: `vgae.selected_epoch`,
    /// `vgae.stopped_early`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write_chosen(
        &self,
        path: &Path,
        chosen: Option<Chosen>,
        provenance: &Provenance,
    ) -> Result<()> {
        let rows = || self.0.iter();
        let f64s = |of: fn(&EpochRecord) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows().map(of)))
        };
        let optional = |of: fn(&Validation) -> f64| -> ArrayRef {
            Arc::new(rows().map(|row| row.validation.as_ref().map(of)).collect::<Float64Array>())
        };
        let mut fields = Self::fields();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.epoch))),
            f64s(|row| row.loss),
            f64s(|row| row.reconstruction),
            f64s(|row| row.kl),
            optional(|validation| validation.auc),
            optional(|validation| validation.ap),
            f64s(|row| row.seconds),
        ];
        if rows().any(|row| row.validation_loss.is_some()) {
            fields.push(Self::validation_loss_field());
            columns.push(Arc::new(rows().map(|row| row.validation_loss).collect::<Float64Array>()));
        }
        let facts: Vec<(&str, String)> = match chosen {
            Some(Chosen { epoch, stopped_early }) => {
                vec![(CHOSEN[0], epoch.to_string()), (CHOSEN[1], stopped_early.to_string())]
            }
            None => Vec::new(),
        };
        table::write_parquet(path, Kind::History, fields, columns, &facts, provenance)
    }

    /// Reads a file of [`History::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self::read_chosen(path)?.0)
    }

    /// Reads a file of [`History::write_chosen`].
    ///
    /// # Errors
    /// See [`History::read`].
    pub fn read_chosen(path: &Path) -> Result<(Self, Option<Chosen>)> {
        let optional = [Self::validation_loss_field()];
        let table = Table::read_parquet_with(path, Kind::History, &Self::fields(), &optional)?;
        let epoch = table.count_fact(CHOSEN[0])?.and_then(|epoch| u32::try_from(epoch).ok());
        let stopped_early = table.fact(CHOSEN[1]) == Some("true");
        let chosen = epoch.map(|epoch| Chosen { epoch, stopped_early });
        let epochs = table.u32s("epoch")?;
        let column = |name| table.f64s(name);
        let (loss, reconstruction, kl) =
            (column("loss")?, column("reconstruction")?, column("kl")?);
        let (auc, ap, seconds) = (column("val_auc")?, column("val_ap")?, column("seconds")?);
        let validation_loss =
            if table.has("val_loss") { column("val_loss")? } else { vec![None; table.rows()] };
        let value = |column: &[Option<f64>], row: usize| column[row].unwrap_or(f64::NAN);
        let record = |(row, epoch): (usize, u32)| EpochRecord {
            epoch,
            loss: value(&loss, row),
            reconstruction: value(&reconstruction, row),
            kl: value(&kl, row),
            validation: auc[row].zip(ap[row]).map(|(auc, ap)| Validation { auc, ap }),
            validation_loss: validation_loss[row],
            seconds: value(&seconds, row),
        };
        Ok((Self(epochs.into_iter().enumerate().map(record).collect()), chosen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validation_loss_stands_in_the_files_that_have_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.parquet");
        let record = |epoch: u32, validation_loss| EpochRecord {
            epoch,
            loss: 3.0,
            reconstruction: 2.0,
            kl: 1.0,
            validation: None,
            validation_loss,
            seconds: 0.5,
        };
        let without = History(vec![record(1, None), record(2, None)]);
        let with = History(vec![record(1, None), record(2, Some(2.5))]);
        let early = Chosen { epoch: 2, stopped_early: true };
        for (history, has, chosen) in [(without, false, None), (with, true, Some(early))] {
            let provenance = Provenance::of_stage("test");
            history.write_chosen(&path, chosen, &provenance).expect("writes");
            assert_eq!(History::read_chosen(&path).expect("reads"), (history, chosen));
            let optional = [History::validation_loss_field()];
            let table =
                Table::read_parquet_with(&path, Kind::History, &History::fields(), &optional);
            assert_eq!(table.expect("reads").has("val_loss"), has);
        }
    }
}
