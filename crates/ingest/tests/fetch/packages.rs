//! Packages, with a script in the place of the registries' clients.

use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::time::Duration;

use vgae_ingest::fetch::{FetchError, fetch_all};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{CITES, CONTENT, Setting, listing, registry};

const PIP: &str = "{ package = \"toys\", folder = \"toys/data/\" }";
const NPM: &str = "{ package = \"toys-npm\", folder = \"package/data/\" }";

const APT: &str = "{ package = \"toys-apt\", folder = \"./usr/share/toys/\", suffix = \".gz\" }";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("pack");
    packer.finish().expect("packed")
}

fn wheel(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

fn tarball(members: &[(&str, &[u8])]) -> Vec<u8> {
    gzip(&plain_tar(members))
}

fn plain_tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the builder refuses names that climb out.
        header.as_gnu_mut().expect("gnu").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).expect("a member");
    }
    builder.into_inner().expect("an archive")
}

/// A setting whose cache root holds what the script serves.
fn setting(file: &str, bytes: &[u8]) -> Setting {
    let mut setting = Setting::new(&[]);
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fake/client.sh");
    setting.options.python.clone_from(&script);
    setting.options.npm.clone_from(&script);
    setting.options.apt.clone_from(&script);
    setting.options.dpkg_deb = script;
    let root = setting.cache().root().to_owned();
    std::fs::create_dir_all(&root).expect("a folder");
    std::fs::write(root.join(file), bytes).expect("write");
    setting
}

fn calls(setting: &Setting) -> String {
    std::fs::read_to_string(setting.cache().root().join("calls")).expect("the script was called")
}

/// The failure without the path of the script.
fn failure(setting: &Setting, source: &str) -> String {
    let script = setting.options.npm.display().to_string();
    setting.fetch(source).expect_err("no file").to_string().replace(&script, "CLIENT")
}

#[cfg(unix)]
#[test]
fn a_wheel_gives_members_by_exact_name_and_is_downloaded_once() {
    let bytes = wheel(&[
        ("../../../evil", b"x"),
        ("/etc/evil", b"x"),
        ("toys/data/toy.content", CONTENT),
        ("other/toys/data/toy.cites", b"not this one"),
        ("toys/data/toy.cites", b"p1\tp2\r\n"),
    ]);
    let setting = setting("archive.whl", &bytes);
    let registry = registry(PIP);
    let names = ["toy", "toy2"];
    fetch_all(&registry, &names, &setting.cache(), &setting.options, &mut ()).expect("fetched");
    assert_eq!(
        calls(&setting),
        "-m pip download --no-deps --only-binary=:all: --no-input -d . toys==1.0\n"
    );
    assert_eq!(std::fs::read(setting.in_cache("toy.content")).expect("a file"), CONTENT);
    assert_eq!(listing(&setting.cache().root().join("v1")), ["toy", "toy2"]);
    assert_eq!(listing(setting.folder.path()), ["cache"]);
}

#[cfg(unix)]
#[test]
fn an_npm_tarball_gives_members_by_exact_name() {
    let bytes = tarball(&[
        ("../../../evil", b"x"),
        ("/etc/evil", b"x"),
        ("package/data/toy.content", CONTENT),
        ("package/data/toy.cites", CITES),
    ]);
    let setting = setting("archive.tgz", &bytes);
    setting.fetch(NPM).expect("fetched");
    assert_eq!(calls(&setting), "pack --ignore-scripts toys-npm@1.0\n");
    assert_eq!(listing(&setting.cache().root().join("v1")), ["toy"]);
}

#[cfg(unix)]
#[test]
fn a_debian_package_gives_members_by_exact_name() {
    let (content, cites) = (gzip(CONTENT), gzip(CITES));
    let bytes = plain_tar(&[
        ("../../../evil", b"x"),
        ("/etc/evil", b"x"),
        ("./usr/share/toys/toy.content.gz", &content),
        ("./usr/share/toys/toy.cites.gz", &cites),
    ]);
    let setting = setting("archive.deb", &bytes);
    setting.fetch(APT).expect("fetched");
    let calls = calls(&setting);
    let (first, second) = calls.split_once('\n').expect("two calls");
    assert_eq!(first, "download --quiet toys-apt");
    assert!(second.starts_with("--fsys-tarfile ") && second.ends_with("archive.deb\n"), "{second}");
    assert_eq!(std::fs::read(setting.in_cache("toy.content")).expect("a file"), CONTENT);
    assert_eq!(listing(&setting.cache().root().join("v1")), ["toy"]);
}

