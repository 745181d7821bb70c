//! JSON instances of OpenAPI schemas, made up from the constraints alone.
//!
//! Tests want values that a schema allows (does the generated type decode them?) and values that
//! lie just outside it (does the client outlive a new enum value, an unknown member?); the mock
//! server wants something plausible to answer. Both want the same bytes every time, so nothing
//! here is random: a value follows from its schema, the name of its member and its index.
//! `example`, `examples` and `default` are not looked at, for they are often wrong.
//!
//! OpenAPI 3.0 and 3.1 go through the same code. A place in the instance is held to a list of
//! schemas; a `Shape` is that list with `$ref` followed and `allOf` spread out, the choices of
//! `oneOf` and `anyOf` still open. What stands beside a `$ref` counts, except in documents that
//! say they are 3.0, where the standard has it ignored.
//!
//! Null is read the way authors mean it: `nullable: true` adds it to whatever its schema says
//! (`allOf` and `enum` included, in 3.1 too), an `enum` of nothing but null allows it whatever the
//! `type`, and it is not allowed merely because nothing forbids it.
//!
//! Not looked at: `not`, `if`, `contains`, `dependent…`, `unevaluatedItems`, and whether a branch
//! of a `oneOf` also fits another one. Of several types the first is taken. Variations within a
//! branch other than the first are not tried, since they would be two changes.

use std::collections::BTreeSet;
use std::fmt;

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde_json::{Map, Number, Value};

/// A `$ref` is followed this often on the way from the top of an instance to one of its leaves.
const REPEATS: usize = 2;
/// No place lies deeper than this, whatever the schema: it bounds the stack.
const DEEPEST: usize = 64;
/// No walk visits more places than this, and no string or array is longer.
const LARGEST: usize = 100_000;
/// How far beyond the shortest possible text a pattern is explored.
const SLACK: usize = 16;
/// No text for a pattern is longer than this, for the sake of time.
const LONGEST: usize = 2_000;

/// Which way a value travels: `readOnly` members are left out of requests, `writeOnly` ones out
/// of answers, both even where they are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Answer,
}

/// What sets an instance apart. Every `pointer` is a JSON pointer into the instance; all but
/// `Least` differ from `Most` at that one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variation {
    /// Required members only, everything as short and small as allowed.
    Least,
    /// Every member, arrays with items, strings with text.
    Most,
    /// Another value of the `enum` at this place.
    EnumValue {
        /// Where.
        pointer: String,
        /// Which.
        value: Value,
    },
    /// A string that the `enum` at this place does not list; answers only.
    UnknownEnumValue {
        /// Where.
        pointer: String,
    },
    /// A member more in the object at this place than its schema knows; answers only.
    UnknownMember {
        /// Where the object is, not the member.
        pointer: String,
    },
    /// Null at a place that allows it.
    Null {
        /// Where.
        pointer: String,
    },
    /// Another branch of the `oneOf` or `anyOf` at this place.
    Branch {
        /// Where.
        pointer: String,
        /// Index of the branch; a second `oneOf` or `anyOf` at the same place counts on from the first.
        index: usize,
    },
}

impl Variation {
    /// The place of the change, `""` for the top.
    fn pointer(&self) -> &str {
        match self {
            Self::Least | Self::Most => "",
            Self::EnumValue { pointer, .. }
            | Self::UnknownEnumValue { pointer }
            | Self::UnknownMember { pointer }
            | Self::Null { pointer }
            | Self::Branch { pointer, .. } => pointer,
        }
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Least => return f.write_str("least"),
            Self::Most => return f.write_str("most"),
            Self::EnumValue { value, .. } => write!(f, "enum value {value}")?,
            Self::UnknownEnumValue { .. } => f.write_str("unknown enum value")?,
            Self::UnknownMember { .. } => f.write_str("unknown member")?,
            Self::Null { .. } => f.write_str("null")?,
            Self::Branch { index, .. } => write!(f, "branch {index}")?,
        }
        write!(f, " at {}", place_name(self.pointer()))
    }
}

/// One value and what it is there to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// What sets it apart.
    pub variation: Variation,
    /// The value itself.
    pub value: Value,
}

/// No instance: either none exists, or this module cannot make one. `Display` says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// Where in the instance (not in the schema), as a JSON pointer.
    pub pointer: String,
    /// The schema keyword that stands in the way.
    pub keyword: &'static str,
    /// What about it.
    pub reason: String,
    blame: Blame,
}

/// Whose fault it is. What the schema rules out may be left out where it is optional; what is
/// beyond this module must be said, or tests would silently cover less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    Schema,
    Generator,
}

impl fmt::Display for Unsatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.blame {
            Blame::Schema => "no value is possible",
            Blame::Generator => "cannot make a value",
        };
        let (place, keyword) = (place_name(&self.pointer), self.keyword);
        write!(f, "{outcome} at {place}: {keyword}: {}", self.reason)
    }
}

impl std::error::Error for Unsatisfiable {}

fn place_name(pointer: &str) -> &str {
    if pointer.is_empty() {
        "the top"
    } else {
        pointer
    }
}

/// Makes instances of the schemas of one document.
///
/// A schema that says nothing (`{}`, `true`) is given a string; one without `type` is given what
/// its other keywords speak of. Nullable places are null only in [`Variation::Null`].
#[derive(Debug, Clone, Copy)]
pub struct Generator<'a> {
    root: &'a Value,
    direction: Direction,
}

impl<'a> Generator<'a> {
    /// `root` is the whole OpenAPI document: every `$ref` is a pointer into it.
    pub fn new(root: &'a Value, direction: Direction) -> Self {
        Self { root, direction }
    }

    /// Required members only, the shortest arrays and strings, the smallest numbers: the
    /// `minimum`, or 0 where there is none.
    ///
    /// # Errors
    /// If no instance exists, or none can be made. Does not panic.
    pub fn least(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        Walk::new(self, Size::Least, None).value(&[schema], &Place::top())
    }

    /// Every member, arrays of one or two items, strings that say where they are. The first
    /// branch of a choice that can be satisfied, the first value of an enum. An optional member
    /// that no value is possible for, or that recursion makes endless, is left out.
    ///
    /// # Errors
    /// If no instance exists, or none can be made. Does not panic.
    pub fn most(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        Walk::new(self, Size::Most, None).value(&[schema], &Place::top())
    }

    /// `least`, `most`, then `most` with one change at one place, once for every such change.
    /// In arrays only the first item is varied; a branch that no value is possible for is left out.
    ///
    /// # Errors
    /// If no instance exists, or one cannot be made. Does not panic.
    pub fn all(&self, schema: &Value) -> Result<Vec<Instance>, Unsatisfiable> {
        let least = self.least(schema)?;
        let mut walk = Walk::new(self, Size::Most, Some(Vec::new()));
        let most = walk.value(&[schema], &Place::top())?;
        let changed = walk.changes.into_iter().flatten().map(|change| {
            let mut value = most.clone();
            change.apply(&mut value, change.variation.pointer());
            Instance {
                variation: change.variation,
                value,
            }
        });
        let mut instances: Vec<Instance> = changed.collect();
        let ends = [(Variation::Least, least), (Variation::Most, most)];
        let ends = ends.map(|(variation, value)| Instance { variation, value });
        instances.splice(0..0, ends);
        Ok(instances)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Least,
    Most,
}

/// A possible departure from `most`, and the value that it puts at its place.
struct Change {
    variation: Variation,
    value: Value,
}

impl Change {
    /// `pointer` leads from `whole` to the place, which need not be the variation's own pointer:
    /// `whole` may be a part of the instance.
    fn apply(&self, whole: &mut Value, pointer: &str) {
        match (whole.pointer_mut(pointer), &self.variation) {
            (Some(Value::Object(members)), Variation::UnknownMember { .. }) => {
                members.insert(unlisted("xUnknownMember", members), self.value.clone());
            }
            (Some(slot), _) => *slot = self.value.clone(),
            (None, _) => {}
        }
    }
}

/// `name`, or a longer one if an object has it already.
fn unlisted(name: &str, members: &Map<String, Value>) -> String {
    let mut name = name.to_owned();
    while members.contains_key(&name) {
        name.push('X');
    }
    name
}

/// A place in the instance, and how the walk came there.
struct Place<'s> {
    pointer: String,
    /// Name of the nearest member, which strings are derived from.
    name: String,
    /// Sets apart what shares a name: items of one array, or another try for a unique item.
    ordinal: usize,
    /// The `$ref`s followed above this place.
    trail: Vec<&'s str>,
}

impl<'s> Place<'s> {
    fn top() -> Self {
        Self {
            pointer: String::new(),
            name: String::new(),
            ordinal: 0,
            trail: Vec::new(),
        }
    }

