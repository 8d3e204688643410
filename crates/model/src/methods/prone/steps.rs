use vgae_nn::training::check_cancelled;

use crate::{Callback, ModelError};

/// Reports steps to a callback.
pub(super) struct Steps<'a> {
    pub(super) callback: &'a mut dyn Callback,
    pub(super) count: u32,
}

impl Steps<'_> {
    /// A step is done.
    pub(super) fn done(&mut self) -> Result<(), ModelError> {
        self.count += 1;
        self.callback.step(self.count, None);
        Ok(check_cancelled(self.callback)?)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "embeddings are f32")]
pub(super) fn to_f32(value: f64) -> f32 {
    value as f32
}
