//! Tests the types on the instances of a JSON Schema test suite.
//!
//! The schema of each group becomes a separate document, as the schema of a response and of a request, which is
//! lowered and generated. The types of all groups are compiled in one crate, with one module for each group.
//! Both types must decode a valid instance and encode it without a change, unless a note reports the loss. The
//! type of the request must reject an invalid instance or encode it as a valid one, unless a note reports that
//! the constraint is not checked.

mod exceptions;
mod groups;
mod table;

use std::path::{Path, PathBuf};

use client_codegen::surface::Surface;
use client_codegen::{Settings as CodegenSettings, caught, generate, reader_of};
use openapi_document::{Document, Pointer};
use openapi_lower::lower;
use serde::Serialize;
use serde_json::Value;

use super::scratch::{Asked, DecodedType, Scratch, decoder};
use super::{Settings, whole};
use client_crate::{BuiltApi, written_once};
use exceptions::Exceptions;
use groups::{Group, TestInstance};
use openapi_instances::same;

pub use table::table;

/// The results for the groups of a suite.
#[derive(Debug, Clone, Serialize)]
pub struct SuiteResult {
    /// The groups, in the order of the suite.
    pub groups: Vec<GroupResult>,
    /// The exceptions that no group needs.
    pub unused_exceptions: Vec<String>,
}

/// The result for one group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupResult {
    /// The keyword that the group is about.
    pub keyword: String,
    /// The index of the group among those of the keyword.
    pub index: usize,
    /// Why there are no types: the schema was rejected, or its types do not compile.
    pub error: Option<String>,
    /// Valid instances, each tested as a response and as a request.
    pub valid: Counts,
    /// Invalid instances, each tested as a request.
    pub invalid: Counts,
    /// The losses and missing checks that a note reports.
    pub noted: Vec<String>,
    /// The failures that no note reports.
    pub failures: Vec<String>,
    /// The reason why the failures are accepted.
    pub exception: Option<String>,
}

/// How many instances had which result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Valid: they were encoded unchanged. Invalid: they cannot be sent.
    pub right: usize,
    /// A note reports the loss or the missing check.
    pub noted: usize,
    /// No note reports it.
    pub wrong: usize,
}

/// The types of a group, with the limitations that the notes of the lowering report.
struct BuiltGroup {
    /// The module `types`.
    code: String,
    response: Typed,
    request: Typed,
    validator: Option<jsonschema::Validator>,
}

/// The type of a group in one direction.
struct Typed {
    of: DecodedType,
    /// True if a note reports that valid values are lost.
    loses_values: bool,
    /// True if a note reports that integers are limited to 64 bits.
    limits_integers: bool,
    /// True if a note reports that invalid values are not rejected, or that valid ones are lost.
    accepts_invalid: bool,
}

/// An instance and the type that it is decoded as.
struct Case<'a> {
    /// The index of its group.
    group: usize,
    instance: &'a TestInstance,
    is_response: bool,
    built: &'a BuiltGroup,
}

/// Tests the groups of the suite in `folder`. `exceptions` is a file of known failures. `progress` is
/// called with each stage.
///
/// # Errors
/// A file that cannot be read or written, or a crate that does not compile for reasons other than the
/// types of single groups.
pub fn examine(
    settings: &Settings,
    folder: &Path,
    exceptions: Option<&Path>,
    progress: &dyn Fn(&str),
) -> Result<SuiteResult, String> {
    let exceptions = Exceptions::read(exceptions)?;
    let groups =
        groups::read(folder).map_err(|(path, error)| format!("{}: {error}", path.display()))?;
    progress("lowering and generating");
    let mut built: Vec<Result<BuiltGroup, String>> = groups.iter().map(build).collect();
    let scratch = Scratch {
        folder: settings.folder.join("crates/json-schema"),
        target: settings.folder.join("target-0"),
    };
    progress("compiling");
    let (program, types) = compile(settings, &scratch, &mut built)?;
    progress("decoding");
    let cases: Vec<Case<'_>> = (0..)
        .zip(groups.iter().zip(&built))
        .flat_map(|(index, (group, built))| cases(index, group, built))
        .collect();
    let values: Vec<Value> = cases.iter().map(Case::value).collect();
    let asked = cases.iter().zip(&values).map(|(case, value)| Asked {
        of: types.partition_point(|of| *of < case.decoded_type()),
        value,
    });
    let outcomes = scratch.decode(&program, asked)?;
    let results = groups.iter().zip(&built);
    let mut results: Vec<GroupResult> = results.map(GroupResult::new).collect();
    for (case, outcome) in cases.iter().zip(outcomes) {
        results[case.group].record(case, outcome);
    }
    let unused_exceptions = exceptions.apply(&mut results);
    Ok(SuiteResult {
        groups: results,
        unused_exceptions,
    })
}

