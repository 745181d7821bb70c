//! The merged constraints of the schemas that apply to one location, for instance the strictest length
//! and the types that all schemas allow.

use serde_json::{Map, Value};

use super::pattern::Pattern;
use openapi_document::Direction;

/// The constraints of one location.
#[derive(Clone, Default)]
pub(super) struct MergedSchema<'s> {
    /// The schemas that apply, with `$ref` and `allOf` flattened.
    pub(super) parts: Vec<&'s Map<String, Value>>,
    pub(super) choices: Vec<Choice<'s>>,
    /// Whether null is allowed; `None` if no schema mentions it.
    pub(super) null: Option<bool>,
    /// True if one of the schemas is `false`.
    pub(super) is_false: bool,
    pub(super) refs: Vec<&'s str>,
    /// The discriminator properties and their values for the selected branches.
    pub(super) discriminators: Vec<(&'s str, String)>,
}

/// A choice that is not decided yet.
#[derive(Clone)]
pub(super) struct Choice<'s> {
    /// The schema that contains it.
    pub(super) part: &'s Map<String, Value>,
    pub(super) kind: ChoiceKind,
    /// The branches, each with the schemas that apply in it.
    pub(super) branches: Vec<Vec<&'s Value>>,
}

/// The kind of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChoiceKind {
    /// `oneOf`.
    One,
    /// `anyOf`: a value may match several branches.
    Any,
    /// `if`: with its `then`, or the `else`.
    Condition,
}

/// A JSON type except null, for which see [`MergedSchema::null`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl<'s> MergedSchema<'s> {
    pub(super) fn values_of(&self, keyword: &'static str) -> impl Iterator<Item = &'s Value> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    pub(super) fn has_true(&self, keyword: &'static str) -> bool {
        self.parts.iter().any(|part| is_true(part, keyword))
    }

    pub(super) fn strings(&self, keyword: &'static str) -> impl Iterator<Item = &'s str> {
        self.values_of(keyword).filter_map(Value::as_str)
    }

    pub(super) fn arrays(&self, keyword: &'static str) -> impl Iterator<Item = &'s Vec<Value>> {
        self.values_of(keyword).filter_map(Value::as_array)
    }

    /// The keys of the objects under a keyword.
    pub(super) fn keys(&self, keyword: &'static str) -> impl Iterator<Item = &'s str> {
        let objects = self.values_of(keyword).filter_map(Value::as_object);
        objects.flat_map(Map::keys).map(String::as_str)
    }

    /// The strictest value of a `min…` keyword that counts something.
    pub(super) fn lower_limit(&self, keyword: &'static str) -> usize {
        self.values_of(keyword).filter_map(count).max().unwrap_or(0)
    }

    pub(super) fn upper_limit(&self, keyword: &'static str) -> usize {
        let counts = self.values_of(keyword).filter_map(count);
        counts.min().unwrap_or(usize::MAX)
    }

    /// The types that `type` allows, otherwise the type that the other keywords imply; empty if only
    /// null is allowed.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let types = self.values_of("type").map(|names| match names {
            Value::Array(names) => names.iter().filter_map(Kind::named).collect::<Vec<_>>(),
            name => Kind::named(name).into_iter().collect(),
        });
        let intersection = |left: Vec<Kind>, right: Vec<Kind>| {
            let met = |kind: &Kind| right.iter().find_map(|other| kind.intersection(*other));
            left.iter().filter_map(met).collect()
        };
        types
            .reduce(intersection)
            .unwrap_or_else(|| vec![self.implied_kind()])
    }

    fn implied_kind(&self) -> Kind {
        let has_any = |keywords: &str| {
            let mut keywords = keywords.split(' ');
            keywords.any(|keyword| self.parts.iter().any(|part| part.contains_key(keyword)))
        };
        if has_any("properties required additionalProperties patternProperties propertyNames")
            || has_any("minProperties maxProperties")
        {
            Kind::Object
        } else if has_any("items prefixItems minItems maxItems uniqueItems") {
            Kind::Array
        } else if has_any("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf") {
            Kind::Number
        } else {
            Kind::String
        }
    }

    /// True if a value of this schema is not sent in the direction.
    pub(super) fn is_omitted(&self, direction: Direction) -> bool {
        self.has_true(match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        })
    }

    pub(super) fn is_null_only(&self) -> bool {
        let values = self.values();
        let nothing_else = values.map_or(self.kinds().is_empty(), |values| values.is_empty());
        self.null == Some(true) && nothing_else
    }

    /// The values that `enum` and `const` allow, without null; `None` if there is neither keyword.
    pub(super) fn values(&self) -> Option<Vec<&'s Value>> {
        let enums = self.arrays("enum").map(|values| values.iter().collect());
        let consts = self.values_of("const").map(|value| vec![value]);
        let mut values: Vec<&Value> = enums.chain(consts).reduce(|mut left, right| {
            left.retain(|value| right.contains(value));
            left
        })?;
        let typed = self.values_of("type").next().is_some();
        let kinds = self.kinds();
        let fits = |value| !typed || kinds.iter().any(|kind| kind.has(value));
        values.retain(|value| !value.is_null() && fits(value));
        Some(values)
    }

    /// The schemas of a property: in each part those that name it, otherwise `additionalProperties`.
    pub(super) fn property(&self, name: &str) -> Vec<&'s Value> {
        let mut schemas = Vec::new();
        for part in &self.parts {
            let before = schemas.len();
            schemas.extend(
                part.get("properties")
                    .and_then(|properties| properties.get(name)),
            );
            let patterned = part.get("patternProperties").and_then(Value::as_object);
            let matching = patterned.into_iter().flatten().filter(|(pattern, _)| {
                Pattern::parse(pattern).is_ok_and(|pattern| pattern.matches(name))
            });
            schemas.extend(matching.map(|(_, schema)| schema));
            if schemas.len() == before {
                schemas.extend(part.get("additionalProperties"));
            }
        }
        schemas
    }

    /// True if additional properties are allowed without constraints.
    pub(super) fn is_open(&self) -> bool {
        let keywords = [
            "additionalProperties",
            "unevaluatedProperties",
            "propertyNames",
        ];
        let mut declared = keywords
            .into_iter()
            .flat_map(|keyword| self.values_of(keyword));
        let of_unknown = self.property("xUnknownProperty");
        declared.all(|schema| schema == &Value::Bool(true))
            && of_unknown.iter().all(|s| s.is_boolean())
    }

    pub(super) fn item(&self, index: usize) -> Vec<&'s Value> {
        let of_part = |part: &&'s Map<String, Value>| {
            let first = part.get("prefixItems").and_then(|items| items.get(index));
            first.or_else(|| part.get("items"))
        };
        self.parts.iter().filter_map(of_part).collect()
    }
}

pub(super) fn is_true(part: &Map<String, Value>, keyword: &str) -> bool {
    part.get(keyword) == Some(&Value::Bool(true))
}

/// A number of characters, items or properties. Fractions are truncated.
fn count(value: &Value) -> Option<usize> {
    value.as_f64().map(|count| count as usize)
}

impl Kind {
    fn named(name: &Value) -> Option<Self> {
        Some(match name.as_str()? {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// The narrower of two types, if they have a value in common.
    fn intersection(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Some(Self::Integer),
            _ => (self == other).then_some(self),
        }
    }

    pub(super) fn has(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}
