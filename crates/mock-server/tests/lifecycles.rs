//! Life cycles of resources of both vendored documents over HTTP, from creation to deletion. Every
//! response is validated by the served document.

use std::path::Path;

use http::Method;
use jsonschema::Registry;
use mock_server::{Builder, MockServer};
use openapi_document::ReferenceMap;
use reqwest::Client;
use serde_json::{Value, json};

const SPACE: &str = "11111111-1111-4111-8111-111111111111";
const ORGANISATION: &str = "22222222-2222-4222-8222-222222222222";

struct Api {
    server: MockServer,
    registry: Registry<'static>,
    client: Client,
    token: String,
}

/// A stateful server of a vendored document, for further configuration.
fn builder(name: &str) -> Builder {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let loaded = mock_server::load(
        &specs.join(format!("{name}.yaml")),
        &ReferenceMap::default(),
        None,
    );
    let (document, _) = loaded.expect("loads");
    MockServer::from_document(document)
        .stateful()
        .token("registered")
}

/// An HTTP client. In a build of the whole workspace, reqwest has no default TLS provider and needs one
/// to start.
fn http_client() -> Client {
    // Fails if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

impl Api {
    async fn start(builder: Builder) -> Self {
        let server = builder.start().await.expect("starts");
        let root = server.description().root().clone();
        let registry = Registry::new().add("urn:api", root).expect("a document");
        Self {
            registry: registry.prepare().expect("a document"),
            server,
            client: http_client(),
            token: "registered".to_owned(),
        }
    }

    /// Sends JSON, or no body for null. Returns the status and the body, null if there is none.
    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        self.call_with(method, path, "", body).await
    }

    async fn call_with(
        &self,
        method: Method,
        path: &str,
        prefer: &str,
        body: Value,
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.server.base_url());
        let mut request = self
            .client
            .request(method.clone(), url)
            .bearer_auth(&self.token);
        if !prefer.is_empty() {
            request = request.header("Prefer", prefer);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.expect("responds");
        let status = response.status().as_u16();
        let media_type = response.headers().get("content-type");
        let is_lines = media_type.is_some_and(|value| value == "application/x-ndjson");
        let text = response.text().await.expect("has a body");
        let json = |text: &str| serde_json::from_str::<Value>(text).expect("is JSON");
        let body = match &*text {
            text if is_lines => text.lines().map(json).collect(),
            "" => Value::Null,
            text => json(text),
        };
        self.check(&format!("{method} {path}"), status, &body);
        (status, body)
    }

    /// Validates the response to the last request by the document.
    fn check(&self, call: &str, status: u16, body: &Value) {
        let request = self.server.requests().pop().expect("is recorded");
        assert!(request.is_conforming(), "{call}: {request:?}");
        let description = self.server.description();
        let operation = description.operation(&request.operation.expect("an operation"));
        let response = operation.and_then(|operation| operation.response(status));
        let response =
            response.unwrap_or_else(|| panic!("{call}: {status} is not documented: {body}"));
        let Some(content) = response.content.first() else {
            assert!(body.is_null(), "{call}: {body}");
            return;
        };
        // Braces must be encoded in a fragment (RFC 3986, section 3.5).
        let fragment = content.schema_pointer().to_string();
        let fragment = fragment.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({ "$ref": format!("urn:api{fragment}") });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_registry(&self.registry)
            .build(&schema)
            .expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(body)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{call}: {status} {body}: {errors:?}");
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PUT, path, body).await
    }

    async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PATCH, path, body).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.call(Method::DELETE, path, Value::Null).await
    }

    /// Returns a property of each item of a list.
    async fn listed(&self, path: &str, property: &str) -> Vec<String> {
        let (status, page) = self.get(path).await;
        assert_eq!(status, 200);
        let items = page["items"].as_array().expect("items");
        items.iter().map(|item| text(item, property)).collect()
    }

    /// Polls background work until it has ended. Returns the statuses.
    async fn followed(&self, operation: &Value) -> Vec<String> {
        let path = format!(
            "/openshift/spaces/{SPACE}/operations/{}",
            text(operation, "id")
        );
        let mut seen = Vec::new();
        while !seen
            .last()
            .is_some_and(|last| ["DONE", "FAILED"].contains(&String::as_str(last)))
        {
            assert!(seen.len() < 10, "{seen:?}");
            seen.push(text(&self.get(&path).await.1, "status"));
        }
        seen
    }
}