/// Lowers and generates the document of a group.
fn build(group: &Group) -> Result<BuiltGroup, String> {
    let document = group.document().to_string();
    let document = Document::parse(group.name(), document).map_err(one_line)?;
    let lowered = caught(|| lower(&document)).map_err(|panic| format!("panicked: {panic}"))?;
    let lowered = lowered.map_err(one_line)?;
    let settings = CodegenSettings::default();
    let generated = generate(&lowered.plan, &settings).map_err(one_line)?;
    let surface = Surface::of(&lowered.plan, &settings).map_err(one_line)?;
    let code = generated.types.to_string();
    let (get, post) = (&surface.operations["get"], &surface.operations["post"]);
    let of_response = get.bodies.first().map(|(_, _, of)| of.clone());
    let of_request = post.setters.iter().find(|(setter, _)| setter == "body");
    let of_request = of_request.map(|(_, of)| of.clone());
    let (of_response, of_request) = of_response
        .zip(of_request)
        .ok_or("an operation has no typed body")?;
    let built = BuiltApi::new(lowered, surface);
    Ok(BuiltGroup {
        code,
        response: Typed::of(&built, "get", of_response, true),
        request: Typed::of(&built, "post", of_request, false),
        validator: jsonschema::validator_for(&group.schema).ok(),
    })
}

fn one_line(error: impl ToString) -> String {
    error.to_string().replace("\n  ", "; ")
}

impl Typed {
    fn of(built: &BuiltApi, method: &str, of: String, is_response: bool) -> Self {
        let pointer = Pointer::of(["paths", "/value", method]);
        let reduced = whole::reduced(built, &pointer);
        let has_implied_type = built
            .notes
            .iter()
            .any(|note| note.pass == "types" && note.what.starts_with("added the type"));
        Self {
            limits_integers: built
                .notes
                .iter()
                .any(|note| note.pass == "formats" && note.what.starts_with("limited integers")),
            loses_values: has_implied_type || reduced.iter().any(|reduced| !reduced.of_requests),
            accepts_invalid: !reduced.is_empty(),
            of: DecodedType {
                reader: is_response.then(|| reader_of(&of)).flatten(),
                of,
            },
        }
    }
}

/// Compiles a crate with the types of all groups. A group whose types do not compile is omitted, and
/// gets an error. Returns the program and its types.
fn compile(
    settings: &Settings,
    scratch: &Scratch,
    built: &mut [Result<BuiltGroup, String>],
) -> Result<(PathBuf, Vec<DecodedType>), String> {
    loop {
        let (files, types) = source(built);
        let manifest = written_once::manifest("json-schema-client", "Types of a suite");
        scratch.put(&settings.root, &manifest, files)?;
        let errors = match scratch.compile(true) {
            Ok(program) => return Ok((program.ok_or("cargo built no program")?, types)),
            Err(errors) => errors,
        };
        let mut is_explained = false;
        for (file, error) in &errors.0 {
            let index = file
                .strip_prefix("src/group_")
                .and_then(|rest| rest.strip_suffix(".rs"))
                .and_then(|index| index.parse::<usize>().ok());
            if let Some(group) = index.and_then(|index| built.get_mut(index))
                && group.is_ok()
            {
                *group = Err(format!("does not compile: {error}"));
                is_explained = true;
            }
        }
        if !is_explained {
            return Err(errors.to_string());
        }
    }
}