    fn below(&self, shape: &Shape<'s>, segment: &str, name: &str, ordinal: usize) -> Self {
        let segment = segment.replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{segment}", self.pointer),
            name: name.to_owned(),
            ordinal,
            trail: [&self.trail[..], &shape.refs].concat(),
        }
    }

    fn depth(&self) -> usize {
        self.pointer.matches('/').count()
    }

    /// The same number for the same name, whatever machine, whatever day (FNV-1a).
    fn hash(&self) -> u64 {
        let bytes = self.name.bytes();
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// How far above the least this value lies; never the same for two ordinals in a row.
    fn lift(&self, size: Size) -> usize {
        match size {
            Size::Least => self.ordinal,
            Size::Most => self.ordinal + 1 + 2 * (self.hash() % 10) as usize,
        }
    }

    /// "2" for the second, so that a number in a text counts as people do.
    fn suffix(&self) -> String {
        match self.ordinal {
            0 => String::new(),
            ordinal => (ordinal + 1).to_string(),
        }
    }

    /// The name in lower case, digits and dashes, fit for a host name.
    fn slug(&self) -> String {
        let mut slug = String::new();
        for c in self.name.chars() {
            if c.is_ascii_uppercase() && slug.ends_with(|c: char| c.is_ascii_lowercase()) {
                slug.push('-');
            }
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
                _ if slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        slug.truncate(32);
        match slug.trim_matches('-') {
            "" => format!("text{}", self.suffix()),
            slug => format!("{slug}{}", self.suffix()),
        }
    }

    fn impossible(&self, keyword: &'static str, reason: impl Into<String>) -> Unsatisfiable {
        self.error(Blame::Schema, keyword, reason)
    }

    fn unsupported(&self, keyword: &'static str, reason: impl Into<String>) -> Unsatisfiable {
        self.error(Blame::Generator, keyword, reason)
    }

    fn error(
        &self,
        blame: Blame,
        keyword: &'static str,
        reason: impl Into<String>,
    ) -> Unsatisfiable {
        let (pointer, reason) = (self.pointer.clone(), reason.into());
        Unsatisfiable {
            pointer,
            keyword,
            reason,
            blame,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// The kinds but null, which [`Shape::null`] keeps.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
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
    fn meet(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Some(Self::Integer),
            _ => (self == other).then_some(self),
        }
    }

    fn has(self, value: &Value) -> bool {
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

/// Everything that holds at one place.
#[derive(Clone, Default)]
struct Shape<'s> {
    /// Schemas that hold all at once, their `$ref` and `allOf` spread out into this list.
    parts: Vec<&'s Map<String, Value>>,
    choices: Vec<Choice<'s>>,
    /// Whether null is allowed, if anything was said about it.
    null: Option<bool>,
    /// The schema `false` is among them.
    never: bool,
    refs: Vec<&'s str>,
    /// Members that tell the branches of a choice apart, and what they say for the one taken.
    tags: Vec<(&'s str, String)>,
}

/// A `oneOf` or `anyOf` still to be decided.
#[derive(Clone, Copy)]
struct Choice<'s> {
    branches: &'s [Value],
    discriminator: Option<&'s Value>,
    /// `nullable: true` stands beside it.
    nullable: bool,
}

impl<'s> Shape<'s> {
    fn each(&self, keyword: &'static str) -> impl Iterator<Item = &'s Value> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    fn says(&self, keyword: &'static str) -> bool {
        self.each(keyword).any(|value| value == &Value::Bool(true))
    }

    fn texts(&self, keyword: &'static str) -> impl Iterator<Item = &'s str> {
        self.each(keyword).filter_map(Value::as_str)
    }

    /// The strictest of a `min…` keyword that counts something.
    fn at_least(&self, keyword: &'static str) -> usize {
        self.each(keyword).filter_map(count).max().unwrap_or(0)
    }

    fn at_most(&self, keyword: &'static str) -> usize {
        let counts = self.each(keyword).filter_map(count);
        counts.min().unwrap_or(usize::MAX)
    }

    /// The limits of one side, each with whether it is excluded itself: by a boolean beside it
    /// (3.0) or by being `exclusive…` itself (3.1).
    fn limits(&self, plain: &str, exclusive: &str) -> Vec<(&'s Number, bool)> {
        let mut limits = Vec::new();
        for part in &self.parts {
            if let Some(Value::Number(limit)) = part.get(plain) {
                limits.push((limit, part.get(exclusive) == Some(&Value::Bool(true))));
            }
            if let Some(Value::Number(limit)) = part.get(exclusive) {
                limits.push((limit, true));
            }
        }
        limits
    }

    /// The step that satisfies every `multipleOf`, if there is one.
    fn step(&self, start: Option<f64>) -> Option<f64> {
        let steps = self.each("multipleOf").filter_map(Value::as_f64);
        steps
            .filter(|step| *step > 0.0)
            .fold(start, |common, step| {
                let Some(common) = common else {
                    return Some(step);
                };
                let multiples = (1..=1000).map(|n| f64::from(n) * common);
                let mut fitting = multiples.filter(|multiple| is_multiple(*multiple, step));
                fitting.next().or(Some(common * step))
            })
    }

    /// What `type` leaves, or else what the other keywords speak of; empty if nothing but null.
    fn kinds(&self) -> Vec<Kind> {
        let said = self.each("type").map(|names| match names {
            Value::Array(names) => names.iter().filter_map(as_kind).collect::<Vec<_>>(),
            name => as_kind(name).into_iter().collect(),
        });
        let meet = |left: Vec<Kind>, right: Vec<Kind>| {
            let pairs = left
                .iter()
                .map(|kind| right.iter().find_map(|r| kind.meet(*r)));
            pairs.flatten().collect()
        };
        said.reduce(meet)
            .unwrap_or_else(|| vec![self.implied_kind()])
    }

    fn is_null_only(&self) -> bool {
        let values = self.values();
        let nothing_else = values.map_or(self.kinds().is_empty(), |values| values.is_empty());
        self.null == Some(true) && nothing_else
    }

    fn implied_kind(&self) -> Kind {
        const HINTS: [(&str, Kind); 4] = [
            (
                "properties required additionalProperties patternProperties",
                Kind::Object,
            ),
            ("minProperties maxProperties propertyNames", Kind::Object),
            (
                "items prefixItems minItems maxItems uniqueItems",
                Kind::Array,
            ),
            (
                "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
                Kind::Number,
            ),
        ];
        let said = |keyword| self.parts.iter().any(|part| part.contains_key(keyword));
        let hint = HINTS
            .iter()
            .find(|(keywords, _)| keywords.split(' ').any(said));
        hint.map_or(Kind::String, |(_, kind)| *kind)
    }

    /// What `enum` and `const` leave but null, if they are there.
    fn values(&self) -> Option<Vec<&'s Value>> {
        let enums = self.each("enum").filter_map(Value::as_array);
        let enums = enums.map(|values| values.iter().collect::<Vec<_>>());
        let consts = self.each("const").map(|value| vec![value]);
        let mut values = enums.chain(consts).reduce(|mut left, right| {
            left.retain(|value| right.contains(value));
            left
        })?;
        let typed = self.each("type").next().is_some();
        let kinds = self.kinds();
        values.retain(|value| !value.is_null());
        values.retain(|value| !typed || kinds.iter().any(|kind| kind.has(value)));
        Some(values)
    }

    /// What holds for a member: in each part, what names it, or else what is said of the rest.
    fn member(&self, name: &str) -> Vec<&'s Value> {
        let mut schemas = Vec::new();
        for part in &self.parts {
            let before = schemas.len();
            schemas.extend(object_at(part, "properties").and_then(|members| members.get(name)));
            let patterned = object_at(part, "patternProperties").into_iter().flatten();
            let letters: Vec<char> = name.chars().collect();
            let matching = patterned.filter(|(pattern, _)| {
                Pattern::parse(pattern).is_ok_and(|pattern| pattern.matches(&letters))
            });
            schemas.extend(matching.map(|(_, schema)| schema));
            if schemas.len() == before {
                schemas.extend(part.get("additionalProperties"));
            }
        }
        schemas
    }

    /// What a member must say for the branch that was taken, unless its own schema knows better.
    fn tag(&self, member: &Member<'_>) -> Option<Value> {
        let (_, tag) = self.tags.iter().find(|(name, _)| *name == member.name)?;
        let tag = Value::from(tag.as_str());
        let values = member.shape.values();
        let listed = values.is_none_or(|values| values.contains(&&tag));
        (listed && member.shape.choices.is_empty()).then_some(tag)
    }

    fn item(&self, index: usize) -> Vec<&'s Value> {
        let of_part = |part: &&'s Map<String, Value>| {
            let first = part.get("prefixItems").and_then(|items| items.get(index));
            first.or_else(|| part.get("items"))
        };
        self.parts.iter().filter_map(of_part).collect()
    }
}

fn count(value: &Value) -> Option<usize> {
    let count = value
        .as_u64()
        .or_else(|| value.as_f64().map(|count| count as u64))?;
    usize::try_from(count).ok()
}

fn as_kind(name: &Value) -> Option<Kind> {
    Kind::named(name.as_str()?)
}

fn object_at<'s>(part: &'s Map<String, Value>, keyword: &str) -> Option<&'s Map<String, Value>> {
    part.get(keyword)?.as_object()
}

/// What a schema by itself says about null.
fn own_null(part: &Map<String, Value>) -> Option<bool> {
    let of_type = part.get("type").map(|names| match names {
        Value::Array(names) => names.iter().any(|name| name == "null"),
        name => name == "null",
    });
    let values = part.get("enum").and_then(Value::as_array);
    if values.is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null)) {
        return Some(true);
    }
    let of_enum = values.map(|values| values.contains(&Value::Null));
    let of_const = part.get("const").map(Value::is_null);
    both(both(of_type, of_enum), of_const)
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left && right),
        _ => left.or(right),
    }
}

