//! Lists and objects in one value.
//!
//! A list in a query is mostly sent as one pair for each value, and generated code does that. An API
//! description may ask for one pair instead, its values joined (`explode: false`, or the styles
//! `spaceDelimited` and `pipeDelimited`); a list in a header is always one value. So it is with objects,
//! whose members are then a list of names and values (OpenAPI 3.0.3, Parameter Object, Style Values).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser};
use serde_json::Value;

use crate::{flatten, stand_in};

/// A list that is sent as one value, joined by `SEPARATOR`.
///
/// ```
/// use client_runtime::CommaSeparated;
///
/// let ids: CommaSeparated<i64> = vec![3, 4].into();
/// assert_eq!(ids.to_string(), "3,4");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Joined<T, const SEPARATOR: char>(Vec<T>);

/// A list joined by commas: the style `form` or `simple`, not exploded.
pub type CommaSeparated<T> = Joined<T, ','>;

/// A list joined by spaces: the style `spaceDelimited`.
pub type SpaceSeparated<T> = Joined<T, ' '>;

/// A list joined by `|`: the style `pipeDelimited`.
pub type PipeSeparated<T> = Joined<T, '|'>;

impl<T: Serialize, const SEPARATOR: char> Joined<T, SEPARATOR> {
    fn texts(&self) -> serde_json::Result<Vec<String>> {
        self.0.iter().map(flatten::text_of).collect()
    }
}

impl<T, U: Into<T>, const SEPARATOR: char> From<Vec<U>> for Joined<T, SEPARATOR> {
    fn from(values: Vec<U>) -> Self {
        values.into_iter().collect()
    }
}

impl<T, U: Into<T>, const N: usize, const SEPARATOR: char> From<[U; N]> for Joined<T, SEPARATOR> {
    fn from(values: [U; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T, U: Into<T>, const SEPARATOR: char> FromIterator<U> for Joined<T, SEPARATOR> {
    fn from_iter<I: IntoIterator<Item = U>>(values: I) -> Self {
        Self(values.into_iter().map(Into::into).collect())
    }
}

/// Writes the joined values, as a header has them.
impl<T: Serialize, const SEPARATOR: char> fmt::Display for Joined<T, SEPARATOR> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_joined(f, SEPARATOR, self.texts())
    }
}

/// Encodes as the value of a query parameter, for the session to write. An empty list is no
/// parameter.
impl<T: Serialize, const SEPARATOR: char> Serialize for Joined<T, SEPARATOR> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_joined(serializer, SEPARATOR, self.texts())
    }
}

/// An object that is sent as one value: its members' names and values, joined by `SEPARATOR`, or, where
/// it is `EXPLODED`, with an equals sign between name and value. A member that is `null` is left out.
///
/// Made from the object itself (`From<T>`) or, in a generated client, from its builder.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use client_runtime::{Assignments, CommaSeparatedMembers};
///
/// let object = BTreeMap::from([("role", "admin"), ("team", "a")]);
/// let members = CommaSeparatedMembers::from(object.clone());
/// assert_eq!(members.to_string(), "role,admin,team,a");
/// assert_eq!(Assignments::from(object).to_string(), "role=admin,team=a");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct JoinedMembers<T, const SEPARATOR: char, const EXPLODED: bool>(T);

/// `k,1,l,2`: the style `form` or `simple`, not exploded.
pub type CommaSeparatedMembers<T> = JoinedMembers<T, ',', false>;

/// `k 1 l 2`: the style `spaceDelimited`.
pub type SpaceSeparatedMembers<T> = JoinedMembers<T, ' ', false>;

/// `k|1|l|2`: the style `pipeDelimited`.
pub type PipeSeparatedMembers<T> = JoinedMembers<T, '|', false>;

/// `k=1,l=2`: the style `simple`, exploded.
pub type Assignments<T> = JoinedMembers<T, ',', true>;

impl<T, const SEPARATOR: char, const EXPLODED: bool> From<T>
    for JoinedMembers<T, SEPARATOR, EXPLODED>
{
    fn from(object: T) -> Self {
        Self(object)
    }
}

impl<T: Serialize, const SEPARATOR: char, const EXPLODED: bool>
    JoinedMembers<T, SEPARATOR, EXPLODED>
{
    fn texts(&self) -> serde_json::Result<Vec<String>> {
        let members = match serde_json::to_value(&self.0)? {
            Value::Object(members) => members,
            other => return Ok(vec![flatten::text(&other)]),
        };
        let given = members.into_iter().filter(|(_, value)| !value.is_null());
        let texts = given.map(|(name, value)| (name, flatten::text(&value)));
        Ok(match EXPLODED {
            true => texts.map(|(name, text)| format!("{name}={text}")).collect(),
            false => texts.flat_map(|(name, text)| [name, text]).collect(),
        })
    }
}

/// Writes the joined members, as a header has them.
impl<T: Serialize, const SEPARATOR: char, const EXPLODED: bool> fmt::Display
    for JoinedMembers<T, SEPARATOR, EXPLODED>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_joined(f, SEPARATOR, self.texts())
    }
}

/// Encodes as the value of a query parameter, for the session to write. An object without members is no
/// parameter.
impl<T: Serialize, const SEPARATOR: char, const EXPLODED: bool> Serialize
    for JoinedMembers<T, SEPARATOR, EXPLODED>
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_joined(serializer, SEPARATOR, self.texts())
    }
}

fn write_joined(
    f: &mut fmt::Formatter<'_>,
    separator: char,
    texts: serde_json::Result<Vec<String>>,
) -> fmt::Result {
    let texts = texts.map_err(|_| fmt::Error)?;
    f.write_str(&texts.join(separator.encode_utf8(&mut [0; 4])))
}

fn serialize_joined<S: Serializer>(
    serializer: S,
    separator: char,
    texts: serde_json::Result<Vec<String>>,
) -> Result<S::Ok, S::Error> {
    let texts = texts.map_err(ser::Error::custom)?;
    let value = (!texts.is_empty()).then(|| stand_in::list(separator, &texts));
    serializer.collect_seq(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_its_values_can_be_made_of() {
        let from_text: CommaSeparated<String> = ["a", "b"].into();
        let from_strings: CommaSeparated<String> = vec!["a".to_owned(), "b".to_owned()].into();
        assert_eq!(from_text, from_strings);
        assert_eq!(PipeSeparated::<String>::from(["a", "b"]).to_string(), "a|b");
    }

    #[test]
    fn an_empty_list_is_no_parameter() {
        let none = CommaSeparated::<String>::from(Vec::<String>::new());
        let query = progenitor_client::QueryParam::new("a", &none);
        assert_eq!(serde_urlencoded::to_string(query).as_deref(), Ok(""));
    }
}
