//! Fetching from a server that behaves, from servers that do not, from folders and from packages.

mod packages;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use server::{Reply, Server};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use vgae_ingest::fetch::{
    Cache, FetchError, FetchOptions, FetchWatch, Fetched, Reason, Registry, fetch, fetch_all,
};

const CONTENT: &[u8] = b"p1\t1\tA\np2\t0\tB\n";
const CITES: &[u8] = b"p1\tp2\n";

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A registry with a dataset `toy` of two text files, and these sources (TOML).
fn registry(sources: &str) -> Registry {
    let file = |name: &str, bytes: &[u8]| {
        format!(
            "{{ name = \"{name}\", bytes = {}, sha256 = \"{}\", normalise = \"strip_cr\" }}",
            bytes.len(),
            sha256(bytes)
        )
    };
    let text = format!(
        r#"
        version = 1
        [package.toys]
        title = "Toys"
        client = "pip"
        version = "1.0"
        max_bytes = 100000
        [package.toys-npm]
        title = "Toys"
        client = "npm"
        version = "1.0"
        max_bytes = 100000
        [package.toys-apt]
        title = "Toys"
        client = "apt"
        max_bytes = 100000
        [[dataset]]
        name = "toy"
        title = "Toy"
        format = "linqs"
        origin = "here"
        citation = "none"
        licence = "none"
        files = [{content}, {cites}]
        sources = [{sources}]
        [[dataset]]
        name = "toy2"
        title = "Toy"
        format = "linqs"
        origin = "here"
        citation = "none"
        licence = "none"
        files = [{cites}]
        sources = [{sources}]
        "#,
        content = file("toy.content", CONTENT),
        cites = file("toy.cites", CITES),
    );
    Registry::parse(&text).expect("a sound registry")
}

fn https(server: &Server) -> String {
    format!("{{ https = \"{}\" }}", server.base())
}

/// A cache in a temporary folder and options that trust `server`.
struct Setting {
    folder: TempDir,
    options: FetchOptions,
}

impl Setting {
    fn new(trusted: &[&Server]) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut options =
            FetchOptions { timeout: Duration::from_secs(20), ..FetchOptions::default() };
        if !trusted.is_empty() {
            let path = folder.path().join("ca.pem");
            let pem: String = trusted.iter().map(|server| server.certificate.as_str()).collect();
            std::fs::write(&path, pem).expect("write the certificates");
            options.ca_file = Some(path);
        }
        Self { folder, options }
    }

    fn cache(&self) -> Cache {
        Cache::new(self.folder.path().join("cache"))
    }

    fn fetch(&self, sources: &str) -> Result<Fetched, FetchError> {
        fetch(&registry(sources), "toy", &self.cache(), &self.options, &mut ())
    }

    /// The reasons of a fetch that must fail, with `server`'s address and port made the same everywhere.
    fn failure(&self, sources: &str) -> String {
        let text = self.fetch(sources).expect_err("no source is good").to_string();
        let mut shown = String::new();
        for (at, part) in text.split("127.0.0.1:").enumerate() {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            shown.push_str(if at == 0 { part } else { "127.0.0.1:PORT" });
            shown.push_str(if at == 0 { "" } else { rest });
        }
        shown
    }

    fn in_cache(&self, file: &str) -> PathBuf {
        self.cache().path("toy", file)
    }
}

/// Returns the files of a folder, leftovers included.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn good_server() -> Server {
    Server::with(&[("toy.content", CONTENT), ("toy.cites", CITES)])
}

#[test]
fn a_good_server_is_asked_once_for_each_file() {
    let server = good_server();
    let setting = Setting::new(&[&server]);
    let first = setting.fetch(&https(&server)).expect("fetched");
    assert_eq!(server.asked(), ["toy.content", "toy.cites"]);
    assert_eq!(std::fs::read(&first.files[0].path).expect("a file"), CONTENT);
    assert_eq!(first.files[1].sha256, sha256(CITES));
    assert_eq!(listing(&setting.cache().root().join("v1/toy")), ["toy.cites", "toy.content"]);

    let second = setting.fetch(&https(&server)).expect("nothing to do");
    assert_eq!((second, server.asked().len()), (first, 2));
}

