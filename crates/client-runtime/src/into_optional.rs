//! The types that setters of optional values accept.

use std::fmt::Display;

use serde_json::{Map, Value};

/// Types that the setter of an optional parameter or property accepts: a value that converts into `T`,
/// or an `Option` of one. `None` leaves the value absent.
///
/// `How` distinguishes the implementations and is inferred. A bare `None` needs a type:
/// `None::<String>`.
///
/// ```
/// use client_runtime::IntoOptional;
///
/// fn limit<V: IntoOptional<i64, How>, How>(value: V) -> Result<Option<i64>, String> {
///     value.into_optional()
/// }
/// assert_eq!(limit(5), Ok(Some(5)));
/// assert_eq!(limit(Some(5_u32)), Ok(Some(5)));
/// assert_eq!(limit(None::<i64>), Ok(None));
/// assert!(limit(u64::MAX).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert into an optional `{T}`",
    note = "a setter of an optional value accepts any type that `TryInto` converts into it, or an `Option` of one"
)]
pub trait IntoOptional<T, How> {
    /// Returns the value, or `None` if it is absent.
    ///
    /// # Errors
    /// The message of the failed conversion.
    fn into_optional(self) -> Result<Option<T>, String>;
}

/// Marks the implementation for plain values.
#[derive(Debug)]
pub enum ByValue {}

/// Marks the implementation for `Option`. `How` is the marker of the value inside.
#[derive(Debug)]
pub struct ByOption<How>(std::marker::PhantomData<How>);

impl<V, T> IntoOptional<T, ByValue> for V
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_optional(self) -> Result<Option<T>, String> {
        self.try_into().map(Some).map_err(|e| e.to_string())
    }
}

impl<V, T> IntoOptional<T, ByOption<ByValue>> for Option<V>
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_optional(self) -> Result<Option<T>, String> {
        self.map(TryInto::try_into)
            .transpose()
            .map_err(|e| e.to_string())
    }
}

/// Types that the setter of an optional property of any JSON type accepts: a [`Value`], types that are
/// JSON already, or an `Option` of one. `None` leaves the property absent; `Value::Null` is null.
///
/// This trait is separate from [`IntoOptional`] because `Value` implements `From<Option<T>>`, which
/// turns `None` into null.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a JSON value that a setter accepts",
    note = "convert the value with `serde_json::json!` or `serde_json::to_value`"
)]
pub trait IntoOptionalJson {
    /// Returns the value, or `None` if it is absent.
    fn into_optional_json(self) -> Option<Value>;
}

macro_rules! json {
    ($($type:ty),* $(,)?) => {$(
        impl IntoOptionalJson for $type {
            fn into_optional_json(self) -> Option<Value> {
                Some(self.into())
            }
        }
    )*};
}
json!(
    Value,
    Map<String, Value>,
    Vec<Value>,
    String,
    &str,
    bool,
    i8,
    i16,
    i32,
    i64,
    isize,
    u8,
    u16,
    u32,
    u64,
    usize,
    f32,
    f64,
);

impl<V: IntoOptionalJson> IntoOptionalJson for Option<V> {
    fn into_optional_json(self) -> Option<Value> {
        self.and_then(V::into_optional_json)
    }
}
