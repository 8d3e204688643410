//! Every reader returns, whatever it is given: the seeds and findings of `fuzz/`, and small changes of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::common::root;

#[path = "../fuzz/readers.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets share this file")]
mod readers;

#[path = "../fuzz/bombs.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets share this file")]
mod bombs;

/// Bombs of each reader in the tests.
const BOMBS: u64 = 150;
/// Bombs are short.
const LONGEST: usize = 1 << 16;

/// Changed forms of each seed.
const CHANGES: u64 = 300;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    paths
}

#[test]
fn seeds_and_findings_are_read_or_refused() {
    for (name, reader) in readers::READERS {
        let seeds = files(&root().join("fuzz/seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seed: cargo run --bin seeds in fuzz/");
        for path in seeds.iter().chain(&files(&root().join("fuzz/findings").join(name))) {
            reader(&std::fs::read(path).expect("readable"));
        }
    }
}

/// Runs an ignored test of this file as a process of its own with 512 MB of memory; returns what it prints.
#[cfg(target_os = "linux")]
fn in_little_memory(test: &str, variables: &[(&str, String)]) -> String {
    let program = std::env::current_exe().expect("a path");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -d 524288; exec \"$0\" \"$@\""])
        .arg(program)
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env("RAYON_NUM_THREADS", "1")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("ran");
    let [text, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && text.contains("1 passed"), "{text}{told}");
    text.into_owned()
}

#[test]
#[ignore = "what `bombs_are_read_in_little_memory` runs as a process of its own"]
fn bombs_are_read_or_refused() {
    for (name, reader) in readers::READERS {
        let found = (0..BOMBS).filter_map(|number| bombs::bomb(name, number));
        for bomb in found.filter(|bomb| bomb.len() <= LONGEST) {
            reader(&bomb);
        }
        for path in files(&root().join("fuzz/findings").join(name)) {
            reader(&std::fs::read(path).expect("readable"));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_are_read_in_little_memory() {
    in_little_memory("hostile_files::bombs_are_read_or_refused", &[]);
}

/// Environment variables of a soak: the number of executions, and the first number of the generator.
const EXECUTIONS: &str = "VGAE_EXECUTIONS";
const FIRST: &str = "VGAE_FIRST";

/// `just soak`: as many executions as asked for, of all readers in turn, with changed seeds and bombs.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes as long as it is asked to: `just soak`"]
#[expect(clippy::print_stdout, reason = "a table of what was done")]
fn soak() {
    let value = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (executions, first) = (value(EXECUTIONS).unwrap_or(1_000_000), value(FIRST).unwrap_or(0));
    let variables = [(EXECUTIONS, executions.to_string()), (FIRST, first.to_string())];
    println!(
        "{}",
        in_little_memory("hostile_files::readers_return_whatever_they_read", &variables)
    );
}

/// Readers have the same time, so that the quick ones read most.
#[test]
#[ignore = "what `soak` runs as a process of its own"]
#[expect(clippy::print_stdout, reason = "a table of what was done")]
fn readers_return_whatever_they_read() {
    const TURN: Duration = Duration::from_millis(200);
    let value = |name: &str| std::env::var(name).expect("set by `soak`").parse::<u64>();
    let (executions, first) =
        (value(EXECUTIONS).expect("a number"), value(FIRST).expect("a number"));
    let seeds = readers::READERS.map(|(name, _)| {
        let folders = ["fuzz/seeds", "fuzz/findings"].map(|folder| root().join(folder).join(name));
        let paths = folders.iter().flat_map(|folder| files(folder));
        paths.map(|path| std::fs::read(path).expect("readable")).collect::<Vec<_>>()
    });
    let mut counts = [(0u64, 0u64); readers::READERS.len()];
    let mut number = first;
    while counts.iter().map(|(inputs, _)| inputs).sum::<u64>() < executions {
        for (((name, reader), seeds), (inputs, with_bombs)) in
            readers::READERS.iter().zip(&seeds).zip(&mut counts)
        {
            let start = Instant::now();
            while start.elapsed() < TURN {
                for _ in 0..16 {
                    number += 1;
                    let bomb =
                        number.is_multiple_of(bombs::EVERY).then(|| bombs::bomb(name, number));
                    let bomb = bomb.flatten().filter(|bomb| bomb.len() <= LONGEST);
                    *with_bombs += u64::from(bomb.is_some());
                    let seed = &seeds[usize::try_from(number).unwrap_or(0) % seeds.len()];
                    reader(&bomb.unwrap_or_else(|| changed(seed, number)));
                    *inputs += 1;
                }
            }
        }
    }
    println!("\n{:<20} {:>12} {:>10}", "reader", "executions", "bombs");
    for ((name, _), (inputs, bombs)) in readers::READERS.iter().zip(counts) {
        println!("{name:<20} {inputs:>12} {bombs:>10}");
    }
}

#[test]
fn changed_seeds_are_read_or_refused() {
    for (name, reader) in readers::READERS {
        for path in files(&root().join("fuzz/seeds").join(name)) {
            let seed = std::fs::read(&path).expect("readable");
            for change in 0..CHANGES {
                reader(&changed(&seed, change));
            }
        }
    }
}

/// One to four bytes changed, put in or left out, or the end cut off; the same for the same `number`.
fn changed(seed: &[u8], number: u64) -> Vec<u8> {
    const LIKELY: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'0', b'9', b'\n'];
    let mut numbers = bombs::Numbers(number);
    let mut random = |below: usize| numbers.below(below);
    let mut bytes = seed.to_vec();
    for _ in 0..=random(4) {
        let at = random(bytes.len());
        let byte = if random(2) == 0 {
            LIKELY[random(LIKELY.len())]
        } else {
            u8::try_from(random(256)).unwrap_or(0)
        };
        match random(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, byte),
            2 if at < bytes.len() => {
                bytes.remove(at);
            }
            3 if at < bytes.len() => bytes[at..].iter_mut().take(4).for_each(|slot| *slot = byte),
            4 if at < bytes.len() => bytes[at] ^= 1 << random(8),
            _ if at < bytes.len() => bytes[at] = byte,
            _ => {}
        }
    }
    bytes
}
