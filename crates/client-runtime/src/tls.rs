//! The TLS of the HTTP client that the builder makes.
//!
//! reqwest's own choice for rustls is the provider aws-lc-rs, a C library that takes longer to build
//! than everything else together. So the default feature hands reqwest a configuration with the provider
//! ring, and the same trust in certificates as reqwest's: that of the platform. It is handed over to one
//! HTTP client and not installed for the process. With the features `aws-lc` and `native-tls` reqwest
//! decides.

use reqwest::ClientBuilder;

/// Why TLS could not be set up.
pub(crate) type TlsError = Box<dyn std::error::Error + Send + Sync>;

/// Sets up the TLS of an HTTP client, which trusts the certificates in `roots` (PEM) besides those that
/// the platform trusts.
///
/// # Errors
/// `roots` has no certificates, or some that are none; or the platform has no roots.
#[cfg(all(
    feature = "rustls",
    not(feature = "aws-lc"),
    not(feature = "native-tls")
))]
pub(crate) fn configure(
    http: ClientBuilder,
    roots: Option<&[u8]>,
) -> Result<ClientBuilder, TlsError> {
    use std::sync::Arc;

    use rustls::crypto::{CryptoProvider, ring};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    // A provider that the process has installed is what its owner wants.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let roots = match roots {
        Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let verifier = platform_verifier(roots, Arc::clone(&provider))?;
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // What a client speaks without reqwest's feature `http2`.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
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

/// Android's verifier takes no roots of a program.
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

/// Leaves TLS to reqwest, with the certificates in `roots` (PEM) added to those it trusts.
///
/// # Errors
/// `roots` has certificates that are none.
#[cfg(any(feature = "aws-lc", feature = "native-tls"))]
pub(crate) fn configure(
    http: ClientBuilder,
    roots: Option<&[u8]>,
) -> Result<ClientBuilder, TlsError> {
    match roots {
        Some(pem) => Ok(http.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?)),
        None => Ok(http),
    }
}

/// Without TLS, only `http` can be spoken.
///
/// # Errors
/// There are `roots`.
#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
pub(crate) fn configure(
    http: ClientBuilder,
    roots: Option<&[u8]>,
) -> Result<ClientBuilder, TlsError> {
    match roots {
        Some(_) => Err("the client is built without TLS".into()),
        None => Ok(http),
    }
}
