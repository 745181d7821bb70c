//! Calls of a Prefect server with its generated client: creates, reads, lists in pages, changes, provokes errors,
//! downloads and deletes. Records all responses in the file that `RECORD` names.
//!
//! `../run.sh` copies this file and `../steps.rs` into the new crate and runs it.

#![allow(missing_docs, clippy::print_stdout)]

mod steps;

use prefect_client::runtime::TryStreamExt as _;
use prefect_client::{Client, runtime, types};
use serde_json::json;
use steps::{Outcome, expect};

#[tokio::main]
async fn main() -> Outcome {
    let client = steps::builder()?.build()?;
    steps::report([
        ("create, read, change, delete", lifecycle(&client).await),
        ("list in pages", pages(&client).await),
        ("errors", errors(&client).await),
        ("runs and their logs", logs(&client).await),
        ("every list without arguments", lists(&client).await),
    ])
}

async fn lifecycle(client: &Client) -> Outcome {
    let flow = types::FlowCreate::builder()
        .name("lifecycle")
        .tags(["a".to_owned()]);
    let made = client.create_flow().body(flow).send().await?;
    let read = client.read_flow().id(made.id).send().await?;
    expect(read.name == "lifecycle", "the flow that was created")?;
    let change = types::FlowUpdate::builder().tags(["b".to_owned()]);
    client.update_flow().id(made.id).body(change).send().await?;
    let read = client.read_flow_by_name().name("lifecycle").send().await?;
    expect(read.tags == Some(vec!["b".to_owned()]), "the changed tags")?;
    client.delete_flow().id(made.id).send().await?;
    let gone = client.read_flow().id(made.id).send().await;
    let status = gone.err().and_then(|error| error.status());
    expect(
        status.is_some_and(|status| status == 404),
        "404 after the flow was deleted",
    )
}

async fn pages(client: &Client) -> Outcome {
    for number in 0..5 {
        let flow = types::FlowCreate::builder().name(format!("page-{number}"));
        client.create_flow().body(flow).send().await?;
    }
    let mut names = Vec::new();
    loop {
        let page = types::BodyReadFlowsFlowsFilterPost::builder();
        let page = page.limit(2).offset(names.len() as u64);
        let flows = client.read_flows().body(page).send().await?.into_inner();
        if flows.is_empty() {
            break;
        }
        names.extend(flows.into_iter().map(|flow| flow.name));
    }
    expect(
        names
            .iter()
            .filter(|name| name.starts_with("page-"))
            .count()
            == 5,
        "five flows",
    )
}

async fn errors(client: &Client) -> Outcome {
    let page = types::BodyReadFlowsFlowsFilterPost::builder().limit(100_000);
    let error = client
        .read_flows()
        .body(page)
        .send()
        .await
        .err()
        .ok_or("a limit was accepted")?;
    expect(error.status().is_some_and(|status| status == 422), "422")?;
    expect(
        error.to_string().contains("limit"),
        "an error that says what the server says",
    )?;
    let missing = client.read_flow_by_name().name("missing").send().await;
    let error = missing.err().ok_or("a missing flow was read")?;
    expect(
        error.problem().is_some(),
        "a problem that is read from the body",
    )
}

async fn logs(client: &Client) -> Outcome {
    let flow = types::FlowCreate::builder().name("logs");
    let flow = client.create_flow().body(flow).send().await?;
    // Written as JSON, because it has dozens of optional properties.
    let run: types::FlowRunCreate = serde_json::from_value(json!({ "flow_id": flow.id }))?;
    let run = client.create_flow_run().body(run).send().await?;
    let log: types::LogCreate = serde_json::from_value(json!({
        "name": "calls", "level": 20, "message": "one line", "timestamp": "2026-01-01T00:00:00Z",
        "flow_run_id": run.id,
    }))?;
    client.create_logs().body(vec![log]).send().await?;
    let mut csv = Vec::new();
    let mut download = client
        .download_logs()
        .id(run.id)
        .send_raw()
        .await?
        .stream()?
        .into_inner();
    while let Some(chunk) = download.try_next().await? {
        csv.extend_from_slice(&chunk);
    }
    expect(
        String::from_utf8_lossy(&csv).contains("one line"),
        "the log in the download",
    )?;
    client.delete_flow_run().id(run.id).send().await?;
    Ok(())
}

async fn lists(client: &Client) -> Outcome {
    client.health_check().send().await?;
    client.read_flows().send().await?;
    client.read_flow_runs().send().await?;
    client.read_work_pools().send().await?;
    client.read_block_types().send().await?;
    client.read_block_schemas().send().await?;
    client.read_settings().send().await?;
    Ok(())
}
