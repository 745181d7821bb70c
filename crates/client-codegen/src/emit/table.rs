//! Generates the table of operations.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::call::Call;
use super::identifier;
use crate::Settings;
use crate::facts::secrets;
use crate::locations::Locations;
use crate::plan::{
    BodyEncoding, BodyPlan, ClientPlan, FieldPlan, FieldStyle, Location, OperationPlan,
    ParameterPlan, ParameterStyle, ResponseBody, ResponsePlan, SchemeKind, SecuritySchemePlan,
    StatusPattern, WorkPlan,
};

/// Generates the module with the table of operations: a single static. Equal lists of several
/// operations are shared.
pub(super) fn table<'a>(
    plan: &ClientPlan,
    calls: impl ExactSizeIterator<Item = &'a Call<'a>>,
    settings: &Settings,
) -> TokenStream {
    let count = calls.len();
    let mut lists = Lists::default();
    let locations = Locations::of(plan);
    let rows = calls.map(|call| call.row(plan, settings, &locations, &mut lists));
    let rows: Vec<TokenStream> = rows.collect();
    let schemes = plan.schemes.iter().map(scheme_row);
    let security = alternatives(&plan.security, &plan.schemes);
    let secrets = secrets(&plan.document).into_iter();
    let lists = lists.items;
    let locations = locations.items();
    quote! {
        mod operations_ {
            use ::client_runtime::generated::*;

            #(#locations)*
            #(#lists)*

            pub(super) static TABLE: [Operation; #count] = [#(#rows),*];
            pub(super) const SCHEMES: &[SecurityScheme] = &[#(#schemes),*];
            pub(super) const SECURITY: &[&[usize]] = &[#security];
            pub(super) const SECRETS: &[&str] = &[#(#secrets),*];
        }
    }
}

/// The lists in the table of operations, each a constant.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) items: Vec<TokenStream>,
    pub(super) names: HashMap<String, Ident>,
}

impl Lists {
    /// Returns the constant for a list of values of a type.
    pub(super) fn name(&mut self, of: TokenStream, values: &TokenStream) -> Ident {
        let known = self.names.len();
        let name = self.names.entry(format!("{of}: {values}"));
        let items = &mut self.items;
        let name = name.or_insert_with(|| {
            let name = format_ident!("L{known}");
            items.push(quote!(const #name: &[#of] = &[#values];));
            name
        });
        name.clone()
    }
}

impl Call<'_> {
    /// Returns the row of the table of operations.
    pub(super) fn row(
        &self,
        client: &ClientPlan,
        settings: &Settings,
        locations: &Locations<'_>,
        lists: &mut Lists,
    ) -> TokenStream {
        let plan = self.plan;
        let OperationPlan {
            id,
            method,
            path,
            method_name,
            ..
        } = plan;
        let mut fields = Vec::new();
        if let Some(security) = &plan.security {
            let security = alternatives(security, &client.schemes);
            let security = lists.name(quote!(&[usize]), &security);
            fields.push(quote!(security: Some(#security)));
        }
        if let Some(server) = &plan.server {
            fields.push(quote!(server: Some(#server)));
        }
        if let Some(accept) = &plan.accept {
            fields.push(quote!(accept: Some(#accept)));
        }
        if let Some(idempotent) = plan.idempotent {
            fields.push(quote!(idempotent: Some(#idempotent)));
        }
        if !plan.parameters.is_empty() {
            let parameters = plan.parameters.iter();
            let parameters = parameters.map(|parameter| parameter_row(plan, parameter, settings));
            let parameters = lists.name(quote!(Parameter), &quote!(#(#parameters),*));
            fields.push(quote!(parameters: #parameters));
        }
        if let Some(body) = &plan.body {
            let body = body_row(body);
            fields.push(quote!(body: Some(#body)));
        }
        if let Some(work) = plan.work.as_ref().filter(|_| self.reader.is_some()) {
            let work = work_row(work);
            fields.push(quote!(work: Some(#work)));
        }
        let responses = plan.responses.iter();
        let responses = responses.map(|response| response_row(response, locations));
        let responses = lists.name(quote!(DocumentedResponse), &quote!(#(#responses),*));
        quote! {
            Operation {
                rust_name: #method_name,
                id: #id,
                method: #method,
                path: #path,
                #(#fields,)*
                responses: #responses,
                ..Operation::PLAIN
            }
        }
    }
}

/// Returns the row of a scheme in the table of schemes.
pub(super) fn scheme_row(scheme: &SecuritySchemePlan) -> TokenStream {
    let (name, method) = (&scheme.name, &scheme.method_name);
    let kind = match &scheme.kind {
        SchemeKind::Header(name) => quote!(Header(#name)),
        SchemeKind::Query(name) => quote!(Query(#name)),
        SchemeKind::Cookie(name) => quote!(Cookie(#name)),
        SchemeKind::Basic => quote!(Basic),
        SchemeKind::Bearer => quote!(Bearer),
        SchemeKind::MutualTls => quote!(MutualTls),
        SchemeKind::Other => quote!(Other),
    };
    quote!(SecurityScheme { name: #name, method: #method, kind: SchemeKind::#kind })
}

/// Returns the alternatives of a security requirement, as indices into the table of schemes.
pub(super) fn alternatives(
    security: &[Vec<String>],
    schemes: &[SecuritySchemePlan],
) -> TokenStream {
    let alternatives = security.iter().map(|all| {
        let places = all.iter().filter_map(|name| {
            let place = schemes.iter().position(|scheme| scheme.name == *name);
            place.map(Literal::usize_unsuffixed)
        });
        quote!(&[#(#places),*])
    });
    quote!(#(#alternatives),*)
}

pub(super) fn parameter_row(
    plan: &OperationPlan,
    parameter: &ParameterPlan,
    settings: &Settings,
) -> TokenStream {
    let ParameterPlan { name, setter, .. } = parameter;
    let style = match parameter.style {
        ParameterStyle::Simple => identifier("Simple"),
        ParameterStyle::Label => identifier("Label"),
        ParameterStyle::Matrix => identifier("Matrix"),
        ParameterStyle::Form => identifier("Form"),
        ParameterStyle::SpaceDelimited => identifier("SpaceDelimited"),
        ParameterStyle::PipeDelimited => identifier("PipeDelimited"),
        ParameterStyle::DeepObject => identifier("DeepObject"),
        ParameterStyle::Json => identifier("Json"),
    };
    // The last segment of a path names the resource of the call, so it must not have a default.
    let client_default = parameter.location == Location::Path
        && settings.default_parameters.contains(name)
        && !plan.path.ends_with(&format!("{{{name}}}"));
    let flags = [
        ("explode", parameter.explode),
        ("required", parameter.required),
        ("client_default", client_default),
        ("allow_reserved", parameter.allow_reserved),
        ("allow_empty", parameter.allow_empty),
    ];
    let set = flags.iter().filter(|(_, is_set)| *is_set);
    let set = set.map(|(flag, _)| identifier(flag));
    quote! {
        Parameter {
            name: #name,
            argument: #setter,
            style: Style::#style,
            #(#set: true,)*
            ..Parameter::PLAIN
        }
    }
}

pub(super) fn body_row(body: &BodyPlan) -> TokenStream {
    let BodyPlan {
        media_type,
        required,
        ..
    } = body;
    let encoding = match &body.encoding {
        BodyEncoding::Json { .. } => quote!(Json),
        BodyEncoding::Form { fields, .. } => {
            let fields = fields.iter().map(field_row);
            quote!(Form(&[#(#fields),*]))
        }
        BodyEncoding::Multipart { fields, .. } => {
            let fields = fields.iter().map(field_row);
            quote!(Multipart(&[#(#fields),*]))
        }
        BodyEncoding::Text | BodyEncoding::Bytes | BodyEncoding::JsonLines { .. } => quote!(Raw),
    };
    quote! {
        RequestBody {
            media_type: #media_type,
            required: #required,
            encoding: Encoding::#encoding,
        }
    }
}

pub(super) fn field_row(field: &FieldPlan) -> TokenStream {
    let FieldPlan {
        name, content_type, ..
    } = field;
    let style = match field.style {
        FieldStyle::Plain => quote!(Plain),
        FieldStyle::Json => quote!(Json),
        FieldStyle::Brackets => quote!(Brackets),
        FieldStyle::Properties => quote!(Properties),
        FieldStyle::Joined(separator) => {
            let separator = Literal::character(separator);
            quote!(Joined(#separator))
        }
        FieldStyle::File => quote!(File),
    };
    let content_type = match content_type {
        Some(media_type) => quote!(Some(#media_type)),
        None => quote!(None),
    };
    quote! {
        Field {
            name: #name,
            style: FieldStyle::#style,
            content_type: #content_type,
        }
    }
}

pub(super) fn work_row(work: &WorkPlan) -> TokenStream {
    let WorkPlan {
        read: _,
        parameters,
        state,
        done,
        failed,
        reason,
        gone,
    } = work;
    let parameters = parameters
        .iter()
        .map(|(name, path)| quote!((#name, &[#(#path),*])));
    quote! {
        Work {
            parameters: &[#(#parameters),*],
            state: &[#(#state),*],
            done: &[#(#done),*],
            failed: &[#(#failed),*],
            reason: &[#(#reason),*],
            gone: #gone,
        }
    }
}

pub(super) fn response_row(response: &ResponsePlan, locations: &Locations<'_>) -> TokenStream {
    let status = match response.status {
        StatusPattern::Code(code) => quote!(Code(#code)),
        StatusPattern::Range(class) => quote!(Range(#class)),
        StatusPattern::Default => quote!(Default),
    };
    let media_type = match &response.media_type {
        Some(media_type) => quote!(Some(#media_type)),
        None => quote!(None),
    };
    let body = match response.body {
        ResponseBody::None => identifier("None"),
        ResponseBody::Json { .. } => identifier("Json"),
        ResponseBody::Text => identifier("Text"),
        ResponseBody::Upgrade => identifier("Upgrade"),
        ResponseBody::Bytes
        | ResponseBody::Events { .. }
        | ResponseBody::JsonLines { .. }
        | ResponseBody::JsonSequence { .. } => identifier("Stream"),
    };
    let schema = locations.response(response);
    quote! {
        DocumentedResponse {
            status: StatusPattern::#status,
            media_type: #media_type,
            body: ResponseBody::#body,
            schema: #schema,
        }
    }
}
