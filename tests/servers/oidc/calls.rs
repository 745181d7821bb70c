//! Calls of an API that accepts tokens of an OpenID provider: fetches tokens by the client credentials grant,
//! uses them, renews them after they expire or are revoked, and provokes errors. Records all responses in the
//! file that `RECORD` names.
//!
//! `../run.sh` copies this file and `../steps.rs` into the new crate and runs it.

#![allow(missing_docs, clippy::print_stdout)]

mod steps;

use std::error::Error;
use std::time::Duration;

use oidc_client::runtime::{ClientAuthentication, ClientCredentials};
use oidc_client::{Client, SecuritySchemes as _, runtime, types};
use steps::{Outcome, expect};

/// A client with characters that RFC 6749, section 2.3.1, encodes.
const SHOP: (&str, &str) = ("shop: 100%", "p+w/:%20&=~\"\\");
/// A client that must not create things.
const READER: (&str, &str) = ("reader", "a secret in the body +/%");
/// A client whose tokens are valid for two seconds.
const BRIEF: (&str, &str) = ("brief", "a secret for two seconds");

#[tokio::main]
async fn main() -> Outcome {
    let client = steps::builder()?.allow_missing_credentials().build()?;
    let metadata = client.discover().send().await?.into_inner();
    let provider = Provider {
        token_url: metadata.token_endpoint.clone(),
        client,
    };
    steps::report([
        ("what the provider supports", supports(&metadata)),
        ("a token in the header", by_header(&provider).await),
        ("a token by OpenID Connect", by_open_id(&provider).await),
        ("a token by a secret in the body", by_body(&provider).await),
        ("one token for many calls", many(&provider).await),
        ("a new token after expiry", expiry(&provider).await),
        ("a new token after a refusal", refusal(&provider).await),
        ("scopes", scopes(&provider).await),
        ("errors of the provider", errors(&provider).await),
        ("no credentials", nothing(&provider).await),
    ])
}

struct Provider {
    token_url: String,
    /// Without credentials.
    client: Client,
}

impl Provider {
    fn credentials(&self, (id, secret): (&str, &str)) -> Result<ClientCredentials, Box<dyn Error>> {
        let url = self.token_url.parse()?;
        let credentials = ClientCredentials::new(url, id, secret.into());
        Ok(credentials.scopes(["things.read"]))
    }

    /// How many tokens were issued, and how many requests were refused, so far.
    async fn counts(&self) -> Result<(i64, i64), oidc_client::Error> {
        let counts = self.client.count_tokens().send().await?;
        Ok((counts.issued, counts.refused))
    }
}

fn with(credentials: ClientCredentials) -> Result<Client, Box<dyn Error>> {
    Ok(steps::builder()?.oauth(credentials).build()?)
}

fn supports(metadata: &types::Metadata) -> Outcome {
    let grants = &metadata.grant_types_supported;
    expect(
        grants.iter().any(|grant| grant == "client_credentials"),
        "the grant",
    )?;
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    let methods = methods.unwrap_or_default();
    for method in ["client_secret_basic", "client_secret_post"] {
        expect(methods.iter().any(|known| known == method), method)?;
    }
    Ok(())
}

async fn by_header(provider: &Provider) -> Outcome {
    let credentials = provider.credentials(SHOP)?;
    let client = with(credentials.scopes(["things.read", "things.write"]))?;
    let thing = types::Thing::builder().name("first");
    client.create_thing().body(thing).send().await?;
    let things = client.list_things().send().await?;
    let is_there = things.iter().any(|thing| thing.name == "first");
    expect(is_there, "the thing that was created")
}

async fn by_open_id(provider: &Provider) -> Outcome {
    let credentials = provider.credentials(SHOP)?;
    let client = steps::builder()?.open_id(credentials).build()?;
    client.list_things().send().await?;
    Ok(())
}

async fn by_body(provider: &Provider) -> Outcome {
    let credentials = provider.credentials(READER)?;
    let client = with(credentials.authentication(ClientAuthentication::Body))?;
    client.list_things().send().await?;
    Ok(())
}

async fn many(provider: &Provider) -> Outcome {
    let client = with(provider.credentials(SHOP)?)?;
    let (issued, refused) = provider.counts().await?;
    let calls = || client.list_things().send();
    let (one, two, three) = tokio::join!(calls(), calls(), calls());
    (one?, two?, three?);
    client.list_things().send().await?;
    expect(
        provider.counts().await? == (issued + 1, refused),
        "one token",
    )
}

async fn expiry(provider: &Provider) -> Outcome {
    let client = with(provider.credentials(BRIEF)?)?;
    client.list_things().send().await?;
    let (issued, refused) = provider.counts().await?;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    client.list_things().send().await?;
    expect(
        provider.counts().await? == (issued + 1, refused),
        "a new token, before the expired one is refused",
    )
}

async fn refusal(provider: &Provider) -> Outcome {
    let client = with(provider.credentials(SHOP)?)?;
    client.list_things().send().await?;
    let (issued, refused) = provider.counts().await?;
    provider.client.revoke_tokens().send().await?;
    client.list_things().send().await?;
    expect(
        provider.counts().await? == (issued + 1, refused + 1),
        "one refusal and a new token",
    )
}

async fn scopes(provider: &Provider) -> Outcome {
    let client = with(provider.credentials(READER)?)?;
    let (issued, refused) = provider.counts().await?;
    let thing = types::Thing::builder().name("second");
    let created = client.create_thing().body(thing).send().await;
    let error = created.err().ok_or("a thing was created")?;
    expect(error.status().is_some_and(|status| status == 403), "403")?;
    expect(
        error.to_string().contains("insufficient_scope"),
        "what the API says",
    )?;
    // Another token would have the same scopes.
    expect(
        provider.counts().await? == (issued + 1, refused + 1),
        "one refusal and no second token",
    )?;

    let credentials = provider.credentials(READER)?.scopes(["things.write"]);
    let refused = with(credentials)?.list_things().send().await;
    let error = refused.err().ok_or("a scope was granted")?;
    expect(
        error.to_string().contains("invalid_scope"),
        "what the provider says",
    )
}

async fn errors(provider: &Provider) -> Outcome {
    for (id, what) in [(SHOP.0, "invalid_client"), ("nobody", "invalid_client")] {
        let secret = "not the secret: 100%";
        for place in [ClientAuthentication::Basic, ClientAuthentication::Body] {
            let credentials = provider.credentials((id, secret))?;
            let client = with(credentials.authentication(place))?;
            let refused = client.list_things().send().await;
            let error = refused.err().ok_or("a token was issued")?;
            expect(error.to_string().contains(what), what)?;
            let shown = format!("{error} {error:?} {client:?}");
            expect(
                !shown.contains("not the secret") && !shown.contains("not+the"),
                "no secret",
            )?;
            expect(
                !error.is_retryable(),
                "an error that a retry does not solve",
            )?;
        }
    }
    Ok(())
}

async fn nothing(provider: &Provider) -> Outcome {
    let refused = provider.client.list_things().send().await;
    let error = refused.err().ok_or("nobody was authenticated")?;
    expect(error.status().is_some_and(|status| status == 401), "401")
}
