//! Calls of a Phoenix server with its generated client: creates, reads, lists in pages, changes, provokes errors,
//! uploads a file, downloads it in three formats, and deletes. Records all responses in the file that `RECORD` names.
//!
//! `../run.sh` copies this file and `../steps.rs` into the new crate and runs it.

#![allow(missing_docs, clippy::print_stdout)]

mod steps;

use phoenix_client::runtime::{FilePart, TryStreamExt as _};
use phoenix_client::{Client, runtime, types};
use serde_json::json;
use steps::{Outcome, expect};

const CSV: &str = "question,reply,level\none?,first,1\ntwo?,\"second, é\",2\n";

#[tokio::main]
async fn main() -> Outcome {
    let client = steps::builder()?.build()?;
    steps::report([
        ("create, read, change, delete", lifecycle(&client).await),
        ("list in pages", pages(&client).await),
        ("errors", errors(&client).await),
        ("upload and download a file", files(&client).await),
        (
            "records, and what is attached to them",
            spans(&client).await,
        ),
        ("choices", choices(&client).await),
        ("labels", labels(&client).await),
        ("experiments", experiments(&client).await),
        ("every list without arguments", lists(&client).await),
    ])
}

async fn create_project(
    client: &Client,
    name: &str,
) -> Result<types::Project, phoenix_client::Error> {
    let body = types::CreateProjectRequestBody::builder().name(name);
    Ok(client
        .create_project()
        .body(body)
        .send()
        .await?
        .into_inner()
        .data)
}

async fn lifecycle(client: &Client) -> Outcome {
    let made = create_project(client, "lifecycle").await?;
    let change = types::UpdateProjectRequestBody::builder().description("changed");
    client
        .update_project()
        .project_identifier(&*made.id)
        .body(change)
        .send()
        .await?;
    let read = client
        .get_project()
        .project_identifier("lifecycle")
        .send()
        .await?;
    expect(read.data.id == made.id, "the project that was created")?;
    expect(
        read.data.description.as_deref() == Some("changed"),
        "the changed description",
    )?;
    client
        .delete_project()
        .project_identifier(&*made.id)
        .send()
        .await?;
    let gone = client
        .get_project()
        .project_identifier(&*made.id)
        .send()
        .await;
    expect(
        gone.is_err_and(|error| error.is_not_found()),
        "404 after the project was deleted",
    )
}

