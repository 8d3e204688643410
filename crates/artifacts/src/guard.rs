//! Decoders that panic on damaged files.
//!
//! Readers of Parquet assert where they should refuse: one wrong byte in a footer can end the program. A
//! damaged file is the user's trouble, not a bug of ours, so it has to end in an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Once, PoisonError, RwLock};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// How the names of threads start that work for the guarded decoders under way.
static WORKERS: RwLock<Vec<&'static str>> = RwLock::new(Vec::new());

/// The decoder gave up in the hard way.
#[derive(Debug, thiserror::Error)]
#[error("the decoder stopped: {0}")]
pub struct DecoderPanic(String);

/// Runs `decode`; a panic in it becomes an error and is not printed. `workers` is how the names of the
/// threads start that the decoder leaves work to, if it does: their panics are not printed either.
///
/// # Errors
/// When `decode` panics, with what it said.
pub fn guarded<T>(
    workers: Option<&'static str>,
    decode: impl FnOnce() -> T,
) -> Result<T, DecoderPanic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() && !is_worker() {
                usual(info);
            }
        }));
    });
    let change = |with: fn(&mut Vec<&'static str>, &'static str)| {
        if let Some(name) = workers {
            with(&mut WORKERS.write().unwrap_or_else(PoisonError::into_inner), name);
        }
    };
    let before = GUARDED.replace(true);
    change(Vec::push);
    // Nothing of what `decode` touched is used after a panic.
    let result = catch_unwind(AssertUnwindSafe(decode));
    change(|names, name| {
        if let Some(at) = names.iter().position(|known| *known == name) {
            names.swap_remove(at);
        }
    });
    GUARDED.set(before);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        DecoderPanic(text.unwrap_or_else(|| "for no stated reason".to_owned()))
    })
}

fn is_worker() -> bool {
    let thread = std::thread::current();
    let names = WORKERS.read().unwrap_or_else(PoisonError::into_inner);
    thread.name().is_some_and(|name| names.iter().any(|prefix| name.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_a_value_passes() {
        assert_eq!(guarded(None, || 7).expect("no panic"), 7);
        let error = guarded(Some("pool"), || panic!("bad footer")).expect_err("a panic");
        assert_eq!(error.to_string(), "the decoder stopped: bad footer");
        assert!(!GUARDED.get());
        assert!(WORKERS.read().expect("not poisoned").is_empty());
    }
}