fn text(value: &Value, property: &str) -> String {
    let text = value[property].as_str();
    text.unwrap_or_else(|| panic!("{value} has no string {property}"))
        .to_owned()
}

async fn numspot() -> Api {
    Api::start(builder("numspot")).await
}

#[tokio::test]
async fn a_role_and_its_permissions_can_be_managed() {
    let api = numspot().await;
    let roles = format!("/iam/spaces/{SPACE}/roles");
    let (status, role) = api
        .post(
            &roles,
            json!({"name": "auditor", "description": "Reads", "tenantType": ["space"]}),
        )
        .await;
    assert_eq!((status, &role["name"]), (200, &json!("auditor")));
    assert_eq!(role["tenantType"], json!(["space"]));
    let role = format!("{roles}/{}", text(&role, "uuid"));

    assert_eq!(
        api.patch(&role, json!({"description": "Reads all"}))
            .await
            .0,
        204
    );
    let (_, read) = api.get(&role).await;
    assert_eq!(
        (&read["name"], &read["description"]),
        (&json!("auditor"), &json!("Reads all"))
    );
    assert_eq!(api.listed(&roles, "name").await, ["auditor"]);
    assert_eq!(
        api.listed(&format!("{roles}?name=other"), "name").await,
        [""; 0]
    );

    let catalogue = api
        .listed(&format!("/iam/spaces/{SPACE}/permissions"), "uuid")
        .await;
    let permissions = format!("{role}/permissions");
    assert_eq!(
        api.patch(&permissions, json!({"permissions": catalogue}))
            .await
            .0,
        204
    );
    assert_eq!(api.listed(&permissions, "uuid").await, catalogue);
    let first = json!({"permissions": [catalogue[0]]});
    assert_eq!(api.call(Method::DELETE, &permissions, first).await.0, 204);
    assert_eq!(api.listed(&permissions, "uuid").await, catalogue[1..]);

    assert_eq!(api.delete(&role).await.0, 204);
    assert_eq!(api.get(&role).await.0, 404);
    assert_eq!(api.get(&permissions).await.0, 404);
}

#[tokio::test]
async fn roles_are_paged() {
    let api = numspot().await;
    let roles = format!("/iam/organisations/{ORGANISATION}/roles");
    for index in 0..5 {
        let role = json!({"name": format!("role-{index}"), "description": "", "tenantType": []});
        assert_eq!(api.post(&roles, role).await.0, 200);
    }
    let mut names = Vec::new();
    let mut query = "?page[size]=2".to_owned();
    loop {
        let (_, page) = api.get(&format!("{roles}{query}")).await;
        assert_eq!(page["totalSize"], 5);
        let items = page["items"].as_array().expect("items");
        names.extend(items.iter().map(|item| text(item, "name")));
        let Some(token) = page["nextPageToken"].as_str() else {
            break;
        };
        query = format!("?page[size]=2&page[nextToken]={token}");
    }
    assert_eq!(names, ["role-0", "role-1", "role-2", "role-3", "role-4"]);
}

