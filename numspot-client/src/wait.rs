//! Waiting for OpenShift operations.

use client_runtime::waiting::{LongRunning, State, Wait};
use client_runtime::{Error, OpenEnum};

use crate::Client;
use crate::types::{OpenShiftOperation, OperationStatus, StringOrObject};

impl Client {
    /// Waits until an operation of the client's space (see [`Client::in_space`]) has finished.
    ///
    /// ```
    /// use std::time::Duration;
    /// use numspot_client::runtime::Error;
    /// use numspot_client::types::OpenShiftOperation;
    /// use numspot_client::Client;
    ///
    /// async fn finished(client: &Client, operation: OpenShiftOperation) -> Result<(), Error> {
    ///     let half_an_hour = Duration::from_secs(30 * 60);
    ///     let done = client.wait_for(operation).timeout(half_an_hour).await?;
    ///     println!("finished at {:?}", done.end_time);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The wait ends with an error when the operation fails, of the kind
    /// [`ErrorKind::Operation`](client_runtime::ErrorKind::Operation), and when asking about it does
    /// for a reason that does not pass.
    pub fn wait_for(&self, operation: OpenShiftOperation) -> Wait<'_, OpenShiftOperation> {
        let id = operation.id;
        Wait::new(operation, move || async move {
            let mut call = self.get_operation();
            // An operation without an id leaves the parameter out, which is the error to report.
            if let Some(id) = id {
                call = call.id(id);
            }
            Ok::<_, Error>(call.send().await?.into_inner())
        })
    }
}

impl LongRunning for OpenShiftOperation {
    fn state(&self) -> State {
        match &self.status {
            Some(OpenEnum::Known(OperationStatus::Done)) => State::Done,
            Some(OpenEnum::Known(OperationStatus::Failed)) => {
                State::Failed(self.error.as_ref().map_or_else(
                    || "the API gave no reason".to_owned(),
                    |error| match error {
                        StringOrObject::String(text) => text.clone(),
                        StringOrObject::Object(object) => {
                            serde_json::Value::Object(object.clone()).to_string()
                        }
                        StringOrObject::Other(value) => value.to_string(),
                    },
                ))
            }
            Some(OpenEnum::Known(OperationStatus::Pending | OperationStatus::Running)) => {
                State::Running
            }
            Some(OpenEnum::Unknown(other)) => State::Unknown(other.clone()),
            None => State::Unknown("none".to_owned()),
        }
    }
}
