//! The generated file of the tests crate: every operation of one API, callable by its name with
//! JSON arguments.
//!
//! The tests that call *every* operation, and the ones that ask what an answer decodes to, are
//! driven by the vendored document; this is how they reach the generated Rust.

use std::fmt::Write as _;

use crate::client_files::MARK;
use crate::registry::Api;
use crate::surface::{Call, Surface};

/// The source of the module that calls the operations of `api`.
pub fn source(api: &Api, surface: &Surface) -> String {
    let package = api.package.replace('-', "_");
    let mut arms = String::new();
    for (name, call) in &surface.operations {
        // Writing to a string does not fail.
        let _ = write!(arms, "{}", arm(name, call));
    }
    format!(
        "{MARK}\n\
         #![allow(deprecated)]\n\n\
         //! Calls of the generated client of the {title} API.\n\n\
         #[allow(unused_imports)]\n\
         use {package}::{{Client, prelude::*, types}};\n\n\
         use crate::call::{{Arguments, CallError, Outcome, outcome}};\n\n\
         /// Calls the operation whose Rust method is `name`.\n\
         ///\n\
         /// # Errors\n\
         /// An operation that is not known, an argument that it does not take or that is not of\n\
         /// the type it takes.\n\
         pub async fn call(\n    client: &Client,\n    name: &str,\n    mut arguments: Arguments,\n\
         ) -> Result<Outcome, CallError> {{\n    let outcome = match name {{\n{arms}        \
         _ => return Err(CallError::Operation(name.to_owned())),\n    }};\n    Ok(outcome)\n}}\n",
        title = api.title,
    )
}

fn arm(name: &str, call: &Call) -> String {
    let mutable = if call.setters.is_empty() { "" } else { "mut " };
    let mut out =
        format!("        {name:?} => {{\n            let {mutable}call = client.{name}();\n");
    for (setter, made) in &call.setters {
        let of = match made.as_str() {
            "reqwest::Body" => "String",
            other => other,
        };
        let _ = write!(
            out,
            "            if let Some(value) = arguments.take::<{of}>({setter:?})? {{\n                \
             call = call.{setter}(value);\n            }}\n"
        );
    }
    let outcome = match call.success.as_str() {
        "ByteStream" => "crate::call::unread",
        _ => "outcome",
    };
    let _ = write!(
        out,
        "            arguments.finish({name:?})?;\n            {outcome}(call.send().await)\n        }}\n"
    );
    out
}
