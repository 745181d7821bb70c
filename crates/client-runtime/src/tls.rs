//! TLS settings of the HTTP clients that the builder creates.
//!
//! By default, reqwest uses rustls with the provider aws-lc-rs, a C library that takes longer to build
//! than all other dependencies. The default feature of this crate therefore passes reqwest a
//! configuration with the provider ring and the certificates that the platform trusts, as reqwest
//! itself uses them. The configuration applies to one HTTP client and is not installed for the process.
//! With the features `aws-lc` and `native-tls`, reqwest creates the configuration.

use reqwest::ClientBuilder;

use crate::SecretString;

/// Why TLS could not be set up.
pub(crate) type TlsError = Box<dyn std::error::Error + Send + Sync>;

/// The TLS settings of a client.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    /// Root certificates (PEM), in addition to those of the platform.
    pub(crate) roots: Option<Vec<u8>>,
    /// A client certificate chain and its private key (PEM).
    pub(crate) client_certificate: Option<SecretString>,
}

/// The HTTP versions that are offered to a server (RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// All versions that the features of the client include.
    All,
    /// HTTP/1.1, the only version with protocol upgrades (RFC 9110 section 7.8).
    Http1,
}

/// Configures TLS for an HTTP client.
///
/// # Errors
/// The root certificates or the client certificate cannot be used, or the platform has no root
/// certificates.
#[cfg(all(
    feature = "rustls",
    not(feature = "aws-lc"),
    not(feature = "native-tls")
))]
pub(crate) fn configure(
    http: ClientBuilder,
    settings: &TlsSettings,
    versions: Versions,
) -> Result<ClientBuilder, TlsError> {
    use std::sync::Arc;

    use rustls::InconsistentKeys;
    use rustls::crypto::{CryptoProvider, ring};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    // A provider that the process has installed takes precedence.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let roots = match &settings.roots {
        Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let verifier = platform_verifier(roots, Arc::clone(&provider))?;
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut tls = match &settings.client_certificate {
        Some(pem) => {
            let identity::Identity { chain, key } = identity::of_pem(pem)?;
            tls.with_client_auth_cert(chain, key)
                .map_err(|error| match error {
                    rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                        identity::OTHER_KEY.into()
                    }
                    error => format!("the client certificate cannot be used: {error}"),
                })?
        }
        None => tls.with_no_client_auth(),
    };
    tls.alpn_protocols = match versions {
        Versions::All if cfg!(feature = "http2") => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        _ => vec![b"http/1.1".to_vec()],
    };
    Ok(http.tls_backend_preconfigured(tls))
}

#[cfg(all(
    feature = "rustls",
    not(feature = "aws-lc"),
    not(feature = "native-tls"),
    not(target_os = "android")
))]
fn platform_verifier(
    roots: Vec<rustls::pki_types::CertificateDer<'static>>,
    provider: std::sync::Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls_platform_verifier::Verifier, rustls::Error> {
    rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider)
}

