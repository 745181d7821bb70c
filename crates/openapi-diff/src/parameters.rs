//! Compares the parameters of an operation.

use std::collections::BTreeMap;

use openapi_document::template_parameters;
use serde_json::{Value, json};

use super::catalogue::{self as checks, Check};
use super::facets::is_scalar;
use super::lifecycle;
use super::messages::{Messages, media_types, property, schema};
use super::model::{Finding, Place, Subject};
use super::operations::Operation;
use super::schemas::Form;
use super::source::{Node, Source};
use super::view::View;

/// A parameter, with references followed.
struct Parameter<'a> {
    node: Node<'a>,
    name: &'a str,
    location: &'a str,
}

impl Parameter<'_> {
    /// How its values are written.
    fn form(&self) -> Form {
        if self.node.property("content").is_some() {
            return Form::Json;
        }
        let [style, explode, ..] = style(self);
        Form::Text {
            repeats: style == "form" && explode == true,
            flat: true,
        }
    }
}

impl<'a> Messages<'_, 'a> {
    /// Compares the parameters of two operations.
    pub(super) fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let mut before = parameters(self.old, old);
        let mut after = parameters(self.new, new);
        let renamed: BTreeMap<String, String> = template_parameters(&old.path)
            .into_iter()
            .zip(template_parameters(&new.path))
            .collect();
        type Rule = fn(&Parameter<'_>, &Parameter<'_>, &BTreeMap<String, String>) -> bool;
        let rules: [Rule; 3] = [
            |a, b, _| a.location == b.location && same_name(a, b),
            |a, b, renamed| {
                let both = a.location == "path" && b.location == "path";
                both && renamed.get(a.name).is_some_and(|name| name == b.name)
            },
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
        for gone in before {
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
            let (check, how) = match come.node.is_true("required") {
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
        if !same_name(old, new) {
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
        } else if let Some(how) = self.style_change(old, new) {
            let what = format!("the serialization of the parameter `{name}` changed {how}");
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_STYLE_CHANGED, what, was, is, &names);
        }
        let required = (old.node.is_true("required"), new.node.is_true("required"));
        let change = match required {
            (false, true) => Some((&checks::PARAMETER_BECAME_REQUIRED, "required")),
            (true, false) => Some((&checks::PARAMETER_BECAME_OPTIONAL, "optional")),
            _ => None,
        };
        if let Some((check, how)) = change {
            let what = format!("the parameter `{name}` became {how}");
            let (was, is) = (
                property(&old.node, "required"),
                property(&new.node, "required"),
            );
            self.parameter_finding(check, what, was, is, &names);
        }
        let subject = format!("the parameter `{name}`");
        let subjects = names.map(|name| Subject::Parameter(name.to_owned()));
        self.remarks(
            (&old.node, &new.node),
            &subject,
            &lifecycle::OF_PARAMETERS,
            (self.request, subjects.to_vec()),
        );
        let form = match (old.form(), new.form()) {
            (was, is) if was == is => is,
            // The change of the serialization is told.
            (Form::Json, is) => is,
            (was, _) => was,
        };
        let schemas = (schema(&old.node), schema(&new.node));
        let of = Subject::Parameter(name.to_owned());
        self.schema(of, schemas, self.request, form, required == (false, false));
    }

    /// How the serialization of a parameter changed; `None` if its values are written as before.
    fn style_change(&self, old: &Parameter<'a>, new: &Parameter<'a>) -> Option<String> {
        let (mut was, mut is) = (style(old), style(new));
        let scalar = |source: Source<'a>, parameter: &Parameter<'a>| {
            let view = View::of(source, &[schema(&parameter.node)]);
            let types = view.types;
            types.is_some_and(|types| types.iter().all(|name| is_scalar(name)))
        };
        if scalar(self.old, old) && scalar(self.new, new) {
            // `explode` only concerns lists and objects.
            was[1] = Value::Null;
            is[1] = Value::Null;
        }
        let names = ["style", "explode", "allowReserved", "media type"];
        let changes = names.iter().zip(was.iter().zip(&is));
        let changes: Vec<String> = changes
            .filter(|(_, (was, is))| was != is)
            .map(|(name, (was, is))| format!("from {name} {was} to {is}"))
            .collect();
        (!changes.is_empty()).then(|| changes.join(", "))
    }
}

/// The parameters of an operation and of its path item. A parameter of the operation overrides one
/// of the path item. Header parameters that OpenAPI ignores are omitted.
fn parameters<'a>(source: Source<'a>, operation: &Operation<'a>) -> Vec<Parameter<'a>> {
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for holder in [&operation.node, &operation.item] {
        for node in holder.items("parameters") {
            let node = source.follow(node);
            let parameter = Parameter {
                name: node.text("name").unwrap_or_default(),
                location: node.text("in").unwrap_or_default(),
                node,
            };
            let reserved = ["accept", "content-type", "authorization"];
            let ignored = parameter.location == "header"
                && reserved.contains(&parameter.name.to_lowercase().as_str());
            let known = found
                .iter()
                .any(|other| other.location == parameter.location && same_name(other, &parameter));
            if !ignored && !known {
                found.push(parameter);
            }
        }
    }
    found
}

fn same_name(a: &Parameter<'_>, b: &Parameter<'_>) -> bool {
    match a.location {
        "header" => a.name.eq_ignore_ascii_case(b.name),
        _ => a.name == b.name,
    }
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
    let media_types: Vec<String> = media_types(&parameter.node).into_keys().collect();
    [
        style,
        explode,
        of("allowReserved").unwrap_or(json!(false)),
        json!(media_types),
    ]
}
