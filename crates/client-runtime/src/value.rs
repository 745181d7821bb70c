//! Values of parameters and forms, independent of their Rust types.
//!
//! Parameters can have any type that implements `Serialize`. A [`Value`] is the serialized form, so
//! that the code for the styles is compiled once. JSON is not used, because it would parse and print
//! numbers again, and cannot contain bytes.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use serde::{Serialize, ser};

use crate::FilePart;
use crate::decimal::DECIMAL;
use crate::file_part::RAW_FILE_PART;

/// A value without its Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Null: `None` or a unit.
    Null,
    /// A number or a boolean, in JSON notation.
    Literal(String),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// An object, with its properties in the order of the type.
    Object(Vec<(String, Value)>),
    /// Bytes, which occur only in files.
    Bytes(Vec<u8>),
    /// A file in a multipart form.
    File(FilePart),
}

/// Why a value cannot be serialized.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ValueError(String);

impl Value {
    /// Serializes `source`.
    ///
    /// # Errors
    /// `source` fails to serialize, or has a key that is not a string, number or boolean.
    pub(crate) fn of<T: Serialize + ?Sized>(source: &T) -> Result<Self, ValueError> {
        Self::with_buffer(source, &mut String::new())
    }

    /// Like [`of`](Self::of). A scalar at the top level takes its string from `buffer`;
    /// [`recycle`](Self::recycle) returns it.
    pub(crate) fn with_buffer<T: Serialize + ?Sized>(
        source: &T,
        buffer: &mut String,
    ) -> Result<Self, ValueError> {
        source.serialize(Serializer { buffer, raw: false })
    }

    /// Returns the string of a scalar to its buffer.
    pub(crate) fn recycle(self, buffer: &mut String) {
        if let Self::Literal(mut string) | Self::String(mut string) = self {
            string.clear();
            *buffer = string;
        }
    }

    /// Appends the value as one string: a scalar unchanged, a list or an object as JSON, and null as
    /// nothing.
    pub(crate) fn push_string(&self, out: &mut String) {
        match self {
            Self::Null => {}
            Self::Literal(string) | Self::String(string) => out.push_str(string),
            composite => composite.push_json(out),
        }
    }

    /// Returns the value as one string; see [`push_string`](Self::push_string).
    pub(crate) fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Literal(string) | Self::String(string) => string.into(),
            other => {
                let mut out = String::new();
                other.push_string(&mut out);
                out.into()
            }
        }
    }

    /// Returns the scalars of a value, each with its path in brackets: `[created][gte]`, `[0]`. The
    /// path of a single scalar is empty, and null is omitted.
    pub(crate) fn brackets(&self) -> Vec<(String, Cow<'_, str>)> {
        let mut found = Vec::new();
        // Depth first and in order, without recursion, because the caller controls the depth.
        let mut waiting = vec![(String::new(), self)];
        while let Some((path, value)) = waiting.pop() {
            match value {
                Self::Null => {}
                Self::Object(properties) => {
                    let inner = properties.iter().rev();
                    waiting.extend(inner.map(|(name, value)| (format!("{path}[{name}]"), value)));
                }
                Self::List(items) => {
                    let inner = items.iter().enumerate().rev();
                    waiting.extend(inner.map(|(index, value)| (format!("{path}[{index}]"), value)));
                }
                scalar => found.push((path, scalar.to_text())),
            }
        }
        found
    }

    /// Returns the value as JSON.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.push_json(&mut out);
        out
    }

    fn push_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Literal(literal) => out.push_str(literal),
            Self::String(string) => push_json_string(string, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.push_json(out);
                }
                out.push(']');
            }
            Self::Object(properties) => {
                out.push('{');
                for (index, (name, value)) in properties.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    push_json_string(name, out);
                    out.push(':');
                    value.push_json(out);
                }
                out.push('}');
            }
            Self::Bytes(bytes) => push_json_string(&String::from_utf8_lossy(bytes), out),
            Self::File(file) => push_json_string(&String::from_utf8_lossy(file.content()), out),
        }
    }
}

/// Appends a JSON string (RFC 8259 section 7).
fn push_json_string(string: &str, out: &mut String) {
    out.push('"');
    for character in string.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' || control == '\x7f' => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

impl ser::Error for ValueError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Serializes to a [`Value`].
struct Serializer<'a> {
    buffer: &'a mut String,
    /// Whether a file is being serialized, whose bytes stay bytes.
    raw: bool,
}

impl Serializer<'_> {
    fn literal(self, value: impl Display) -> Value {
        let mut string = std::mem::take(self.buffer);
        // Writing to a string fails only if `Display` fails, which it does not for numbers.
        let _ = write!(string, "{value}");
        Value::Literal(string)
    }

    fn float(self, value: impl Display, is_finite: bool) -> Result<Value, ValueError> {
        match is_finite {
            true => Ok(self.literal(value)),
            false => Err(ValueError(format!(
                "{value} cannot be written as a JSON number"
            ))),
        }
    }
}

