//! Parts of training loops.

/// Callbacks that ignore all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCallback;
