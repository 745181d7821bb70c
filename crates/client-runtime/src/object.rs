//! Decoding of the structs of objects.
//!
//! Generated code implements [`Object`] for such a struct. A list instead of an object is rejected; serde's
//! derived code would decode its items by position.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::deviation::{self, DeviationKind};
use crate::tuple::Reader;

/// A struct whose fields are the properties of an object.
pub trait Object<'de>: Sized {
    /// The name of the struct, for errors.
    const NAME: &'static str;
    /// The names of the properties in JSON.
    const PROPERTIES: &'static [&'static str];
    /// True if other properties are an error.
    const IS_CLOSED: bool = false;
    /// True if the struct has a field for other properties.
    const HAS_EXTRA: bool = false;
    /// True if no property is required, so that any object is of this type.
    const REQUIRES_NONE: bool = false;

    /// Decodes the properties.
    ///
    /// # Errors
    /// A value is rejected, or a property is missing, repeated or not allowed.
    fn read<A: MapAccess<'de>>(object: Properties<A, Self>) -> Result<Self, A::Error>;
}

/// Decodes an object.
///
/// # Errors
/// The value is not an object, or [`Object::read`] rejects it.
pub fn object<'de, D: Deserializer<'de>, T: Object<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read(Properties {
            map,
            index: 0,
            other: String::new(),
            has_known: false,
            has_others: false,
            of: PhantomData,
        })
    }
}

/// The properties of an object of the type `T` that is being decoded.
pub struct Properties<A, T> {
    map: A,
    /// The index of the last name.
    index: usize,
    /// The last name, if it is none of [`Object::PROPERTIES`] and `T` keeps it.
    other: String,
    /// Whether a property in [`Object::PROPERTIES`] was found so far.
    has_known: bool,
    /// Whether any other property was found so far.
    has_others: bool,
    of: PhantomData<T>,
}

impl<'de, A: MapAccess<'de>, T: Object<'de>> Properties<A, T> {
    /// Returns the index of the next property among the [names](Object::PROPERTIES), or their number if it is
    /// another property. Returns `None` after the last one.
    ///
    /// # Errors
    /// The property is not allowed, or the input is invalid.
    #[expect(
        clippy::should_implement_trait,
        reason = "an item is followed by a call for its value"
    )]
    pub fn next(&mut self) -> Result<Option<usize>, A::Error> {
        let name = Name::<T>(&mut self.other, PhantomData);
        if let Some(index) = self.map.next_key_seed(name)? {
            let is_known = index < T::PROPERTIES.len();
            self.has_known |= is_known;
            self.has_others |= !is_known;
            self.index = index;
            return Ok(Some(index));
        }
        if T::REQUIRES_NONE && self.has_others && !self.has_known {
            deviation::note::<A>(|| DeviationKind::NoKnownProperty { object: T::NAME });
        }
        Ok(None)
    }

    /// Decodes the value of the property.
    ///
    /// # Errors
    /// The value is not a `V`, or the property is repeated.
    pub fn value<V: Deserialize<'de>>(&mut self, value: &mut Option<V>) -> Result<(), A::Error> {
        self.check_first(value)?;
        *value = Some(self.map.next_value()?);
        Ok(())
    }

    /// Decodes the value of the property as an `R`.
    ///
    /// # Errors
    /// The value is not an `R`, or the property is repeated.
    pub fn value_as<R>(&mut self, value: &mut Option<R::Value>) -> Result<(), A::Error>
    where
        R: Reader + Deserialize<'de>,
    {
        self.check_first(value)?;
        *value = Some(self.map.next_value::<R>()?.into_value());
        Ok(())
    }

    fn check_first<V>(&self, value: &Option<V>) -> Result<(), A::Error> {
        match value {
            None => Ok(()),
            Some(_) => {
                let name = T::PROPERTIES.get(self.index).copied();
                Err(de::Error::duplicate_field(name.unwrap_or_default()))
            }
        }
    }

    /// Returns the value of the optional property `name`, for which the document does not allow null.
    pub fn optional<V>(&self, value: Option<Option<V>>, name: &'static str) -> Option<V> {
        if let Some(None) = value {
            deviation::note::<A>(|| DeviationKind::NullProperty {
                object: T::NAME,
                property: name,
            });
        }
        value.flatten()
    }

    /// Decodes the value of a property without a field as an `R`.
    ///
    /// # Errors
    /// The name is not a `K`, or the value is not an `R`.
    pub fn other<K, R, M>(&mut self, extra: &mut M) -> Result<(), A::Error>
    where
        K: Deserialize<'de>,
        R: Reader + Deserialize<'de>,
        M: Extend<(K, R::Value)>,
    {
        let name = std::mem::take(&mut self.other);
        let name = K::deserialize(StringDeserializer::new(name))?;
        extra.extend([(name, self.map.next_value::<R>()?.into_value())]);
        Ok(())
    }

    /// Skips the value of the property.
    ///
    /// # Errors
    /// The input is invalid.
    pub fn skip(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|IgnoredAny| ())
    }
}

/// Returns the value of the required property `name`.
///
/// # Errors
/// The property is missing.
pub fn required<T, E: de::Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Decodes the name of a property of `T` as its index. Keeps an unknown name, if `T` does.
struct Name<'a, T>(&'a mut String, PhantomData<T>);

