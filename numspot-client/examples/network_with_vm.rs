//! Creates and deletes a small network with a VM that can be reached from the internet by SSH.
//!
//! It shows calls that start long-running work (`wait`). The created resources are recorded, so that they can be
//! deleted in reverse order, even if creating one of them fails.
//!
//! ```sh
//! export NUMSPOT_CLIENT_ID=… NUMSPOT_CLIENT_SECRET=… NUMSPOT_SPACE_ID=…
//! cargo run -p numspot-client --example network_with_vm -- IMAGE-ID KEY-PAIR [VM-TYPE]
//! ```
//!
//! The VM and the public IP are charged until they are deleted.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use numspot_client::{Client, types};

/// The timeout of each step.
const LIMIT: Duration = Duration::from_secs(10 * 60);

const USAGE: &str = "usage: network_with_vm IMAGE-ID KEY-PAIR [VM-TYPE]";

/// The VM to create.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The identifier of its image.
    pub image: String,
    /// The name of the key pair for signing in.
    pub keypair: String,
    /// Its type, which determines its cores and memory.
    pub vm_type: String,
}

/// A created resource, with the identifiers that are needed to delete it.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// A VPC.
    Vpc(String),
    /// A subnet.
    Subnet(String),
    /// An internet gateway.
    Gateway(String),
    /// The attachment of an internet gateway to a VPC.
    GatewayLink {
        /// The gateway.
        gateway: String,
        /// The VPC.
        vpc: String,
    },
    /// A route table.
    RouteTable(String),
    /// The association of a route table with a subnet.
    RouteTableLink {
        /// The route table.
        table: String,
        /// The association.
        link: String,
    },
    /// A security group.
    SecurityGroup(String),
    /// A VM.
    Vm(String),
    /// A public IP.
    PublicIp(String),
    /// The association of a public IP with a VM.
    PublicIpLink {
        /// The public IP.
        ip: String,
        /// The association.
        link: Option<String>,
    },
}

/// Creates the network and the VM, and returns the address of the VM. `made` gets every created resource,
/// even after an error. States are polled in intervals of `every`.
pub async fn build(
    client: &Client,
    wanted: &Wanted,
    every: Duration,
    made: &mut Vec<Made>,
) -> Result<String, Box<dyn Error>> {
    let vpc = types::CreateVpc::builder().ip_range("10.0.0.0/16");
    let vpc = client.create_vpc().body(vpc).wait().every(every);
    let vpc = identifier("VPC", vpc.timeout(LIMIT).await?.id)?;
    made.push(Made::Vpc(vpc.clone()));

    let subnet = types::CreateSubnet::builder()
        .vpc_id(&vpc)
        .ip_range("10.0.1.0/24");
    let subnet = client.create_subnet().body(subnet).wait().every(every);
    let subnet = identifier("subnet", subnet.timeout(LIMIT).await?.id)?;
    made.push(Made::Subnet(subnet.clone()));

    let gateway = client.create_internet_gateway().send().await?.into_inner();
    let gateway = identifier("internet gateway", gateway.id)?;
    made.push(Made::Gateway(gateway.clone()));
    let link = types::LinkInternetGateway::builder().vpc_id(&vpc);
    client
        .link_internet_gateway()
        .id(&gateway)
        .body(link)
        .send()
        .await?;
    made.push(Made::GatewayLink {
        gateway: gateway.clone(),
        vpc: vpc.clone(),
    });

    let table = types::CreateRouteTable::builder().vpc_id(&vpc);
    let table = client
        .create_route_table()
        .body(table)
        .send()
        .await?
        .into_inner();
    let table = identifier("route table", table.id)?;
    made.push(Made::RouteTable(table.clone()));
    let route = types::CreateRoute::builder()
        .destination_ip_range("0.0.0.0/0")
        .gateway_id(gateway);
    client.create_route().id(&table).body(route).send().await?;
    let link = types::LinkRouteTableBody::builder().subnet_id(&subnet);
    let link = client
        .link_route_table()
        .id(&table)
        .body(link)
        .send()
        .await?;
    made.push(Made::RouteTableLink {
        link: identifier("association", link.into_inner().link_route_table_id)?,
        table,
    });

    let group = types::CreateSecurityGroup::builder()
        .name("ssh")
        .description("Allows SSH")
        .vpc_id(&vpc);
    let group = client
        .create_security_group()
        .body(group)
        .send()
        .await?
        .into_inner();
    let group = identifier("security group", group.id)?;
    made.push(Made::SecurityGroup(group.clone()));
    let ssh = types::CreateSecurityGroupRule::builder()
        .flow("Inbound")
        .ip_protocol("tcp")
        .from_port_range(22)
        .to_port_range(22)
        .ip_range("0.0.0.0/0");
    client
        .create_security_group_rule()
        .id(&group)
        .body(ssh)
        .send()
        .await?;

    let vm = types::CreateVms::builder()
        .image_id(&wanted.image)
        .keypair_name(wanted.keypair.clone())
        .type_(&wanted.vm_type)
        .subnet_id(&subnet)
        .security_group_ids(vec![group]);
    // In two steps: if the wait fails, the VM is known and is deleted.
    let vm = client.create_vms().body(vm).send().await?.into_inner();
    let vm = identifier("VM", vm.id)?;
    made.push(Made::Vm(vm.clone()));
    let running = client.read_vms_by_id().id(vm.as_str()).wait().every(every);
    running.timeout(LIMIT).await?;

    let ip = client.create_public_ip().send().await?.into_inner();
    let address = ip.public_ip.unwrap_or_default();
    let ip = identifier("public IP", ip.id)?;
    made.push(Made::PublicIp(ip.clone()));
    let link = types::LinkPublicIpBody::builder().vm_id(vm);
    let link = client.link_public_ip().id(&ip).body(link).send().await?;
    let link = link.into_inner().link_public_ip_id;
    made.push(Made::PublicIpLink { ip, link });
    Ok(address)
}

