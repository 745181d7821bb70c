//! Sequences of calls, with every response validated by the document.

use std::collections::BTreeMap;
use std::time::Duration;

use openapi_document::Direction;
use openapi_instances::Generator;
use serde_json::Value;

use super::*;
use crate::response::ResponseGenerator;
use crate::testing::{all_vendored, description, received, value, vendored};

/// A server without a socket.
struct Server {
    description: Arc<Description>,
    generator: Arc<ResponseGenerator>,
    state: State,
}

impl Server {
    fn of(description: Arc<Description>, settings: Settings) -> Self {
        let generator = Arc::new(ResponseGenerator::of(
            Arc::clone(&description),
            settings.seed,
        ));
        let state = State::of(Arc::clone(&description), Arc::clone(&generator), settings);
        Self {
            description,
            generator,
            state,
        }
    }

    fn stateful(description: Arc<Description>) -> Self {
        Self::of(
            description,
            Settings {
                stateful: true,
                ..Settings::default()
            },
        )
    }

    /// Sends a request. Returns the status and the body, null if there is none.
    fn call(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        self.call_with(method, target, &[], body)
    }

    fn call_with(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let json = [("Content-Type", "application/json")];
        self.send(method, target, &[headers, &json].concat(), &body)
    }

    fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let received = received(method, target, headers, body);
        let (operation, values) = self.route(&received);
        let preference = Preference::of(&received.headers).expect("a preference");
        let served = self.state.serve(operation, &values, &received, &preference);
        let reply =
            served.unwrap_or_else(|| self.generator.respond(operation, &received, &preference));
        let status = reply.status.as_u16();
        let body = value(&reply);
        if reply.problem.is_none() {
            let response = operation.response(status).expect("a documented status");
            if let Some(content) = response
                .content
                .first()
                .filter(|content| content.schema.is_some() && content.is_json())
            {
                let errors = self
                    .generator
                    .invalid_pointers(&content.schema_pointer(), &body);
                assert!(errors.is_empty(), "{method} {target}: {errors:?} in {body}");
            }
        }
        (status, body)
    }

    fn route(&self, received: &Received) -> (&Operation, Vec<(String, String)>) {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let own = segments(&received.path);
        let mut fitting: Vec<_> = self
            .description
            .operations()
            .iter()
            .filter_map(|operation| {
                let template = segments(&operation.path);
                let mut values = Vec::new();
                for (segment, own) in template.iter().zip(&own) {
                    match segment
                        .strip_prefix('{')
                        .and_then(|rest| rest.strip_suffix('}'))
                    {
                        Some(name) => values.push((name.to_owned(), own.clone())),
                        None if segment == own => {}
                        None => return None,
                    }
                }
                let fits = template.len() == own.len() && operation.method == received.method;
                fits.then_some((operation, values))
            })
            .collect();
        fitting.sort_by_key(|(_, values)| values.len());
        fitting
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no operation for {} {}", received.method, received.path))
    }
}