/// The files of the crate, one for each group that has types, and the types of its program.
fn source(built: &[Result<BuiltGroup, String>]) -> (Vec<(String, String)>, Vec<DecodedType>) {
    let (mut files, mut types, mut modules) = (Vec::new(), Vec::new(), String::new());
    for (index, group) in built.iter().enumerate() {
        let Ok(group) = group else {
            continue;
        };
        let (code, response, request) = (&group.code, &group.response.of, &group.request.of.of);
        let plain = format!("::client_runtime::generated::Plain<{}>", response.of);
        let reader = response.reader.as_ref().unwrap_or(&plain);
        let response = &response.of;
        files.push((
            format!("src/group_{index}.rs"),
            format!(
                "#![allow(warnings)]\npub mod types {{ {code} }}\npub type Response = {response};\npub type Reader = {reader};\npub type Request = {request};\n"
            ),
        ));
        modules += &format!("mod group_{index};\n");
        types.push(decoded_type(index, true));
        types.push(decoded_type(index, false));
    }
    types.sort();
    files.push(("src/main.rs".to_owned(), decoder(&modules, &types)));
    (files, types)
}

/// The type of a group as the program names it.
fn decoded_type(index: usize, is_response: bool) -> DecodedType {
    let name = match is_response {
        true => "Response",
        false => "Request",
    };
    DecodedType {
        of: format!("group_{index}::{name}"),
        reader: is_response.then(|| format!("group_{index}::Reader")),
    }
}

/// The valid instances as responses and requests, and the invalid ones as requests.
fn cases<'a>(
    index: usize,
    group: &'a Group,
    built: &'a Result<BuiltGroup, String>,
) -> impl Iterator<Item = Case<'a>> {
    built.iter().flat_map(move |built| {
        group.instances.iter().flat_map(move |instance| {
            let directions: &[bool] = if instance.valid {
                &[true, false]
            } else {
                &[false]
            };
            directions.iter().map(move |is_response| Case {
                group: index,
                instance,
                is_response: *is_response,
                built,
            })
        })
    })
}

impl Case<'_> {
    fn decoded_type(&self) -> DecodedType {
        decoded_type(self.group, self.is_response)
    }

    /// The value to decode. In a request, the whole numbers of a client are integers.
    fn value(&self) -> Value {
        let mut value = self.instance.value.clone();
        if !self.is_response {
            write_as_integers(&mut value);
        }
        value
    }

    fn typed(&self) -> &Typed {
        match self.is_response {
            true => &self.built.response,
            false => &self.built.request,
        }
    }

    /// True if a note reports that this valid value is lost.
    fn is_loss_noted(&self) -> bool {
        let typed = self.typed();
        typed.loses_values || typed.limits_integers && has_wide_integer(&self.instance.value)
    }

    /// The failure of this case, if it failed.
    fn fault(&self, outcome: &Result<Value, String>) -> Option<String> {
        let sent = &self.instance.value;
        let fault = match (self.instance.valid, outcome) {
            (true, Ok(got)) => same(sent, got).err()?,
            (true, Err(error)) => format!("does not decode: {error}"),
            (false, Err(_)) => return None,
            (false, Ok(got)) => {
                let validator = self.built.validator.as_ref()?;
                (!validator.is_valid(got)).then(|| format!("{got} can be sent"))?
            }
        };
        let direction = if self.is_response {
            "response"
        } else {
            "request"
        };
        let of = &self.typed().of.of;
        Some(format!("{direction} {sent}, as {of}: {fault}"))
    }
}

/// True if a value contains an integer that needs more than 64 bits with a sign.
fn has_wide_integer(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_wide_integer),
        Value::Object(properties) => properties.values().any(has_wide_integer),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            !number.is_i64() && whole.is_some_and(|whole| whole.abs() >= i64::MAX as f64)
        }
        _ => false,
    }
}

