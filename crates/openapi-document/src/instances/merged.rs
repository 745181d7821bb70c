//! What holds at one place. Several schemas may hold at once, and whoever makes a value asks for
//! what they come to together: the strictest length, the kinds that all of them leave.

use serde_json::{Map, Value};

use super::Direction;
use super::pattern::Pattern;

/// Everything that holds at one place.
#[derive(Clone, Default)]
pub(super) struct MergedSchema<'s> {
    /// Schemas that hold all at once, their `$ref` and `allOf` spread out into this list.
    pub(super) parts: Vec<&'s Map<String, Value>>,
    pub(super) choices: Vec<Choice<'s>>,
    /// Whether null is allowed, if anything was said about it.
    pub(super) null: Option<bool>,
    /// The schema `false` is among them.
    pub(super) is_false: bool,
    pub(super) refs: Vec<&'s str>,
    /// Members that tell the branches of a choice apart, and what they say for the one taken.
    pub(super) discriminators: Vec<(&'s str, String)>,
}

/// A `oneOf` or `anyOf` still to be decided.
#[derive(Clone, Copy)]
pub(super) struct Choice<'s> {
    /// The schema it stands in.
    pub(super) part: &'s Map<String, Value>,
    pub(super) branches: &'s [Value],
}

/// A JSON type but null, which [`Shape::null`] keeps.
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

    /// The names that an object under this keyword has.
    pub(super) fn keys(&self, keyword: &'static str) -> impl Iterator<Item = &'s str> {
        let objects = self.values_of(keyword).filter_map(Value::as_object);
        objects.flat_map(Map::keys).map(String::as_str)
    }

    /// The strictest of a `min…` keyword that counts something.
    pub(super) fn lower_limit(&self, keyword: &'static str) -> usize {
        self.values_of(keyword).filter_map(count).max().unwrap_or(0)
    }

    pub(super) fn upper_limit(&self, keyword: &'static str) -> usize {
        let counts = self.values_of(keyword).filter_map(count);
        counts.min().unwrap_or(usize::MAX)
    }

    /// What `type` leaves, or else what the other keywords speak of; empty if nothing but null.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let said = self.values_of("type").map(|names| match names {
            Value::Array(names) => names.iter().filter_map(Kind::named).collect::<Vec<_>>(),
            name => Kind::named(name).into_iter().collect(),
        });
        let intersection = |left: Vec<Kind>, right: Vec<Kind>| {
            let met = |kind: &Kind| right.iter().find_map(|other| kind.intersection(*other));
            left.iter().filter_map(met).collect()
        };
        said.reduce(intersection)
            .unwrap_or_else(|| vec![self.implied_kind()])
    }

    fn implied_kind(&self) -> Kind {
        let has_true = |keywords: &str| {
            let mut keywords = keywords.split(' ');
            keywords.any(|keyword| self.parts.iter().any(|part| part.contains_key(keyword)))
        };
        if has_true("properties required additionalProperties patternProperties propertyNames")
            || has_true("minProperties maxProperties")
        {
            Kind::Object
        } else if has_true("items prefixItems minItems maxItems uniqueItems") {
            Kind::Array
        } else if has_true("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf") {
            Kind::Number
        } else {
            Kind::String
        }
    }

    /// Whether what is shaped so does not travel this way.
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

    /// What `enum` and `const` leave but null, if they are there.
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

    /// What holds for a member: in each part, what names it, or else what is said of the rest.
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

    /// Whether members beyond those named may come, about which nothing is said.
    pub(super) fn is_open(&self) -> bool {
        let keywords = [
            "additionalProperties",
            "unevaluatedProperties",
            "propertyNames",
        ];
        let mut said = keywords
            .into_iter()
            .flat_map(|keyword| self.values_of(keyword));
        let of_unknown = self.property("xUnknownMember");
        said.all(|schema| schema == &Value::Bool(true)) && of_unknown.iter().all(|s| s.is_boolean())
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

/// A number of characters, items or members; fractions are cut off.
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

    /// The narrower of two kinds, if they have a value in common.
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