#[test]
fn a_full_cache_needs_no_source_and_no_network() {
    let setting = Setting::new(&[]);
    let folder = setting.cache().root().join("v1/toy");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("toy.content"), CONTENT).expect("write");
    std::fs::write(folder.join("toy.cites"), CITES).expect("write");
    let mut setting = setting;
    setting.options.ca_file = Some("/no/such/file".into());
    setting.fetch("{ https = \"https://127.0.0.1:1/\" }").expect("nothing is tried");
    setting.options.offline = true;
    setting.fetch("{ https = \"https://127.0.0.1:1/\" }").expect("nothing is tried");
}

#[test]
fn line_ends_and_both_kinds_of_gzip_make_no_difference() {
    use std::io::Write;
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("pack");
        encoder.finish().expect("pack")
    };
    let (content, cites) = (packed(b"p1\t1\tA\r\np2\t0\tB\r\n"), packed(CITES));
    let server = Server::start(move |path| match path {
        "toy.content.gz" => Reply::Body(content.clone()),
        _ => Reply::Gzipped(cites.clone()),
    });
    let setting = Setting::new(&[&server]);
    let source = format!("{{ https = \"{}\", suffix = \".gz\" }}", server.base());
    setting.fetch(&source).expect("unpacked and normalised");
    assert_eq!(std::fs::read(setting.in_cache("toy.content")).expect("a file"), CONTENT);
}

#[test]
fn a_redirect_is_followed() {
    let server = good_server();
    let base = server.base();
    let first = Server::start(move |path| Reply::Redirect(format!("{base}{path}")));
    let setting = Setting::new(&[&server, &first]);
    setting.fetch(&https(&first)).expect("through the redirect");
}

