//! Code that the programs of all servers share: the settings of the client, and the report of the
//! steps.
//!
//! `run.sh` copies this file beside `main.rs`, which imports `Client` and `runtime` of the crate of its client.

use std::error::Error;

use crate::Client;
use crate::runtime::Builder;

/// The outcome of a step.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// A builder of a client of the server at `BASE_URL`, which records all responses in the file that `RECORD` names
/// and prints each deviation once.
///
/// # Errors
/// One of the variables is not set.
pub(crate) fn builder() -> Result<Builder<Client>, Box<dyn Error>> {
    Ok(Client::builder()
        .base_url(std::env::var("BASE_URL")?)
        .record(std::env::var("RECORD")?)
        .on_deviation(|deviation| println!("deviation | {deviation}")))
}

/// Prints the outcome of each step.
///
/// # Errors
/// The number of steps that failed, unless it is 0.
pub(crate) fn report<const COUNT: usize>(steps: [(&str, Outcome); COUNT]) -> Outcome {
    let mut failed = 0;
    for (step, outcome) in steps {
        match outcome {
            Ok(()) => println!("passed | {step}"),
            Err(error) => {
                failed += 1;
                println!("failed | {step} | {error}");
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} steps failed").into()),
    }
}

/// Fails with the description of the expectation, unless it is met.
///
/// # Errors
/// The expectation `what` is not met.
pub(crate) fn expect(is: bool, what: &str) -> Outcome {
    match is {
        true => Ok(()),
        false => Err(format!("expected {what}").into()),
    }
}
