//! Lists the resources of all services in a space, as CSV on standard output, with a progress bar on standard
//! error.
//!
//! It shows a list as a stream of pages, each with the total number of items.
//!
//! ```sh
//! export NUMSPOT_CLIENT_ID=… NUMSPOT_CLIENT_SECRET=… NUMSPOT_SPACE_ID=…
//! cargo run -p numspot-client --example inventory > inventory.csv
//! ```

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use numspot_client::Client;
use numspot_client::runtime::TryStreamExt as _;
use numspot_client::types::InventoryResourceLight;

/// Writes the resources of the client's space, one record for each, and returns their number. Each page is
/// written before the next one is requested, so that memory use does not depend on the size of the space.
pub async fn export(
    client: &Client,
    bar: &ProgressBar,
    out: impl Write,
) -> Result<u64, Box<dyn Error>> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["service", "type", "id", "name", "state", "parent"])?;
    let mut count = 0;
    let list = client.inventory_list_resources_by_space_id();
    let mut pages = list.page_size(50).pages();
    while let Some(page) = pages.try_next().await? {
        if let Some(total) = page.total_size.and_then(|total| u64::try_from(total).ok()) {
            bar.set_length(total);
        }
        for resource in &page.items {
            csv.write_record(record(resource))?;
            count += 1;
            bar.inc(1);
        }
        csv.flush()?;
    }
    bar.finish_and_clear();
    Ok(count)
}

fn record(resource: &InventoryResourceLight) -> [String; 6] {
    let parent = resource.parent.as_ref();
    [
        resource.source.to_string(),
        resource.type_.to_string(),
        resource.id.clone(),
        resource.name.clone().unwrap_or_default(),
        resource.state.to_string(),
        parent
            .map(|parent| parent.parent_name.clone())
            .unwrap_or_default(),
    ]
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = Client::builder_from_env()?.build()?;
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} resources")?;
    let bar = ProgressBar::new(0).with_style(style);
    export(&client, &bar, std::io::stdout().lock()).await?;
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