#[test]
fn bad_servers_are_named_with_their_fault() {
    let faults: Vec<(&str, Server)> = vec![
        ("not there", Server::start(|_| Reply::Status(404))),
        ("broken", Server::start(|_| Reply::Status(503))),
        ("truncated", Server::start(|_| Reply::Truncated(b"p1".to_vec()))),
        ("wrong bytes", Server::start(|_| Reply::Body(CONTENT.to_ascii_lowercase()))),
        ("too short", Server::start(|_| Reply::Body(b"p1".to_vec()))),
        ("endless", Server::start(|_| Reply::Endless)),
        ("redirect to http", Server::start(|_| Reply::Redirect("http://127.0.0.1:1/".into()))),
        ("redirect to itself", Server::start(|path| Reply::Redirect(format!("/{path}")))),
    ];
    let said: Vec<String> = faults
        .iter()
        .map(|(what, server)| {
            let setting = Setting::new(&[server]);
            let text = setting.failure(&https(server));
            assert_eq!(listing(&setting.cache().root().join("v1/toy")), [""; 0], "{what}");
            format!("{what}: {text}")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn a_server_that_hangs_is_left() {
    let hanging = Server::start(|_| Reply::Hang);
    let good = good_server();
    let mut setting = Setting::new(&[&hanging, &good]);
    setting.options.timeout = Duration::from_millis(400);
    let sources = format!("{}, {}", https(&hanging), https(&good));
    setting.fetch(&sources).expect("from the second source");
    assert_eq!(hanging.asked().len(), 1, "a host that hangs is not asked for the next file");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (server, other) = (good_server(), good_server());
    for trusted in [&[][..], &[&other][..]] {
        let text = Setting::new(trusted).failure(&https(&server));
        assert!(text.contains("certificate"), "{text}");
    }
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_trusted_certificate_for_another_host_or_of_another_time_is_refused() {
    for (host, last_year) in [("another.example", 4000), ("127.0.0.1", 2020)] {
        let server = Server::start_as(host, last_year, |_| Reply::Body(CONTENT.to_vec()));
        let text = Setting::new(&[&server]).failure(&https(&server));
        assert!(text.contains("certificate"), "{host}, {last_year}: {text}");
        assert_eq!(server.asked(), [""; 0], "{host}, {last_year}");
    }
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_named() {
    let server = good_server();
    let mut setting = Setting::new(&[]);
    let path = setting.folder.path().join("empty.pem");
    std::fs::write(&path, "no certificate").expect("write");
    for path in [path, PathBuf::from("/no/such/file.pem")] {
        setting.options.ca_file = Some(path.clone());
        let error = setting.fetch(&https(&server)).expect_err("unusable");
        assert!(matches!(&error, FetchError::CaFile { path: named, .. } if *named == path));
    }
}

#[test]
fn the_next_source_is_asked_only_for_what_is_missing() {
    let half = Server::with(&[("toy.content", CONTENT), ("toy.cites", b"wrong!\n")]);
    let full = good_server();
    let setting = Setting::new(&[&half, &full]);
    setting.fetch(&format!("{}, {}", https(&half), https(&full))).expect("from both");
    assert_eq!(full.asked(), ["toy.cites"]);
}

#[test]
fn a_bad_file_in_the_cache_stays_until_a_good_one_arrives() {
    let (bad, good) = (Server::with(&[]), good_server());
    let setting = Setting::new(&[&bad, &good]);
    setting.fetch(&https(&good)).expect("fetched");
    std::fs::write(setting.in_cache("toy.cites"), b"damaged").expect("damage it");
    setting.fetch(&https(&bad)).expect_err("no good one");
    assert_eq!(std::fs::read(setting.in_cache("toy.cites")).expect("a file"), b"damaged");
    assert_eq!(std::fs::read(setting.in_cache("toy.content")).expect("a file"), CONTENT);
    setting.fetch(&https(&good)).expect("mended");
    assert_eq!(std::fs::read(setting.in_cache("toy.cites")).expect("a file"), CITES);
    assert_eq!(good.asked(), ["toy.content", "toy.cites", "toy.cites"]);
}

#[test]
fn a_folder_is_tried_first_flat_or_nested() {
    let server = good_server();
    let mut setting = Setting::new(&[&server]);
    let folder = setting.folder.path().join("mine");
    std::fs::create_dir_all(folder.join("toy")).expect("a folder");
    std::fs::write(folder.join("toy.content"), CONTENT).expect("write");
    std::fs::write(folder.join("toy").join("toy.cites"), b"p1\tp2\r\n").expect("write");
    setting.options.from = Some(folder);
    setting.fetch(&https(&server)).expect("from the folder");
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn offline_uses_the_folder_and_nothing_else() {
    let server = good_server();
    let mut setting = Setting::new(&[&server]);
    setting.options.offline = true;
    setting.options.from = Some("here".into());
    insta::assert_snapshot!(setting.failure(&https(&server)));
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn many_fetching_at_once_all_end_well() {
    let server = good_server();
    let setting = Setting::new(&[&server]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| setting.fetch(&https(&server)).expect("fetched"));
        }
    });
    assert_eq!(listing(&setting.cache().root().join("v1/toy")), ["toy.cites", "toy.content"]);
}

#[test]
fn an_unknown_dataset_is_refused_before_anything_is_asked() {
    let server = good_server();
    let setting = Setting::new(&[&server]);
    let registry = registry(&https(&server));
    let error = fetch_all(&registry, &["toy", "toi"], &setting.cache(), &setting.options, &mut ())
        .expect_err("no such dataset");
    assert_eq!(error.to_string(), "`toi` is not a known dataset: there are toy, toy2");
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_host_that_cannot_be_reached_is_asked_once() {
    let setting = Setting::new(&[]);
    let good = good_server();
    let trusting = Setting::new(&[&good]);
    let sources = format!("{{ https = \"https://127.0.0.1:1/\" }}, {}", https(&good));
    let registry = registry(&sources);
    let mut log = Log::default();
    let names = ["toy", "toy2"];
    let fetched = fetch_all(&registry, &names, &setting.cache(), &trusting.options, &mut log)
        .expect("from the second source");
    assert_eq!(fetched.len(), 2);
    assert_eq!(log.failed, 1);
    assert_eq!((log.bytes, log.done), ((CONTENT.len() + 2 * CITES.len()) as u64, 3));
}

#[derive(Default)]
struct Log {
    bytes: u64,
    done: usize,
    failed: usize,
}

impl FetchWatch for Log {
    fn bytes_arrived(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    fn file_done(&mut self, _: &str, _: &str) {
        self.done += 1;
    }

    fn source_failed(&mut self, _: &str, _: &str, _: Option<&str>, _: &Reason) {
        self.failed += 1;
    }
}
