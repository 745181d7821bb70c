//! Generates the method that waits for the work that a call starts.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Call, Reader};
use super::{documentation, identifier};
use crate::plan::{OperationPlan, WorkPlan};

impl Call<'_> {
    /// Generates the method that waits for the work that the call starts.
    pub(super) fn wait(&self) -> Option<TokenStream> {
        let (work, reader) = self.plan.work.as_ref().zip(self.reader.as_ref())?;
        let output = self.work()?;
        let Reader { row, decode, .. } = reader;
        let doc = documentation(&wait_doc(self.plan, work, reader));
        let until = match work.gone {
            true => identifier("until_gone"),
            false => identifier("until_done"),
        };
        Some(quote! {
            #doc
            pub fn wait(self) -> ::client_runtime::waiting::Wait<'a, #output> {
                let reader = &super::operations_::TABLE[#row];
                ::client_runtime::generated::#until(self.call_(), reader, #decode)
            }
        })
    }

    /// Returns the type that the method `wait` of the call returns.
    pub(crate) fn work(&self) -> Option<TokenStream> {
        let (work, Reader { of, .. }) = self.plan.work.as_ref().zip(self.reader.as_ref())?;
        Some(match work.gone {
            true => quote!(::std::option::Option<#of>),
            false => of.clone(),
        })
    }
}

/// Returns the documentation of `wait`: what is sent, and what ends the wait.
pub(super) fn wait_doc(plan: &OperationPlan, work: &WorkPlan, reader: &Reader) -> String {
    let states = |states: &[String]| {
        let states: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
        states.join(" or ")
    };
    let mut doc = match reader.method_name == plan.method_name {
        true => "Repeats the request until the work is done.".to_owned(),
        false => format!(
            "Sends the request, and then repeats [`{0}`](super::Client::{0}) until the work is done.",
            reader.method_name
        ),
    };
    doc += "\n\nThe work is done ";
    let state = work.state.join(".");
    doc += &match (work.done.is_empty(), work.gone) {
        (true, true) => "when the response is 404; the result is then `None`.".to_owned(),
        (true, false) => "as soon as the response is a success.".to_owned(),
        (false, true) => format!(
            "when `{state}` is {}, or when the response is 404; the result is then `None`.",
            states(&work.done)
        ),
        (false, false) => format!("when `{state}` is {}.", states(&work.done)),
    };
    doc += " [`Wait`](client_runtime::waiting::Wait) sets the intervals and the timeout.";
    if !work.failed.is_empty() {
        doc += &format!(
            "\n\n# Errors\nThose of the requests, and [`Operation`](client_runtime::ErrorKind::Operation) \
             when `{state}` is {}.",
            states(&work.failed)
        );
    }
    doc
}