async fn pages(client: &Client) -> Outcome {
    for number in 0..5 {
        create_project(client, &format!("page-{number}")).await?;
    }
    let mut projects = Vec::new();
    let mut cursor = None;
    loop {
        let call = client.get_projects().limit(2).cursor(cursor);
        let page = call.send().await?.into_inner();
        projects.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    projects.retain(|project| project.name.starts_with("page-"));
    expect(projects.len() == 5, "five projects")?;
    for project in projects {
        client
            .delete_project()
            .project_identifier(project.id)
            .send()
            .await?;
    }
    Ok(())
}

async fn errors(client: &Client) -> Outcome {
    let dataset = upload(client, "twice").await?;
    let twice = upload(client, "twice").await.err();
    let error = twice.ok_or("a name was taken twice")?;
    let error = error.downcast_ref::<phoenix_client::Error>();
    let error = error.ok_or("expected an error of the client")?;
    expect(error.status().is_some_and(|status| status == 409), "409")?;
    expect(error.to_string().contains("twice"), "what the server says")?;
    let call = client.delete_dataset_by_id();
    call.id(dataset.dataset_id).send().await?;
    let missing = client.get_dataset().id("missing").send().await;
    let error = missing.err().ok_or("a missing dataset was read")?;
    expect(error.status().is_some(), "a status")?;
    let cursor = client.get_projects().cursor("no cursor").send().await;
    let error = cursor.err().ok_or("an invalid cursor was accepted")?;
    expect(error.status().is_some_and(|status| status == 422), "422")?;
    let spans = client
        .get_spans()
        .project_identifier("missing")
        .send()
        .await;
    expect(spans.is_err_and(|error| error.is_not_found()), "404")
}

async fn upload(
    client: &Client,
    name: &str,
) -> Result<types::UploadDatasetData, Box<dyn std::error::Error>> {
    let file = FilePart::from(CSV.as_bytes())
        .named("data.csv")
        .of_type("text/csv");
    let body = types::UploadDatasetWithMultipartBody::builder()
        .name(name)
        .file(file)
        .input_keys(["question".to_owned()])
        .output_keys(["reply".to_owned()])
        .metadata_keys(["level".to_owned()]);
    let uploaded = client
        .upload_dataset_with_multipart()
        .sync(true)
        .body(body)
        .send()
        .await?;
    let uploaded = uploaded.into_inner().ok_or("expected what was uploaded")?;
    Ok(uploaded.data)
}

async fn files(client: &Client) -> Outcome {
    let dataset = upload(client, "files").await?;
    expect(dataset.num_created_examples == 2, "two examples")?;
    let examples = client
        .get_dataset_examples()
        .id(&*dataset.dataset_id)
        .send()
        .await?;
    let replies: Vec<_> = examples
        .data
        .examples
        .iter()
        .map(|example| &example.output["reply"])
        .collect();
    expect(
        replies.contains(&&json!("second, é")),
        "the example with a comma",
    )?;

    // The same endpoint accepts JSON.
    let more: types::UploadDatasetBody = serde_json::from_value(json!({
        "action": "append", "name": "files",
        "inputs": [{ "question": "three?" }], "outputs": [{ "reply": "third" }],
    }))?;
    client.upload_dataset().sync(true).body(more).send().await?;
    let versions = client
        .list_dataset_versions_by_dataset_id()
        .id(&*dataset.dataset_id)
        .send()
        .await?;
    expect(versions.data.len() == 2, "two versions")?;

    let csv = client
        .get_dataset_csv()
        .id(&*dataset.dataset_id)
        .send()
        .await?
        .into_inner();
    expect(
        csv.contains("third") && csv.contains("\"second, é\""),
        "all replies in the CSV",
    )?;
    let mut lines = Vec::new();
    let call = client.get_dataset_jsonl().id(&*dataset.dataset_id);
    let mut download = call.send_raw().await?.stream()?.into_inner();
    while let Some(chunk) = download.try_next().await? {
        lines.extend_from_slice(&chunk);
    }
    expect(
        String::from_utf8_lossy(&lines).lines().count() == 3,
        "three lines of JSON",
    )?;
    let call = client
        .get_dataset_jsonl_open_ai_evals()
        .id(&*dataset.dataset_id);
    let evals = call.send().await?;
    expect(evals.lines().count() == 3, "three lines of evals")?;
    client
        .delete_dataset_by_id()
        .id(&*dataset.dataset_id)
        .send()
        .await?;
    let gone = client.get_dataset().id(&*dataset.dataset_id).send().await;
    expect(
        gone.is_err_and(|error| error.is_not_found()),
        "404 after the dataset was deleted",
    )
}

async fn spans(client: &Client) -> Outcome {
    let trace = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4";
    let span = |id: &str, parent: Option<&str>| {
        json!({
            "name": id, "context": { "trace_id": trace, "span_id": id }, "span_kind": "CHAIN",
            "parent_id": parent, "start_time": "2026-01-01T00:00:00Z",
            "end_time": "2026-01-01T00:00:01.5Z", "status_code": "OK",
            "attributes": { "metadata": { "level": 1 } },
            "events": [{ "name": "e", "timestamp": "2026-01-01T00:00:01Z" }],
        })
    };
    create_project(client, "spans").await?;
    let (root, child) = ("1a2b3c4d5e6f7a8b", "2a2b3c4d5e6f7a8b");
    let body: types::CreateSpansRequestBody =
        serde_json::from_value(json!({ "data": [span(root, None), span(child, Some(root))] }))?;
    let made = client
        .create_spans()
        .project_identifier("spans")
        .body(body)
        .send()
        .await?;
    expect(made.total_queued == 2, "two spans")?;
    // The server stores them later.
    let mut found = Vec::new();
    for _ in 0..100 {
        let call = client
            .get_spans()
            .project_identifier("spans")
            .span_id([root.to_owned(), child.to_owned()]);
        found = call.send().await?.into_inner().data;
        if found.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    expect(found.len() == 2, "both spans")?;
    let roots = client
        .get_spans()
        .project_identifier("spans")
        .parent_id("null")
        .send()
        .await?;
    expect(roots.data.len() == 1, "one root")?;

    let note: types::AnnotateSpansRequestBody = serde_json::from_value(json!({ "data": [{
        "name": "quality", "annotator_kind": "HUMAN", "span_id": root,
        "result": { "label": "good", "score": 0.9 },
    }] }))?;
    client.annotate_spans().sync(true).body(note).send().await?;
    let call = client
        .list_span_annotations_by_span_ids()
        .project_identifier("spans");
    let notes = call.span_ids([root.to_owned()]).send().await?;
    expect(notes.data.len() == 1, "one annotation")?;
    let traces = client
        .list_project_traces()
        .project_identifier("spans")
        .include_spans(true)
        .send()
        .await?;
    expect(traces.data.len() == 1, "one trace")?;
    client.delete_span().span_identifier(child).send().await?;
    client.delete_trace().trace_identifier(trace).send().await?;
    client
        .delete_project()
        .project_identifier("spans")
        .send()
        .await?;
    Ok(())
}

async fn choices(client: &Client) -> Outcome {
    let configs = [
        json!({ "type": "CATEGORICAL", "name": "c", "optimization_direction": "MAXIMIZE",
            "values": [{ "label": "good", "score": 1 }, { "label": "bad", "score": null }] }),
        json!({ "type": "CONTINUOUS", "name": "n", "optimization_direction": "NONE", "lower_bound": 0.5 }),
        json!({ "type": "FREEFORM", "name": "f", "description": "any" }),
    ];
    for config in configs {
        let body: types::CreateAnnotationConfigData = serde_json::from_value(config.clone())?;
        let made = client.create_annotation_config().body(body).send().await?;
        let made = serde_json::to_value(&made.data)?;
        expect(
            made["type"] == config["type"],
            "a configuration of the type that was created",
        )?;
        let id = made["id"].as_str().ok_or("expected an id")?.to_owned();
        client
            .get_annotation_config()
            .config_identifier(&*id)
            .send()
            .await?;
        client
            .delete_annotation_config()
            .config_id(id)
            .send()
            .await?;
    }
    Ok(())
}

async fn labels(client: &Client) -> Outcome {
    let dataset = upload(client, "labels").await?;
    let label: types::CreateDatasetLabelRequestBody = serde_json::from_value(
        json!({ "name": "new", "color": "#00ff00", "description": "first" }),
    )?;
    let label = client
        .create_dataset_label()
        .body(label)
        .send()
        .await?
        .into_inner()
        .data;
    // Null clears the description.
    let change: types::UpdateDatasetLabelRequestBody =
        serde_json::from_value(json!({ "name": "changed", "description": null }))?;
    let changed = client
        .update_dataset_label()
        .label_id(&*label.id)
        .body(change)
        .send()
        .await?;
    expect(changed.data.name == "changed", "the changed name")?;
    expect(changed.data.description.is_none(), "no description")?;
    let call = client
        .add_dataset_label_to_dataset()
        .dataset_identifier("labels");
    call.label_id(&*label.id).send().await?;
    let call = client
        .list_dataset_labels_for_dataset()
        .dataset_identifier("labels");
    expect(call.send().await?.data.len() == 1, "one label")?;
    let call = client
        .remove_dataset_label_from_dataset()
        .dataset_identifier("labels");
    call.label_id(&*label.id).send().await?;
    client
        .delete_dataset_label()
        .label_id(&*label.id)
        .send()
        .await?;
    client
        .delete_dataset_by_id()
        .id(dataset.dataset_id)
        .send()
        .await?;
    Ok(())
}

async fn experiments(client: &Client) -> Outcome {
    let dataset = upload(client, "experiments").await?;
    let body = types::CreateExperimentRequestBody::builder()
        .name("first")
        .repetitions(1);
    let made = client
        .create_experiment()
        .dataset_id(&*dataset.dataset_id)
        .body(body)
        .send()
        .await?;
    let experiment = made.into_inner().data;
    let examples = client
        .get_dataset_examples()
        .id(&*dataset.dataset_id)
        .send()
        .await?;
    for example in &examples.data.examples {
        let run: types::CreateExperimentRunRequestBody = serde_json::from_value(json!({
            "dataset_example_id": example.node_id, "output": { "reply": "first" }, "repetition_number": 1,
            "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01Z",
        }))?;
        client
            .create_experiment_run()
            .experiment_id(&*experiment.id)
            .body(run)
            .send()
            .await?;
    }
    let runs = client
        .list_experiment_runs()
        .experiment_id(&*experiment.id)
        .send()
        .await?;
    expect(runs.data.len() == 2, "two runs")?;
    client
        .get_experiment()
        .experiment_id(&*experiment.id)
        .send()
        .await?;
    // The response is documented as text, but is JSON. The overlay changes the type that `send`
    // returns.
    let call = client.get_experiment_json().experiment_id(&*experiment.id);
    let json = call.send_raw().await?.bytes().await?;
    let json: Vec<serde_json::Value> = serde_json::from_slice(&json)?;
    expect(json.len() == 2, "two runs in the download")?;
    let call = client.get_experiment_csv_as_csv();
    let csv = call.experiment_id(&*experiment.id).send().await?;
    expect(csv.lines().count() == 3, "a head and two runs in the CSV")?;
    client
        .delete_experiment()
        .experiment_id(&*experiment.id)
        .send()
        .await?;
    client
        .delete_dataset_by_id()
        .id(dataset.dataset_id)
        .send()
        .await?;
    Ok(())
}

async fn lists(client: &Client) -> Outcome {
    client.list_annotation_configs().send().await?;
    client.list_dataset_labels().send().await?;
    client.list_datasets().send().await?;
    client.get_prompts().send().await?;
    client.get_projects().send().await?;
    client.get_model_providers().send().await?;
    client.get_custom_model_providers().send().await?;
    client.get_users().send().await?;
    Ok(())
}
