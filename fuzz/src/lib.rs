//! Shared by the fuzz targets: the readers, bombs among their inputs, and a limit of memory.

#[path = "../bombs.rs"]
pub mod bombs;
pub mod memory;
#[path = "../readers.rs"]
pub mod readers;

/// Declares the target of a reader. Inputs are those of libFuzzer, and bombs in between.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::readers::$name(bytes));

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
            if u64::from(seed).is_multiple_of($crate::bombs::EVERY)
                && let Some(bomb) = $crate::bombs::bomb(stringify!($name), seed.into())
                && bomb.len() <= most.min(data.len())
            {
                data[..bomb.len()].copy_from_slice(&bomb);
                return bomb.len();
            }
            libfuzzer_sys::fuzzer_mutate(data, size, most)
        });
    };
}