/// Android's verifier does not accept additional root certificates.
#[cfg(all(
    feature = "rustls",
    not(feature = "aws-lc"),
    not(feature = "native-tls"),
    target_os = "android"
))]
fn platform_verifier(
    roots: Vec<rustls::pki_types::CertificateDer<'static>>,
    provider: std::sync::Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls_platform_verifier::Verifier, TlsError> {
    match roots.is_empty() {
        true => Ok(rustls_platform_verifier::Verifier::new(provider)?),
        false => Err("root certificates cannot be added on Android".into()),
    }
}

/// Leaves TLS to reqwest, with the certificates of the settings. The HTTP client sets the versions.
///
/// # Errors
/// The root certificates or the client certificate cannot be used.
#[cfg(any(feature = "aws-lc", feature = "native-tls"))]
pub(crate) fn configure(
    mut http: ClientBuilder,
    settings: &TlsSettings,
    _: Versions,
) -> Result<ClientBuilder, TlsError> {
    if let Some(pem) = &settings.roots {
        http = http.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
    }
    if let Some(pem) = &settings.client_certificate {
        http = http.identity(identity::of_reqwest(pem)?);
    }
    Ok(http)
}

/// Without TLS, only `http` is available.
///
/// # Errors
/// Certificates are set.
#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
pub(crate) fn configure(
    http: ClientBuilder,
    settings: &TlsSettings,
    _: Versions,
) -> Result<ClientBuilder, TlsError> {
    match (&settings.roots, &settings.client_certificate) {
        (None, None) => Ok(http),
        _ => Err("the client is built without TLS and cannot use certificates".into()),
    }
}

/// A client certificate (RFC 8446 section 4.4.2).
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
mod identity {
    use rustls_pki_types::pem::SectionKind;
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};

    use super::TlsError;
    use crate::SecretString;

    #[cfg_attr(
        any(feature = "aws-lc", feature = "native-tls"),
        allow(dead_code, reason = "reqwest compares the keys")
    )]
    pub(super) const OTHER_KEY: &str =
        "the private key of the client certificate belongs to another certificate";

    /// A certificate chain, starting with that of the client, and the client's private key.
    #[cfg_attr(
        any(feature = "aws-lc", feature = "native-tls"),
        allow(dead_code, reason = "reqwest reads them again")
    )]
    pub(super) struct Identity {
        pub(super) chain: Vec<CertificateDer<'static>>,
        pub(super) key: PrivateKeyDer<'static>,
    }

    /// Parses a chain and a private key in PKCS#8 (RFC 5958), SEC 1 (RFC 5915) or PKCS#1 (RFC 8017).
    ///
    /// # Errors
    /// There is no certificate, not exactly one private key, or the PEM (RFC 7468) is invalid.
    pub(super) fn of_pem(pem: &SecretString) -> Result<Identity, TlsError> {
        let mut rest = pem.expose().as_bytes();
        let mut chain = Vec::new();
        let mut keys = Vec::new();
        loop {
            let section = rustls_pki_types::pem::from_buf(&mut rest);
            // The error may show the input.
            match section.map_err(|_| "the client certificate is not valid PEM")? {
                Some((SectionKind::Certificate, der)) => chain.push(der.into()),
                Some((SectionKind::PrivateKey, der)) => keys.push(PrivateKeyDer::Pkcs8(der.into())),
                Some((SectionKind::RsaPrivateKey, der)) => {
                    keys.push(PrivateKeyDer::Pkcs1(der.into()));
                }
                Some((SectionKind::EcPrivateKey, der)) => {
                    keys.push(PrivateKeyDer::Sec1(der.into()));
                }
                Some(_) => {}
                None => break,
            }
        }
        if chain.is_empty() {
            return Err("the client certificate has no `CERTIFICATE`".into());
        }
        if keys.len() > 1 {
            return Err("the client certificate has several private keys".into());
        }
        match keys.pop() {
            Some(key) => Ok(Identity { chain, key }),
            None if pem.expose().contains("ENCRYPTED PRIVATE KEY") => Err(
                "the private key of the client certificate is encrypted; decrypt it first".into(),
            ),
            None => Err(
                "the client certificate has no private key: add it after the certificates".into(),
            ),
        }
    }

    /// Parses the same for OpenSSL, Secure Transport or SChannel, which accept only PKCS#8.
    ///
    /// # Errors
    /// Those of [`of_pem`], or the key is in another format.
    #[cfg(feature = "native-tls")]
    pub(super) fn of_reqwest(pem: &SecretString) -> Result<reqwest::Identity, TlsError> {
        const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
        of_pem(pem)?;
        let pem = pem.expose();
        // The library expects the key at the start.
        let key = pem.find(BEGIN).map(|place| &pem.as_bytes()[place..]);
        let key = key.ok_or(
            "the private key of the client certificate is not in PKCS#8, the only format that the \
             feature `native-tls` reads; `openssl pkcs8 -topk8 -nocrypt` converts it",
        )?;
        Ok(reqwest::Identity::from_pkcs8_pem(pem.as_bytes(), key)?)
    }

    /// Parses the same for reqwest's rustls.
    ///
    /// # Errors
    /// Those of [`of_pem`].
    #[cfg(all(feature = "aws-lc", not(feature = "native-tls")))]
    pub(super) fn of_reqwest(pem: &SecretString) -> Result<reqwest::Identity, TlsError> {
        of_pem(pem)?;
        Ok(reqwest::Identity::from_pem(pem.expose().as_bytes())?)
    }
}
