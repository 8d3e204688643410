//! The training loop of every model that learns by epochs, with callbacks, early stopping and checkpoints.

mod by_name;
mod callback;
mod checkpoint;
mod early_stopping;
mod error;
mod train;

pub use callback::{Callback, Logits, NoCallback, check_cancelled};
pub use checkpoint::{Checkpoint, run_hash};
pub use early_stopping::{Best, EarlyStopping};
pub use error::TrainingError;
pub use train::{FitOptions, Outcome, Plan, Trainable, train};
