//! Compares the parameters of an operation.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::operation::Parameter;
use openapi_document::{essence, template_parameters};
use serde_json::{Value, json};

use super::catalogue::{self as checks, Check};
use super::facets::is_scalar;
use super::lifecycle;
use super::messages::{Messages, property, schema};
use super::model::{Finding, Place, Subject};
use super::operations::Operation;
use super::schemas::Form;
use super::source::Source;
use super::view::View;

/// How the values of a parameter are written.
fn form(parameter: &Parameter<'_>) -> Form {
    if parameter.node.property("content").is_some() {
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
        let renamed: BTreeMap<String, String> = template_parameters(&old.path)
            .into_iter()
            .zip(template_parameters(&new.path))
            .collect();
        type Rule = fn(&Parameter<'_>, &Parameter<'_>, &BTreeMap<String, String>) -> bool;
        let rules: [Rule; 3] = [
            |a, b, _| a.location == b.location && a.has_name_of(b),
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
        } else if let Some(how) = self.style_change(old, new) {
            let what = format!("the serialization of the parameter `{name}` changed {how}");
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_STYLE_CHANGED, what, was, is, &names);
        }
        let required = (old.is_required(), new.is_required());
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
        let form = match (form(old), form(new)) {
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
