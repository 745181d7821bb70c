//! Compares the parameters of an operation.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::operation::Parameter;
use openapi_document::{essence, template_parameters};
use serde_json::{Value, json};

use super::catalogue::{self as checks, Check, Verdict};
use super::facets::is_scalar;
use super::lifecycle;
use super::messages::{Messages, Root, property, schema};
use super::model::{Finding, Place, Subject};
use super::operations::{Operation, template};
use super::pairs::Form;
use super::schemas::pointer_of;
use super::source::Source;
use super::view::View;

/// The document of a parameter.
#[derive(Debug, Clone, Copy)]
enum Side {
    Old,
    New,
}

/// How the values of a parameter are serialized.
fn form(parameter: &Parameter<'_>) -> Form {
    if parameter.node.property("content").is_some() && !is_plain_text(parameter) {
        return Form::Json;
    }
    let [style, explode, ..] = style(parameter);
    Form::Text {
        repeats: style == "form" && explode == true,
        flat: true,
    }
}

impl<'a> Messages<'_, 'a> {
    /// Compares the parameters of two operations.
    pub(super) fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let mut before = parameters(old);
        let mut after = parameters(new);
        let renamed = renamed(&old.path, &new.path);
        type Rule = fn(&Parameter<'_>, &Parameter<'_>, &BTreeMap<String, String>) -> bool;
        let rules: [Rule; 3] = [
            |a, b, renamed| {
                let both = a.location == "path" && b.location == "path";
                both && renamed.get(a.name).is_some_and(|name| name == b.name)
            },
            |a, b, _| a.location == b.location && a.has_name_of(b),
            |a, b, _| a.name == b.name,
        ];
        for same in rules {
            let mut left = Vec::new();
            for parameter in before {
                let index = after
                    .iter()
                    .position(|other| same(&parameter, other, &renamed));
                match index {
                    Some(index) => {
                        let other = after.remove(index);
                        self.parameter(&parameter, &other);
                    }
                    None => left.push(parameter),
                }
            }
            before = left;
        }
        before.retain(|object| !self.spread(object, &mut after, Side::Old));
        let mut scalars = before;
        after.retain(|object| !self.spread(object, &mut scalars, Side::New));
        for gone in scalars {
            let check = &checks::PARAMETER_REMOVED;
            let (verdicts, because) = lifecycle::removal(
                &|name| gone.node.property(name),
                [check.request, check.response],
                self.schemas.policy,
            );
            let what = format!(
                "the {} parameter `{}` was removed{because}",
                gone.location, gone.name
            );
            let (was, is) = (
                Place::at(gone.node.pointer),
                Place::missing_in(new.node.pointer.clone()),
            );
            let found = self.parameter_finding(check, what, was, is, &[gone.name]);
            found.verdicts = Some(verdicts);
        }
        for come in after {
            let (check, how) = match come.is_required() {
                true => (&checks::REQUIRED_PARAMETER_ADDED, "required "),
                false => (&checks::PARAMETER_ADDED, ""),
            };
            let what = format!(
                "the {how}{} parameter `{}` was added",
                come.location, come.name
            );
            let (was, is) = (
                Place::missing_in(old.node.pointer.clone()),
                Place::at(come.node.pointer),
            );
            self.parameter_finding(check, what, was, is, &[come.name]);
        }
    }

    /// Compares an object whose properties are sent as separate parameters with such parameters of the
    /// other side, and removes these. Returns false if there are none.
    fn spread(
        &mut self,
        object: &Parameter<'a>,
        others: &mut Vec<Parameter<'a>>,
        side: Side,
    ) -> bool {
        let [style, explode, ..] = style(object);
        let is_deep = style == "deepObject";
        let is_spread = is_deep || style == "form" && explode == true;
        if object.location != "query" || !is_spread {
            return false;
        }
        let source = match side {
            Side::Old => self.old,
            Side::New => self.new,
        };
        let view = View::of(source, &[schema(&object.node)]);
        let written = |name: &str| match is_deep {
            true => format!("{}[{name}]", object.name),
            false => name.to_owned(),
        };
        let is_property = |other: &Parameter<'a>, name: &str| {
            other.location == "query" && other.name == written(name)
        };
        if !view
            .properties
            .keys()
            .any(|name| others.iter().any(|other| is_property(other, name)))
        {
            return false;
        }
        for (name, nodes) in &view.properties {
            let required = view.required.get(name).filter(|_| object.is_required());
            let name_of = written(name);
            let index = others.iter().position(|other| is_property(other, name));
            let Some(other) = index.map(|index| others.remove(index)) else {
                let place =
                    pointer_of(nodes).map_or(Place::at(object.node.pointer.clone()), Place::at);
                let nowhere = Place::missing_in(object.node.pointer.clone());
                let (check, how, was, is) = match (side, required) {
                    (Side::Old, _) => (&checks::PARAMETER_REMOVED, "removed", place, nowhere),
                    (Side::New, None) => (&checks::PARAMETER_ADDED, "added", nowhere, place),
                    (Side::New, Some(_)) => {
                        (&checks::REQUIRED_PARAMETER_ADDED, "added", nowhere, place)
                    }
                };
                let what = format!("the query parameter `{name_of}` was {how}");
                self.parameter_finding(check, what, was, is, &[&name_of]);
                continue;
            };
            let place = required.map_or(object.node.pointer.clone(), Clone::clone);
            let places = (Place::at(place), property(&other.node, "required"));
            let flags = (required.is_some(), other.is_required());
            let schemas = (nodes.clone(), vec![schema(&other.node)]);
            let ((was, is), flags, (old, new)) = match side {
                Side::Old => (places, flags, schemas),
                Side::New => (
                    (places.1, places.0),
                    (flags.1, flags.0),
                    (schemas.1, schemas.0),
                ),
            };
            self.requirement(&name_of, flags, was, is, &[&name_of]);
            let form = Form::Text {
                repeats: false,
                flat: true,
            };
            let pair = self.schemas.compare(&old, &new, form);
            self.roots.push(Root {
                of: Subject::Parameter(name_of),
                pair,
                direction: self.request,
                is_optional: flags == (false, false),
            });
        }
        true
    }

    /// Compares whether a parameter is required.
    fn requirement(
        &mut self,
        name: &str,
        required: (bool, bool),
        was: Place,
        is: Place,
        names: &[&str],
    ) {
        let (check, how) = match required {
            (false, true) => (&checks::PARAMETER_BECAME_REQUIRED, "required"),
            (true, false) => (&checks::PARAMETER_BECAME_OPTIONAL, "optional"),
            _ => return,
        };
        let what = format!("the parameter `{name}` became {how}");
        self.parameter_finding(check, what, was, is, names);
    }

    fn parameter_finding(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
        names: &[&str],
    ) -> &mut Finding {
        let names = names.iter();
        let subjects = names.map(|name| Subject::Parameter((*name).to_owned()));
        let subjects = subjects.collect();
        self.find((check, what), old, new, self.request, subjects)
    }

    fn parameter(&mut self, old: &Parameter<'a>, new: &Parameter<'a>) {
        let whole = || {
            (
                Place::at(old.node.pointer.clone()),
                Place::at(new.node.pointer.clone()),
            )
        };
        let names = [old.name, new.name];
        let name = new.name;
        if !old.has_name_of(new) {
            let what = format!("the parameter `{}` was renamed to `{name}`", old.name);
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_RENAMED, what, was, is, &names);
        }
        if old.location != new.location {
            let what = format!(
                "the location of the parameter `{name}` changed from `{}` to `{}`",
                old.location, new.location
            );
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_LOCATION_CHANGED, what, was, is, &names);
        } else if let Some((how, verdicts)) = self.style_change(old, new) {
            let what = format!("the serialization of the parameter `{name}` changed {how}");
            let (was, is) = whole();
            let check = &checks::PARAMETER_STYLE_CHANGED;
            let found = self.parameter_finding(check, what, was, is, &names);
            found.verdicts = verdicts;
        }
        let required = (old.is_required(), new.is_required());
        let places = [old, new].map(|parameter| property(&parameter.node, "required"));
        let [was, is] = places;
        self.requirement(name, required, was, is, &names);
        let subject = format!("the parameter `{name}`");
        let subjects = names.map(|name| Subject::Parameter(name.to_owned()));
        self.remarks(
            (&old.node, &new.node),
            &subject,
            &lifecycle::OF_PARAMETERS,
            (self.request, subjects.to_vec()),
        );
        let form = match (form(old), form(new)) {
            (was, is) if was == is => is,
            // The change of the serialization is reported separately.
            (Form::Json, is) => is,
            (was, _) => was,
        };
        let schemas = (schema(&old.node), schema(&new.node));
        let of = Subject::Parameter(name.to_owned());
        self.schema(of, schemas, self.request, form, required == (false, false));
    }

    /// How the serialization of a parameter changed, and the verdicts if they differ from those of the
    /// check; `None` if its values are serialized as before.
    fn style_change(
        &self,
        old: &Parameter<'a>,
        new: &Parameter<'a>,
    ) -> Option<(String, Option<[Verdict; 2]>)> {
        let (mut was, mut is) = (style(old), style(new));
        let all = |source: Source<'a>, parameter: &Parameter<'a>, is_one: fn(&str) -> bool| {
            let view = View::of(source, &[schema(&parameter.node)]);
            let types = view.types;
            types.is_some_and(|types| types.iter().all(|name| is_one(name)))
        };
        let both = |is_one| all(self.old, old, is_one) && all(self.new, new, is_one);
        if both(is_scalar) {
            // Only lists and objects have several notations in a query.
            for (style, parameter) in [(&mut was, old), (&mut is, new)] {
                style[1] = Value::Null;
                if ["query", "cookie"].contains(&parameter.location) {
                    style[0] = Value::Null;
                }
                if is_plain_text(parameter) {
                    style[0] = Value::Null;
                    style[3] = json!([]);
                }
            }
        } else if both(|name| name != "object") && was[0] == "simple" && is[0] == "simple" {
            // Lists are serialized in the same way.
            was[1] = Value::Null;
            is[1] = Value::Null;
        }
        let names = ["style", "explode", "allowReserved", "media type"];
        let changes = names.iter().zip(was.iter().zip(&is));
        let changes: Vec<(&str, String)> = changes
            .filter(|(_, (was, is))| was != is)
            .map(|(name, (was, is))| (*name, format!("from {name} {was} to {is}")))
            .collect();
        // `allowReserved` never changes the decoded value.
        let is_same = changes.iter().all(|(name, _)| *name == "allowReserved");
        let told: Vec<String> = changes.into_iter().map(|(_, told)| told).collect();
        let verdicts = is_same.then_some([Verdict::Neutral; 2]);
        (!told.is_empty()).then(|| (told.join(", "), verdicts))
    }
}

