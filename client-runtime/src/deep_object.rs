//! Objects in a query, each scalar in them a parameter.
//!
//! The style `deepObject` writes `filter[created][gte]=3`, with the way to the scalar in the name;
//! the style `form` writes the members of an object by their own names (OpenAPI 3.0.3, Parameter
//! Object, Style Values). The specification says so for one level; what is nested deeper, and lists
//! with their indices, are written as the servers that use the styles read them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser};

use crate::{flatten, stand_in};

/// An object that is sent as one query parameter for each scalar in it: `filter[created][gte]=3`.
///
/// Made from the object itself (`From<T>`) or, in a generated client, from its builder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DeepObject<T>(T);

impl<T> From<T> for DeepObject<T> {
    fn from(object: T) -> Self {
        Self(object)
    }
}

/// Encodes as the values of query parameters, for the session to write.
impl<T: Serialize> Serialize for DeepObject<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(&self.0).map_err(ser::Error::custom)?;
        let members = flatten::brackets(&value);
        serializer.collect_seq(
            members
                .iter()
                .map(|(brackets, text)| stand_in::member(brackets, text)),
        )
    }
}

/// An object whose members are sent as query parameters of their own: `width=2&height=3`.
///
/// Made from the object itself (`From<T>`) or, in a generated client, from its builder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Members<T>(T);

impl<T> From<T> for Members<T> {
    fn from(object: T) -> Self {
        Self(object)
    }
}

/// Encodes as pairs of a parameter's name and its value.
impl<T: Serialize> Serialize for Members<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(&self.0).map_err(ser::Error::custom)?;
        let members = flatten::brackets(&value);
        serializer.collect_map(members.iter().map(|(brackets, text)| {
            // The first brackets are around the member's own name.
            (brackets.replacen('[', "", 1).replacen(']', "", 1), text)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_scalar_is_a_parameter() {
        let object = DeepObject::from(json!({ "created": { "gte": 3 }, "tags": ["x y"] }));
        let pairs = progenitor_client::QueryParam::new("filter", &object);
        let query = serde_urlencoded::to_string(pairs).expect("encodes");
        let mut url: reqwest::Url = format!("http://127.0.0.1/?{query}")
            .parse()
            .expect("is a URL");
        stand_in::restore(&mut url);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let expected = [("filter[created][gte]", "3"), ("filter[tags][0]", "x y")];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn members_go_by_their_own_names() {
        let object = Members::from(json!({ "inner": { "a": "b" }, "width": 2 }));
        let pairs = progenitor_client::QueryParam::new("ignored", &object);
        let query = serde_urlencoded::to_string(pairs).expect("encodes");
        assert_eq!(query, "inner%5Ba%5D=b&width=2");
    }
}