macro_rules! literals {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<Value, ValueError> {
            Ok(self.literal(value))
        }
    )*};
}

impl<'a> ser::Serializer for Serializer<'a> {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Properties<'a>;
    type SerializeStruct = Properties<'a>;
    type SerializeStructVariant = Properties<'a>;

    fn is_human_readable(&self) -> bool {
        !self.raw
    }

    literals! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
    }

    fn serialize_f32(self, value: f32) -> Result<Value, ValueError> {
        self.float(value, value.is_finite())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, ValueError> {
        self.float(value, value.is_finite())
    }

    fn serialize_char(self, value: char) -> Result<Value, ValueError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Value, ValueError> {
        let mut string = std::mem::take(self.buffer);
        string.push_str(value);
        Ok(Value::String(string))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        let mut string = std::mem::take(self.buffer);
        match write!(string, "{value}") {
            Ok(()) => Ok(Value::String(string)),
            Err(fmt::Error) => Err(ValueError("it cannot be written as a string".to_owned())),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, ValueError> {
        match self.raw {
            true => Ok(Value::Bytes(value.to_vec())),
            false => {
                let number = |byte: &u8| Value::Literal(byte.to_string());
                Ok(Value::List(value.iter().map(number).collect()))
            }
        }
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        if name == RAW_FILE_PART && !self.raw {
            let raw = value.serialize(Serializer { raw: true, ..self })?;
            return file(raw);
        }
        if name == DECIMAL {
            return number(value.serialize(self)?);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        let value = value.serialize(self)?;
        Ok(Value::Object(vec![(variant.to_owned(), value)]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a>, ValueError> {
        Ok(self.items(length.unwrap_or_default(), None))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a>, ValueError> {
        Ok(self.items(length, None))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Items<'a>, ValueError> {
        Ok(self.items(length, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a>, ValueError> {
        Ok(self.items(length, Some(variant)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Properties<'a>, ValueError> {
        Ok(self.properties(length.unwrap_or_default(), None))
    }

    fn serialize_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Properties<'a>, ValueError> {
        Ok(self.properties(length, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Properties<'a>, ValueError> {
        Ok(self.properties(length, Some(variant)))
    }
}

/// Returns the number in the serialized form of a `RawValue`: an object with one string.
fn number(raw: Value) -> Result<Value, ValueError> {
    let digits = match raw {
        Value::Object(mut properties) => properties.pop().map(|(_, digits)| digits),
        _ => None,
    };
    match digits {
        Some(Value::String(digits)) => Ok(Value::Literal(digits)),
        _ => Err(ValueError("it is not a number".to_owned())),
    }
}

/// Returns the file of its serialized form: its content, name and media type.
fn file(raw: Value) -> Result<Value, ValueError> {
    let parts = match raw {
        Value::List(parts) => <[Value; 3]>::try_from(parts).ok(),
        _ => None,
    };
    let Some([Value::Bytes(content), name, media_type]) = parts else {
        return Err(ValueError("it is not a file".to_owned()));
    };
    let mut file = FilePart::from(content);
    if let Value::String(name) = name {
        file = file.named(name);
    }
    if let Value::String(media_type) = media_type {
        file = file.of_type(media_type);
    }
    Ok(Value::File(file))
}

impl<'a> Serializer<'a> {
    fn items(self, length: usize, variant: Option<&'static str>) -> Items<'a> {
        // The length is not trusted, so the capacity is limited.
        Items {
            made: Vec::with_capacity(length.min(64)),
            variant,
            buffer: self.buffer,
            raw: self.raw,
        }
    }

    fn properties(self, length: usize, variant: Option<&'static str>) -> Properties<'a> {
        Properties {
            made: Vec::with_capacity(length.min(64)),
            name: String::new(),
            variant,
            buffer: self.buffer,
            raw: self.raw,
        }
    }
}

fn within(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Object(vec![(variant.to_owned(), value)]),
        None => value,
    }
}

/// The items of a list that is being serialized.
struct Items<'a> {
    made: Vec<Value>,
    variant: Option<&'static str>,
    buffer: &'a mut String,
    raw: bool,
}

impl Items<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let (buffer, raw) = (&mut *self.buffer, self.raw);
        self.made.push(value.serialize(Serializer { buffer, raw })?);
        Ok(())
    }

    fn finish(self) -> Result<Value, ValueError> {
        Ok(within(self.variant, Value::List(self.made)))
    }
}

/// The properties of an object that is being serialized.
struct Properties<'a> {
    made: Vec<(String, Value)>,
    /// The name of the property whose value follows.
    name: String,
    variant: Option<&'static str>,
    buffer: &'a mut String,
    raw: bool,
}

impl Properties<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), ValueError> {
        let (buffer, raw) = (&mut *self.buffer, self.raw);
        let value = value.serialize(Serializer { buffer, raw })?;
        self.made.push((name, value));
        Ok(())
    }

    fn finish(self) -> Result<Value, ValueError> {
        Ok(within(self.variant, Value::Object(self.made)))
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident),*) => {$(
        impl ser::$trait for Items<'_> {
            type Ok = Value;
            type Error = ValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
                self.push(value)
            }

            fn end(self) -> Result<Value, ValueError> {
                self.finish()
            }
        }
    )*};
}
items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

macro_rules! properties {
    ($($trait:ident),*) => {$(
        impl ser::$trait for Properties<'_> {
            type Ok = Value;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), ValueError> {
                self.push(name.to_owned(), value)
            }

            fn end(self) -> Result<Value, ValueError> {
                self.finish()
            }
        }
    )*};
}
properties!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Properties<'_> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        match Value::of(key)? {
            Value::Literal(name) | Value::String(name) => {
                self.name = name;
                Ok(())
            }
            _ => Err(ValueError("it has a key that is not a string".to_owned())),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let name = std::mem::take(&mut self.name);
        self.push(name, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn string(string: &str) -> Value {
        Value::String(string.to_owned())
    }

    fn literal(literal: &str) -> Value {
        Value::Literal(literal.to_owned())
    }

    #[derive(Serialize)]
    enum Choice {
        Unit,
        Newtype(u8),
        Tuple(u8, bool),
        Struct { a: Option<u8> },
    }

    #[derive(Serialize)]
    struct Properties {
        #[serde(rename = "z-first")]
        first: f32,
        second: (),
    }

    #[test]
    fn each_serde_type_has_its_value() {
        for (value, expected) in [
            (Value::of(&"a"), string("a")),
            (Value::of(&'ä'), string("ä")),
            (Value::of(&-3_i8), literal("-3")),
            (
                Value::of(&u128::MAX),
                literal("340282366920938463463374607431768211455"),
            ),
            (Value::of(&0.1_f32), literal("0.1")),
            (Value::of(&crate::Decimal::from(3)), literal("3")),
            (
                Value::of(&"12345678901234567.890".parse::<crate::Decimal>().ok()),
                literal("12345678901234567.890"),
            ),
            (Value::of(&true), literal("true")),
            (Value::of(&None::<u8>), Value::Null),
            (Value::of(&Some(3)), literal("3")),
            (Value::of(&Choice::Unit), string("Unit")),
            (
                Value::of(&Choice::Newtype(3)),
                Value::Object(vec![("Newtype".to_owned(), literal("3"))]),
            ),
            (
                Value::of(&Choice::Tuple(3, false)),
                Value::Object(vec![(
                    "Tuple".to_owned(),
                    Value::List(vec![literal("3"), literal("false")]),
                )]),
            ),
            (
                Value::of(&Choice::Struct { a: None }),
                Value::Object(vec![(
                    "Struct".to_owned(),
                    Value::Object(vec![("a".to_owned(), Value::Null)]),
                )]),
            ),
            (
                Value::of(&Properties {
                    first: 1.5,
                    second: (),
                }),
                Value::Object(vec![
                    ("z-first".to_owned(), literal("1.5")),
                    ("second".to_owned(), Value::Null),
                ]),
            ),
            (
                Value::of(&std::collections::BTreeMap::from([(3, "a")])),
                Value::Object(vec![("3".to_owned(), string("a"))]),
            ),
            (
                Value::of(&chrono::DateTime::<chrono::Utc>::UNIX_EPOCH),
                string("1970-01-01T00:00:00Z"),
            ),
        ] {
            assert_eq!(value.expect("is a value"), expected);
        }
        for rejected in [f64::NAN, f64::INFINITY] {
            assert!(Value::of(&rejected).is_err(), "{rejected}");
        }
        assert!(Value::of(&std::collections::BTreeMap::from([((1, 2), 3)])).is_err());
    }

    #[test]
    fn the_string_of_a_scalar_is_reused() {
        let mut buffer = String::with_capacity(100);
        let place = buffer.as_ptr();
        for _ in 0..2 {
            let value = Value::with_buffer(&"scalar", &mut buffer).expect("is a value");
            assert_eq!(value, string("scalar"));
            value.recycle(&mut buffer);
            assert_eq!((buffer.as_ptr(), buffer.len()), (place, 0));
        }
    }

    #[test]
    fn brackets_lead_to_every_scalar_in_order() {
        let value = json!({ "a": { "b": 1, "c": null }, "d": ["x", { "e": true }] });
        let value = Value::of(&value).expect("is a value");
        let expected = [("[a][b]", "1"), ("[d][0]", "x"), ("[d][1][e]", "true")];
        let expected = expected.map(|(path, string)| (path.to_owned(), string.into()));
        assert_eq!(value.brackets(), expected);
        assert_eq!(string("x").brackets(), [(String::new(), "x".into())]);
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<i32>().prop_map(|number| Json::from(f64::from(number) + 0.5)),
            "(?s).*".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("(?s).{0,4}", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_survives_a_value(json in json()) {
            let written = Value::of(&json).expect("is a value").to_json();
            let read: Json = serde_json::from_str(&written).expect("is JSON");
            prop_assert_eq!(read, json);
        }
    }
}