/// A document with notes in shelves and all operations on them.
fn notes() -> Value {
    let item = json!({"$ref": "#/components/schemas/Note"});
    let json_of = |schema: &Value| json!({"application/json": {"schema": schema}});
    let response = |schema: &Value| json!({"description": "", "content": json_of(schema)});
    let none = json!({"description": ""});
    let page = json!({"type": "object", "required": ["items"], "properties": {
        "items": {"type": "array", "items": item}, "nextPageToken": {"type": "string"}, "total": {"type": "integer"},
    }});
    let body = |schema: Value| json!({"required": true, "content": json_of(&schema)});
    let input = json!({"type": "object", "required": ["title"], "properties": {
        "title": {"type": "string"}, "stars": {"type": "integer", "default": 3}, "tag": {"type": ["string", "null"]},
    }});
    json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {
            "/shelves/{shelf}/notes": {
                "get": {"operationId": "ListNotes", "parameters": [
                    {"name": "pageSize", "in": "query", "schema": {"type": "integer"}},
                    {"name": "pageToken", "in": "query", "schema": {"type": "string"}},
                    {"name": "title", "in": "query", "schema": {"type": "string"}},
                ], "responses": {"200": response(&page)}},
                "post": {"operationId": "CreateNote", "requestBody": body(input.clone()), "responses": {
                    "201": response(&json!({"allOf": [item, {"required": ["secret"], "properties": {"secret": {"type": "string"}}}]})),
                    "409": none,
                }},
            },
            "/shelves/{shelf}/notes/{noteId}": {
                "get": {"operationId": "GetNote", "responses": {"200": response(&item), "404": none}},
                "put": {"operationId": "PutNote", "requestBody": body(input.clone()), "responses": {"200": response(&item), "404": none}},
                "patch": {"operationId": "PatchNote", "requestBody": body(json!({"type": "object"})), "responses": {"204": none, "404": none}},
                "delete": {"operationId": "DeleteNote", "responses": {"204": none, "404": none}},
                "post": {"operationId": "LinkNote", "responses": {"200": none, "404": none}},
            },
            "/shelves/{shelf}/notes/{noteId}/pins": {
                "get": {"operationId": "ListPins", "responses": {"200": response(&json!({"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}})), "404": none}},
                "post": {"operationId": "AddPins", "requestBody": body(json!({"type": "array", "items": {"type": "string"}})), "responses": {"204": none, "404": none}},
                "delete": {"operationId": "RemovePins", "requestBody": body(json!({"type": "array", "items": {"type": "string"}})), "responses": {"204": none, "404": none}},
            },
        },
        "components": {"schemas": {"Note": {
            "type": "object", "required": ["id", "title", "shelf", "createdAt"], "properties": {
                "id": {"type": "string", "format": "uuid"}, "title": {"type": "string"}, "shelf": {"type": "string"},
                "stars": {"type": "integer"}, "tag": {"type": ["string", "null"]},
                "createdAt": {"type": "string", "format": "date-time"}, "updatedAt": {"type": "string", "format": "date-time"},
            },
        }}},
    })
}

fn notes_server() -> Server {
    Server::stateful(description(notes()))
}

fn titles(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["title"].as_str().expect("a title"))
        .collect()
}

/// Creates a note and returns its path.
fn new_note(server: &Server, shelf: &str, title: &str) -> String {
    let (status, note) = server.call(
        "POST",
        &format!("/shelves/{shelf}/notes"),
        json!({"title": title}),
    );
    assert_eq!(status, 201);
    format!(
        "/shelves/{shelf}/notes/{}",
        note["id"].as_str().expect("an id")
    )
}

#[test]
fn a_created_item_can_be_read_listed_changed_and_deleted() {
    let server = notes_server();
    let (status, note) = server.call(
        "POST",
        "/shelves/a/notes",
        json!({"title": "one", "tag": "t"}),
    );
    assert_eq!(
        (status, &note["title"], &note["shelf"], &note["stars"]),
        (201, &json!("one"), &json!("a"), &json!(3))
    );
    assert!(note["secret"].is_string());
    let path = format!("/shelves/a/notes/{}", note["id"].as_str().expect("an id"));

    let (status, read) = server.call("GET", &path, Value::Null);
    assert_eq!(
        (status, &read["id"], &read["tag"]),
        (200, &note["id"], &json!("t"))
    );
    assert_eq!(read.get("secret"), None);
    assert_eq!(
        titles(&server.call("GET", "/shelves/a/notes", Value::Null).1),
        ["one"]
    );

    assert_eq!(
        server
            .call("PATCH", &path, json!({"title": "two", "tag": null}))
            .0,
        204
    );
    let (_, patched) = server.call("GET", &path, Value::Null);
    assert_eq!(
        (&patched["title"], &patched["tag"]),
        (&json!("two"), &Value::Null)
    );
    assert_eq!(patched["createdAt"], read["createdAt"]);
    assert_ne!(patched["updatedAt"], read["updatedAt"]);

    let (status, replaced) = server.call("PUT", &path, json!({"title": "three"}));
    assert_eq!(
        (status, &replaced["title"], replaced.get("tag")),
        (200, &json!("three"), None)
    );

    assert_eq!(server.call("DELETE", &path, Value::Null).0, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(server.call(method, &path, Value::Null).0, 404);
    }
    assert_eq!(server.call("PUT", &path, json!({"title": "x"})).0, 404);
    assert!(titles(&server.call("GET", "/shelves/a/notes", Value::Null).1).is_empty());
}

#[test]
fn each_parent_key_has_its_own_collection() {
    let server = notes_server();
    new_note(&server, "a", "one");
    assert!(titles(&server.call("GET", "/shelves/b/notes", Value::Null).1).is_empty());
}

#[test]
fn lists_are_paged_and_filtered() {
    let server = notes_server();
    for title in ["one", "two", "three"] {
        new_note(&server, "a", title);
    }
    let (_, first) = server.call("GET", "/shelves/a/notes?pageSize=2", Value::Null);
    assert_eq!(
        (titles(&first), &first["total"]),
        (vec!["one", "two"], &json!(3))
    );
    let token = first["nextPageToken"].as_str().expect("a token");
    let (_, last) = server.call(
        "GET",
        &format!("/shelves/a/notes?pageSize=2&pageToken={token}"),
        Value::Null,
    );
    assert_eq!(
        (titles(&last), last.get("nextPageToken")),
        (vec!["three"], None)
    );
    let (status, _) = server.call(
        "GET",
        &format!("/shelves/b/notes?pageToken={token}"),
        Value::Null,
    );
    assert_eq!(status, 400);
    let (_, filtered) = server.call("GET", "/shelves/a/notes?title=two", Value::Null);
    assert_eq!(titles(&filtered), ["two"]);
}

#[test]
fn lists_have_the_configured_length_with_and_without_state() {
    for stateful in [true, false] {
        let settings = Settings {
            stateful,
            items: Some(5),
            ..Settings::default()
        };
        let server = Server::of(description(notes()), settings);
        let mut target = "/shelves/a/notes?pageSize=2".to_owned();
        let mut ids = BTreeSet::new();
        let mut pages = 0;
        loop {
            let (_, page) = server.call("GET", &target, Value::Null);
            pages += 1;
            ids.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| item["id"].to_string()),
            );
            match page.get("nextPageToken") {
                Some(token) => {
                    let token = token.as_str().expect("a token");
                    target = format!("/shelves/a/notes?pageSize=2&pageToken={token}");
                }
                None => break,
            }
        }
        assert_eq!((pages, ids.len()), (3, 5));
        let id = ids.first().expect("an id").trim_matches('"').to_owned();
        assert_eq!(
            server
                .call("GET", &format!("/shelves/a/notes/{id}"), Value::Null)
                .0,
            200
        );
    }
}

