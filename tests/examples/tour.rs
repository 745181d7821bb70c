//! A tour of both clients against servers in the process: nothing leaves the machine.
//!
//! `cargo run -p client-tests --example tour`

use std::time::Duration;

use client_runtime::{StaticToken, TryStreamExt as _};
use client_tests::recording_server::{Answer, Recorded, RecordingServer};
use serde_json::json;

/// The operation that creates the cluster of the tour.
const OPERATION: &str = "0a1b2c3d-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    numspot().await?;
    alumio().await
}

async fn numspot() -> Result<(), Box<dyn std::error::Error>> {
    use numspot_client::{Client, Error, types};

    let server = RecordingServer::start(numspot_answer).await?;
    let client = Client::builder()
        .base_url(server.base_url())
        .credentials(StaticToken::from("a token of the tour"))
        .build()?
        .in_space("b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c".parse()?);
    say(&format!("Numspot, at {}", server.base_url()));

    let mut roles = client.list_roles_space().page_size(1).items();
    while let Some(role) = roles.try_next().await? {
        say(&format!("  role {}: {}", role.name, role.description));
    }

    let created = client
        .create_cluster()
        .body(
            types::OpenShiftClusterCreate::builder()
                .name("staging")
                .cidr("10.0.0.0/16")
                .version("4.16.1")
                .node_pools([types::OpenShiftNodepool::builder()
                    .name("workers")
                    .node_count(3)
                    .node_profile(types::NodeProfile::Medium)
                    .try_into()?]),
        )
        .send()
        .await?
        .into_inner();
    if let Some(operation) = created.operation {
        let wait = client.wait_for(operation);
        let mut progress = wait.every(Duration::from_millis(10)).progress();
        while let Some(seen) = progress.try_next().await? {
            let status = seen.status.map(|status| status.to_string());
            say(&format!(
                "  cluster staging: {}",
                status.unwrap_or_default()
            ));
        }
    }

    let missing = client.get_cluster().cluster_id("missing");
    if let Err(refused) = missing.send().await.map_err(Error::from) {
        say(&format!("  refused: {refused}"));
    }
    if let Err(refused) = client
        .delete_node_pool()
        .cluster_id("staging")
        .node_pool_name("..")
        .send()
        .await
    {
        say(&format!("  never sent: {}", Error::from(refused)));
    }
    requests(&server);
    Ok(())
}

fn numspot_answer(request: &Recorded) -> Answer {
    let role = |name: &str, uuid: &str| {
        json!({
            "name": name,
            "description": format!("what {name} may do"),
            "uuid": uuid,
            "createdOn": "2026-01-02T03:04:05Z",
            "updatedOn": "2026-01-02T03:04:05Z",
        })
    };
    let last = request.path.rsplit('/').next().unwrap_or_default();
    match (request.method.as_str(), last) {
        ("GET", "roles") => {
            let second = request
                .query
                .iter()
                .any(|(name, _)| name == "page[nextToken]");
            if second {
                Answer::json(
                    200,
                    json!({ "items": [role("operator", "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5e")] }),
                )
            } else {
                Answer::json(
                    200,
                    json!({
                        "items": [role("viewer", "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5d")],
                        "nextPageToken": "second",
                    }),
                )
            }
        }
        ("POST", "clusters") => Answer::json(
            201,
            json!({ "name": "staging", "operation": { "id": OPERATION, "status": "PENDING" } }),
        ),
        ("GET", OPERATION) => Answer::json(200, json!({ "id": OPERATION, "status": "DONE" })),
        _ => Answer::json(
            404,
            json!({
                "type": "https://portal.api.numspot.com/errors#resource_not_found",
                "title": "Resource not found",
            }),
        ),
    }
}

async fn alumio() -> Result<(), Box<dyn std::error::Error>> {
    use alumio_client::{Client, types};

    let server = RecordingServer::start(|request: &Recorded| {
        if request.path.ends_with("/tasks") {
            let task = json!({
                "identifier": "t1",
                "entityType": "order",
                "entityIdentifier": "1001",
                "route": "orders-to-erp",
                "status": "finished",
                "createdAt": "2026-01-02T03:04:05Z",
                "updatedAt": "2026-01-02T03:04:06Z",
            });
            Answer::json(200, json!({ "results": [task] }))
        } else {
            Answer::json(200, json!({ "imported": 1 }))
        }
    })
    .await?;
    let client = Client::builder()
        .base_url(format!("{}/api/v1", server.base_url()))
        .credentials(StaticToken::from("a token of the tour"))
        .build()?;
    say(&format!("Alumio, at {}/api/v1", server.base_url()));

    let report = client
        .import_configurations()
        .dry_run(true)
        .body(vec![
            types::ConfigurationImport::builder()
                .type_(types::ConfigurationImportType::Identifier(
                    "http-client".into(),
                ))
                .identifier("orders-to-erp")
                .name("Orders to the ERP")
                .object(types::PrototypeConfiguration {
                    prototype: "http".into(),
                    parameters: serde_json::Map::new(),
                    extra: serde_json::Map::new(),
                })
                .try_into()?,
        ])
        .send()
        .await?;
    say(&format!(
        "  a dry run of the import says: {}",
        serde_json::to_string(&report.into_inner())?
    ));

    let tasks = client
        .list_tasks()
        .filter(json!({ "limit": 10 }).to_string())
        .send()
        .await?;
    for task in &tasks.results {
        say(&format!(
            "  task {} of {}: {}",
            task.identifier, task.route, task.status
        ));
    }
    requests(&server);
    Ok(())
}

fn requests(server: &RecordingServer) {
    for request in server.take_requests() {
        say(&format!("  > {} {}", request.method, request.path));
    }
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
