//! A value as strings: what URLs, headers, cookies and forms are made of.
//!
//! Parameters have any type that encodes itself with serde. [`Value`] is what is left of one once the
//! type is gone, so that the styles are written by code that is compiled once. JSON would do, but a
//! number of JSON is parsed and printed again, and bytes have no place in it.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use serde::{Serialize, ser};

use crate::FilePart;
use crate::file_part::RAW_FILE_PART;

/// A value without its Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing: `None` or a unit.
    Null,
    /// A number or a boolean, as JSON writes it.
    Literal(String),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// An object, its properties in the order of their type.
    Object(Vec<(String, Value)>),
    /// Bytes, which only files have.
    Bytes(Vec<u8>),
    /// A file of a multipart form.
    File(FilePart),
}

/// Why a value cannot be written as strings.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ValueError(String);

impl Value {
    /// The value of `source`.
    ///
    /// # Errors
    /// `source` fails to serialize itself, or has a key that is no string, number or boolean.
    pub(crate) fn of<T: Serialize + ?Sized>(source: &T) -> Result<Self, ValueError> {
        Self::with_buffer(source, &mut String::new())
    }

    /// As [`of`](Self::of); a scalar at the top takes its string from `buffer`, which
    /// [`recycle`](Self::recycle) can give back.
    pub(crate) fn with_buffer<T: Serialize + ?Sized>(
        source: &T,
        buffer: &mut String,
    ) -> Result<Self, ValueError> {
        source.serialize(Serializer { buffer, raw: false })
    }

    /// Gives the string of a scalar back to the buffer that it came from.
    pub(crate) fn recycle(self, buffer: &mut String) {
        if let Self::Literal(mut string) | Self::String(mut string) = self {
            string.clear();
            *buffer = string;
        }
    }

    /// Adds the value as one string: a scalar as it is, a list or an object as JSON, and null as
    /// nothing.
    pub(crate) fn push_string(&self, out: &mut String) {
        match self {
            Self::Null => {}
            Self::Literal(string) | Self::String(string) => out.push_str(string),
            composite => composite.push_json(out),
        }
    }

    /// The value as one string; see [`push_string`](Self::push_string).
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

    /// The scalars of a value, each behind the brackets that lead to it: `[created][gte]`, `[0]`. A
    /// scalar alone has no brackets, and null is nothing.
    pub(crate) fn brackets(&self) -> Vec<(String, Cow<'_, str>)> {
        let mut found = Vec::new();
        // Depth first and in order, without recursion: the depth is the caller's.
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

    /// The value as JSON.
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

/// A string of JSON (RFC 8259 section 7).
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

/// Makes a [`Value`].
struct Serializer<'a> {
    buffer: &'a mut String,
    /// Whether a file is serialized, whose bytes are to stay bytes.
    raw: bool,
}

impl Serializer<'_> {
    fn literal(self, value: impl Display) -> Value {
        let mut string = std::mem::take(self.buffer);
        // Writing to a string fails only where `Display` does, and that of numbers does not.
        let _ = write!(string, "{value}");
        Value::Literal(string)
    }

    fn float(self, value: impl Display, is_finite: bool) -> Result<Value, ValueError> {
        match is_finite {
            true => Ok(self.literal(value)),
            false => Err(ValueError(format!("{value} is not a number of JSON"))),
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

/// A file, of what it serializes itself to where bytes stay bytes.
fn file(raw: Value) -> Result<Value, ValueError> {
    FilePart::from_raw(raw)
        .map(Value::File)
        .ok_or_else(|| ValueError("it is no file".to_owned()))
}

impl<'a> Serializer<'a> {
    fn items(self, length: usize, variant: Option<&'static str>) -> Items<'a> {
        // The length is what the type says of itself, and no reason to take memory for it all.
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
    /// The name of the property whose value comes next.
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
            _ => Err(ValueError("a key of it is not a string".to_owned())),
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