#[test]
fn a_duplicate_name_is_a_conflict_where_409_is_documented() {
    let mut document = notes();
    document["components"]["schemas"]["Note"]["properties"]["name"] = json!({"type": "string"});
    document["paths"]["/shelves/{shelf}/notes"]["post"]["requestBody"]["content"]["application/json"]
        ["schema"]["properties"]["name"] = json!({"type": "string"});
    for (documented, copy) in [(true, 409), (false, 201)] {
        if !documented {
            let responses = &mut document["paths"]["/shelves/{shelf}/notes"]["post"]["responses"];
            responses.as_object_mut().expect("responses").remove("409");
        }
        let server = Server::stateful(description(document.clone()));
        let body = json!({"title": "t", "name": "n"});
        assert_eq!(server.call("POST", "/shelves/a/notes", body.clone()).0, 201);
        assert_eq!(server.call("POST", "/shelves/a/notes", body).0, copy);
    }
}

#[test]
fn a_set_below_an_item_can_be_changed_and_is_deleted_with_the_item() {
    let server = notes_server();
    let path = new_note(&server, "a", "one");
    let pins = format!("{path}/pins");
    assert_eq!(server.call("POST", &pins, json!(["x", "y", "x"])).0, 204);
    assert_eq!(
        server.call("GET", &pins, Value::Null).1,
        json!([{"name": "x"}, {"name": "y"}])
    );
    assert_eq!(server.call("DELETE", &pins, json!(["x", "z"])).0, 204);
    assert_eq!(
        server.call("GET", &pins, Value::Null).1,
        json!([{"name": "y"}])
    );
    server.call("DELETE", &path, Value::Null);
    assert_eq!(server.call("GET", &pins, Value::Null).0, 404);
}

