//! Removes the requests that a server sends (webhooks and callbacks), and the links of responses.
//!
//! Before: `webhooks: {newPet: …}` and an operation with `callbacks: {onEvent: …}`.
//! After: neither, because a client does not receive requests. The pass `payloads` keeps their payloads.

use openapi_document::walk::{Kind, visit_mut};
use serde_json::Value;

use crate::fields::drop_field;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "webhooks",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "the client only sends requests";
    visit_mut(root, &mut |kind, pointer, value| {
        let dropped: &[&str] = match kind {
            Kind::Document => &["webhooks"],
            Kind::Components => &["callbacks", "links"],
            Kind::Operation => &["callbacks"],
            Kind::Response => &["links"],
            _ => &[],
        };
        for name in dropped {
            drop_field(value, name, pointer, notes, WHY);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn webhooks_callbacks_and_links_are_removed_with_a_note_each() {
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": {
                    "callbacks": { "onEvent": {} },
                    "responses": { "200": { "description": "", "links": {} } },
                } } },
                "webhooks": { "newPet": {} },
            }),
        );
        assert_eq!(
            after,
            json!({ "paths": { "/a": { "get": { "responses": { "200": { "description": "" } } } } } })
        );
        assert_eq!(notes.len(), 3);
    }
}
