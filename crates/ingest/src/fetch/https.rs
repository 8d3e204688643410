//! Files over HTTPS. Plain HTTP is never spoken, not even after a redirect.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use vgae_artifacts::regular;

use super::receive::{Failure, receive};
use super::registry::FileSpec;
use super::{FetchError, Reason};

/// A client with its trusted roots and its patience.
pub(super) struct Https {
    agent: Agent,
    timeout: Duration,
}

impl Https {
    /// `timeout` bounds each of: finding the host, connecting, waiting for an answer, and waiting for the
    /// next bytes. `ca_file` adds roots to Mozilla's, as a company's proxy needs.
    pub(super) fn new(timeout: Duration, ca_file: Option<&Path>) -> Result<Self, FetchError> {
        let roots = match ca_file {
            None => RootCerts::WebPki,
            Some(path) => trusted_roots(path)?,
        };
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(5)
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_send_request(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .user_agent(concat!("vgae/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self { agent: Agent::new_with_config(config), timeout })
    }

    /// Fetches `url` as the file `spec` to `path`.
    pub(super) fn fetch(
        &self,
        url: &str,
        spec: &FileSpec,
        path: &Path,
        arrived: &mut dyn FnMut(u64),
    ) -> Result<(), Failure> {
        // The registry's sizes are small, so an interrupted transfer starts again from the beginning.
        let response = self
            .agent
            .get(url)
            .header("Accept-Encoding", "identity")
            .call()
            .map_err(Reason::Http)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Reason::Status(status).into());
        }
        let body = response.into_body().into_reader();
        receive(spec, path, &mut Steady::new(body, self.timeout), arrived)
    }
}

/// Lowest accepted speed in bytes per second: below it the largest file of the registry takes hours.
const LOWEST_SPEED: u64 = 1 << 10;

/// Reader that gives up a server which sends some bytes all the time, but hardly any.
struct Steady<R> {
    from: R,
    /// Time over which the speed is measured.
    window: Duration,
    since: Instant,
    bytes: u64,
}

impl<R> Steady<R> {
    fn new(from: R, window: Duration) -> Self {
        Self { from, window, since: Instant::now(), bytes: 0 }
    }
}

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        self.bytes += read as u64;
        let elapsed = self.since.elapsed();
        if read > 0 && elapsed >= self.window {
            if self.bytes < LOWEST_SPEED.saturating_mul(elapsed.as_secs()) {
                let (bytes, seconds) = (self.bytes, elapsed.as_secs());
                return Err(std::io::Error::new(
                    std::io::ErrorKind::TimedOut,
                    format!(
                        "the server sent {bytes} bytes in {seconds} s, and at least {LOWEST_SPEED} per second \
                         are expected"
                    ),
                ));
            }
            (self.since, self.bytes) = (Instant::now(), 0);
        }
        Ok(read)
    }
}

fn trusted_roots(path: &Path) -> Result<RootCerts, FetchError> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| FetchError::CaFile {
        path: path.to_owned(),
        source,
    };
    let pem = regular::read(path).map_err(|error| unusable(error.into()))?;
    let mut roots: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| unusable(error.into()))? {
            roots.push(certificate);
        }
    }
    if roots.is_empty() {
        return Err(unusable("it holds no certificate".into()));
    }
    let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.extend(mozilla.map(|root| Certificate::from_der(root.as_ref())));
    Ok(RootCerts::from(roots))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends one byte at a time.
    struct Drip(Duration);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            std::thread::sleep(self.0);
            into[0] = 0;
            Ok(1)
        }
    }

    #[test]
    fn a_server_that_sends_hardly_any_bytes_is_given_up() {
        let window = Duration::from_secs(1);
        let mut slow = Steady::new(Drip(Duration::from_millis(100)), window);
        let error = std::io::copy(&mut slow, &mut std::io::sink()).expect_err("too slow");
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        // One that sends enough is read to its end.
        let whole = std::io::repeat(7).take(1 << 20);
        let mut fast = Steady::new(whole, Duration::ZERO);
        assert_eq!(std::io::copy(&mut fast, &mut std::io::sink()).expect("fast"), 1 << 20);
    }
}