#[test]
fn patch_adds_to_a_set_like_post() {
    let mut document = notes();
    let pins = &mut document["paths"]["/shelves/{shelf}/notes/{noteId}/pins"];
    pins["patch"] = pins["post"].clone();
    pins["patch"]["operationId"] = json!("PatchPins");
    let server = Server::stateful(description(document));
    let pins = format!("{}/pins", new_note(&server, "a", "one"));
    for (method, pin) in [("POST", "x"), ("PATCH", "y")] {
        assert_eq!(server.call(method, &pins, json!([pin])).0, 204);
    }
    let (_, listed) = server.call("GET", &pins, Value::Null);
    assert_eq!(listed, json!([{"name": "x"}, {"name": "y"}]));
}

#[test]
fn added_entries_may_lack_properties_of_the_listed_items() {
    let mut document = notes();
    let pins = &mut document["paths"]["/shelves/{shelf}/notes/{noteId}/pins"];
    let item = |required: &[&str]| {
        json!({"type": "object", "required": required, "properties": {
            "place": {"type": "string"}, "label": {"type": "string"},
        }})
    };
    let list = |item| json!({"type": "array", "items": item});
    let mut sent = item(&["place"]);
    sent["properties"]
        .as_object_mut()
        .expect("an object")
        .remove("label");
    pins["post"]["requestBody"]["content"]["application/json"]["schema"] = list(sent.clone());
    pins["delete"]["requestBody"]["content"]["application/json"]["schema"] = list(sent);
    pins["get"]["responses"]["200"]["content"]["application/json"]["schema"] =
        list(item(&["place", "label"]));
    let server = Server::stateful(description(document));
    let pins = format!("{}/pins", new_note(&server, "a", "one"));
    let both = json!([{"place": "left"}, {"place": "right"}]);
    assert_eq!(server.call("POST", &pins, both).0, 204);
    assert_eq!(
        server.call("DELETE", &pins, json!([{"place": "left"}])).0,
        204
    );
    let (_, listed) = server.call("GET", &pins, Value::Null);
    assert_eq!(
        (&listed[0]["place"], listed.get(1)),
        (&json!("right"), None)
    );
    assert!(listed[0]["label"].is_string());
}

#[test]
fn a_link_copies_an_item_of_another_collection_of_the_same_name() {
    let server = notes_server();
    let path = new_note(&server, "a", "one");
    let other = path.replace("/a/", "/b/");
    assert_eq!(server.call("GET", &other, Value::Null).0, 404);
    assert_eq!(server.call("POST", &other, Value::Null).0, 200);
    assert_eq!(server.call("GET", &other, Value::Null).1["title"], "one");
    assert_eq!(server.call("DELETE", &other, Value::Null).0, 204);
    assert_eq!(server.call("GET", &path, Value::Null).0, 200);
    assert_eq!(
        server
            .call("POST", "/shelves/b/notes/unknown", Value::Null)
            .0,
        404
    );
}

