//! A tour of both clients, on in-process mock servers or the real services.
//!
//! `cargo run --package client-tests --example tour`
//!
//! If `NUMSPOT_HOST` is set, the tour calls that host with the credentials and the space of the
//! other `NUMSPOT_…` variables, and deletes what it creates. If `ALUMIO_HOST` or
//! `ALUMIO_ENVIRONMENT` is set, it exports from that environment and imports only as a dry run.

use std::error::Error;
use std::time::Duration;

use client_tests::apis::{api, document};
use indicatif::ProgressBar;
use mock_server::MockServer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    numspot::tour().await?;
    alumio::tour().await
}

/// A mock server with 120 items in each list.
async fn server_of(name: &str) -> Result<MockServer, Box<dyn Error>> {
    let server = MockServer::from_document(document(&api(name)))
        .stateful()
        .items(120)
        .client("tour", "not a secret")
        .token("tour");
    Ok(server.start().await?)
}

mod numspot {
    use super::*;
    use client_runtime::waiting::Wait;
    use client_runtime::{ClientCredentials, TryStreamExt as _};
    use numspot_client::{Client, Error as CallError, SecuritySchemes as _, types};

    const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

    pub(super) async fn tour() -> Result<(), Box<dyn Error>> {
        if std::env::var_os("NUMSPOT_HOST").is_some() {
            let client = Client::builder_from_env()?.build()?;
            say("Numspot, at the host of NUMSPOT_HOST");
            return Ok(visit(&client, Duration::from_secs(10)).await?);
        }
        let server = server_of("numspot").await?;
        say(&format!("Numspot, at {}", server.base_url()));
        let token_url = format!("{}/iam/token", server.base_url()).parse()?;
        let credentials = ClientCredentials::new(token_url, "tour", "not a secret".into());
        let client = Client::builder()
            .base_url(server.base_url())
            .bearer_auth(credentials)
            .build()?
            .in_space(SPACE.parse()?);
        visit(&client, Duration::from_millis(50)).await?;
        say(&format!(
            "  the server received {} requests, all valid",
            conforming(&server)?
        ));
        Ok(())
    }

    async fn visit(client: &Client, every: Duration) -> Result<(), CallError> {
        let versions = client.list_versions().send().await?.into_inner();
        let versions = versions.items.unwrap_or_default();
        let mut versions: Vec<String> = versions.into_iter().map(|one| one.version).collect();
        versions.dedup();
        say(&format!("  versions: {}", versions.join(", ")));

        let workers = types::OpenShiftNodepool::builder()
            .name("workers")
            .node_count(3)
            .node_profile(types::NodeProfile::Medium);
        let cluster = types::OpenShiftClusterCreate::builder()
            .name("tour")
            .cidr("10.0.0.0/16")
            .version(versions.first().map_or("4.16.1", String::as_str))
            .node_pools([workers.try_into()?]);
        let created = client.create_cluster().body(cluster).send().await?;
        let created = created.into_inner();
        // The API does not guarantee an ID; an empty one would be rejected before it is sent.
        let id = created.id.map(|id| id.to_string()).unwrap_or_default();
        // From here on, the cluster is deleted in any case.
        let looked = look_around(client, created.operation, every).await;
        let delete = client.delete_cluster().cluster_id(id.as_str());
        follow("deleting the cluster", delete.wait().every(every)).await?;
        looked
    }

    async fn look_around(
        client: &Client,
        creation: Option<types::OpenShiftOperation>,
        every: Duration,
    ) -> Result<(), CallError> {
        if let Some(id) = creation.and_then(|operation| operation.id) {
            let operation = client.get_operation().id(id);
            follow("creating a cluster", operation.wait().every(every)).await?;
        }
        let (mut count, mut first) = (0, None);
        let mut roles = client.list_roles_space().page_size(50).items();
        while let Some(role) = roles.try_next().await? {
            count += 1;
            first.get_or_insert(role.name);
        }
        say(&format!(
            "  {count} roles, the first is {}",
            first.unwrap_or_default()
        ));

        let nobody = types::User::builder()
            .email("no address")
            .firstname("N")
            .lastname("O");
        let refused = client.create_user_space().body(nobody).send().await;
        match refused {
            Ok(_) => say("  a user without an address was accepted"),
            Err(error) => say(&format!("  rejected by the server: {error}")),
        }
        let pool = client
            .delete_node_pool()
            .cluster_id("tour")
            .node_pool_name("..");
        if let Err(refused) = pool.send().await {
            say(&format!("  rejected by the client: {}", refused));
        }
        Ok(())
    }

