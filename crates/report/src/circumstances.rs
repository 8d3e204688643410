//! The run's stages and the machine.

use vgae_artifacts::{Manifest, Protocol, StageRecord};

use super::element::Element;
use super::names::method_name;
use super::number::{bytes, seconds};
use super::page::{Section, cell, details, head, row, table};

/// The identity of a run and the record of its stages.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Stands for everything the page is made from: another stamp, another page.
    pub stamp: String,
    /// The name of the folder, for runs without a manifest.
    pub folder: String,
    /// The manifest; single-stage commands leave none.
    pub manifest: Option<Manifest>,
}

impl Circumstances {
    /// The name of the run.
    pub(crate) fn name(&self) -> &str {
        self.manifest.as_ref().map_or(&self.folder, |manifest| &manifest.run)
    }

    /// The first words of a page: method, dataset, seeds.
    pub(crate) fn said(&self) -> Option<String> {
        self.manifest.as_ref().map(said)
    }

    /// The section on the run and its stages; nothing without a manifest.
    pub(crate) fn section(&self) -> Option<Section> {
        let manifest = self.manifest.as_ref()?;
        let stages = || manifest.stages.iter();
        let mut facts: Vec<(&str, String)> = vec![
            ("dataset", manifest.dataset.clone()),
            ("method", manifest.method.clone()),
            ("seed", manifest.seed.to_string()),
            ("split seed", manifest.split_seed.to_string()),
        ];
        if let Some(protocol) = manifest.protocol {
            facts.push(("protocol", protocol.to_string()));
            facts.push(("which means", Protocol::about(protocol).to_owned()));
        }
        // Stages may have run at different times and on different machines: each answer once.
        let each = |of: &dyn Fn(&StageRecord) -> String| {
            let mut all: Vec<String> = stages().map(of).collect();
            all.dedup();
            all.join(", then ")
        };
        facts.push(("program", each(&|stage| stage.machine.program.clone())));
        facts.push(("threads", each(&|stage| stage.machine.threads.to_string())));
        facts.push(("CPU features", each(&|stage| stage.machine.cpu_features.join(" "))));
        facts.push(("seconds", seconds(stages().map(|stage| stage.machine.seconds).sum())));
        let peak = stages().filter_map(|stage| stage.machine.peak_memory_bytes).max();
        facts.extend(peak.map(|peak| ("peak memory", bytes(peak))));
        let facts =
            facts.into_iter().map(|(name, value)| row([head(name), cell(value).class("t wrap")]));

        let rows = stages().map(|stage| {
            let mut config = Vec::new();
            flatten(String::new(), &stage.config, &mut config);
            config.extend(stage.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
            let config = config
                .into_iter()
                .map(|(key, value)| Element::of("code", format!("{key} = {value}")));
            let machine = &stage.machine;
            row([
                head(stage.stage.to_string()),
                cell(seconds(machine.seconds)).attr("data-seconds", machine.seconds),
                cell(machine.peak_memory_bytes.map_or("-".to_owned(), bytes)),
                Element::new("td").class("t").child(Element::of("code", stage.fingerprint.short())),
                Element::new("td").class("t wrap").children(config),
            ])
        });
        let files = stages().flat_map(|stage| {
            let read = stage.inputs.iter().map(|(name, hash)| {
                (stage.stage, "read", name.as_str(), String::new(), short(hash))
            });
            let wrote = stage.outputs.iter().map(|(name, file)| {
                (stage.stage, "wrote", name.as_str(), bytes(file.bytes), file.hash.short())
            });
            read.chain(wrote)
        });
        let files = files.map(|(stage, did, name, size, hash)| {
            row([
                head(stage.to_string()),
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
                rows,
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
        Some(Section { id: "run", title: "What ran, and with what", content })
    }
}

/// Method, dataset, seeds and protocol in a sentence.
pub(crate) fn said(manifest: &Manifest) -> String {
    let Manifest { method, dataset, seed, split_seed, protocol, .. } = manifest;
    let mut said = vec![format!("{} on {dataset}", method_name(method)), format!("seed {seed}")];
    if split_seed != seed {
        said.push(format!("split by seed {split_seed}"));
    }
    said.extend(protocol.map(|protocol| format!("protocol {protocol}")));
    format!("{}.", said.join(", "))
}

/// `{"a": {"b": 1}}` as `a.b`, `1`.
pub(crate) fn flatten(key: String, value: &serde_json::Value, into: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(key, value, into);
            }
        }
        serde_json::Value::Null => {}
        serde_json::Value::String(text) => into.push((key, text.clone())),
        other => into.push((key, other.to_string())),
    }
}

/// The start of a hash as inputs bear it: hexadecimal, perhaps behind `sha256:`.
fn short(hash: &str) -> String {
    const DIGITS: usize = 16;
    let (kind, digits) = hash.rsplit_once(':').map_or(("", hash), |(kind, digits)| (kind, digits));
    let digits: String = digits.chars().take(DIGITS).collect();
    if kind.is_empty() { digits } else { format!("{kind}:{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_become_lines() {
        let value = serde_json::json!({"a": {"b": 1, "c": null}, "d": "x", "e": [1, 2]});
        let mut lines = Vec::new();
        flatten(String::new(), &value, &mut lines);
        let lines: Vec<String> = lines.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(lines, ["a.b=1", "d=x", "e=[1,2]"]);
    }

    #[test]
    fn hashes_are_cut() {
        assert_eq!(short("sha256:ec1a372391b7f0f60a6a"), "sha256:ec1a372391b7f0f6");
        assert_eq!(short("70cfc2cab168a3d22aae"), "70cfc2cab168a3d2");
    }
}
