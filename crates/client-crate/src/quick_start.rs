//! The quick start of a README: a program with one call that requires no knowledge of the API.
//!
//! It is generated again with the other files, because it contains a method of the client and one of its
//! builder, which change with the document and the settings of the API.

use client_codegen::plan::{ClientPlan, OperationPlan, ParameterPlan};

use crate::builder_call::{BuilderCall, builder_call, taken};

/// The program of the client whose crate is called `module` in Rust.
pub(crate) fn quick_start(module: &str, plan: &ClientPlan) -> String {
    let credentials = taken(plan).into_iter().find_map(builder_call);
    let url = plan.document["servers"][0]["url"]
        .as_str()
        .unwrap_or_default();
    let has_url = url.contains("://") && !url.contains('{');
    let mut names = vec!["Client", "Error"];
    let mut builder = String::new();
    if !has_url {
        builder += "        .base_url(\"https://api.example.com\")\n";
    }
    let mut imports = String::new();
    if let Some(BuilderCall { import, call }) = &credentials {
        names.push("SecuritySchemes as _");
        builder += &format!("        {}\n", call.replace('\n', "\n        "));
        imports = import.map_or_else(String::new, |it| format!("use {module}::runtime::{it};\n"));
    }
    let call = match easiest(plan) {
        Some(call) => format!("    client{call}.send().await?;\n"),
        None => "    drop(client);\n".to_owned(),
    };
    format!(
        "{imports}use {module}::{{{names}}};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let client = Client::builder()
{builder}        .build()?;
    first_call(&client).await?;
    Ok(())
}}

async fn first_call(client: &Client) -> Result<(), Error> {{
{call}    Ok(())
}}
",
        names = names.join(", "),
    )
}

/// The call with the fewest required arguments, which are all strings. A `GET` takes precedence. `None` if
/// there is none.
fn easiest(plan: &ClientPlan) -> Option<String> {
    let is_plain = |parameter: &ParameterPlan| {
        let schema = &parameter.schema;
        let other = ["format", "enum", "pattern", "x-rust-type", "nullable"];
        schema["type"] == "string" && other.iter().all(|name| schema.get(*name).is_none())
    };
    let simple = plan.operations.iter().filter(|operation| {
        let mut required = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.required);
        !operation.deprecated
            && operation.body.as_ref().is_none_or(|body| !body.required)
            && required.all(is_plain)
    });
    let required = |operation: &OperationPlan| {
        let parameters = operation.parameters.iter();
        parameters.filter(|parameter| parameter.required).count()
    };
    let operation = simple.min_by_key(|one| (one.method != "GET", required(one)))?;
    let parameters = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    let arguments = parameters.map(|it| format!(".{}(\"…\")", it.setter));
    Some(format!(
        ".{}(){}",
        operation.method_name,
        arguments.collect::<String>()
    ))
}
