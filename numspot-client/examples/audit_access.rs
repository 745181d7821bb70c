//! Lists the access rights in a space: every user and service account with its roles, permissions and,
//! if requested, its access to single resources, as CSV or JSON on standard output.
//!
//! It shows lists as streams whose items cause further calls, eight at a time and in order
//! (`try_buffered`), and a call for which a 404 is an expected response.
//!
//! ```sh
//! export NUMSPOT_CLIENT_ID=… NUMSPOT_CLIENT_SECRET=… NUMSPOT_SPACE_ID=…
//! cargo run -p numspot-client --example audit_access -- --format csv
//! cargo run -p numspot-client --example audit_access -- --format json \
//!     --service network --resource vpc
//! ```
//!
//! In CSV, a cell lists several values separated by `; `; in JSON they are a list. A role that the
//! space does not list is shown by its id. A subject without a policy, or with one that the caller may
//! not see, has no roles and no permissions: the API responds to both with 404.

use std::collections::HashMap;
use std::io::Write;
use std::process::ExitCode;

use numspot_client::runtime::{StreamExt as _, TryStreamExt as _};
use numspot_client::types::{AclListName, IamPolicy, SubjectType};
use numspot_client::{Client, Error};
use serde::Serialize;
use uuid::Uuid;

/// The maximum number of concurrent requests.
const AT_ONCE: usize = 8;

const USAGE: &str =
    "usage: audit_access [--format csv|json] [--service SERVICE --resource RESOURCE]";

/// One user or service account, with its access rights.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The kind: a user or a service account.
    pub subject: SubjectType,
    /// Its id.
    pub id: String,
    /// The email address of a user, the name of a service account.
    pub name: String,
    /// Its roles, in the order of its policy.
    pub roles: Vec<Role>,
    /// The ids of the permissions that it has outside any role.
    pub permissions: Vec<Uuid>,
    /// Its access to single resources; `None` if it was not requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acls: Option<Vec<AclListName>>,
}

/// A role of a subject.
#[derive(Debug, Serialize)]
pub struct Role {
    /// Its id.
    pub id: Uuid,
    /// Its name; `None` if the space does not list it.
    pub name: Option<String>,
}

/// The kind of resources whose ACLs are listed. The API lists them for one kind at a time.
#[derive(Debug, PartialEq)]
pub struct Acls {
    /// The service that owns them.
    pub service: String,
    /// Their type.
    pub resource: String,
}

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), with a header.
    Csv,
    /// One JSON array.
    Json,
}

/// All users of the client's space and then all of its service accounts, each in the order of its
/// list.
pub async fn audit(client: &Client, acls: Option<Acls>) -> Result<Vec<Row>, Error> {
    let roles: HashMap<Uuid, String> = client
        .list_roles_space()
        .page_size(50)
        .items()
        .map_ok(|role| (role.uuid, role.name))
        .try_collect()
        .await?;
    let users = client
        .list_user_space()
        .page_size(50)
        .items()
        .map_ok(|user| (SubjectType::Users, user.id.to_string(), user.email));
    let accounts = client
        .list_service_account_space()
        .page_size(50)
        .items()
        .map_ok(|account| (SubjectType::ServiceAccounts, account.id, account.name));
    users
        .chain(accounts)
        .map_ok(async |(subject, id, name)| {
            let policy = policy(client, subject, &id).await?;
            let role = |id| Role {
                id,
                name: roles.get(&id).cloned(),
            };
            let acls = match &acls {
                Some(of) => Some(acls_of(client, subject, &id, of).await?),
                None => None,
            };
            Ok(Row {
                subject,
                id,
                name,
                roles: policy.roles.into_iter().flatten().map(role).collect(),
                permissions: policy.permissions.unwrap_or_default(),
                acls,
            })
        })
        // It requests the next subject only below the maximum, so that pages count among the
        // concurrent requests.
        .try_buffered(AT_ONCE)
        .try_collect()
        .await
}

