//! What ran, and with what.

use vgae_artifacts::Seed;

use super::element::Element;
use super::names::method_name;
use super::number::{bytes, seconds};
use super::page::{Section, cell, details, head, row, table};

/// A stage as the manifest records it.
#[derive(Debug, Clone, Default)]
pub struct StageReport {
    /// `ingest`, `split`, ...
    pub name: String,
    /// Its version.
    pub version: u32,
    /// The program and its version.
    pub program: String,
    /// Wall-clock time.
    pub seconds: f64,
    /// Worker threads.
    pub threads: usize,
    /// Instruction sets of the machine.
    pub cpu_features: Vec<String>,
    /// The process's largest resident memory when the stage was done, other runs of a grid included.
    pub peak_memory_bytes: Option<u64>,
    /// The start of its fingerprint.
    pub fingerprint: String,
    /// Its checked configuration, `key`, `value`.
    pub config: Vec<(String, String)>,
    /// Names and short hashes of what it read.
    pub inputs: Vec<(String, String)>,
    /// What it wrote.
    pub outputs: Vec<FileReport>,
}

/// A file of a run.
#[derive(Debug, Clone, Default)]
pub struct FileReport {
    /// Its name in the run's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The start of its hash.
    pub hash: String,
}

/// How a run came about: what pages of all runs say of it.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Stands for everything the page is made from: another stamp, another page.
    pub stamp: String,
    /// What the run is called.
    pub name: String,
    /// The data.
    pub dataset: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// Decides every random draw but those of the split.
    pub seed: Option<Seed>,
    /// Decides the split.
    pub split_seed: Option<Seed>,
    /// The protocol that it is judged by, by name.
    pub protocol: Option<String>,
    /// What that protocol does, in a line.
    pub about: Option<String>,
    /// The stages, in the order they ran.
    pub stages: Vec<StageReport>,
}

impl Circumstances {
    /// The first words of a page: method, data, seeds.
    pub(crate) fn said(&self) -> Option<String> {
        let mut said = Vec::new();
        match (&self.method, &self.dataset) {
            (Some(method), Some(dataset)) => {
                said.push(format!("{} on {dataset}", method_name(method)));
            }
            (Some(one), None) | (None, Some(one)) => said.push(one.clone()),
            (None, None) => {}
        }
        if let Some(seed) = self.seed {
            said.push(format!("seed {seed}"));
        }
        if let Some(split_seed) = self.split_seed.filter(|seed| Some(*seed) != self.seed) {
            said.push(format!("split by seed {split_seed}"));
        }
        if let Some(protocol) = &self.protocol {
            said.push(format!("protocol {protocol}"));
        }
        (!said.is_empty()).then(|| format!("{}.", said.join(", ")))
    }

    pub(crate) fn section(&self) -> Section {
        let mut facts: Vec<(&str, String)> = Vec::new();
        let mut fact = |name, value: Option<String>| {
            facts.extend(value.map(|value| (name, value)));
        };
        fact("dataset", self.dataset.clone());
        fact("method", self.method.clone());
        fact("seed", self.seed.map(|seed| seed.to_string()));
        fact("split seed", self.split_seed.map(|seed| seed.to_string()));
        fact("protocol", self.protocol.clone());
        fact("which means", self.about.clone());
        // Stages may have run at different times and on different machines: each answer once.
        let each = |of: &dyn Fn(&StageReport) -> String| {
            let mut all: Vec<String> = self.stages.iter().map(of).collect();
            all.dedup();
            Some(all.join(", then "))
        };
        fact("program", each(&|stage| stage.program.clone()));
        fact("threads", each(&|stage| stage.threads.to_string()));
        fact("CPU features", each(&|stage| stage.cpu_features.join(" ")));
        fact("seconds", Some(seconds(self.stages.iter().map(|stage| stage.seconds).sum())));
        let peak = self.stages.iter().filter_map(|stage| stage.peak_memory_bytes).max();
        fact("peak memory", peak.map(bytes));
        let facts =
            facts.into_iter().map(|(name, value)| row([head(name), cell(value).class("t wrap")]));

        let stages = self.stages.iter().map(|stage| {
            let config = stage
                .config
                .iter()
                .map(|(key, value)| Element::of("code", format!("{key} = {value}")));
            row([
                head(&stage.name),
                cell(seconds(stage.seconds)).attr("data-seconds", stage.seconds),
                cell(stage.peak_memory_bytes.map_or("-".to_owned(), bytes)),
                Element::new("td").class("t").child(Element::of("code", &stage.fingerprint)),
                Element::new("td").class("t wrap").children(config),
            ])
        });
        let files = self.stages.iter().flat_map(|stage| {
            let read = stage.inputs.iter().map(|(name, hash)| {
                (stage.name.as_str(), "read", name.as_str(), String::new(), hash.as_str())
            });
            let wrote = stage.outputs.iter().map(|file| {
                (
                    stage.name.as_str(),
                    "wrote",
                    file.name.as_str(),
                    bytes(file.bytes),
                    file.hash.as_str(),
                )
            });
            read.chain(wrote)
        });
        let files = files.map(|(stage, did, name, size, hash)| {
            row([
                head(stage),
                cell(did).class("t"),
                cell(name).class("t wrap"),
                cell(size),
                Element::new("td").class("t").child(Element::of("code", hash)),
            ])
        });
        let content = vec![
            table("The run, from its manifest.", &[("t", "What"), ("t", "Value")], facts),
            table(
                "Its stages: wall-clock time, the process's largest memory so far (in a grid with the runs before \
                 and beside this one), the start of the fingerprint (equal fingerprints mean equal outputs), and the \
                 checked configuration.",
                &[
                    ("t", "Stage"),
                    ("", "Time"),
                    ("", "Memory"),
                    ("t", "Fingerprint"),
                    ("t", "Configuration"),
                ],
                stages,
            ),
            details(
                "Files read and written, with the start of their hashes",
                table(
                    "Files by stage. Outputs are hashed by BLAKE3.",
                    &[("t", "Stage"), ("t", ""), ("t", "File"), ("", "Size"), ("t", "Hash")],
                    files,
                ),
            ),
        ];
        Section { id: "run", title: "What ran, and with what", content }
    }
}