#[test]
fn exceeding_the_capacity_is_a_507() {
    let settings = Settings {
        stateful: true,
        capacity: 2,
        ..Settings::default()
    };
    let server = Server::of(description(notes()), settings);
    let path = new_note(&server, "a", "one");
    new_note(&server, "b", "two");
    let (status, problem) = server.call("POST", "/shelves/a/notes", json!({"title": "three"}));
    assert_eq!(
        (status, &problem["title"]),
        (507, &json!("Capacity reached"))
    );
    server.call("DELETE", &path, Value::Null);
    new_note(&server, "a", "three");
}

#[test]
fn a_preferred_response_changes_nothing() {
    let server = notes_server();
    let path = new_note(&server, "a", "one");
    let (status, _) = server.call_with("DELETE", &path, &[("Prefer", "code=404")], Value::Null);
    assert_eq!(status, 404);
    assert_eq!(server.call("GET", &path, Value::Null).0, 200);
}

#[test]
fn the_same_requests_get_the_same_responses() {
    let run = |seed| {
        let settings = Settings {
            stateful: true,
            seed,
            ..Settings::default()
        };
        let server = Server::of(description(notes()), settings);
        let paths = ["one", "two"].map(|title| new_note(&server, "a", title));
        let list = server.call("GET", "/shelves/a/notes?pageSize=1", Value::Null);
        (paths, list)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn registered_tokens_are_enforced_with_and_without_state() {
    for stateful in [false, true] {
        let accepts = |tokens: &[&str], token: &str| {
            let settings = Settings {
                stateful,
                tokens: tokens.iter().map(ToString::to_string).collect(),
                ..Settings::default()
            };
            let server = Server::of(description(notes()), settings);
            server.state.accepts_token(token)
        };
        assert!(accepts(&["mine"], "mine") && !accepts(&["mine"], "any"));
        assert!(accepts(&[], "any"));
    }
}

#[test]
fn an_issued_token_is_valid_for_its_lifetime() {
    let settings = Settings {
        stateful: true,
        token_lifetime: Duration::from_secs(3600),
        clients: vec![(
            "497f6eca-6276-4993-bfeb-53cbbbba6f08".to_owned(),
            "secret".to_owned(),
        )],
        ..Settings::default()
    };
    let clock = settings.clock.clone();
    let server = Server::of(vendored("numspot"), settings);
    let request_token = |secret: &str| {
        let form = format!(
            "grant_type=client_credentials&client_id=497f6eca-6276-4993-bfeb-53cbbbba6f08&client_secret={secret}"
        );
        let received = received(
            "POST",
            "/iam/token",
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &form,
        );
        let (operation, values) = server.route(&received);
        server
            .state
            .serve(operation, &values, &received, &Preference::default())
            .expect("a response")
    };
    assert_eq!(request_token("wrong").status, 401);
    let reply = request_token("secret");
    let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(
        (
            &body["expires_in"],
            &reply.headers["cache-control"] == "no-store"
        ),
        (&json!(3600), true)
    );
    assert_eq!(body.get("refresh_token"), None);
    let token = body["access_token"].as_str().expect("a token");
    clock.advance(Duration::from_secs(1800));
    assert!(server.state.accepts_token(token));
    clock.advance(Duration::from_secs(1800));
    assert!(!server.state.accepts_token(token));
}

/// Generates a request for an operation: its path, with the `learned` keys of collections, and its
/// body.
fn generated_request(
    server: &Server,
    operation: &Operation,
    learned: &BTreeMap<String, String>,
    maximal: bool,
) -> (String, Value) {
    let instances = Generator::new(server.description.root(), Direction::Request);
    let value = |schema: &Value| {
        let value = match maximal {
            true => instances.maximal(schema),
            false => instances.minimal(schema),
        };
        value.expect("a value")
    };
    let (mut path, mut template) = (String::new(), String::new());
    for segment in operation.path.split('/').skip(1) {
        let mut parameters = operation.parameters.iter();
        let parameter = parameters.find(|one| segment == format!("{{{}}}", one.name));
        path += "/";
        path += &match (parameter, learned.get(&template)) {
            (None, _) => segment.to_owned(),
            (Some(_), Some(key)) => key.clone(),
            (Some(parameter), None) => format!("x{}", items::to_string(&value(&parameter.schema))),
        };
        template = format!("{template}/{segment}");
    }
    let content = operation
        .body
        .as_ref()
        .and_then(|body| body.content.first());
    let schema = content
        .filter(|content| content.is_json())
        .and_then(|content| content.schema.as_ref());
    (path, schema.map_or(Value::Null, value))
}

#[test]
fn every_operation_of_the_vendored_documents_responds_validly_in_any_order() {
    let (mut calls, mut successes) = (0, 0);
    for (name, description) in all_vendored() {
        for items in [None, Some(3)] {
            let settings = Settings {
                stateful: true,
                items,
                ..Settings::default()
            };
            let server = Server::of(Arc::clone(&description), settings);
            let operations = server.description.operations();
            let creating = operations
                .iter()
                .filter(|operation| operation.method == "POST");
            let keeping = operations.iter().rev();
            let keeping = keeping.filter(|operation| operation.method != "DELETE");
            let all = creating.chain(keeping).chain(operations);
            let issues_token = |operation: &&Operation| {
                let effect = server.state.effects.get(operation);
                effect.is_some_and(|effect| effect.action == Action::IssueToken)
            };
            let all = all.filter(|operation| !issues_token(operation));
            let mut learned = BTreeMap::new();
            for operation in all {
                for maximal in [true, false] {
                    let (path, body) = generated_request(&server, operation, &learned, maximal);
                    let (status, body) = server.call(operation.method.as_str(), &path, body);
                    let default_body = crate::response::success(operation)
                        .expect("a response")
                        .status;
                    let expected = [default_body.as_u16(), 404, 409];
                    assert!(
                        expected.contains(&status),
                        "{} {path} of {name}: {status}",
                        operation.id
                    );
                    let key = created_key(&server, operation, &body);
                    if let Some(key) =
                        key.filter(|_| status == default_body && operation.method == "POST")
                    {
                        learned.insert(operation.path.clone(), key.to_owned());
                    }
                    calls += 1;
                    successes += usize::from(status == default_body);
                }
            }
        }
    }
    assert!(successes * 2 > calls, "{successes} of {calls}");
}

/// Returns the key of an item that a POST created: the property of the item or of the path parameter.
fn created_key<'a>(server: &Server, operation: &Operation, body: &'a Value) -> Option<&'a str> {
    let effect = server.state.effects.get(operation)?;
    let info = server.state.effects.info(&effect.collection)?;
    let of_items = info.keys.iter().flatten();
    let mut names = info.key_names.iter().chain(of_items);
    names.find_map(|name| body[name].as_str())
}

