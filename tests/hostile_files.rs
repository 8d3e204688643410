//! Every reader returns, whatever it is given: the seeds and findings of `fuzz/`, and small changes of them.

use std::path::{Path, PathBuf};

use crate::common::root;

#[path = "../fuzz/readers.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets share this file")]
mod readers;

#[path = "../fuzz/bombs.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets share this file")]
mod bombs;

/// Bombs of each reader.
const BOMBS: u64 = 150;

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

#[test]
#[ignore = "what `bombs_are_read_in_little_memory` runs as a process of its own"]
fn bombs_are_read_or_refused() {
    for (name, reader) in readers::READERS {
        let found = (0..BOMBS).filter_map(|number| bombs::bomb(name, number));
        for bomb in found.filter(|bomb| bomb.len() <= 1 << 16) {
            reader(&bomb);
        }
    }
}

/// 512 MB beside the address space of the program itself and of its allocator.
#[cfg(target_os = "linux")]
#[test]
fn bombs_are_read_in_little_memory() {
    let program = std::env::current_exe().expect("a path");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 1200000; exec \"$0\" \"$@\""])
        .arg(program)
        .args([
            "--exact",
            "hostile_files::bombs_are_read_or_refused",
            "--ignored",
            "--test-threads=1",
        ])
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .expect("ran");
    let [text, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && text.contains("1 passed"), "{text}{told}");
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
    // SplitMix64 (Steele et al. 2014).
    let mut state = number;
    let mut random = move |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap_or(0)
    };
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
