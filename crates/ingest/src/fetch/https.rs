//! Files over HTTPS. Plain HTTP is never spoken, not even after a redirect.

use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use vgae_artifacts::regular;

use super::receive::{Failure, receive};
use super::registry::FileSpec;
use super::{FetchError, Reason};

/// A client with its trusted roots and its patience.
pub(super) struct Https {
    agent: Agent,
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
        Ok(Self { agent: Agent::new_with_config(config) })
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
        receive(spec, path, &mut response.into_body().into_reader(), arrived)
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
