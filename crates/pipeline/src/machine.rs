//! The machine that a stage runs on.

use vgae_artifacts::MachineRecord;

/// Returns the record of `program` on this machine, after `seconds` of work.
pub(crate) fn record(program: &str, seconds: f64) -> MachineRecord {
    MachineRecord {
        program: program.to_owned(),
        threads: rayon::current_num_threads(),
        cpu_features: cpu_features(),
        seconds,
        peak_memory_bytes: peak_memory_bytes(),
    }
}

/// The instruction sets of this machine that the kernels use, see [`vgae_numerics::simd::limit`].
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
    let lanes = vgae_numerics::simd::lanes();
    let is_used = |name: &str| match name {
        "avx512f" => lanes >= 16,
        "avx2" | "fma" => lanes >= 8,
        "neon" => lanes >= 4,
        _ => true,
    };
    let used = found.into_iter().filter(|(name, has)| *has && is_used(name));
    used.map(|(name, _)| name.to_owned()).collect()
}

/// The largest resident memory of this process so far, on Linux.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    kib(&std::fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// Memory in bytes that this process can still allocate, on Linux: the least of what the system, its control
/// group and its limit of address space leave.
#[must_use]
pub fn available_memory_bytes() -> Option<u64> {
    let system = memory_of_system("MemAvailable:");
    [system, left_in_group(), left_of_address_space()].into_iter().flatten().min()
}

/// Memory of the system in bytes by a key of `/proc/meminfo`, on Linux.
#[must_use]
pub fn memory_of_system(key: &str) -> Option<u64> {
    kib(&std::fs::read_to_string("/proc/meminfo").ok()?, key)
}

/// Returns the bytes of a line such as `VmSize:  123 kB`.
fn kib(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Returns what the control groups of this process leave: of version 2 with all groups above, and of version 1.
fn left_in_group() -> Option<u64> {
    let number =
        |path: &str| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut left = Vec::new();
    if let Some(path) = groups.lines().find_map(|line| line.strip_prefix("0::")) {
        for group in std::path::Path::new(path).ancestors() {
            let folder = format!("/sys/fs/cgroup{}", group.display());
            let limit = number(&format!("{folder}/memory.max"));
            let used = number(&format!("{folder}/memory.current"));
            left.extend(limit.zip(used).map(|(limit, used)| limit.saturating_sub(used)));
        }
    }
    let folder = "/sys/fs/cgroup/memory";
    let limit = number(&format!("{folder}/memory.limit_in_bytes"));
    let used = number(&format!("{folder}/memory.usage_in_bytes"));
    left.extend(limit.zip(used).map(|(limit, used)| limit.saturating_sub(used)));
    left.into_iter().min()
}

/// Returns what the limit of address space (`ulimit -v`) leaves.
fn left_of_address_space() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    let used = kib(&std::fs::read_to_string("/proc/self/status").ok()?, "VmSize:")?;
    Some(limit.saturating_sub(used))
}

/// Resets [`peak_memory_bytes`], where the system allows it.
pub(crate) fn forget_peak_memory() {
    let _nothing_lost = std::fs::write("/proc/self/clear_refs", "5");
}