/// One pass over a schema, making one instance.
struct Walk<'s> {
    root: &'s Value,
    direction: Direction,
    size: Size,
    /// OpenAPI 3.0 says that what stands beside a `$ref` shall be ignored.
    refs_stand_alone: bool,
    /// Changes that could be made, while they are being collected.
    changes: Option<Vec<Change>>,
    places: usize,
}

impl<'s> Walk<'s> {
    fn new(generator: &Generator<'s>, size: Size, changes: Option<Vec<Change>>) -> Self {
        let version = generator.root.get("openapi").and_then(Value::as_str);
        Self {
            root: generator.root,
            direction: generator.direction,
            size,
            refs_stand_alone: version.is_some_and(|version| version.starts_with("3.0")),
            changes,
            places: 0,
        }
    }

    fn value(&mut self, schemas: &[&'s Value], place: &Place<'s>) -> Result<Value, Unsatisfiable> {
        let shape = self.shape(schemas, place)?;
        self.fill(shape, place)
    }

    fn fill(&mut self, shape: Shape<'s>, place: &Place<'s>) -> Result<Value, Unsatisfiable> {
        self.places += 1;
        if self.places > LARGEST {
            let reason = format!("the instance has more than {LARGEST} places");
            return Err(place.unsupported("$ref", reason));
        }
        let mark = self.mark();
        let null = self.changes.is_some() && self.allows_null(&shape, place);
        let value = self.choose(shape, place, 0);
        match &value {
            Ok(value) if null && !value.is_null() => {
                let pointer = place.pointer.clone();
                self.record(Value::Null, || Variation::Null { pointer });
            }
            Ok(_) => {}
            Err(_) => self.forget_since(mark),
        }
        value
    }

    fn shape(&self, schemas: &[&'s Value], place: &Place<'s>) -> Result<Shape<'s>, Unsatisfiable> {
        let mut shape = Shape::default();
        for schema in schemas {
            self.add(&mut shape, schema, place, &mut Vec::new())?;
        }
        Ok(shape)
    }

    /// Holds `shape` to one schema more. `open` are the `$ref`s being followed right now.
    fn add(
        &self,
        shape: &mut Shape<'s>,
        schema: &'s Value,
        place: &Place<'s>,
        open: &mut Vec<&'s str>,
    ) -> Result<(), Unsatisfiable> {
        let part = match schema {
            Value::Object(part) => part,
            Value::Bool(allowed) => {
                shape.never |= !allowed;
                return Ok(());
            }
            _ => return Err(place.unsupported("schema", "neither an object nor a boolean")),
        };
        let null_before = shape.null;
        if let Some(target) = part.get("$ref").and_then(Value::as_str) {
            self.follow(shape, target, place, open)?;
            if self.refs_stand_alone {
                return Ok(());
            }
        }
        let all = part.get("allOf").and_then(Value::as_array);
        for schema in all.into_iter().flatten() {
            self.add(shape, schema, place, open)?;
        }
        let nullable = part.get("nullable") == Some(&Value::Bool(true));
        for keyword in ["oneOf", "anyOf"] {
            if let Some(branches) = part.get(keyword).and_then(Value::as_array) {
                shape.choices.push(Choice {
                    branches,
                    discriminator: part.get("discriminator"),
                    nullable,
                });
            }
        }
        shape.null = both(shape.null, own_null(part));
        if nullable {
            shape.null = both(null_before, Some(true));
        }
        shape.parts.push(part);
        Ok(())
    }

    fn follow(
        &self,
        shape: &mut Shape<'s>,
        target: &'s str,
        place: &Place<'s>,
        open: &mut Vec<&'s str>,
    ) -> Result<(), Unsatisfiable> {
        let times = place.trail.iter().filter(|seen| **seen == target).count();
        if open.contains(&target) || times >= REPEATS || place.depth() > DEEPEST {
            return Err(place.impossible("$ref", format!("{target} has no end")));
        }
        if shape.refs.contains(&target) {
            return Ok(());
        }
        if shape.refs.len() > DEEPEST {
            return Err(place.unsupported("$ref", format!("{target} comes after too many others")));
        }
        let fragment = target.strip_prefix('#').map(percent_decoded);
        let Some(schema) = fragment.and_then(|pointer| self.root.pointer(&pointer)) else {
            return Err(place.unsupported("$ref", format!("{target} does not resolve")));
        };
        shape.refs.push(target);
        open.push(target);
        self.add(shape, schema, place, open)?;
        open.pop();
        Ok(())
    }

    /// Whether null is expressly allowed, by the shape itself and by each of its choices.
    fn allows_null(&self, shape: &Shape<'s>, place: &Place<'s>) -> bool {
        let by_branch = |branch: &'s Value| {
            let mut only = Shape {
                refs: shape.refs.clone(),
                ..Shape::default()
            };
            let added = self.add(&mut only, branch, place, &mut Vec::new());
            added.is_ok() && self.allows_null(&only, place)
        };
        let by_choice =
            |choice: &Choice<'s>| choice.nullable || choice.branches.iter().any(by_branch);
        let said = shape.null == Some(true) || !shape.choices.is_empty();
        said && !shape.never && shape.null != Some(false) && shape.choices.iter().all(by_choice)
    }

    /// Settles the first choice left, and so the others in turn. `numbered` branches at this
    /// place came before it.
    fn choose(
        &mut self,
        mut shape: Shape<'s>,
        place: &Place<'s>,
        numbered: usize,
    ) -> Result<Value, Unsatisfiable> {
        if shape.choices.is_empty() {
            return self.plain(&shape, place);
        }
        let choice = shape.choices.remove(0);
        let next = numbered + choice.branches.len();
        let mut chosen = None;
        let mut obstacle = place.impossible("oneOf", "there is no branch but null");
        for (index, branch) in choice.branches.iter().enumerate() {
            if chosen.is_some() && self.changes.is_none() {
                break;
            }
            let mark = self.mark();
            let value = match self.with_branch(&shape, choice, branch, place) {
                Ok(taken) if taken.is_null_only() => continue,
                Ok(taken) if chosen.is_none() => self.choose(taken, place, next),
                Ok(taken) => self.quietly(|walk| walk.choose(taken, place, next)),
                Err(error) => Err(error),
            };
            match value {
                Ok(value) if chosen.is_none() => chosen = Some(value),
                Ok(value) => self.record(value, || Variation::Branch {
                    pointer: place.pointer.clone(),
                    index: numbered + index,
                }),
                Err(error) if error.blame == Blame::Schema => {
                    self.forget_since(mark);
                    obstacle = error;
                }
                Err(error) => return Err(error),
            }
        }
        if chosen.is_none() {
            shape.choices.insert(0, choice);
            chosen = self.allows_null(&shape, place).then_some(Value::Null);
        }
        chosen.ok_or(obstacle)
    }

