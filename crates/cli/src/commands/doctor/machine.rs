use serde_json::{Value, json};
use vgae_pipeline::machine::{available_memory_bytes, cpu_features, memory_of_system};

use super::size;

/// The machine that the program runs on.
pub(super) struct Machine {
    processor: Option<String>,
    features: Vec<String>,
    /// Numbers that an instruction of the chosen kernels takes at once.
    lanes: usize,
    cores: usize,
    memory: Option<u64>,
    available: Option<u64>,
}

pub(super) fn look() -> Machine {
    let proc = |file: &str, key: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
    };
    Machine {
        processor: proc("/proc/cpuinfo", "model name"),
        features: cpu_features(),
        lanes: vgae_numerics::simd::lanes(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory: memory_of_system("MemTotal:"),
        available: available_memory_bytes(),
    }
}

impl Machine {
    /// The vector instructions that the kernels chose, by how many `f32` one of them takes.
    fn path(&self) -> &'static str {
        match self.lanes {
            16 => "AVX-512",
            8 => "AVX2 with FMA",
            4 => "NEON",
            _ => "none: plain code, several times slower",
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cpu_features": self.features,
            "vector_path": self.path(),
            "vector_lanes": self.lanes,
            "cores": self.cores,
            "memory_bytes": self.memory,
            "available_memory_bytes": self.available,
        })
    }

    pub(super) fn lines(&self, lines: &mut Vec<String>) {
        let processor = self.processor.as_deref().unwrap_or("of unknown name");
        lines.push(format!("processor   {processor}, {} cores", self.cores));
        let features = if self.features.is_empty() {
            "none known".to_owned()
        } else {
            self.features.join(" ")
        };
        lines.push(format!(
            "vectors     {} ({} numbers at once; there are: {features})",
            self.path(),
            self.lanes
        ));
        if let (Some(memory), Some(available)) = (self.memory, self.available) {
            lines.push(format!("memory      {}, {} of it free", size(memory), size(available)));
        }
    }
}
