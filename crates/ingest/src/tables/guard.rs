//! polars asserts where it should refuse: one wrong byte in a Parquet file can end the program. A damaged
//! file is the user's trouble, not a bug of ours, so it has to end in an error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::{PolarsError, PolarsResult};

/// How many reads are under way.
static READING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static GUARDED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs `read`; a panic in it, or in a thread of polars that works for it, becomes an error and is not
/// printed.
pub(super) fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            let is_polars = thread.name().is_some_and(|name| name.starts_with("polars"));
            let is_expected = GUARDED.get() || (is_polars && READING.load(Ordering::Relaxed) > 0);
            if !is_expected {
                usual(info);
            }
        }));
    });
    let before = GUARDED.replace(true);
    READING.fetch_add(1, Ordering::Relaxed);
    // Nothing of what `read` touched is used after a panic.
    let result = catch_unwind(AssertUnwindSafe(read));
    READING.fetch_sub(1, Ordering::Relaxed);
    GUARDED.set(before);
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "for no stated reason".to_owned());
        Err(PolarsError::ComputeError(format!("the decoder stopped: {text}").into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_a_value_passes() {
        assert_eq!(guarded(|| Ok(7)).expect("no panic"), 7);
        let error = guarded::<()>(|| panic!("bad footer")).expect_err("a panic");
        assert_eq!(error.to_string(), "the decoder stopped: bad footer");
        assert!(!GUARDED.get());
    }
}
