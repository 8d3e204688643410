//! The machine that a stage runs on.

use vgae_artifacts::{MachineRecord, Provenance};

/// The machine as it is, after `seconds` of work.
pub(crate) fn record(seconds: f64) -> MachineRecord {
    MachineRecord {
        program: Provenance::of_stage("").program,
        threads: rayon::current_num_threads(),
        cpu_features: cpu_features(),
        seconds,
        peak_memory_bytes: peak_memory_bytes(),
    }
}

/// The instruction sets of this machine that matter to the kernels.
#[must_use]
pub fn cpu_features() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("neon", true)];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    found.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

/// The largest resident memory of this process so far, on Linux.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Resets [`peak_memory_bytes`], where the system allows it.
pub(crate) fn forget_peak_memory() {
    let _nothing_lost = std::fs::write("/proc/self/clear_refs", "5");
}
