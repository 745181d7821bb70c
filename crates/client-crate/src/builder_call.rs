//! The calls of a client's builder that set credentials, for examples.

use client_codegen::plan::{ClientPlan, SchemeKind, SecuritySchemePlan};

/// The security schemes that operations accept.
pub(crate) fn taken(plan: &ClientPlan) -> Vec<&SecuritySchemePlan> {
    let schemes = plan.schemes.iter();
    let taken = schemes.filter(|scheme| {
        let mut alternatives = plan.operations.iter().filter_map(|it| it.security.as_ref());
        alternatives.any(|all| all.iter().flatten().any(|name| *name == scheme.name))
    });
    taken.collect()
}

/// The call of the builder that sets the credentials of a scheme.
pub(crate) struct BuilderCall {
    /// The type of the runtime that it needs.
    pub(crate) import: Option<&'static str>,
    pub(crate) call: String,
}

/// `None` for credentials of which there is no short example.
pub(crate) fn builder_call(scheme: &SecuritySchemePlan) -> Option<BuilderCall> {
    let method = &scheme.method_name;
    let secret = |what: &str| format!("std::env::var(\"{what}\")?");
    let (import, arguments) = match &scheme.kind {
        SchemeKind::Header(_) | SchemeKind::Query(_) | SchemeKind::Cookie(_) => {
            (None, secret("API_KEY"))
        }
        SchemeKind::Basic => (None, format!("\"user\", {}", secret("PASSWORD"))),
        SchemeKind::Bearer => match scheme.token_url.as_deref().filter(|it| it.contains("://")) {
            Some(url) => (
                Some("ClientCredentials"),
                format!(
                    "ClientCredentials::new(\n    {url:?}.parse()?,\n    {},\n    {}.into(),\n)",
                    secret("CLIENT_ID"),
                    secret("CLIENT_SECRET")
                ),
            ),
            None => (
                Some("StaticToken"),
                format!("StaticToken::from({})", secret("TOKEN")),
            ),
        },
        SchemeKind::MutualTls | SchemeKind::Other => return None,
    };
    Some(BuilderCall {
        import,
        call: format!(".{method}({arguments})"),
    })
}
