//! Leaves only such security schemes as the generator reads.
//!
//! Before: `{type: oauth2, flow: {implicit: …}}`, `{type: mutualTLS}`, `{type: scheme}`.
//! After: `{type: oauth2, flows: {}}`; the others are gone.
//!
//! How a caller gets a token is nothing that a generated call does: the client has its credentials. A
//! requirement of a scheme that is gone stays, and whoever builds the client sets it up.

use openapi_document::Pointer;
use openapiv3::{ReferenceOr, SecurityScheme};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "security-schemes",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let place = Pointer::of(["components", "securitySchemes"]);
    let Some(Value::Object(schemes)) = place.get_mut(root) else {
        return;
    };
    schemes.retain(|name, scheme| {
        if is_readable(scheme) {
            return true;
        }
        let mut without_flows = json!({ "type": "oauth2", "flows": {} });
        if let Some(description) = scheme.get("description").filter(|text| text.is_string()) {
            without_flows["description"] = description.clone();
        }
        let is_oauth = scheme["type"] == "oauth2";
        let what = match is_oauth {
            true => "left out its flows",
            false => "dropped",
        };
        notes.add(&place.join(name), what, "the generator does not read it");
        *scheme = without_flows;
        is_oauth
    });
}

fn is_readable(scheme: &Value) -> bool {
    ReferenceOr::<SecurityScheme>::deserialize(scheme).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    #[test]
    fn what_is_no_security_scheme_of_the_generator_is_left_out() {
        let basic = json!({ "type": "http", "scheme": "basic" });
        let (after, notes) = run(
            &PASS,
            json!({ "paths": {}, "components": { "securitySchemes": {
                "Basic": basic,
                "OAuth": { "type": "oauth2", "description": "d", "flow": {} },
                "Certificate": { "type": "mutualTLS" },
                "Slip": { "type": true },
            } } }),
        );
        assert_eq!(
            after["components"]["securitySchemes"],
            json!({
                "Basic": basic,
                "OAuth": { "type": "oauth2", "flows": {}, "description": "d" },
            })
        );
        assert_eq!(notes.len(), 3);
    }
}