/// The policy of a subject; an empty one if the API has none.
async fn policy(client: &Client, subject: SubjectType, id: &str) -> Result<IamPolicy, Error> {
    let call = client.get_iam_policy_space();
    let response = call.subject_type(subject).subject_id(id).send().await;
    match response {
        Ok(policy) => Ok(policy.into_inner()),
        Err(error) if error.is_not_found() => Ok(IamPolicy {
            permissions: None,
            roles: None,
        }),
        Err(error) => Err(error),
    }
}

/// The access of a subject to single resources. Users and service accounts have an operation each.
async fn acls_of(
    client: &Client,
    subject: SubjectType,
    id: &str,
    of: &Acls,
) -> Result<Vec<AclListName>, Error> {
    let acls = match subject {
        SubjectType::Users => client
            .get_acl_user_space()
            .user_id(id)
            .service(&of.service)
            .resource(&of.resource)
            .page_size(100)
            .items(),
        SubjectType::ServiceAccounts => client
            .get_acl_service_account_space()
            .service_account_id(id)
            .service(&of.service)
            .resource(&of.resource)
            .page_size(100)
            .items(),
    };
    acls.try_collect().await
}

/// Writes rows. In CSV, there is a column of ACLs if they were requested.
pub fn write(rows: &[Row], format: Format, out: impl Write) -> std::io::Result<()> {
    match format {
        Format::Csv => write_csv(rows, out),
        Format::Json => write_json(rows, out),
    }
}

fn write_csv(rows: &[Row], out: impl Write) -> std::io::Result<()> {
    let with_acls = rows.iter().any(|row| row.acls.is_some());
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    let header = ["subject", "id", "name", "roles", "permissions"];
    csv.write_record(header.into_iter().chain(with_acls.then_some("acls")))?;
    for row in rows {
        csv.write_field(row.subject.to_string())?;
        csv.write_field(&row.id)?;
        csv.write_field(&row.name)?;
        csv.write_field(joined(&row.roles, |role| {
            role.name.clone().unwrap_or_else(|| role.id.to_string())
        }))?;
        csv.write_field(joined(&row.permissions, Uuid::to_string))?;
        if with_acls {
            csv.write_field(joined(row.acls.iter().flatten(), describe))?;
        }
        // Ends the record.
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

fn joined<'a, T: 'a>(
    values: impl IntoIterator<Item = &'a T>,
    show: impl Fn(&T) -> String,
) -> String {
    let shown: Vec<String> = values.into_iter().map(show).collect();
    shown.join("; ")
}

/// The permission of an entry, with its resource.
fn describe(acl: &AclListName) -> String {
    let AclListName {
        name,
        permission_id: _,
        service,
        resource,
        resource_id,
        subresource,
    } = acl;
    let subresource = subresource.iter().map(|name| format!("/{name}"));
    let subresource: String = subresource.collect();
    format!("{name} on {service}/{resource}{subresource} {resource_id}")
}

fn write_json(rows: &[Row], mut out: impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut out, rows)?;
    out.write_all(b"\n")
}

/// The arguments of the command line.
pub fn arguments(
    mut words: impl Iterator<Item = String>,
) -> Result<(Format, Option<Acls>), String> {
    let mut format = Format::Csv;
    let (mut service, mut resource) = (None, None);
    while let Some(word) = words.next() {
        let value = words.next();
        match (word.as_str(), value) {
            ("--format", Some(name)) if name == "csv" => format = Format::Csv,
            ("--format", Some(name)) if name == "json" => format = Format::Json,
            ("--service", Some(name)) => service = Some(name),
            ("--resource", Some(name)) => resource = Some(name),
            _ => return Err(format!("invalid argument `{word}`\n{USAGE}")),
        }
    }
    match (service, resource) {
        (Some(service), Some(resource)) => Ok((format, Some(Acls { service, resource }))),
        (None, None) => Ok((format, None)),
        _ => Err(format!(
            "--service and --resource require each other\n{USAGE}"
        )),
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (format, acls) = arguments(std::env::args().skip(1))?;
    let client = Client::builder_from_env()?.build()?;
    let rows = audit(&client, acls).await?;
    write(&rows, format, std::io::stdout().lock())?;
    Ok(())
}

#[tokio::main]
#[allow(clippy::print_stderr)]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
