//! A small HTTPS server on 127.0.0.1 with a certificate of its own, and replies as bad as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Response of the server to a request for a path.
#[derive(Clone)]
pub(crate) enum Reply {
    /// 200 with this body.
    Body(Vec<u8>),
    /// 200 with this body, said to be of content encoding gzip.
    Gzipped(Vec<u8>),
    /// This status without a body.
    Status(u16),
    /// 302 to this address.
    Redirect(String),
    /// Announces more bytes than it sends.
    Truncated(Vec<u8>),
    /// Sends the headers, then nothing.
    Hang,
    /// 200 and bytes without end.
    Endless,
}

pub(crate) struct Server {
    address: SocketAddr,
    /// The certificate, PEM.
    pub(crate) certificate: String,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Starts one that answers by `reply`, given the path.
    pub(crate) fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_as("127.0.0.1", 4000, reply)
    }

    /// Starts one whose certificate is for `host` and ends with `last_year`.
    pub(crate) fn start_as(
        host: &str,
        last_year: i32,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let signing_key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new([host.to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        let own = params.self_signed(&signing_key).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key.into())
            .expect("a certificate");
        let (config, reply) = (Arc::new(config), Arc::new(reply));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, stopped) = (Arc::clone(&asked), Arc::clone(&stop));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (config, reply) = (Arc::clone(&config), Arc::clone(&reply));
                let (log, stopped) = (Arc::clone(&log), Arc::clone(&stopped));
                std::thread::spawn(move || {
                    // A client that goes away in the middle is part of some tests.
                    let _ = serve(stream, config, &*reply, &log, &stopped);
                });
            }
        });
        Self { address, certificate: own.pem(), asked, stop }
    }

    /// One that has a body for each of some paths, and 404 for every other.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
        let files: Vec<(String, Vec<u8>)> =
            files.iter().map(|(path, body)| ((*path).to_owned(), body.to_vec())).collect();
        Self::start(move |path| {
            let found = files.iter().find(|(name, _)| name == path);
            found.map_or(Reply::Status(404), |(_, body)| Reply::Body(body.clone()))
        })
    }

    /// `https://127.0.0.1:PORT/`
    pub(crate) fn base(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// The paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic under the lock").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    reply: &dyn Fn(&str) -> Reply,
    log: &Mutex<Vec<String>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    log.lock().expect("no panic under the lock").push(path.clone());

    let mut out = reader.into_inner();
    let head = |status: u16, more: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"
        )
    };
    match reply(&path) {
        Reply::Body(body) => {
            out.write_all(head(200, "", body.len()).as_bytes())?;
            out.write_all(&body)?;
        }
        Reply::Gzipped(body) => {
            out.write_all(head(200, "Content-Encoding: gzip\r\n", body.len()).as_bytes())?;
            out.write_all(&body)?;
        }
        Reply::Status(status) => out.write_all(head(status, "", 0).as_bytes())?,
        Reply::Redirect(to) => {
            out.write_all(head(302, &format!("Location: {to}\r\n"), 0).as_bytes())?;
        }
        Reply::Truncated(body) => {
            out.write_all(head(200, "", body.len() + 100).as_bytes())?;
            out.write_all(&body)?;
        }
        Reply::Hang => {
            out.write_all(head(200, "", 4).as_bytes())?;
            out.flush()?;
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Reply::Endless => {
            out.write_all(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n")?;
            loop {
                out.write_all(&[b'x'; 4096])?;
            }
        }
    }
    out.conn.send_close_notify();
    out.flush()?;
    out.sock.shutdown(std::net::Shutdown::Write)?;
    // Until the client has read everything and closes.
    let _ = out.sock.read(&mut [0; 64]);
    Ok(())
}
