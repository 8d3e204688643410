#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vgae_fuzz::readers::graph(bytes));