    /// Waits for an operation and shows a progress bar on a terminal.
    async fn follow(
        what: &'static str,
        wait: Wait<'_, types::OpenShiftOperation>,
    ) -> Result<(), CallError> {
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        let mut states = wait.timeout(Duration::from_secs(3600)).progress();
        let mut seen = Vec::new();
        while let Some(operation) = states.try_next().await? {
            let status = operation.status.map(|status| status.to_string());
            let status = status.unwrap_or_default();
            bar.set_message(format!("{what}: {status}"));
            if seen.last() != Some(&status) {
                seen.push(status);
            }
        }
        bar.finish_and_clear();
        say(&format!("  {what}: {}", seen.join(", ")));
        Ok(())
    }
}

mod alumio {
    use super::*;
    use alumio_client::{Client, Error as CallError, SecuritySchemes as _, types};
    use client_runtime::{StaticToken, StreamExt as _, TryStreamExt as _};
    use serde_json::json;

    pub(super) async fn tour() -> Result<(), Box<dyn Error>> {
        let is_set = |name| std::env::var_os(name).is_some();
        if is_set("ALUMIO_HOST") || is_set("ALUMIO_ENVIRONMENT") {
            let client = Client::builder_from_env()?.build()?;
            say("Alumio, at the environment of the variables");
            return Ok(promote(&client, &client, false).await?);
        }
        let (from, to) = (server_of("alumio").await?, server_of("alumio").await?);
        say(&format!(
            "Alumio, at {} and {}",
            from.base_url(),
            to.base_url()
        ));
        let [source, target] = [&from, &to].map(|server| {
            let builder = Client::builder().base_url(server.base_url());
            builder.api_key(StaticToken::from("tour")).build()
        });
        let (source, target) = (source?, target?);
        let route = types::DiObjectConfigurationCreate::builder()
            .type_("route")
            .identifier("orders-to-erp")
            .name("Orders to the ERP")
            .object(serde_json::Map::from_iter([(
                "incoming".to_owned(),
                json!("shop"),
            )]));
        let create = source.create_object_configuration().body(route);
        create.send().await?;
        promote(&source, &target, true).await?;
        let requests = conforming(&from)? + conforming(&to)?;
        say(&format!(
            "  the servers received {requests} requests, all valid"
        ));
        Ok(())
    }

    /// Promotes all configurations: as a dry run, and then for real if `apply` is set. Each is
    /// streamed from one environment to the other.
    async fn promote(source: &Client, target: &Client, apply: bool) -> Result<(), CallError> {
        let import = async |dry_run: bool| {
            let exported = source.bulk_export_all_object_configurations().items();
            let lines = exported.await?.map(|line| {
                let line = serde_json::to_value(line?)?;
                let line: types::RegisterConfiguration = serde_json::from_value(line)?;
                Ok::<_, Box<dyn Error + Send + Sync>>(line)
            });
            let mut import = target.import_object_configurations_with_items();
            if dry_run {
                import = import.dry_run(true);
            }
            let result = import.body_stream(lines).send().await?;
            Ok::<_, CallError>(result.into_inner())
        };
        let result = import(true).await?;
        let checked = result.detail.unwrap_or_default();
        say(&format!("  a dry run of the import: {checked}"));
        if apply && result.valid == Some(true) {
            let result = import(false).await?;
            let count = result.results.map_or(0, |results| results.len());
            say(&format!("  the import reports on {count} configurations"));
        }
        let filter = types::ListFilter::builder().limit(50);
        let tasks = target.get_tasks().filter(filter).items();
        let tasks: Vec<_> = tasks.try_collect().await?;
        say(&format!("  {} tasks", tasks.len()));
        Ok(())
    }
}

/// The number of requests that a server received, if all were valid.
fn conforming(server: &MockServer) -> Result<usize, String> {
    let requests = server.requests();
    match requests.iter().find(|request| !request.is_conforming()) {
        // The request without an address is invalid on purpose.
        Some(request) if request.operation.as_deref() != Some("CreateUserSpace") => {
            Err(format!("invalid: {:?}", request.violations))
        }
        _ => Ok(requests.len()),
    }
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
