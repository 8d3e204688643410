//! Decoders that panic on damaged files.
//!
//! Readers of Parquet assert where they should refuse: one wrong byte in a footer can end the program. A
//! damaged file is the user's trouble, not a bug of ours, so it has to end in an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// The decoder gave up in the hard way.
#[derive(Debug, thiserror::Error)]
#[error("the decoder stopped: {0}")]
pub struct DecoderPanic(String);

/// Runs `decode`; a panic in it becomes an error and is not printed.
///
/// # Errors
/// When `decode` panics, with what it said.
pub fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, DecoderPanic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                usual(info);
            }
        }));
    });
    let before = GUARDED.replace(true);
    // Nothing of what `decode` touched is used after a panic.
    let result = catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(before);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        DecoderPanic(text.unwrap_or_else(|| "for no stated reason".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_a_value_passes() {
        assert_eq!(guarded(|| 7).expect("no panic"), 7);
        let error = guarded(|| panic!("bad footer")).expect_err("a panic");
        assert_eq!(error.to_string(), "the decoder stopped: bad footer");
        assert!(!GUARDED.get());
    }
}
