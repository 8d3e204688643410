//! Conversion of decoder panics into errors.
//!
//! Parquet readers assert where they should return an error: one wrong byte in a footer can end the program.
//! A damaged file is a user error, not a defect, so it must be reported as an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Panic of a decoder.
#[derive(Debug, thiserror::Error)]
#[error("the decoder panicked: {0}")]
pub struct DecoderPanic(String);

/// Runs `decode`. A panic is converted to an error and is not printed.
///
/// # Errors
/// Returns an error when `decode` panics, with the panic message.
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
    // No state of `decode` is used after a panic.
    let result = catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(before);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        DecoderPanic(text.unwrap_or_else(|| "no message".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_a_value_passes() {
        assert_eq!(guarded(|| 7).expect("no panic"), 7);
        let error = guarded(|| panic!("bad footer")).expect_err("a panic");
        assert_eq!(error.to_string(), "the decoder panicked: bad footer");
        assert!(!GUARDED.get());
    }
}