/// The new names of the path parameters: by position if the paths are equal apart from the names.
/// Otherwise, parameters keep their names if they can.
fn renamed(old: &str, new: &str) -> BTreeMap<String, String> {
    let (mut was, mut is) = (template_parameters(old), template_parameters(new));
    if template(old) != template(new) {
        let all = was.clone();
        was.retain(|name| !is.contains(name));
        is.retain(|name| !all.contains(name));
    }
    was.into_iter().zip(is).collect()
}

/// True for a parameter whose content is plain text, as that of a schema is.
fn is_plain_text(parameter: &Parameter<'_>) -> bool {
    let content = parameter.node.properties("content");
    content.len() == 1
        && content
            .iter()
            .all(|(name, _)| essence(name) == "text/plain")
}

/// The parameters of an operation, except headers that OpenAPI ignores.
fn parameters<'a>(operation: &Operation<'a>) -> Vec<Parameter<'a>> {
    let mut found = operation.parameters();
    found.retain(|parameter| !parameter.is_ignored());
    found
}

/// The serialization of a parameter, including defaults of the specification: `style`, `explode`,
/// `allowReserved`, media types.
fn style(parameter: &Parameter<'_>) -> [Value; 4] {
    let of = |name: &str| parameter.node.value.get(name).cloned();
    let style = of("style").unwrap_or_else(|| match parameter.location {
        "query" | "cookie" => json!("form"),
        _ => json!("simple"),
    });
    let explode = of("explode").unwrap_or_else(|| json!(style == "form"));
    let content = parameter.node.properties("content").into_iter();
    let media_types: BTreeSet<String> = content.map(|(name, _)| essence(name)).collect();
    [
        style,
        explode,
        of("allowReserved").unwrap_or(json!(false)),
        json!(media_types),
    ]
}
