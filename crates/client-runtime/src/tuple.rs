//! Decoding tuples and response bodies whose integers and times may be written in several notations.
//!
//! The function of a field selects how the whole field is decoded. For a tuple, generated code names a
//! type with one reader for each value: `read_as::<_, (Read<i64>, Plain<String>)>`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::tolerant::{Read, Tolerant};
use crate::{Error, Nullable, RawResponse, Response};

/// Decodes a field as `R`.
///
/// # Errors
/// The value is not an `R`.
pub fn read_as<'de, D, R>(deserializer: D) -> Result<R::Value, D::Error>
where
    D: Deserializer<'de>,
    R: Reader + Deserialize<'de>,
{
    R::deserialize(deserializer).map(R::into_value)
}

/// Decodes a response body as `R`.
///
/// # Errors
/// As for [`RawResponse::json`].
pub fn json_as<R>(response: RawResponse) -> Result<Response<R::Value>, Error>
where
    R: Reader + DeserializeOwned,
{
    Ok(response.json::<R>()?.map(R::into_value))
}

/// A type that decodes a value of another type.
pub trait Reader {
    /// The type of the value.
    type Value;

    /// Returns the value.
    fn into_value(self) -> Self::Value;
}

/// A value that is decoded as its type decodes it.
#[derive(Deserialize)]
pub struct Plain<T>(T);

impl<T> Reader for Plain<T> {
    type Value = T;

    fn into_value(self) -> T {
        self.0
    }
}

impl<T: for<'de> Tolerant<'de>> Reader for Read<T> {
    type Value = T;

    fn into_value(self) -> T {
        self.0
    }
}

impl<R: Reader> Reader for Vec<R> {
    type Value = Vec<R::Value>;

    fn into_value(self) -> Self::Value {
        self.into_iter().map(R::into_value).collect()
    }
}

impl<R: Reader> Reader for Option<R> {
    type Value = Option<R::Value>;

    fn into_value(self) -> Self::Value {
        self.map(R::into_value)
    }
}

impl<R: Reader> Reader for Box<R> {
    type Value = Box<R::Value>;

    fn into_value(self) -> Self::Value {
        Box::new((*self).into_value())
    }
}

impl<R: Reader> Reader for Nullable<R> {
    type Value = Nullable<R::Value>;

    fn into_value(self) -> Nullable<R::Value> {
        self.into_option().map(R::into_value).into()
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Reader),+> Reader for ($($name,)+) {
            type Value = ($(<$name as Reader>::Value,)+);

            #[allow(non_snake_case)]
            fn into_value(self) -> Self::Value {
                let ($($name,)+) = self;
                ($($name.into_value(),)+)
            }
        }
    )+};
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_of_a_tuple_has_its_own_reader() {
        type Readers = Vec<(Read<i64>, Plain<String>, Option<(Read<u8>,)>)>;

        let json = serde_json::json!([[1.0, "2", [3e0]], [4, "5", null]]);
        let read = read_as::<_, Readers>(json).expect("decodes");
        let expected = [(1, "2".to_owned(), Some((3,))), (4, "5".to_owned(), None)];
        assert_eq!(read, expected);
    }
}