#[test]
fn items_need_not_be_objects() {
    let mut document = notes();
    document["components"]["schemas"]["Note"] = json!({"type": "string"});
    document["paths"]["/shelves/{shelf}/notes"]["post"]["responses"]["201"] =
        json!({"description": ""});
    let server = Server::stateful(description(document));
    let (status, _) = server.call("POST", "/shelves/a/notes", json!({"title": "one"}));
    assert_eq!(status, 201);
    let (_, page) = server.call("GET", "/shelves/a/notes", Value::Null);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn work_advances_by_the_clock_if_configured() {
    let settings = Settings {
        stateful: true,
        pace: Pace::Time(Duration::from_secs(3600)),
        ..Settings::default()
    };
    let clock = settings.clock.clone();
    let server = Server::of(vendored("numspot"), settings);
    let cluster =
        json!({"name": "abc", "version": "4.14.8", "cidr": "10.0.0.0/16", "nodePools": []});
    let (_, created) = server.call("POST", "/openshift/spaces/s/clusters", cluster);
    let operation = created["operation"]["id"].as_str().expect("an id");
    let operation = format!("/openshift/spaces/s/operations/{operation}");
    let cluster = format!(
        "/openshift/spaces/s/clusters/{}",
        created["id"].as_str().expect("an id")
    );
    for (status, found) in [("PENDING", 404), ("RUNNING", 404), ("DONE", 200)] {
        for _ in 0..2 {
            let (_, work) = server.call("GET", &operation, Value::Null);
            assert_eq!(work["status"], status);
            assert_eq!(work.get("endTime").is_some(), status == "DONE");
            assert_eq!(work.get("error"), None);
        }
        assert_eq!(server.call("GET", &cluster, Value::Null).0, found);
        clock.advance(Duration::from_secs(3600));
    }
}

#[test]
fn x_mock_overrides_path_and_action() {
    let mut document = notes();
    let notes = document["paths"]["/shelves/{shelf}/notes"].clone();
    let mut create = notes["post"].clone();
    create["operationId"] = json!("AdminCreate");
    create["x-mock"] = json!({"path": "/shelves/{shelf}/notes"});
    document["paths"]["/admin/{shelf}/new-notes"] = json!({"post": create});
    document["paths"]["/shelves/{shelf}/notes/{noteId}"]["delete"]["x-mock"] =
        json!({"does": "nothing"});
    let server = Server::stateful(description(document));
    assert_eq!(
        server
            .call("POST", "/admin/a/new-notes", json!({"title": "one"}))
            .0,
        201
    );
    let (_, page) = server.call("GET", "/shelves/a/notes", Value::Null);
    assert_eq!(titles(&page), ["one"]);
    let path = format!(
        "/shelves/a/notes/{}",
        page["items"][0]["id"].as_str().expect("an id")
    );
    assert_eq!(server.call("DELETE", &path, Value::Null).0, 204);
    assert_eq!(server.call("GET", &path, Value::Null).0, 200);
}

/// A document with boxes that are wrapped in responses and have their keys in the body.
fn boxes() -> Server {
    let one = json!({"type": "object", "required": ["kind", "name"], "properties": {
        "kind": {"type": "string"}, "name": {"type": "string"}, "full": {"type": "boolean"},
    }});
    let result = json!({"type": "object", "required": ["object"], "properties": {
        "object": {"$ref": "#/components/schemas/Box"}, "message": {"type": "string"},
    }});
    let list = json!({"type": "object", "properties": {
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Box"}},
    }});
    let content = |schema: &Value| json!({"content": {"application/json": {"schema": schema}}});
    let response = |schema: &Value| {
        let mut response = content(schema);
        response["description"] = json!("");
        response
    };
    let lines = json!({"content": {"application/x-ndjson": {"schema": {
        "type": "array", "items": {"$ref": "#/components/schemas/Box"},
    }}}});
    let mut exported = lines.clone();
    exported["description"] = json!("");
    let item = json!({"path": "/boxes/{kind}/{name}"});
    let all = |action: &str| json!({"path": "/boxes", "does": action});
    Server::stateful(description(json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "components": {"schemas": {"Box": one}},
        "paths": {
            "/boxes": {
                "get": {"responses": {"200": response(&list)}},
                "post": {"requestBody": content(&result), "responses": {"201": response(&result)}},
                "put": {"x-mock": item, "requestBody": content(&one), "responses": {"200": response(&result), "404": {"description": ""}}},
            },
            "/import": {"post": {"x-mock": all("load"), "requestBody": lines, "responses": {"201": {"description": ""}}}},
            "/export": {"get": {"x-mock": all("pick"), "responses": {"200": exported}}},
        },
    })))
}

