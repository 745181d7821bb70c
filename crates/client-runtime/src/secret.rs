//! Strings that must not be printed.

use std::fmt;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, Serializer};

/// A password, token or client secret. It is sent in requests and never printed.
///
/// `Debug` writes a placeholder, there is no `Display`, and the memory is cleared on drop. Generated
/// code uses this type for `format: password`, and for strings with the name of a secret, such as
/// `access_token`.
///
/// ```
/// use client_runtime::SecretString;
///
/// let secret = SecretString::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "SecretString(redacted)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(from = "String")]
#[cfg_attr(feature = "schemars", schemars(with = "String"))]
pub struct SecretString(secrecy::SecretString);

impl SecretString {
    /// Returns the secret. The name makes it easy to find all code that reads one.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for SecretString {
    fn from(secret: String) -> Self {
        Self(secret.into())
    }
}

impl From<&str> for SecretString {
    fn from(secret: &str) -> Self {
        Self(secret.into())
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(redacted)")
    }
}

/// Serializes the secret, because requests contain it.
impl Serialize for SecretString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_secret() {
        #[derive(Debug)]
        struct Holder {
            #[allow(dead_code)]
            secret: Option<SecretString>,
        }
        let holder = Holder {
            secret: Some("hunter2".into()),
        };
        assert!(!format!("{holder:#?}").contains("hunter2"));
    }

    #[test]
    fn survives_a_round_trip() {
        let secret: SecretString = serde_json::from_str(r#""hunter2""#).expect("decodes");
        assert_eq!(
            serde_json::to_string(&secret).expect("encodes"),
            r#""hunter2""#
        );
    }
}