/// Deletes the created resources, the last one first. Resources that cannot be deleted remain in `made`.
pub async fn tear_down(
    client: &Client,
    every: Duration,
    made: &mut Vec<Made>,
) -> Result<(), numspot_client::Error> {
    while let Some(last) = made.last() {
        match remove(client, every, last).await {
            // It was deleted before.
            Err(error) if error.is_not_found() => {}
            outcome => outcome?,
        }
        made.pop();
    }
    Ok(())
}

async fn remove(
    client: &Client,
    every: Duration,
    made: &Made,
) -> Result<(), numspot_client::Error> {
    match made {
        Made::Vpc(id) => {
            client
                .delete_vpc()
                .id(id)
                .wait()
                .every(every)
                .timeout(LIMIT)
                .await?;
        }
        Made::Subnet(id) => {
            client
                .delete_subnet()
                .id(id)
                .wait()
                .every(every)
                .timeout(LIMIT)
                .await?;
        }
        Made::Gateway(id) => {
            client.delete_internet_gateway().id(id).send().await?;
        }
        Made::GatewayLink { gateway, vpc } => {
            let link = types::UnlinkInternetGateway::builder().vpc_id(vpc);
            client
                .unlink_internet_gateway()
                .id(gateway)
                .body(link)
                .send()
                .await?;
        }
        Made::RouteTable(id) => {
            client.delete_route_table().id(id).send().await?;
        }
        Made::RouteTableLink { table, link } => {
            let link = types::UnlinkRouteTable::builder().link_route_table_id(link);
            client
                .unlink_route_table()
                .id(table)
                .body(link)
                .send()
                .await?;
        }
        Made::SecurityGroup(id) => {
            client.delete_security_group().id(id).send().await?;
        }
        Made::Vm(id) => {
            client
                .delete_vms()
                .id(id)
                .wait()
                .every(every)
                .timeout(LIMIT)
                .await?;
        }
        Made::PublicIp(id) => {
            client.delete_public_ip().id(id).send().await?;
        }
        Made::PublicIpLink { ip, link } => {
            let link = types::UnlinkPublicIp::builder().link_public_ip_id(link.clone());
            client.unlink_public_ip().id(ip).body(link).send().await?;
        }
    }
    Ok(())
}

/// The identifier in a response, which the API does not guarantee.
fn identifier(what: &str, id: Option<String>) -> Result<String, String> {
    id.ok_or_else(|| format!("the response has no identifier of the {what}"))
}

/// The arguments of the command line.
pub fn arguments(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let (Some(image), Some(keypair)) = (words.next(), words.next()) else {
        return Err(USAGE.to_owned());
    };
    let vm_type = words.next().unwrap_or_else(|| "ns-cus6-2c4r".to_owned());
    match words.next() {
        Some(word) => Err(format!("unexpected argument `{word}`\n{USAGE}")),
        None => Ok(Wanted {
            image,
            keypair,
            vm_type,
        }),
    }
}

#[allow(clippy::print_stdout)]
async fn run() -> Result<(), Box<dyn Error>> {
    let wanted = arguments(std::env::args().skip(1))?;
    let client = Client::builder_from_env()?.build()?;
    let every = Duration::from_secs(5);
    let mut made = Vec::new();
    let built = build(&client, &wanted, every, &mut made).await;
    match &built {
        Ok(address) => {
            println!("the address of the VM is {address}; press Enter to delete everything");
            std::io::stdin().read_line(&mut String::new())?;
        }
        Err(error) => {
            println!("deleting everything that was created, because of an error: {error}");
        }
    }
    if let Err(error) = tear_down(&client, every, &mut made).await {
        return Err(format!("{error}\nstill there: {made:?}").into());
    }
    built.map(|_| ())
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