impl<'de, T: Object<'de>> DeserializeSeed<'de> for Name<'_, T> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, T: Object<'de>> Visitor<'de> for Name<'_, T> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<usize, E> {
        match T::PROPERTIES.iter().position(|known| *known == name) {
            Some(index) => Ok(index),
            None if T::IS_CLOSED => Err(E::unknown_field(name, T::PROPERTIES)),
            None => {
                if T::HAS_EXTRA {
                    name.clone_into(self.0);
                }
                Ok(T::PROPERTIES.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::option;
    use proptest::prelude::*;
    use serde::ser::SerializeMap as _;
    use serde::{Serialize, Serializer};
    use serde_json::{Map, Value};

    use super::*;
    use crate::tolerant::Read;
    use crate::tuple::Plain;
    use crate::{Decimal, Nullable};

    /// An object whose properties may be absent, null or a value.
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Patch {
        name: Option<Nullable<String>>,
        inner: Option<Nullable<Box<Patch>>>,
        extra: Map<String, Value>,
    }

    impl<'de> Object<'de> for Patch {
        const NAME: &'static str = "Patch";
        const PROPERTIES: &'static [&'static str] = &["name", "inner"];
        const HAS_EXTRA: bool = true;

        fn read<A: MapAccess<'de>>(mut object: Properties<A, Self>) -> Result<Self, A::Error> {
            let mut patch = Self::default();
            while let Some(index) = object.next()? {
                match index {
                    0 => object.value(&mut patch.name)?,
                    1 => object.value(&mut patch.inner)?,
                    _ => object.other::<String, Plain<Value>, _>(&mut patch.extra)?,
                }
            }
            Ok(patch)
        }
    }

    impl<'de> Deserialize<'de> for Patch {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            object(deserializer)
        }
    }

    impl Serialize for Patch {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut object = serializer.serialize_map(None)?;
            if let Some(name) = &self.name {
                object.serialize_entry("name", name)?;
            }
            if let Some(inner) = &self.inner {
                object.serialize_entry("inner", inner)?;
            }
            for (name, value) in &self.extra {
                object.serialize_entry(name, value)?;
            }
            object.end()
        }
    }

    /// A closed object with a required property.
    #[derive(Debug, PartialEq)]
    struct Closed {
        size: i64,
    }

    impl<'de> Object<'de> for Closed {
        const NAME: &'static str = "Closed";
        const PROPERTIES: &'static [&'static str] = &["size"];
        const IS_CLOSED: bool = true;

        fn read<A: MapAccess<'de>>(mut object: Properties<A, Self>) -> Result<Self, A::Error> {
            let mut size = None;
            while let Some(index) = object.next()? {
                match index {
                    0 => object.value_as::<Read<i64>>(&mut size)?,
                    _ => object.skip()?,
                }
            }
            let size = required(size, "size")?;
            Ok(Self { size })
        }
    }

    impl<'de> Deserialize<'de> for Closed {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            object(deserializer)
        }
    }

    fn closed(json: &str) -> Result<Closed, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn only_an_object_with_its_properties_once_is_decoded() {
        assert_eq!(closed(r#"{"size": 3.0}"#), Ok(Closed { size: 3 }));
        for (json, message) in [
            ("[3]", "invalid type: sequence, expected an object (Closed)"),
            ("{}", "missing field `size`"),
            (r#"{"size":1,"size":2}"#, "duplicate field `size`"),
            (
                r#"{"size":1,"more":2}"#,
                "unknown field `more`, expected `size`",
            ),
            (r#"{"size":"1"}"#, "invalid type: string"),
        ] {
            let error = closed(json).expect_err(json);
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn other_properties_keep_all_digits() {
        #[derive(Debug)]
        struct Prices(HashMap<String, Decimal>);

        impl<'de> Object<'de> for Prices {
            const NAME: &'static str = "Prices";
            const PROPERTIES: &'static [&'static str] = &[];
            const HAS_EXTRA: bool = true;

            fn read<A: MapAccess<'de>>(mut object: Properties<A, Self>) -> Result<Self, A::Error> {
                let mut prices = HashMap::new();
                while object.next()?.is_some() {
                    object.other::<String, Plain<Decimal>, _>(&mut prices)?;
                }
                Ok(Self(prices))
            }
        }

        let json = r#"{"a": 12345678901234567.890}"#;
        let prices: Prices =
            object(&mut serde_json::Deserializer::from_str(json)).expect("decodes");
        assert_eq!(prices.0["a"].to_string(), "12345678901234567.890");
    }

    /// Objects in which each property is absent, null or a value.
    fn patches() -> impl Strategy<Value = Value> {
        let object = |inner: BoxedStrategy<Value>| {
            let null = || Just(Value::Null);
            let name = option::of(prop_oneof![null(), ".*".prop_map(Value::from)]);
            let extra = option::of(prop_oneof![null(), any::<i64>().prop_map(Value::from)]);
            (name, option::of(inner), extra).prop_map(|(name, inner, extra)| {
                let values = ["name", "inner", "other"]
                    .into_iter()
                    .zip([name, inner, extra]);
                let given = values.filter_map(|(name, value)| Some((name.to_owned(), value?)));
                Value::Object(given.collect())
            })
        };
        let leaf = object(Just(Value::Null).boxed());
        leaf.prop_recursive(3, 12, 1, move |inner| object(inner.boxed()))
    }

    proptest! {
        #[test]
        fn absent_null_and_values_survive_a_round_trip(patch in patches()) {
            let decoded: Patch = serde_json::from_value(patch.clone()).expect("decodes");
            prop_assert_eq!(serde_json::to_value(decoded).expect("encodes"), patch);
        }
    }
}