    fn with_branch(
        &self,
        shape: &Shape<'s>,
        choice: Choice<'s>,
        branch: &'s Value,
        place: &Place<'s>,
    ) -> Result<Shape<'s>, Unsatisfiable> {
        let mut taken = shape.clone();
        let target = branch.get("$ref").and_then(Value::as_str);
        if target.is_some_and(|target| shape.refs.contains(&target)) {
            return Err(place.impossible("oneOf", "a branch leads back to its own choice"));
        }
        self.add(&mut taken, branch, place, &mut Vec::new())?;
        if let (Some(discriminator), Some(target)) = (choice.discriminator, target)
            && let Some(member) = discriminator.get("propertyName").and_then(Value::as_str)
        {
            taken.tags.push((member, tag(discriminator, target)));
        }
        Ok(taken)
    }

    /// Without collecting changes.
    fn quietly<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let changes = self.changes.take();
        let outcome = act(self);
        self.changes = changes;
        outcome
    }

    fn record(&mut self, value: Value, variation: impl FnOnce() -> Variation) {
        if let Some(changes) = &mut self.changes {
            let variation = variation();
            changes.push(Change { variation, value });
        }
    }

    /// How many changes there are, so that those of an attempt that fails can be forgotten.
    fn mark(&self) -> usize {
        self.changes.as_ref().map_or(0, Vec::len)
    }

    fn forget_since(&mut self, mark: usize) {
        if let Some(changes) = &mut self.changes {
            changes.truncate(mark);
        }
    }

    /// A value of a shape without choices.
    fn plain(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value, Unsatisfiable> {
        if shape.never {
            return Err(place.impossible("schema", "false allows nothing"));
        }
        let null = shape.null == Some(true);
        match shape.values() {
            Some(values) if !values.is_empty() => return Ok(self.listed(&values, place)),
            Some(_) if null => return Ok(Value::Null),
            Some(_) => return Err(place.impossible("enum", "no value is left")),
            None => {}
        }
        let kinds = shape.kinds();
        let Some(kind) = kinds.first() else {
            let nothing = place.impossible("type", "no type is left");
            return null.then_some(Value::Null).ok_or(nothing);
        };
        match kind {
            Kind::Boolean => {
                let odd = place.ordinal % 2 == 1;
                Ok(Value::Bool(odd != (self.size == Size::Most)))
            }
            Kind::Number if !shape.texts("format").any(is_integer_format) => {
                number(shape, place, self.size)
            }
            Kind::Integer | Kind::Number => integer(shape, place, self.size),
            Kind::String => text(shape, place, self.size).map(Value::String),
            Kind::Array => self.array(shape, place),
            Kind::Object => self.object(shape, place),
        }
    }

    /// One of the values of an enum, which are at least one.
    fn listed(&mut self, values: &[&Value], place: &Place<'s>) -> Value {
        let index = place.ordinal % values.len();
        for other in (0..values.len()).filter(|other| *other != index) {
            let value = values[other].clone();
            self.record(value.clone(), || Variation::EnumValue {
                pointer: place.pointer.clone(),
                value,
            });
        }
        let open = self.direction == Direction::Answer && values.len() > 1;
        if open && values.iter().all(|value| value.is_string()) {
            let mut unknown = "UNKNOWN_VALUE".to_owned();
            while values.iter().any(|value| **value == *unknown) {
                unknown.push('X');
            }
            let pointer = place.pointer.clone();
            self.record(unknown.into(), || Variation::UnknownEnumValue { pointer });
        }
        values[index].clone()
    }

    fn array(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value, Unsatisfiable> {
        let least = shape.at_least("minItems");
        let most = shape.at_most("maxItems");
        if least > most {
            return Err(place.impossible("minItems", format!("{least} is above maxItems {most}")));
        }
        if least > LARGEST {
            return Err(place.unsupported("minItems", format!("{least} items are too many")));
        }
        let prefix = shape.each("prefixItems").filter_map(Value::as_array);
        let prefix = prefix.map(Vec::len).max().unwrap_or(0);
        let wanted = match self.size {
            Size::Least => least,
            // A tree of arrays of two doubles with every level.
            Size::Most if place.depth() > 3 => least.max(prefix).max(1).min(most),
            Size::Most => least.max(prefix).max(2).min(most),
        };
        let mark = self.mark();
        let mut items = Vec::new();
        while items.len() < wanted {
            match self.item(shape, place, &items) {
                Ok(item) => items.push(item),
                Err(error) if error.blame == Blame::Schema && items.len() >= least => break,
                Err(error) => return Err(error),
            }
        }
        if shape.says("uniqueItems") {
            self.keep_unique(&items, place, mark);
        }
        Ok(Value::Array(items))
    }

    /// The item after those in `items`, other than they if items must be unique.
    fn item(
        &mut self,
        shape: &Shape<'s>,
        place: &Place<'s>,
        items: &[Value],
    ) -> Result<Value, Unsatisfiable> {
        let index = items.len();
        let schemas = shape.item(index);
        let unique = shape.says("uniqueItems");
        let tries = if unique { index + SLACK } else { 1 };
        for attempt in 0..tries {
            let ordinal = place.ordinal + index + attempt;
            let below = place.below(shape, &index.to_string(), &place.name, ordinal);
            let item = if index == 0 {
                self.value(&schemas, &below)?
            } else {
                self.quietly(|walk| walk.value(&schemas, &below))?
            };
            if !unique || !items.contains(&item) {
                return Ok(item);
            }
        }
        Err(place.impossible(
            "uniqueItems",
            format!("there are not more than {index} items"),
        ))
    }

    /// Forgets the changes since `mark` that would make the first item equal to another one.
    fn keep_unique(&mut self, items: &[Value], place: &Place<'s>, mark: usize) {
        let Some(changes) = &mut self.changes else {
            return;
        };
        let made = changes.split_off(mark);
        changes.extend(made.into_iter().filter(|change| {
            let mut changed = Value::Array(items.to_vec());
            // Everything since `mark` lies below this place, so its pointer begins with this one.
            let pointer = change.variation.pointer().get(place.pointer.len()..);
            change.apply(&mut changed, pointer.unwrap_or_default());
            let mut others = items.iter().skip(1);
            !others.any(|item| changed.get(0) == Some(item))
        }));
    }

    fn object(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value, Unsatisfiable> {
        let least = shape.at_least("minProperties");
        let most = shape.at_most("maxProperties");
        if least > LARGEST {
            return Err(place.unsupported("minProperties", format!("{least} are too many")));
        }
        let members = self.members(shape, place)?;
        let required = members.iter().filter(|member| member.required).count();
        let wanted = match self.size {
            Size::Least => least.saturating_sub(required),
            Size::Most => most.saturating_sub(required),
        };
        let mut optional = 0;
        let mut object = Map::new();
        for member in members {
            if !member.required && optional == wanted {
                continue;
            }
            let value = match shape.tag(&member) {
                Some(tag) => Ok(tag),
                None => self.fill(member.shape, &member.place),
            };
            match value {
                Ok(value) => {
                    optional += usize::from(!member.required);
                    object.insert(member.name.to_owned(), value);
                }
                Err(error) if error.blame == Blame::Schema && !member.required => {}
                Err(error) => return Err(error),
            }
        }
        self.add_unnamed(shape, place, &mut object, least, most)?;
        if object.len() < least || object.len() > most {
            let reason = format!("{} members, not {least} to {most}", object.len());
            return Err(place.impossible("minProperties", reason));
        }
        if self.direction == Direction::Answer && object.len() < most && is_open(shape) {
            let pointer = place.pointer.clone();
            self.record("unknown".into(), || Variation::UnknownMember { pointer });
        }
        Ok(Value::Object(object))
    }

    /// The members that a shape names and that travel this way, in the order it names them.
    fn members(
        &self,
        shape: &Shape<'s>,
        place: &Place<'s>,
    ) -> Result<Vec<Member<'s>>, Unsatisfiable> {
        let tags = shape.tags.iter().map(|(name, _)| *name);
        let required = shape.each("required").filter_map(Value::as_array).flatten();
        let required: Vec<&str> = required.filter_map(Value::as_str).chain(tags).collect();
        let named = shape.each("properties").filter_map(Value::as_object);
        let named = named.flat_map(Map::keys).map(String::as_str);
        let mut names: Vec<&str> = Vec::new();
        for name in named.chain(required.iter().copied()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut members = Vec::new();
        for name in names {
            let required = required.contains(&name);
            let below = place.below(shape, name, name, place.ordinal);
            let member_shape = match self.shape(&shape.member(name), &below) {
                Ok(member_shape) => member_shape,
                Err(error) if error.blame == Blame::Schema && !required => continue,
                Err(error) => return Err(error),
            };
            let stays_behind = match self.direction {
                Direction::Request => member_shape.says("readOnly"),
                Direction::Answer => member_shape.says("writeOnly"),
            };
            if !stays_behind {
                members.push(Member {
                    name,
                    required,
                    shape: member_shape,
                    place: below,
                });
            }
        }
        Ok(members)
    }

    /// Members that are allowed without being named: one for each `patternProperties` and for an
    /// `additionalProperties` schema in `most`, and as many as `minProperties` asks for.
    fn add_unnamed(
        &mut self,
        shape: &Shape<'s>,
        place: &Place<'s>,
        object: &mut Map<String, Value>,
        least: usize,
        most: usize,
    ) -> Result<(), Unsatisfiable> {
        let patterned = shape.each("patternProperties").filter_map(Value::as_object);
        let patterns = patterned.flat_map(Map::keys).map(String::as_str);
        let mapped = shape.each("additionalProperties").any(Value::is_object);
        let generous = self.size == Size::Most;
        let sources = patterns.map(Some).chain(mapped.then_some(None));
        let sources = sources.filter(|_| generous).map(|source| (source, true));
        let reserve = std::iter::repeat_n((None, false), least.saturating_add(SLACK));
        for (tried, (pattern, wanted)) in sources.chain(reserve).enumerate() {
            if object.len() >= most || (!wanted && object.len() >= least) {
                break;
            }
            let Some(key) = self.key(shape, place, pattern, tried)? else {
                break;
            };
            if object.contains_key(&key) {
                continue;
            }
            let below = place.below(shape, &key, &key, place.ordinal + tried);
            match self.value(&shape.member(&key), &below) {
                Ok(value) => {
                    object.insert(key, value);
                }
                Err(error) if error.blame == Blame::Schema => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A name for a member that has none, by `propertyNames` or a pattern where there is one.
    fn key(
        &mut self,
        shape: &Shape<'s>,
        place: &Place<'s>,
        pattern: Option<&str>,
        tried: usize,
    ) -> Result<Option<String>, Unsatisfiable> {
        let mut below = place.below(shape, "", "key", tried);
        below.pointer.clone_from(&place.pointer);
        if let Some(pattern) = pattern {
            let (least, most) = (0, LARGEST);
            let lengths = Lengths { least, most };
            let patterns = [parsed(pattern, &below)?];
            return patterned_text(&patterns, lengths, &below, self.size).map(Some);
        }
        let names: Vec<&Value> = shape.each("propertyNames").collect();
        if names.is_empty() {
            return Ok(Some(format!("key{}", below.suffix())));
        }
        match self.quietly(|walk| walk.value(&names, &below)) {
            Ok(key) => Ok(key.as_str().map(str::to_owned)),
            Err(error) if error.blame == Blame::Schema => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A member that an object may be given.
struct Member<'s> {
    name: &'s str,
    required: bool,
    shape: Shape<'s>,
    place: Place<'s>,
}

/// Whether members beyond those named may come, about which nothing is said.
fn is_open(shape: &Shape<'_>) -> bool {
    let of_rest = shape.each("additionalProperties");
    let mut said = of_rest
        .chain(shape.each("unevaluatedProperties"))
        .chain(shape.each("propertyNames"));
    let of_unknown = shape.member("xUnknownMember");
    said.all(|schema| schema == &Value::Bool(true)) && of_unknown.iter().all(|s| s.is_boolean())
}

/// What the discriminating member says for a branch: its key in `mapping`, or its schema's name.
fn tag(discriminator: &Value, target: &str) -> String {
    let name = target.rsplit('/').next().unwrap_or(target);
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut mapping = mapping.into_iter().flatten();
    let mapped = mapping.find(|(_, to)| to.as_str().is_some_and(|to| to == target || to == name));
    mapped.map_or(name, |(key, _)| key).to_owned()
}

/// A URI fragment as it was before it was escaped; a stray `%` stands for itself.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_integer_format(format: &str) -> bool {
    let format = format.strip_prefix('u').unwrap_or(format);
    format.trim_start_matches('-').starts_with("int")
}

/// The first values upwards from the lowest, or downwards from the highest if that is below 0.
fn integer(shape: &Shape<'_>, place: &Place<'_>, size: Size) -> Result<Value, Unsatisfiable> {
    let lower = shape.limits("minimum", "exclusiveMinimum").into_iter();
    let lower = lower.map(|(limit, excluded)| match exact(limit) {
        Some(limit) => limit + i128::from(excluded),
        None => whole(limit.as_f64().unwrap_or_default().ceil()),
    });
    let upper = shape.limits("maximum", "exclusiveMaximum").into_iter();
    let upper = upper.map(|(limit, excluded)| match exact(limit) {
        Some(limit) => limit - i128::from(excluded),
        None => whole(limit.as_f64().unwrap_or_default().floor()),
    });
    let (lower, upper) = (lower.max(), upper.min());
    let step = whole(shape.step(Some(1.0)).unwrap_or(1.0)).max(1);
    let (first, step) = match (lower, upper) {
        (Some(lower), _) => (lower.saturating_add((-lower).rem_euclid(step)), step),
        (None, Some(upper)) if upper < 0 => (upper - upper.rem_euclid(step), -step),
        (None, _) => (0, step),
    };
    let fits =
        |value: &i128| lower.is_none_or(|l| l <= *value) && upper.is_none_or(|u| *value <= u);
    let values = (0..100).map(|n| first.saturating_add(step.saturating_mul(n)));
    let values = values.filter(fits).filter_map(Number::from_i128);
    let values: Vec<Number> = values.collect();
    let value = values.get(place.lift(size) % values.len().max(1));
    let nothing = place.impossible("minimum", "no 64-bit integer lies between the bounds");
    value.cloned().map(Value::Number).ok_or(nothing)
}

fn exact(number: &Number) -> Option<i128> {
    let float = number.as_f64().filter(|float| float.fract() == 0.0);
    number.as_i128().or_else(|| float.map(whole))
}

/// The integer, kept so small that sums and negatives cannot overflow.
fn whole(float: f64) -> i128 {
    float.clamp(-1e30, 1e30) as i128
}

/// Like [`integer`], in halves or in finer steps if the bounds are close.
fn number(shape: &Shape<'_>, place: &Place<'_>, size: Size) -> Result<Value, Unsatisfiable> {
    let bounds = |plain, exclusive| {
        let limits = shape.limits(plain, exclusive).into_iter();
        limits.filter_map(|(limit, excluded)| Some((limit.as_f64()?, excluded)))
    };
    let lower: Vec<_> = bounds("minimum", "exclusiveMinimum").collect();
    let upper: Vec<_> = bounds("maximum", "exclusiveMaximum").collect();
    let low = lower.iter().map(|(limit, _)| *limit).reduce(f64::max);
    let high = upper.iter().map(|(limit, _)| *limit).reduce(f64::min);
    let multiple = shape.step(None);
    let step = multiple.unwrap_or_else(|| match (low, high) {
        (Some(low), Some(high)) if high > low => ((high - low) / 4.0).min(0.5),
        _ => 0.5,
    });
    let (origin, sign) = match (low, high) {
        (Some(low), _) => (low, 1.0),
        (None, Some(high)) if high <= 0.0 => (high, -1.0),
        _ => (0.0, 1.0),
    };
    let on_grid = |n: i32| match multiple {
        Some(multiple) => scaled((origin / multiple).round() + sign * f64::from(n), multiple),
        None => origin + sign * step * f64::from(n),
    };
    let fits = |value: &f64| {
        let met = |(limit, excluded): &(f64, bool)| !excluded && limit == value;
        lower.iter().all(|limit| limit.0 < *value || met(limit))
            && upper.iter().all(|limit| limit.0 > *value || met(limit))
    };
    let values: Vec<f64> = (0..100).map(on_grid).filter(fits).collect();
    let value = values.get(place.lift(size) % values.len().max(1));
    let number = value.and_then(|value| Number::from_f64(*value));
    let nothing = place.impossible("minimum", "no number lies between the bounds");
    number.map(Value::Number).ok_or(nothing)
}

/// `n * step` without the error that 3 * 0.1 has.
fn scaled(n: f64, step: f64) -> f64 {
    let inverse = (1.0 / step).round();
    if inverse > 1.0 && (inverse * step - 1.0).abs() < 1e-9 {
        n / inverse
    } else {
        n * step
    }
}

fn is_multiple(value: f64, step: f64) -> bool {
    let times = value / step;
    (times - times.round()).abs() < 1e-9
}

/// Bounds of a length, in characters.
#[derive(Clone, Copy)]
struct Lengths {
    least: usize,
    most: usize,
}

impl Lengths {
    fn has(self, text: &str) -> bool {
        (self.least..=self.most).contains(&text.chars().count())
    }
}

fn text(shape: &Shape<'_>, place: &Place<'_>, size: Size) -> Result<String, Unsatisfiable> {
    let (least, most) = (shape.at_least("minLength"), shape.at_most("maxLength"));
    if least > most {
        return Err(place.impossible("minLength", format!("{least} is above maxLength {most}")));
    }
    if least > LARGEST {
        return Err(place.unsupported("minLength", format!("{least} characters are too many")));
    }
    let lengths = Lengths { least, most };
    let patterns = shape.texts("pattern").map(|pattern| parsed(pattern, place));
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    let encoded = shape
        .texts("contentEncoding")
        .filter(|encoding| *encoding == "base64");
    let mut formats = shape.texts("format").chain(encoded.map(|_| "byte"));
    let formatted = formats.find_map(|format| Some((format, formatted(format, place, least)?)));
    if let Some((format, text)) = formatted {
        if lengths.has(&text) && matches_all(&patterns, &text) {
            return Ok(text);
        }
        if patterns.is_empty() {
            let reason = format!("no {format} of {least} to {most} characters is known");
            return Err(place.unsupported("format", reason));
        }
    }
    if patterns.is_empty() {
        return Ok(free_text(lengths, place, size));
    }
    patterned_text(&patterns, lengths, place, size)
}

fn parsed(pattern: &str, place: &Place<'_>) -> Result<Pattern, Unsatisfiable> {
    let unread = |reason| place.unsupported("pattern", format!("{pattern}: {reason}"));
    Pattern::parse(pattern).map_err(unread)
}

fn matches_all(patterns: &[Pattern], text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    patterns.iter().all(|pattern| pattern.matches(&letters))
}

/// A text of a known format, at least that long where the format can be stretched.
fn formatted(format: &str, place: &Place<'_>, least: usize) -> Option<String> {
    let hash = place.hash().wrapping_add(place.ordinal as u64);
    let (slug, n) = (place.slug(), place.ordinal % 40);
    let day = 1 + hash % 28;
    let padded = |before: &str, after: &str| {
        let length = before.len() + slug.len() + after.len();
        let padding = "a".repeat(least.saturating_sub(length));
        format!("{before}{slug}{padding}{after}")
    };
    Some(match format {
        "uuid" => {
            let low = hash & 0xffff_ffff_ffff;
            let (a, b, c, d) = (hash >> 32, hash & 0xffff, hash >> 52, (hash >> 40) & 0xfff);
            format!("{a:08x}-{b:04x}-4{c:03x}-8{d:03x}-{low:012x}")
        }
        "date-time" => format!("2019-08-{day:02}T14:15:{:02}Z", 20 + n),
        "date" => format!("2019-08-{day:02}"),
        "time" => format!("14:15:{:02}Z", 20 + n),
        "duration" => format!("P1DT{}H", 1 + n),
        "email" | "idn-email" => padded("", "@example.com"),
        "uri" | "url" | "uri-reference" | "iri" | "iri-reference" => {
            padded("https://example.com/", "")
        }
        "hostname" | "idn-hostname" => format!("{slug}.example.com"),
        "ipv4" | "ip" => format!("192.0.2.{}", 1 + hash % 200),
        "ipv6" => format!("2001:db8::{:x}", 1 + hash % 0xfff),
        "byte" | "base64" => format!("t{n:03}").repeat(least.div_ceil(4).max(1)),
        _ => return None,
    })
}

/// A text without a pattern: the name where there is room for it.
fn free_text(lengths: Lengths, place: &Place<'_>, size: Size) -> String {
    let stem = if place.name.is_empty() {
        "text"
    } else {
        &place.name
    };
    let suffix = place.suffix();
    let wanted = match size {
        Size::Least => lengths.least.max(suffix.len()),
        Size::Most => lengths.least.max(stem.chars().count() + suffix.len()),
    };
    let stem_length = wanted.min(lengths.most).saturating_sub(suffix.len());
    let endless = stem.chars().chain(['-']).cycle();
    let text: String = endless.take(stem_length).chain(suffix.chars()).collect();
    text.chars().take(lengths.most).collect()
}

/// A text for several patterns at once: each proposes some, the first that all agree to is taken.
fn patterned_text(
    patterns: &[Pattern],
    lengths: Lengths,
    place: &Place<'_>,
    size: Size,
) -> Result<String, Unsatisfiable> {
    let fits = |text: &String| lengths.has(text) && matches_all(patterns, text);
    let shortest = patterns.iter().map(Pattern::shortest).max().unwrap_or(0);
    let missing = lengths.least.saturating_sub(shortest);
    if shortest.saturating_add(missing) > LONGEST {
        let reason = format!("texts of more than {LONGEST} characters are not tried");
        return Err(place.unsupported("pattern", reason));
    }
    let mut proposals: Vec<String> = Vec::new();
    let extras = (0..missing + SLACK).step_by(1 + missing / 32);
    let mut extras: Vec<usize> = extras.collect();
    if size == Size::Most {
        proposals.extend([format!("{}{}", place.name, place.suffix()), place.slug()]);
        proposals.retain(|text| !text.is_empty());
        extras.reverse();
    }
    if let Some(text) = proposals.into_iter().find(fits) {
        return Ok(text);
    }
    let extras = std::iter::once(missing).chain(extras);
    let sources = extras.flat_map(|extra| patterns.iter().map(move |pattern| (extra, pattern)));
    for (extra, pattern) in sources {
        for (attempt, letters) in (0..).zip(LETTERS) {
            let state =
                place.hash() ^ (place.ordinal as u64) << 32 ^ (extra as u64) << 48 ^ attempt;
            let text = pattern.write(extra, lengths.least, Dice { state, letters });
            if fits(&text) {
                return Ok(text);
            }
        }
    }
    let sources: Vec<&str> = patterns.iter().map(|pattern| &*pattern.source).collect();
    let reason = format!("found no text for {}", sources.join(" and "));
    Err(place.unsupported("pattern", reason))
}

/// A `pattern`, which is an ECMA-262 regular expression. Texts are made of printable ASCII where
/// possible, for which `\d` and `\w` mean the same there and in regex-syntax.
struct Pattern {
    source: String,
    body: Hir,
    /// What must (or must not) follow the start of the text.
    ahead: Vec<(bool, Hir)>,
}

impl Pattern {
    fn parse(source: &str) -> Result<Self, String> {
        let parse = |pattern: &str| match regex_syntax::parse(&from_ecma(pattern)) {
            Ok(hir) => Ok(hir),
            Err(regex_syntax::Error::Parse(error)) => Err(error.kind().to_string()),
            Err(error) => Err(error.to_string()),
        };
        let (ahead, body) = split_lookaheads(source);
        let ahead = ahead
            .into_iter()
            .map(|(wanted, hir)| Ok((wanted, parse(hir)?)));
        Ok(Self {
            source: source.to_owned(),
            body: parse(&body)?,
            ahead: ahead.collect::<Result<_, String>>()?,
        })
    }

    fn matches(&self, text: &[char]) -> bool {
        let found = |hir, start| !ends(hir, text, start).is_empty();
        (0..=text.len()).any(|start| found(&self.body, start))
            && self
                .ahead
                .iter()
                .all(|(wanted, hir)| found(hir, 0) == *wanted)
    }

    fn shortest(&self) -> usize {
        self.body.properties().minimum_len().unwrap_or(0)
    }

    /// A text that repeats what may be repeated `extra` times more than it must. It matches but
    /// for anchors and look-aheads, and is filled up to `least` as if nothing anchored its end.
    fn write(&self, extra: usize, least: usize, mut dice: Dice) -> String {
        let mut text = String::new();
        write(&self.body, &mut extra.clone(), &mut dice, &mut text);
        let missing = least.saturating_sub(text.chars().count());
        text.extend(std::iter::repeat_n('a', missing));
        text
    }
}

/// Takes the look-aheads off the start of a pattern, which regex-syntax does not know. What
/// remains is anchored, as they were.
fn split_lookaheads(pattern: &str) -> (Vec<(bool, &str)>, String) {
    let mut ahead = Vec::new();
    let mut rest = pattern;
    loop {
        let group = rest.trim_start_matches('^');
        let wanted = group.starts_with("(?=");
        match closing(group) {
            Some(end) if wanted || group.starts_with("(?!") => {
                ahead.push((wanted, &group[3..end]));
                rest = &group[end + 1..];
            }
            _ if ahead.is_empty() => return (ahead, pattern.to_owned()),
            _ => return (ahead, format!("^(?:{rest})")),
        }
    }
}

/// Where the group that a pattern starts with is closed.
fn closing(pattern: &str) -> Option<usize> {
    let (mut depth, mut in_class, mut escaped) = (0, false, false);
    for (at, c) in pattern.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The same expression for regex-syntax, where classes can be nested, joined and subtracted.
fn from_ecma(pattern: &str) -> String {
    let mut out = String::new();
    let (mut in_class, mut escaped) = (false, false);
    for c in pattern.chars() {
        let operator = in_class && matches!(c, '[' | '&' | '~');
        if operator && !escaped {
            out.push('\\');
        }
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
    }
    out
}

fn write(hir: &Hir, extra: &mut usize, dice: &mut Dice, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(dice.letter(class)),
        HirKind::Capture(capture) => write(&capture.sub, extra, dice, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, extra, dice, out)),
        HirKind::Alternation(branches) => {
            let shortest = branches
                .iter()
                .min_by_key(|branch| branch.properties().minimum_len());
            let any = dice.one_of(branches.iter());
            let branch = if *extra == 0 { shortest } else { any };
            if let Some(branch) = branch {
                write(branch, extra, dice, out);
            }
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let room = (*extra).min((most - repetition.min) as usize);
            let any = dice.one_of(0..=room).unwrap_or(room);
            let more = if dice.letters == Letters::Alike {
                room
            } else {
                any
            };
            *extra -= more;
            for _ in 0..repetition.min as usize + more {
                write(&repetition.sub, extra, dice, out);
            }
        }
    }
}

/// Where a match of `hir` that begins at `start` can end.
fn ends(hir: &Hir, text: &[char], start: usize) -> BTreeSet<usize> {
    let after = |hir: &Hir, starts: &BTreeSet<usize>| -> BTreeSet<usize> {
        starts
            .iter()
            .flat_map(|start| ends(hir, text, *start))
            .collect()
    };
    let end_if =
        |matched: bool, length: usize| matched.then_some(start + length).into_iter().collect();
    match hir.kind() {
        HirKind::Empty => end_if(true, 0),
        HirKind::Look(look) => end_if(holds(*look, text, start), 0),
        HirKind::Class(class) => end_if(text.get(start).is_some_and(|c| is_in(class, *c)), 1),
        HirKind::Literal(literal) => {
            let literal: Vec<char> = String::from_utf8_lossy(&literal.0).chars().collect();
            end_if(text[start..].starts_with(&literal), literal.len())
        }
        HirKind::Capture(capture) => ends(&capture.sub, text, start),
        HirKind::Concat(parts) => {
            let start = BTreeSet::from([start]);
            parts
                .iter()
                .fold(start, |starts, part| after(part, &starts))
        }
        HirKind::Alternation(branches) => branches
            .iter()
            .flat_map(|branch| ends(branch, text, start))
            .collect(),
        HirKind::Repetition(repetition) => {
            let mut reached = BTreeSet::from([start]);
            for _ in 0..repetition.min {
                reached = after(&repetition.sub, &reached);
                if reached.is_empty() {
                    break;
                }
            }
            let mut fresh = reached.clone();
            for _ in repetition.min..repetition.max.unwrap_or(u32::MAX) {
                fresh = after(&repetition.sub, &fresh);
                fresh.retain(|end| !reached.contains(end));
                if fresh.is_empty() {
                    break;
                }
                reached.extend(&fresh);
            }
            reached
        }
    }
}

fn holds(look: Look, text: &[char], at: usize) -> bool {
    let is_word = |at: Option<usize>| {
        let c = at.and_then(|at| text.get(at));
        c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
    };
    let at_edge = is_word(at.checked_sub(1)) != is_word(Some(at));
    match look {
        Look::Start => at == 0,
        Look::End => at == text.len(),
        Look::WordAscii | Look::WordUnicode => at_edge,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => !at_edge,
        // The others are not in ECMA-262.
        _ => false,
    }
}

fn is_in(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&c)),
        Class::Bytes(class) => class.iter().any(|range| {
            let range = char::from(range.start())..=char::from(range.end());
            range.contains(&c)
        }),
    }
}

/// Throws that come out the same every time (SplitMix64).
struct Dice {
    state: u64,
    letters: Letters,
}

/// Which of the letters that a class allows are used, if it allows any of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Of one sort: small ones, or else digits, or else capitals.
    Alike,
    /// Letters and digits.
    Plain,
    /// All of printable ASCII.
    All,
}

/// In the order they are tried; more than once, since the throws differ.
const LETTERS: [Letters; 6] = {
    use Letters::{Alike, All, Plain};
    [Alike, Plain, All, All, Plain, All]
};

impl Dice {
    fn one_of<T>(&mut self, options: impl Iterator<Item = T>) -> Option<T> {
        let mut options: Vec<T> = options.collect();
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let index = (mixed ^ (mixed >> 31)).checked_rem(options.len() as u64)?;
        Some(options.swap_remove(index as usize))
    }

    fn letter(&mut self, class: &Class) -> Option<char> {
        let preferences: &[fn(&char) -> bool] = match self.letters {
            Letters::Alike => &[
                char::is_ascii_lowercase,
                char::is_ascii_digit,
                char::is_ascii_uppercase,
                char::is_ascii_graphic,
            ],
            Letters::Plain => &[char::is_ascii_alphanumeric, char::is_ascii_graphic],
            Letters::All => &[char::is_ascii_graphic],
        };
        let printable: Vec<char> = ('!'..='~').filter(|c| is_in(class, *c)).collect();
        let mut preferred = preferences
            .iter()
            .filter_map(|preference| self.one_of(printable.iter().copied().filter(preference)));
        let space = is_in(class, ' ').then_some(' ');
        preferred.next().or(space).or_else(|| match class {
            Class::Unicode(class) => class.iter().next().map(|range| range.start()),
            Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every instance of the schema, which is its own document, held against `meaning`: the same
    /// schema in JSON Schema 2020-12.
    fn check(schema: &Value, meaning: &Value, direction: Direction) -> Vec<Instance> {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(meaning);
        let validator = validator.expect("the meaning should be a schema");
        let generator = Generator::new(schema, direction);
        let instances = generator
            .all(schema)
            .unwrap_or_else(|error| panic!("{schema}: {error}"));
        for Instance { variation, value } in &instances {
            let valid = !matches!(variation, Variation::UnknownEnumValue { .. });
            let errors: Vec<String> = validator
                .iter_errors(value)
                .map(|e| e.to_string())
                .collect();
            assert_eq!(
                errors.is_empty(),
                valid,
                "{schema}\n{variation}: {value}\n{errors:?}"
            );
        }
        assert_eq!(
            Some(&instances[0].value),
            generator.least(schema).as_ref().ok()
        );
        assert_eq!(
            Some(&instances[1].value),
            generator.most(schema).as_ref().ok()
        );
        assert_eq!(
            Ok(&instances),
            generator.all(schema).as_ref(),
            "the same again"
        );
        instances
    }

    fn variations(instances: &[Instance]) -> String {
        let changes = instances
            .iter()
            .skip(2)
            .map(|instance| instance.variation.to_string());
        changes.collect::<Vec<_>>().join(", ")
    }

    fn least_and_most(schema: Value) -> (Value, Value) {
        let generator = Generator::new(&schema, Direction::Answer);
        let both = (generator.least(&schema), generator.most(&schema));
        (both.0.expect("least"), both.1.expect("most"))
    }

    fn refused(schema: Value) -> String {
        let error = Generator::new(&schema, Direction::Answer).most(&schema);
        error.expect_err("there should be no instance").to_string()
    }

    #[test]
    fn every_construct_gives_valid_instances_and_the_variations_it_allows() {
        let table = [
            (json!({}), ""),
            (json!(true), ""),
            (json!({"type": "boolean"}), ""),
            (json!({"type": "null"}), ""),
            (json!({"type": ["null", "string"]}), "null at the top"),
            (json!({"const": 7}), ""),
            (json!({"enum": ["A"]}), ""),
            (
                json!({"enum": [1, "b", null]}),
                "enum value \"b\" at the top, null at the top",
            ),
            (
                json!({"type": "string", "enum": ["A", "B"]}),
                "enum value \"B\" at the top, unknown enum value at the top",
            ),
            (
                json!({"properties": {"a/b": {"type": ["integer", "null"]}}, "additionalProperties": false}),
                "null at /a~1b",
            ),
            (
                json!({"type": "object", "required": ["inner", "bare"], "properties": {"inner": {
                    "type": "object", "properties": {"id": {"type": "integer"}}}}}),
                "unknown member at /inner, unknown member at the top",
            ),
            (
                json!({"type": "array", "items": {"enum": ["A", "B", "C"]}}),
                "enum value \"B\" at /0, enum value \"C\" at /0, unknown enum value at /0",
            ),
            (
                json!({"type": "array", "items": {"enum": ["A", "B", "C"]}, "uniqueItems": true, "minItems": 2}),
                "enum value \"C\" at /0, unknown enum value at /0",
            ),
            (
                json!({"items": {"type": "boolean"}, "uniqueItems": true, "minItems": 2}),
                "",
            ),
            (
                json!({"items": {"type": "integer", "minimum": 1, "maximum": 4}, "uniqueItems": true, "minItems": 4}),
                "",
            ),
            (
                json!({"items": {"maxLength": 1}, "uniqueItems": true, "minItems": 9}),
                "",
            ),
            (
                json!({"items": {"pattern": "^[ab]{2}$"}, "uniqueItems": true, "minItems": 3}),
                "",
            ),
            (
                json!({"prefixItems": [{"type": "integer"}, {"format": "date"}], "items": {"type": "boolean"}, "minItems": 3}),
                "",
            ),
            (
                json!({"prefixItems": [{"type": "integer"}], "items": false}),
                "",
            ),
            (json!({"type": "array", "items": {}, "maxItems": 0}), ""),
            (
                json!({"oneOf": [{"type": "null"}, {"type": "integer"}, {"type": "string"}]}),
                "branch 2 at the top, null at the top",
            ),
            (
                json!({"oneOf": [{"type": "integer"}, {"type": "string"}], "anyOf": [{"maxLength": 1}, {"maximum": 3}]}),
                "branch 3 at the top, branch 1 at the top",
            ),
            (
                json!({"additionalProperties": false, "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                    "anyOf": [false, {"required": ["a"]}, {"required": ["b"]}]}),
                "branch 2 at the top",
            ),
            (
                json!({"additionalProperties": {"type": "integer"}, "minProperties": 2, "maxProperties": 2}),
                "",
            ),
            (
                json!({"oneOf": [{"type": "object", "required": ["b"], "properties": {"a": {"type": ["string", "null"]}, "b": false}},
                    {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}, {"enum": [null]}]}),
                "null at the top",
            ),
            (
                json!({"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "minProperties": 2, "maxProperties": 2}),
                "",
            ),
            (
                json!({"patternProperties": {"^x-[a-z]+$": {"type": "integer"}}, "additionalProperties": false}),
                "",
            ),
            (
                json!({"propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 3}),
                "",
            ),
            (
                json!({"properties": {"no": false, "yes": true}, "additionalProperties": false}),
                "",
            ),
            (
                json!({"$ref": "#/$defs/a%7E1%25b", "maxLength": 3, "$defs": {"a/%b": {"type": "string", "minLength": 2}}}),
                "",
            ),
            (
                json!({"$ref": "#/$defs/node", "$defs": {"node": {"additionalProperties": false, "required": ["id"],
                    "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/$defs/node"},
                    "all": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}),
                "",
            ),
            (
                json!({"$ref": "#/$defs/tree", "$defs": {"tree": {"oneOf": [
                    {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/tree"}}, {"type": "integer"}]}}}),
                "branch 1 at the top",
            ),
            (
                json!({"allOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}},
                    {"properties": {"a": {"minLength": 9}, "b": {"type": "number"}}}], "required": ["b"]}),
                "unknown member at the top",
            ),
            (
                json!({"allOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"minLength": 30, "maxLength": 30}]}),
                "",
            ),
            (
                json!({"allOf": [{"enum": ["A", "B", "C"]}, {"enum": ["C", "B"]}, {"not": {"const": 1}}], "const": "B"}),
                "",
            ),
            (
                json!({"allOf": [{"multipleOf": 4}, {"multipleOf": 6, "minimum": 1, "type": "integer"}]}),
                "",
            ),
            (
                json!({"type": ["number", "null"], "allOf": [{"type": ["integer", "string"]}]}),
                "",
            ),
        ];
        for (schema, expected) in table {
            let instances = check(&schema, &schema, Direction::Answer);
            assert_eq!(variations(&instances), expected, "{schema}");
            check(&schema, &schema, Direction::Request);
        }
    }

    #[test]
    fn openapi_3_0_keywords_mean_what_they_mean_in_json_schema() {
        let table = [
            (
                json!({"type": "integer", "minimum": 3, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": true}),
                json!({"const": 4}),
            ),
            (
                json!({"type": "string", "enum": [null]}),
                json!({"const": null}),
            ),
            (
                json!({"type": "string", "nullable": true}),
                json!({"type": ["string", "null"]}),
            ),
            (
                json!({"nullable": true, "allOf": [{"type": "integer"}], "enum": [1, 2]}),
                json!({"enum": [1, 2, null]}),
            ),
            (
                json!({"nullable": true, "oneOf": [{"type": "integer"}, {"type": "boolean"}]}),
                json!({"type": ["integer", "boolean", "null"]}),
            ),
            (
                json!({"openapi": "3.0.3", "$ref": "#/a", "nullable": true, "a": {"type": "integer"}}),
                json!({"type": "integer"}),
            ),
        ];
        for (schema, meaning) in table {
            let instances = check(&schema, &meaning, Direction::Answer);
            let nullable = jsonschema::is_valid(&meaning, &Value::Null);
            assert_eq!(
                instances.iter().any(|instance| instance.value.is_null()),
                nullable,
                "{schema}"
            );
        }
    }

    #[test]
    fn every_format_and_pattern_is_kept_to() {
        let formats = "uuid date-time date time duration email uri uri-reference hostname ipv4 ipv6 password binary byte";
        for format in formats.split(' ') {
            let schema = json!({"type": "string", "format": format});
            check(&schema, &schema, Direction::Request);
            let long = json!({"additionalProperties": {"format": format, "minLength": 1, "maxLength": 64},
                "minProperties": 1, "propertyNames": {"const": "User_Name 1é"}});
            check(&long, &long, Direction::Request);
        }
        let padded = json!({"format": "uri", "minLength": 60});
        check(&padded, &padded, Direction::Request);
        let patterns = [
            r"^[a-z0-9]+[a-z0-9\-]*[a-z0-9]+$",
            r"^\d+$",
            r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$",
            r"^(?![0-9a-f]{8}$)^[a-z][a-z0-9-]*[a-zA-Z0-9]$",
            r"^(?=.*[A-Z])(?=.*\d)(?=.*[!@#])[A-Za-z\d!@#]{8,}$",
            r"^(([0-9]|1[0-9])\.){3}([0-9]|25[0-5])/(3[0-2]|[8-9])$",
            r"[a-z-]+\.[a-z-]+",
            r"^[^[&\]]+\/[\w.-]*$",
            r"\bfoo\b",
            r"^a$|^[^\x00-\x7F]{2}$",
            r"^(whsec_)?[a-zA-Z0-9+/=]{32,100}$",
            r"^\s\S\D\W$",
            "",
        ];
        for pattern in patterns {
            let schema = json!({"type": "string", "pattern": pattern});
            check(&schema, &schema, Direction::Request);
        }
        let digits = least_and_most(json!({"pattern": r"^\d+$", "minLength": 3}));
        assert!(
            digits
                .1
                .as_str()
                .is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        );
        assert_eq!(digits.0.as_str().map(str::len), Some(3));
        let bounded = json!({"pattern": "^(ab|cde)*$", "minLength": 7, "maxLength": 7});
        check(&bounded, &bounded, Direction::Request);
        let several =
            json!({"allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^.{20}$"}, {"pattern": "z"}]});
        check(&several, &several, Direction::Request);
        let long = json!({"pattern": "^[a-z]+$", "minLength": 1000, "format": "uuid"});
        check(&long, &json!({"minLength": 1000}), Direction::Request);
        let unanchored = json!({"pattern": "[0-9]", "minLength": 12});
        check(&unanchored, &unanchored, Direction::Request);
    }

    #[test]
    fn numbers_keep_their_bounds_and_steps() {
        let table = [
            (json!({"type": "integer"}), "0"),
            (json!({"type": "number"}), "0.0"),
            (json!({"type": "number", "format": "int64"}), "0"),
            (
                json!({"type": "integer", "maximum": -5, "multipleOf": 2}),
                "-6",
            ),
            (
                json!({"type": "integer", "minimum": 2.5, "exclusiveMaximum": 4}),
                "3",
            ),
            (
                json!({"type": "integer", "minimum": 9_007_199_254_740_993_u64}),
                "9007199254740993",
            ),
            (
                json!({"type": "integer", "minimum": u64::MAX}),
                "18446744073709551615",
            ),
            (
                json!({"type": "integer", "minimum": -1e9, "multipleOf": 0.5}),
                "-1000000000",
            ),
            (
                json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.1}),
                "0.025",
            ),
            (
                json!({"type": "number", "minimum": 0.25, "multipleOf": 0.1}),
                "0.3",
            ),
            (json!({"type": "number", "exclusiveMaximum": 0}), "-0.5"),
            (json!({"minimum": 1.5, "maximum": 1.5}), "1.5"),
        ];
        for (schema, least) in table {
            let instances = check(&schema, &schema, Direction::Answer);
            assert_eq!(instances[0].value.to_string(), least, "{schema}");
        }
    }

    #[test]
    fn least_is_bare_and_most_is_full() {
        let schema = json!({"type": "object", "required": ["name", "tags"], "properties": {
            "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
            "isDone": {"type": "boolean"}}});
        let (least, most) = least_and_most(schema);
        assert_eq!(least, json!({"name": "", "tags": []}));
        assert_eq!(
            most,
            json!({"name": "name", "tags": ["tags", "tags2"], "isDone": true})
        );
    }

    #[test]
    fn members_travel_only_the_way_they_may() {
        let schema = json!({"required": ["id", "secret"], "properties": {"id": {"allOf": [{"readOnly": true}]},
            "secret": {"writeOnly": true}, "status": {"enum": ["A", "B"]}}});
        let instances = |direction| {
            Generator::new(&schema, direction)
                .all(&schema)
                .expect("all")
        };
        let request = instances(Direction::Request);
        assert_eq!(request[0].value, json!({"secret": ""}));
        assert_eq!(variations(&request), "enum value \"B\" at /status");
        let answer = instances(Direction::Answer);
        assert_eq!(answer[0].value, json!({"id": ""}));
        assert_eq!(
            answer[3].value,
            json!({"id": "id", "status": "UNKNOWN_VALUE"})
        );
        assert_eq!(
            answer[4].value,
            json!({"id": "id", "status": "A", "xUnknownMember": "unknown"})
        );
    }

    #[test]
    fn a_branch_says_which_one_it_is() {
        let pet = json!({"type": "object", "properties": {"kind": {"type": "string"}}});
        let schema = json!({"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"dog": "#/$defs/Dog"}},
            "$defs": {"Cat": pet, "Dog": pet}});
        let instances = Generator::new(&schema, Direction::Request)
            .all(&schema)
            .expect("all");
        assert_eq!(instances[0].value, json!({"kind": "Cat"}));
        assert_eq!(instances[2].value, json!({"kind": "dog"}));
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let node = json!({"$ref": "#/$defs/n", "$defs": {"n": {"required": ["n"], "properties": {"n": {"$ref": "#/$defs/n"}}}}});
        let table = [
            (
                node,
                "no value is possible at /n/n: $ref: #/$defs/n has no end",
            ),
            (
                json!({"$ref": "#"}),
                "no value is possible at the top: $ref: # has no end",
            ),
            (
                json!({"$ref": "#/no"}),
                "cannot make a value at the top: $ref: #/no does not resolve",
            ),
            (
                json!({"$ref": "other.json#/a"}),
                "other.json#/a does not resolve",
            ),
            (
                json!({"properties": {"a": {"pattern": r"(a)\1"}}}),
                "at /a: pattern: (a)\\1: backreferences are not supported",
            ),
            (
                json!({"pattern": "^a$", "minLength": 2}),
                "found no text for ^a$",
            ),
            (json!({"pattern": "a{4000000000}{9}"}), "not tried"),
            (
                json!({"minLength": 3, "maxLength": 2}),
                "minLength: 3 is above maxLength 2",
            ),
            (json!({"minLength": 1e18}), "too many"),
            (
                json!({"format": "ipv4", "maxLength": 2}),
                "no ipv4 of 0 to 2 characters is known",
            ),
            (
                json!({"type": "integer", "minimum": 3, "maximum": 2}),
                "no 64-bit integer",
            ),
            (
                json!({"type": "integer", "minimum": -1e300, "multipleOf": 1e300}),
                "no 64-bit integer",
            ),
            (
                json!({"exclusiveMinimum": 3, "maximum": 3}),
                "no number lies between",
            ),
            (
                json!({"items": {"type": "boolean"}, "minItems": 3, "uniqueItems": true}),
                "not more than 2",
            ),
            (json!({"items": {}, "minItems": 3e6}), "too many"),
            (
                json!({"allOf": [{"type": "string"}, {"type": "object"}]}),
                "type: no type is left",
            ),
            (
                json!({"enum": ["a"], "const": "b"}),
                "enum: no value is left",
            ),
            (
                json!({"required": ["a"], "additionalProperties": false}),
                "at /a: schema: false",
            ),
            (
                json!({"minProperties": 1, "additionalProperties": false}),
                "0 members, not 1 to",
            ),
            (json!({"oneOf": [false]}), "schema: false allows nothing"),
            (json!("no schema"), "neither an object nor a boolean"),
        ];
        for (schema, expected) in table {
            let message = refused(schema.clone());
            assert!(message.contains(expected), "{schema}: {message}");
        }
    }

    #[test]
    fn deep_and_wide_documents_do_not_overflow() {
        let link = |n: usize| json!({"required": ["a"], "properties": {"a": {"$ref": format!("#/c/{}", n + 1)}}});
        let chain: Vec<Value> = (0..500).map(link).collect();
        let document = json!({"c": chain, "$ref": "#/c/0"});
        assert!(refused(document).contains("has no end"));
        let choice = |n: usize| json!({"oneOf": [{"allOf": [{"$ref": format!("#/c/{}", n + 1)}]}]});
        let chain: Vec<Value> = (0..500).map(choice).collect();
        assert!(refused(json!({"c": chain, "$ref": "#/c/0"})).contains("too many others"));
    }
}