#[tokio::test]
async fn a_service_account_can_be_managed_in_an_organisation_and_its_spaces() {
    let api = numspot().await;
    let accounts = format!("/iam/organisations/{ORGANISATION}/serviceAccounts");
    let (status, account) = api.post(&accounts, json!({"name": "ci"})).await;
    assert_eq!((status, &account["tokenDuration"]), (201, &json!("PT24H")));
    assert!(account["secret"].is_string());
    let id = text(&account, "id");
    let account = format!("{accounts}/{id}");
    let (_, updated) = api
        .put(&account, json!({"name": "cd", "tokenDuration": "PT12H"}))
        .await;
    assert_eq!(
        (&updated["name"], &updated["tokenDuration"]),
        (&json!("cd"), &json!("PT12H"))
    );

    let of_space = format!("/iam/spaces/{SPACE}/serviceAccounts");
    let assigned = format!("{of_space}/{id}");
    assert_eq!(api.get(&assigned).await.0, 404);
    assert_eq!(api.post(&assigned, Value::Null).await.0, 200);
    assert_eq!(api.listed(&of_space, "id").await, [id.as_str()]);

    let entry =
        json!({"service": "compute", "resource": "vm", "resourceId": "7", "permissionId": SPACE});
    let entries = json!({"items": [entry]});
    let acl = format!("{account}/acl?service=compute&resource=vm");
    assert_eq!(
        api.post(&format!("{account}/bulk/acl"), entries.clone())
            .await
            .0,
        201
    );
    assert_eq!(api.listed(&acl, "resourceId").await, ["7"]);
    assert_eq!(
        api.listed(&acl.replace("compute", "other"), "resourceId")
            .await,
        [""; 0]
    );
    assert_eq!(
        api.call(Method::DELETE, &format!("{account}/bulk/acl"), entries)
            .await
            .0,
        204
    );
    assert_eq!(api.listed(&acl, "resourceId").await, [""; 0]);

    assert_eq!(api.delete(&assigned).await.0, 204);
    assert_eq!(api.get(&account).await.0, 200);
    assert_eq!(api.delete(&account).await.0, 204);
    assert_eq!(api.get(&account).await.0, 404);
    assert_eq!(api.post(&assigned, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_policy_reflects_additions_and_deletions() {
    let api = numspot().await;
    let policy = format!("/iam/spaces/{SPACE}/iampolicy/users/{ORGANISATION}");
    let change = json!({"add": {"roles": [SPACE, ORGANISATION]}});
    assert_eq!(api.patch(&policy, change).await.0, 204);
    assert_eq!(
        api.patch(&policy, json!({"delete": {"roles": [SPACE]}}))
            .await
            .0,
        204
    );
    let (_, read) = api.get(&policy).await;
    assert_eq!(read, json!({"roles": [ORGANISATION], "permissions": []}));

    let granular = format!("/iam/spaces/{SPACE}/iamgranularPolicy/users/{ORGANISATION}/vm");
    let grant = |object: &str| json!({"objectId": object, "action": "editors"});
    let change = json!({"add": [grant("a"), grant("b")], "delete": [grant("c")]});
    assert_eq!(api.patch(&granular, change).await.0, 204);
    assert_eq!(
        api.patch(&granular, json!({"delete": [grant("a")]}))
            .await
            .0,
        204
    );
    assert_eq!(api.listed(&granular, "objectId").await, ["b"]);
}

#[tokio::test]
async fn a_user_can_be_managed() {
    let api = numspot().await;
    let users = format!("/iam/organisations/{ORGANISATION}/users");
    let user = json!({"email": "a@example.com", "firstname": "A", "lastname": "B"});
    let (status, created) = api.post(&users, user.clone()).await;
    assert_eq!((status, &created["email"]), (201, &json!("a@example.com")));
    assert_eq!(api.post(&users, user).await.0, 409);
    let path = format!("{users}/{}", text(&created, "id"));
    assert_eq!(api.patch(&path, json!({"active": false})).await.0, 200);
    let (_, read) = api.get(&path).await;
    assert_eq!(
        (&read["active"], &read["lastname"]),
        (&json!(false), &json!("B"))
    );
    assert_eq!(
        api.listed(&format!("{users}?email=a%40example.com"), "email")
            .await
            .len(),
        1
    );
    let wanted = json!({"items": [SPACE]});
    let (_, none) = api.call(Method::GET, &users, wanted).await;
    assert_eq!(none["items"], json!([]));
    assert_eq!(
        api.post(&format!("{path}/recover"), Value::Null).await.0,
        200
    );
    assert_eq!(api.delete(&path).await.0, 204);
    assert_eq!(api.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_space_becomes_ready_while_it_is_polled() {
    let api = numspot().await;
    let spaces = format!("/organisations/{ORGANISATION}/spaces");
    let space = json!({"name": "staging", "description": "For trying out"});
    let (status, created) = api.post(&spaces, space).await;
    assert_eq!((status, &created["status"]), (200, &json!("QUEUED")));
    assert_eq!(created["organisationId"], ORGANISATION);
    let path = format!("{spaces}/{}", text(&created, "id"));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(text(&api.get(&path).await.1, "status"));
    }
    assert_eq!(seen, ["QUEUED", "RUNNING", "READY", "READY"]);
    assert_eq!(api.patch(&path, json!({"name": "production"})).await.0, 204);
    assert_eq!(api.listed(&spaces, "name").await, ["production"]);
    let of_identity = format!("/iam{spaces}");
    assert_eq!(api.listed(&of_identity, "id").await, [text(&created, "id")]);
    assert_eq!(api.delete(&path).await.0, 204);
    assert_eq!(api.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_cluster_and_its_node_pools_can_be_managed() {
    let api = numspot().await;
    let clusters = format!("/openshift/spaces/{SPACE}/clusters");
    let cluster = json!({"name": "billing", "version": "4.14.8", "cidr": "10.0.0.0/16", "nodePools": [
        {"name": "workers", "nodeCount": 3, "nodeProfile": "MEDIUM"},
    ]});
    let (status, created) = api.post(&clusters, cluster).await;
    assert_eq!(
        (status, &created["operation"]["status"]),
        (201, &json!("PENDING"))
    );
    let path = format!("{clusters}/{}", text(&created, "id"));
    assert_eq!(api.get(&path).await.0, 404);
    assert_eq!(
        api.followed(&created["operation"]).await,
        ["PENDING", "RUNNING", "DONE"]
    );
    let (_, read) = api.get(&path).await;
    assert_eq!(
        (&read["id"], &read["cidr"]),
        (&created["id"], &json!("10.0.0.0/16"))
    );
    let pools = format!("{path}/nodepools");
    assert_eq!(api.listed(&pools, "name").await, ["workers"]);

    let pool = json!({"name": "large", "nodeCount": 1, "nodeProfile": "LARGE"});
    let (status, added) = api.post(&pools, pool).await;
    assert_eq!(
        (status, &added["nodePoolName"], &added["clusterId"]),
        (201, &json!("large"), &created["id"])
    );
    api.followed(&added["operation"]).await;
    let (status, resized) = api
        .post(&format!("{pools}/large"), json!({"count": 5}))
        .await;
    assert_eq!((status, &resized["nodePoolName"]), (202, &json!("large")));
    api.followed(&resized["operation"]).await;
    let (_, read) = api.get(&path).await;
    let large = &read["nodePools"][1];
    assert_eq!(
        (&large["name"], &large["nodeCount"]),
        (&json!("large"), &json!(5))
    );

    let (status, deleted) = api.delete(&format!("{pools}/workers")).await;
    assert_eq!((status, &deleted["name"]), (202, &json!("workers")));
    assert_eq!(api.listed(&pools, "name").await, ["workers", "large"]);
    api.followed(&deleted["operation"]).await;
    assert_eq!(api.listed(&pools, "name").await, ["large"]);

    let (_, with_item_names) = api.post(&path, json!({"name": "invoices"})).await;
    assert_eq!(with_item_names["name"], "invoices");
    let (status, deleted) = api.delete(&path).await;
    assert_eq!(status, 202);
    assert_eq!(api.get(&path).await.0, 200);
    api.followed(&deleted["operation"]).await;
    assert_eq!(api.get(&path).await.0, 404);
    let operations = api
        .listed(
            &format!("/openshift/spaces/{SPACE}/operations?status=DONE"),
            "status",
        )
        .await;
    assert_eq!(operations.len(), 5);
}

#[tokio::test]
async fn failed_background_work_changes_nothing() {
    let api = numspot().await;
    let clusters = format!("/openshift/spaces/{SPACE}/clusters");
    let cluster =
        json!({"name": "billing", "version": "4.14.8", "cidr": "10.0.0.0/16", "nodePools": []});
    let (_, by_header) = api
        .call_with(Method::POST, &clusters, "outcome=failed", cluster.clone())
        .await;
    api.server.fail_next("CreateCluster").expect("an operation");
    let (_, by_library) = api.post(&clusters, cluster).await;
    for created in [by_header, by_library] {
        assert_eq!(
            api.followed(&created["operation"]).await,
            ["PENDING", "RUNNING", "FAILED"]
        );
        assert_eq!(
            api.get(&format!("{clusters}/{}", text(&created, "id")))
                .await
                .0,
            404
        );
    }
    let error = api
        .server
        .fail_next("CreateClutser")
        .expect_err("is unknown");
    assert!(error.to_string().contains("CreateCluster"));
}

#[tokio::test]
async fn a_token_is_issued_and_then_accepted() {
    let mut api = numspot().await;
    api.token = "made up".replace(' ', "-");
    let roles = format!("/iam/spaces/{SPACE}/roles");
    let url = format!("{}{roles}", api.server.base_url());
    let rejected = api
        .client
        .get(&url)
        .bearer_auth(&api.token)
        .send()
        .await
        .expect("responds");
    assert_eq!(rejected.status(), 401);
    assert_eq!(
        rejected.headers()["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
    let url = format!("{}/iam/token", api.server.base_url());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let request = api
        .client
        .post(url)
        .header(form[0].0, form[0].1)
        .body("grant_type=client_credentials");
    let response: Value = request
        .send()
        .await
        .expect("responds")
        .json()
        .await
        .expect("is JSON");
    api.token = text(&response, "access_token");
    assert_eq!(api.get(&roles).await.0, 200);
}

async fn alumio() -> Api {
    Api::start(builder("alumio")).await
}

#[tokio::test]
async fn a_configuration_is_created_changed_and_disabled() {
    let api = alumio().await;
    let configurations = "/di/configurations";
    let route = json!({"type": "route", "identifier": "orders", "name": "Orders", "object": {"incoming": "shop"}});
    let (status, created) = api.post(configurations, route.clone()).await;
    let created = &created["object"];
    assert_eq!(
        (status, &created["identifier"], &created["disabled"]),
        (201, &json!("orders"), &json!(false))
    );
    assert_eq!(api.post(configurations, route).await.0, 409);

    let (status, disabled) = api
        .patch(
            "/di/configurations/route/orders/status",
            json!({"disabled": true}),
        )
        .await;
    let disabled = &disabled["object"];
    assert_eq!(
        (status, &disabled["disabled"], &disabled["name"]),
        (200, &json!(true), &json!("Orders"))
    );

    let part = json!({"type": "route", "identifier": "orders", "name": "Orders 2"});
    let (status, patched) = api.patch(configurations, part).await;
    let patched = &patched["object"];
    assert_eq!(
        (
            status,
            &patched["name"],
            &patched["object"],
            &patched["disabled"]
        ),
        (
            200,
            &json!("Orders 2"),
            &json!({"incoming": "shop"}),
            &json!(true)
        )
    );

    let whole = json!({"type": "route", "identifier": "orders", "name": "Orders 3", "object": {}});
    let (status, replaced) = api.put(configurations, whole).await;
    let replaced = &replaced["object"];
    assert_eq!(
        (
            status,
            &replaced["name"],
            &replaced["object"],
            &replaced["disabled"]
        ),
        (200, &json!("Orders 3"), &json!({}), &json!(false))
    );

    let other = json!({"type": "route", "identifier": "other"});
    assert_eq!(api.patch(configurations, other).await.0, 404);
}

#[tokio::test]
async fn configurations_are_imported_and_exported() {
    let api = alumio().await;
    let one = |type_: &str, identifier: &str, object: Value| json!({"type": type_, "identifier": identifier, "name": "N", "object": object});
    let client = one("http-client", "shop", json!({"x": 1}));
    let (status, result) = api.post("/di/import?dry-run=true", client.clone()).await;
    assert_eq!((status, &result["valid"]), (201, &json!(true)));
    assert_eq!(api.get("/di/export").await.1, json!([]));

    assert_eq!(api.post("/di/import", client.clone()).await.0, 201);
    let route = one("route", "orders", json!({}));
    assert_eq!(api.post("/di/configurations", route).await.0, 201);
    let (_, all) = api.get("/di/export").await;
    let all = all.as_array().expect("a list").iter();
    let all: Vec<_> = all.map(|one| text(one, "identifier")).collect();
    assert_eq!(all, ["shop", "orders"]);
    let wanted = json!({"objects": [{"type": "http-client", "identifier": "shop"}]});
    let (_, some) = api.post("/di/export", wanted).await;
    assert_eq!(some.as_array().map(Vec::len), Some(1));
    assert_eq!(some[0]["object"], client["object"]);
}

#[tokio::test]
async fn a_relation_belongs_to_a_configuration() {
    let api = alumio().await;
    let route = json!({"type": "route", "identifier": "orders", "name": "Orders", "object": {}});
    assert_eq!(api.post("/di/configurations", route).await.0, 201);
    let relations = "/di/relations/route/orders";
    let relation = json!({"type": "http-client", "identifier": "shop", "name": "Shop"});
    assert_eq!(api.post(relations, relation).await.0, 201);
    let (status, relation) = api
        .put(&format!("{relations}/shop"), json!({"name": "Sandbox"}))
        .await;
    let relation = &relation["object"];
    assert_eq!(
        (status, &relation["name"], &relation["identifier"]),
        (200, &json!("Sandbox"), &json!("shop"))
    );
    let (status, _) = api.post("/di/relations/route/none", json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_alumio_user_is_addressed_by_its_current_email() {
    let api = alumio().await;
    let users = "/current_space/users";
    let user = |email: &str| json!({"email": email, "roles": ["ROLE_EDITOR"]});
    assert_eq!(api.post(users, user("a@example.com")).await.0, 201);
    assert_eq!(api.post(users, user("a@example.com")).await.0, 409);
    let path = format!("{users}/a@example.com");
    let (status, moved) = api.put(&path, user("b@example.com")).await;
    assert_eq!(
        (status, &moved["object"]["email"]),
        (200, &json!("b@example.com"))
    );
    assert_eq!(api.put(&path, user("a@example.com")).await.0, 404);
    let (_, listed) = api.get(users).await;
    assert_eq!(
        listed,
        json!({"metadata": {"totalCount": 1}, "results": [user("b@example.com")]})
    );
}

#[tokio::test]
async fn an_alumio_space_and_its_users_can_be_managed() {
    let api = alumio().await;
    let space = json!({"object": {"identifier": "acceptance", "name": "Acceptance"}, "users": [], "dataEngines": []});
    let (status, created) = api.post("/spaces", space).await;
    assert_eq!(
        (status, &created["object"]["identifier"]),
        (201, &json!("acceptance"))
    );
    let update = json!({"identifier": "acceptance", "name": "Trials", "purpose": "uat"});
    assert_eq!(api.put("/spaces", update).await.0, 200);
    let (status, read) = api.get("/spaces/acceptance").await;
    assert_eq!((status, &read["object"]["name"]), (200, &json!("Trials")));

    let users = json!({"users": [{"email": "a@example.com"}]});
    let assign = "/spaces/acceptance/assign_users";
    assert_eq!(api.post(assign, users).await.0, 200);
    let (_, listed) = api.get("/spaces/acceptance/users").await;
    assert_eq!(listed["results"], json!([{"email": "a@example.com"}]));
    let (status, user) = api.get("/spaces/acceptance/users/a@example.com").await;
    assert_eq!(
        (status, &user["object"]["email"]),
        (200, &json!("a@example.com"))
    );
    assert_eq!(api.get("/spaces/other").await.0, 404);
}

#[tokio::test]
async fn listed_audit_trail_entries_can_be_read() {
    let api = alumio().await;
    let trail = "/audit_trail/current_space";
    let (_, listed) = api.get(trail).await;
    let entry = &listed["results"][1];
    let path = format!("{trail}/item/{}", text(entry, "identifier"));
    assert_eq!(api.get(&path).await, (200, entry.clone()));
}

#[tokio::test]
async fn tasks_are_paged_by_the_filter_parameter() {
    let api = Api::start(builder("alumio").items(7)).await;
    let mut seen = Vec::new();
    for skip in [0, 3, 6] {
        let filter = format!("/tasks?filter=%7B%22limit%22:3,%22skip%22:{skip}%7D");
        let (_, tasks) = api.get(&filter).await;
        assert_eq!(tasks["metadata"]["totalCount"], 7);
        let tasks = tasks["results"].as_array().expect("results");
        seen.extend(tasks.iter().map(|task| text(task, "identifier")));
    }
    assert_eq!(seen.len(), 7);
    let task = format!("/tasks/{}", seen[3]);
    let (status, task) = api.get(&task).await;
    assert_eq!(
        (status, &task["object"]["identifier"]),
        (200, &json!(seen[3]))
    );
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
}
