//! Objects: which members there are to be, named or not, and in which direction they travel.

use serde_json::{Map, Value};

use super::place::Place;
use super::shape::Shape;
use super::text::{parsed, patterned_text};
use super::walk::{LARGEST, SPARE_TRIES, Walk, possible};
use super::{Direction, Result, Variation};

/// A member that an object may be given.
struct Member<'s> {
    name: &'s str,
    required: bool,
    shape: Shape<'s>,
    place: Place<'s>,
}

impl<'s> Walk<'s> {
    pub(super) fn object(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value> {
        let least = shape.at_least("minProperties");
        let most = shape.at_most("maxProperties");
        if least > LARGEST {
            return Err(place.unsupported("minProperties", format!("{least} are too many")));
        }
        let members = self.members(shape, place)?;
        let required = members.iter().filter(|member| member.required).count();
        let wanted = if place.full { most } else { least };
        let mut room = wanted.saturating_sub(required);
        let mut object = Map::new();
        for member in members {
            let optional = !member.required;
            if optional && room == 0 {
                continue;
            }
            let value = match tag(shape, &member) {
                Some(tag) => Ok(tag),
                None => self.fill(member.shape, &member.place),
            };
            if let Some(value) = possible(value, optional)? {
                room -= usize::from(optional);
                object.insert(member.name.to_owned(), value);
            }
        }
        self.add_unnamed(shape, place, &mut object)?;
        if object.len() < least || object.len() > most {
            let reason = format!("{} members, not {least} to {most}", object.len());
            return Err(place.impossible("minProperties", reason));
        }
        let answers = self.generator.direction == Direction::Answer;
        if answers && object.len() < most && shape.is_open() {
            self.record(place, "unknown".into(), |pointer| {
                Variation::UnknownMember { pointer }
            });
        }
        Ok(Value::Object(object))
    }

    /// The members that a shape names and that travel this way, in the order it names them.
    fn members(&self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Vec<Member<'s>>> {
        let tags = shape.tags.iter().map(|(name, _)| *name);
        let required = shape.arrays("required").flatten().filter_map(Value::as_str);
        let required: Vec<&str> = required.chain(tags).collect();
        let mut members: Vec<Member<'_>> = Vec::new();
        for name in shape.keys("properties").chain(required.iter().copied()) {
            if members.iter().any(|member| member.name == name) {
                continue;
            }
            let required = required.contains(&name);
            let below = place.below(shape, name, name, place.ordinal);
            let member = self.generator.shape(&shape.member(name), &below);
            let Some(member) = possible(member, !required)? else {
                continue;
            };
            if !member.stays_behind(self.generator.direction) {
                members.push(Member {
                    name,
                    required,
                    shape: member,
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
    ) -> Result<()> {
        let least = shape.at_least("minProperties");
        let most = shape.at_most("maxProperties");
        let mapped = shape.each("additionalProperties").any(Value::is_object);
        let patterns = shape.keys("patternProperties").map(Some);
        let sources = patterns.chain(mapped.then_some(None));
        let sources = sources.filter(|_| place.full).map(|source| (source, true));
        let reserve = std::iter::repeat_n((None, false), least + SPARE_TRIES);
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
            let value = self.value(&shape.member(&key), &below);
            if let Some(value) = possible(value, true)? {
                object.insert(key, value);
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
    ) -> Result<Option<String>> {
        let place = Place {
            pointer: place.pointer.clone(),
            varied: false,
            ..place.below(shape, "", "key", tried)
        };
        if let Some(pattern) = pattern {
            let patterns = [parsed(pattern, &place)?];
            return patterned_text(&patterns, &(0..=LARGEST), &place).map(Some);
        }
        let names: Vec<&Value> = shape.each("propertyNames").collect();
        if names.is_empty() {
            return Ok(Some(format!("key{}", place.suffix())));
        }
        let key = possible(self.value(&names, &place), true)?;
        Ok(key.and_then(|key| key.as_str().map(str::to_owned)))
    }
}

/// What a member must say for the branch that was taken, unless its own schema knows better.
fn tag(shape: &Shape<'_>, member: &Member<'_>) -> Option<Value> {
    let (_, tag) = shape.tags.iter().find(|(name, _)| *name == member.name)?;
    let tag = Value::from(tag.as_str());
    let values = member.shape.values();
    let listed = values.is_none_or(|values| values.contains(&&tag));
    (listed && member.shape.choices.is_empty()).then_some(tag)
}