/// Writes numbers such as `1.0` as `1`.
fn write_as_integers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(write_as_integers),
        Value::Object(properties) => properties.values_mut().for_each(write_as_integers),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|_| number.is_f64());
            let whole = whole.filter(|whole| whole.fract() == 0.0 && whole.abs() < i64::MAX as f64);
            if let Some(whole) = whole {
                // The cast is exact: the number is an integer between the bounds of `i64`.
                *number = (whole as i64).into();
            }
        }
        _ => {}
    }
}

impl GroupResult {
    fn new((group, built): (&Group, &Result<BuiltGroup, String>)) -> Self {
        Self {
            keyword: group.keyword.clone(),
            index: group.index,
            error: built.as_ref().err().cloned(),
            valid: Counts::default(),
            invalid: Counts::default(),
            noted: Vec::new(),
            failures: Vec::new(),
            exception: None,
        }
    }

    fn record(&mut self, case: &Case<'_>, outcome: Result<Value, String>) {
        let (counts, is_noted) = match case.instance.valid {
            true => (&mut self.valid, case.is_loss_noted()),
            false => (&mut self.invalid, case.typed().accepts_invalid),
        };
        match case.fault(&outcome) {
            None => counts.right += 1,
            Some(fault) if is_noted => {
                counts.noted += 1;
                self.noted.push(fault);
            }
            Some(fault) => {
                counts.wrong += 1;
                self.failures.push(fault);
            }
        }
    }

    /// True if there is an error or a failure that is not a known exception.
    pub fn is_failed(&self) -> bool {
        self.exception.is_none() && (self.error.is_some() || !self.failures.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group(schema: Value) -> Group {
        Group {
            keyword: "k".to_owned(),
            index: 0,
            schema,
            instances: Vec::new(),
        }
    }

    fn counts(
        schema: Value,
        value: Value,
        valid: bool,
        outcome: Result<Value, String>,
    ) -> [usize; 3] {
        let listed = group(schema);
        let built = build(&listed);
        let mut result = GroupResult::new((&listed, &built));
        let case = Case {
            group: 0,
            instance: &TestInstance { value, valid },
            is_response: false,
            built: built.as_ref().map_err(Clone::clone).expect("has types"),
        };
        result.record(&case, outcome);
        let Counts {
            right,
            noted,
            wrong,
        } = if valid { result.valid } else { result.invalid };
        [right, noted, wrong]
    }

    #[test]
    fn a_valid_instance_comes_back_or_its_loss_is_noted() {
        let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let value = json!({ "a": "x" });
        assert_eq!(
            counts(object.clone(), value.clone(), true, Ok(value.clone())),
            [1, 0, 0]
        );
        assert_eq!(counts(object, value, true, Ok(json!({}))), [0, 0, 1]);
        let implied = json!({ "properties": { "a": { "type": "string" } } });
        let refused = Err("expected an object".to_owned());
        assert_eq!(counts(implied, json!(3), true, refused.clone()), [0, 1, 0]);
        let integer = json!({ "type": "integer" });
        let wide = json!(9_223_372_036_854_775_808_u64);
        assert_eq!(
            counts(integer.clone(), wide, true, refused.clone()),
            [0, 1, 0]
        );
        assert_eq!(counts(integer, json!(1), true, refused), [0, 0, 1]);
    }

    #[test]
    fn an_invalid_instance_is_refused_or_becomes_valid_or_a_note_says_that_it_is_not_checked() {
        let string = json!({ "type": "string" });
        assert_eq!(
            counts(string.clone(), json!(1), false, Err(String::new())),
            [1, 0, 0]
        );
        assert_eq!(
            counts(string.clone(), json!(1), false, Ok(json!("1"))),
            [1, 0, 0]
        );
        assert_eq!(counts(string, json!(1), false, Ok(json!(1))), [0, 0, 1]);
        let unchecked = json!({ "type": "number", "maximum": 3 });
        assert_eq!(counts(unchecked, json!(4), false, Ok(json!(4))), [0, 1, 0]);
    }
}
