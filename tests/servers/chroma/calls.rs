//! Calls of a Chroma server with its generated client: creates, reads, lists in pages, changes, provokes errors,
//! uploads and downloads records, and deletes. Records all responses in the file that `RECORD` names.
//!
//! `../run.sh` copies this file and `../steps.rs` into the new crate and runs it.

#![allow(missing_docs, clippy::print_stdout)]

mod steps;

use chroma_client::{Client, runtime, types};
use serde_json::json;
use steps::{Outcome, expect};

const TENANT: &str = "default_tenant";
const DATABASE: &str = "default_database";

#[tokio::main]
async fn main() -> Outcome {
    // The server requires an API key in the cloud only.
    let client = steps::builder()?.allow_missing_credentials().build()?;
    steps::report([
        ("what the server is", about(&client).await),
        ("create, read, change, delete", lifecycle(&client).await),
        ("list in pages", pages(&client).await),
        ("errors", errors(&client).await),
        ("records", records(&client).await),
    ])
}

async fn about(client: &Client) -> Outcome {
    client.heartbeat().send().await?;
    client.pre_flight_checks().send().await?;
    client.get_user_identity().send().await?;
    let version = client.version().send().await?;
    expect(version.contains('.'), "a version")?;
    client.healthcheck().send().await?;
    Ok(())
}

async fn create(client: &Client, name: &str) -> Result<String, chroma_client::Error> {
    let body = types::CreateCollectionPayload::builder().name(name);
    let call = client.create_collection().tenant(TENANT).database(DATABASE);
    let made = call.body(body).send().await?;
    Ok(made.id.to_string())
}

async fn delete(client: &Client, name: &str) -> Outcome {
    let call = client.delete_collection().tenant(TENANT).database(DATABASE);
    call.collection_id(name).send().await?;
    Ok(())
}

async fn lifecycle(client: &Client) -> Outcome {
    // A tenant cannot be deleted, so each run has its own.
    let name = format!("lifecycle-{}", std::process::id());
    let tenant = types::CreateTenantPayload::builder().name(&*name);
    client.create_tenant().body(tenant).send().await?;
    let tenant = client.get_tenant().tenant_name(&*name).send().await?;
    expect(tenant.name == name, "the tenant that was created")?;
    let database = types::CreateDatabasePayload::builder().name("first");
    client
        .create_database()
        .tenant(&*name)
        .body(database)
        .send()
        .await?;
    let databases = client.list_databases().tenant(&*name).send().await?;
    expect(databases.len() == 1, "one database")?;
    client
        .delete_database()
        .tenant(&*name)
        .database("first")
        .send()
        .await?;

    let id = create(client, "lifecycle").await?;
    let change: types::UpdateCollectionPayload =
        serde_json::from_value(json!({ "new_name": "changed", "new_metadata": { "level": 1 } }))?;
    let call = client.update_collection().tenant(TENANT).database(DATABASE);
    call.collection_id(id).body(change).send().await?;
    let call = client.get_collection().tenant(TENANT).database(DATABASE);
    let read = call.collection_id("changed").send().await?;
    expect(read.metadata.is_some(), "the changed metadata")?;
    delete(client, "changed").await?;
    let call = client.get_collection().tenant(TENANT).database(DATABASE);
    let gone = call.collection_id("changed").send().await;
    expect(
        gone.is_err_and(|error| error.is_not_found()),
        "404 after the collection was deleted",
    )
}

async fn pages(client: &Client) -> Outcome {
    for number in 0..5 {
        create(client, &format!("page-{number}")).await?;
    }
    let mut names = Vec::new();
    loop {
        let call = client.list_collections().tenant(TENANT).database(DATABASE);
        let page = call.limit(2).offset(names.len() as u32).send().await?;
        if page.is_empty() {
            break;
        }
        names.extend(page.iter().map(|collection| collection.name.clone()));
    }
    let call = client.count_collections().tenant(TENANT).database(DATABASE);
    let counted = call.send().await?.into_inner();
    expect(
        names.len() == 5 && i64::from(counted) == 5,
        "five collections",
    )?;
    for name in names {
        delete(client, &name).await?;
    }
    Ok(())
}

async fn errors(client: &Client) -> Outcome {
    create(client, "twice").await?;
    let error = create(client, "twice")
        .await
        .err()
        .ok_or("a name was taken twice")?;
    expect(error.status().is_some_and(|status| status == 409), "409")?;
    expect(
        error.to_string().contains("already exists"),
        "what the server says",
    )?;
    let error = create(client, "a b")
        .await
        .err()
        .ok_or("a name with a space was taken")?;
    expect(
        error.problem().is_some(),
        "a problem that is read from the body",
    )?;
    delete(client, "twice").await?;
    let call = client.get_collection().tenant(TENANT).database("missing");
    let missing = call.collection_id("missing").send().await;
    expect(missing.is_err_and(|error| error.is_not_found()), "404")
}

async fn records(client: &Client) -> Outcome {
    let id = create(client, "records").await?;
    let records: types::AddCollectionRecordsPayload = serde_json::from_value(json!({
        "ids": ["a", "b", "c"],
        "embeddings": [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]],
        "documents": ["first", null, "third"],
        "metadatas": [{ "level": 1, "is_new": true }, null, { "level": 2.5, "name": "c" }],
    }))?;
    let call = client.collection_add().tenant(TENANT).database(DATABASE);
    call.collection_id(&*id).body(records).send().await?;
    let call = client.collection_count().tenant(TENANT).database(DATABASE);
    let counted = call.collection_id(&*id).send().await?.into_inner();
    expect(i64::from(counted) == 3, "three records")?;

    let change: types::UpdateCollectionRecordsPayload =
        serde_json::from_value(json!({ "ids": ["b"], "documents": ["second"] }))?;
    let call = client.collection_update().tenant(TENANT).database(DATABASE);
    call.collection_id(&*id).body(change).send().await?;
    let wanted: types::GetRequestPayload =
        serde_json::from_value(json!({ "include": ["documents", "metadatas", "embeddings"] }))?;
    let call = client.collection_get().tenant(TENANT).database(DATABASE);
    let read = call.collection_id(&*id).body(wanted).send().await?;
    let documents = read.documents.as_deref().unwrap_or_default();
    expect(read.ids.len() == 3, "three records")?;
    expect(
        documents.iter().flatten().count() == 3,
        "the changed document",
    )?;

    let query: types::QueryRequestPayload = serde_json::from_value(json!({
        "query_embeddings": [[1.0, 0.1]], "n_results": 2, "include": ["distances", "metadatas"],
        "where": { "level": { "$gt": 0 } },
    }))?;
    let call = client.collection_query().tenant(TENANT).database(DATABASE);
    let found = call.collection_id(&*id).body(query).send().await?;
    expect(found.ids[0] == ["a", "c"], "the nearest records in order")?;

    let removed: types::DeleteCollectionRecordsPayload =
        serde_json::from_value(json!({ "ids": ["a"] }))?;
    let call = client.collection_delete().tenant(TENANT).database(DATABASE);
    call.collection_id(&*id).body(removed).send().await?;
    delete(client, "records").await
}