/// Unpacking an archive would follow its links. Nothing is unpacked here.
#[cfg(unix)]
#[test]
fn links_in_archives_are_not_made_and_not_followed() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default();
    writer.add_symlink("toys/data/toy.content", "/etc/hostname", plain).expect("a link");
    writer.start_file("toys/data/toy.cites", plain).expect("a member");
    writer.write_all(CITES).expect("its bytes");
    let zip = writer.finish().expect("an archive").into_inner();

    let mut builder = tar::Builder::new(Vec::new());
    for (kind, target) in [
        (tar::EntryType::Symlink, "/etc/hostname"),
        (tar::EntryType::Link, "/etc/hostname"),
        (tar::EntryType::Symlink, "../../../.."),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        builder.append_link(&mut header, "package/data/toy.content", target).expect("a link");
    }
    let tar = gzip(&builder.into_inner().expect("an archive"));

    for (file, bytes, source) in [("archive.whl", zip, PIP), ("archive.tgz", tar, NPM)] {
        let setting = setting(file, &bytes);
        let text = failure(&setting, source);
        assert!(text.contains("toy.content"), "{text}");
        let content = setting.in_cache("toy.content");
        assert!(std::fs::symlink_metadata(content).is_err(), "{file}: no file and no link");
        assert_eq!(listing(setting.folder.path()), ["cache"]);
    }
}

#[cfg(unix)]
#[test]
fn packages_that_fail_say_why() {
    let large = vec![0; 100_001];
    let packed_bomb =
        wheel(&[("toys/data/toy.content", &vec![b'x'; 3_000_000]), ("toys/data/toy.cites", b"")]);
    let cases: [(&str, &str, &[u8], &str); 14] = [
        ("member missing", "archive.whl", &wheel(&[("toy.content", CONTENT)]), PIP),
        ("wrong content", "archive.whl", &wheel(&[("toys/data/toy.content", CITES)]), PIP),
        ("bomb", "archive.whl", &packed_bomb, PIP),
        ("no zip", "archive.whl", b"PK but no zip", PIP),
        ("no archive", "archive.txt", b"", PIP),
        ("too large", "archive.whl", &large, PIP),
        ("client fails", "say", b"ERROR: no matching distribution\n\nERROR: the end\n", PIP),
        ("no tarball", "archive.tgz", b"no gzip", NPM),
        ("member missing", "archive.tgz", &tarball(&[("data/toy.cites", CITES)]), NPM),
        ("no lists", "say", b"E: Unable to locate package toys-apt\n", APT),
        ("no package", "archive.txt", b"", APT),
        ("no tar", "archive.deb", b"no tar", APT),
        ("member missing", "archive.deb", &plain_tar(&[("toy.cites.gz", CITES)]), APT),
        // What the script unpacks is twice as large as the package.
        ("unpacks to more", "double.deb", &vec![0; 60_000], APT),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(what, file, bytes, source)| {
            let setting = setting(file, bytes);
            let text = failure(&setting, source);
            let left = listing(&setting.cache().root().join("v1"));
            assert_eq!(left, ["toy"], "{what}: the temporary folder goes");
            format!("{what}: {text}")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n"));
}

#[cfg(unix)]
#[test]
fn a_client_that_hangs_is_stopped() {
    let mut setting = setting("hang", b"");
    setting.options.package_timeout = Duration::from_millis(300);
    let text = failure(&setting, PIP);
    assert!(text.contains("did not end within"), "{text}");
    assert_eq!(listing(&setting.cache().root().join("v1")), ["toy"]);
}

#[test]
fn a_client_that_is_not_installed_is_named() {
    let mut setting = Setting::new(&[]);
    setting.options.python = "/no/such/python3".into();
    setting.options.npm = "/no/such/npm".into();
    setting.options.apt = "/no/such/apt-get".into();
    let error = setting.fetch(&format!("{PIP}, {NPM}, {APT}")).expect_err("none is there");
    assert!(matches!(error, FetchError::AllSourcesFailed { .. }));
    insta::assert_snapshot!(error.to_string());
}