#[test]
fn wrapped_items_are_stored_without_their_wrapper() {
    let server = boxes();
    let one = json!({"kind": "red", "name": "one"});
    let (status, created) = server.call("POST", "/boxes", json!({"object": one}));
    assert_eq!((status, &created["object"]), (201, &one));
    let (_, list) = server.call("GET", "/boxes", Value::Null);
    assert_eq!(list["results"], json!([one]));
}

#[test]
fn a_key_may_be_in_the_body() {
    let server = boxes();
    let one = |full: bool| json!({"kind": "red", "name": "one", "full": full});
    assert_eq!(server.call("PUT", "/boxes", one(true)).0, 404);
    server.call("POST", "/boxes", json!({"object": one(false)}));
    let (status, replaced) = server.call("PUT", "/boxes", one(true));
    assert_eq!((status, &replaced["object"]), (200, &one(true)));
}

#[test]
fn json_lines_are_loaded_and_picked() {
    let server = boxes();
    let lines = [("Content-Type", "application/x-ndjson")];
    let body = "{\"kind\":\"a\",\"name\":\"b\"}\n\n{\"kind\":\"c\",\"name\":\"d\"}\n";
    assert_eq!(server.send("POST", "/import", &lines, body).0, 201);
    let one = json!({"kind": "e", "name": "f"});
    assert_eq!(server.call("POST", "/import", one).0, 201);
    let (_, all) = server.call("GET", "/export", Value::Null);
    let names = all.as_array().expect("a list").iter();
    let names: Vec<_> = names.map(|one| &one["name"]).collect();
    assert_eq!(names, ["b", "d", "f"]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut document = notes();
    let create = &mut document["paths"]["/shelves/{shelf}/notes"]["post"];
    create["parameters"] =
        json!([{"name": "dryRun", "in": "query", "schema": {"type": "boolean"}}]);
    let server = Server::stateful(description(document));
    for (query, count) in [("?dryRun=true", 0), ("?dryRun=false", 1)] {
        let target = format!("/shelves/a/notes{query}");
        assert_eq!(server.call("POST", &target, json!({"title": "one"})).0, 201);
        let (_, page) = server.call("GET", "/shelves/a/notes", Value::Null);
        assert_eq!(titles(&page).len(), count);
    }
}

/// A server of notes that are kept by a key of the caller's choice.
fn keyed_server() -> Server {
    let note = json!({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "title": {"type": "string"},
    }});
    let content = |media_type: &str| json!({ media_type: {"schema": note} });
    let ok = json!({"description": "The note.", "content": content("application/json")});
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    Server::stateful(description(json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {
            "/notes": {"post": {
                "requestBody": {"content": content("application/json")}, "responses": {"201": ok},
            }},
            "/notes/{id}": {
                "parameters": id,
                "get": {"responses": {"200": ok}},
                "patch": {
                    "requestBody": {"content": content("application/merge-patch+json")},
                    "responses": {"200": ok},
                },
            },
        },
    })))
}

#[test]
fn a_null_of_a_merge_patch_removes_the_property() {
    let server = keyed_server();
    server.call("POST", "/notes", json!({"id": "a", "title": "one"}));
    let patch = [("Content-Type", "application/merge-patch+json")];
    let (status, note) = server.send("PATCH", "/notes/a", &patch, r#"{"title": null}"#);
    assert_eq!((status, note), (200, json!({"id": "a"})));
}

#[test]
fn an_item_does_not_get_the_key_of_another() {
    let server = keyed_server();
    for id in ["a", "b"] {
        server.call("POST", "/notes", json!({"id": id, "title": id}));
    }
    let patch = [("Content-Type", "application/merge-patch+json")];
    let (status, problem) = server.send("PATCH", "/notes/a", &patch, r#"{"id": "b"}"#);
    assert_eq!((status, &problem["title"]), (409, &json!("Already exists")));
    for id in ["a", "b"] {
        let (_, note) = server.call("GET", &format!("/notes/{id}"), Value::Null);
        assert_eq!(note["title"], id);
    }
}
