use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table};
use crate::{Kind, Provenance, Result};

/// AUC and AP on validation pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validation {
    /// Area under the ROC curve, 0 to 1.
    pub auc: f64,
    /// Average precision, 0 to 1.
    pub ap: f64,
}

/// One epoch. Loss and validation speak of the same weights: those before the epoch's update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// What was minimised: reconstruction plus weighted KL.
    pub loss: f64,
    /// The reconstruction term.
    pub reconstruction: f64,
    /// The KL term as it enters the loss; 0 for models without one.
    pub kl: f64,
    /// On validation pairs, if it was measured this epoch.
    pub validation: Option<Validation>,
    /// Wall-clock time; the one column that differs between two identical runs.
    pub seconds: f64,
}

/// A training, one record an epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History(pub Vec<EpochRecord>);

impl History {
    fn fields() -> Vec<Field> {
        vec![
            Field::new("epoch", DataType::UInt32, false),
            Field::new("loss", DataType::Float64, false),
            Field::new("reconstruction", DataType::Float64, false),
            Field::new("kl", DataType::Float64, false),
            Field::new("val_auc", DataType::Float64, true),
            Field::new("val_ap", DataType::Float64, true),
            Field::new("seconds", DataType::Float64, false),
        ]
    }

    /// Writes `history.parquet`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let rows = || self.0.iter();
        let f64s = |of: fn(&EpochRecord) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows().map(of)))
        };
        let optional = |of: fn(&Validation) -> f64| -> ArrayRef {
            Arc::new(rows().map(|row| row.validation.as_ref().map(of)).collect::<Float64Array>())
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.epoch))),
            f64s(|row| row.loss),
            f64s(|row| row.reconstruction),
            f64s(|row| row.kl),
            optional(|validation| validation.auc),
            optional(|validation| validation.ap),
            f64s(|row| row.seconds),
        ];
        table::write_parquet(path, Kind::History, Self::fields(), columns, &[], provenance)
    }

    /// Reads what [`History::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::History, &Self::fields())?;
        let epochs = table.u32s("epoch")?;
        let column = |name| table.f64s(name);
        let (loss, reconstruction, kl) =
            (column("loss")?, column("reconstruction")?, column("kl")?);
        let (auc, ap, seconds) = (column("val_auc")?, column("val_ap")?, column("seconds")?);
        let value = |column: &[Option<f64>], row: usize| column[row].unwrap_or(f64::NAN);
        let record = |(row, epoch): (usize, u32)| EpochRecord {
            epoch,
            loss: value(&loss, row),
            reconstruction: value(&reconstruction, row),
            kl: value(&kl, row),
            validation: auc[row].zip(ap[row]).map(|(auc, ap)| Validation { auc, ap }),
            seconds: value(&seconds, row),
        };
        Ok(Self(epochs.into_iter().enumerate().map(record).collect()))
    }
}
