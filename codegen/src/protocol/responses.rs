//! Which response a request has.

use std::collections::{BTreeMap, BTreeSet};

use super::{Message, Params};
use crate::Error;
use crate::bundle::Bundle;
use crate::names::pascal_case;

/// Methods whose response neither their parameters nor their name tell.
const OVERRIDES: &[(&str, &str)] = &[
    ("account/gatewayOAuth/cancel", "GatewayOAuthCancelResponse"),
    ("account/gatewayOAuth/login", "GatewayOAuthLoginResponse"),
    ("account/gatewayOAuth/read", "GatewayOAuthReadResponse"),
    ("account/logout", "LogoutAccountResponse"),
    ("account/rateLimits/read", "GetAccountRateLimitsResponse"),
    (
        "account/securitySetup/read",
        "GetAccountSecuritySetupResponse",
    ),
    ("account/usage/read", "GetAccountTokenUsageResponse"),
    (
        "account/workspaceMessages/read",
        "GetWorkspaceMessagesResponse",
    ),
    ("accountSession/list", "AccountSessionsResponse"),
    ("config/batchWrite", "ConfigWriteResponse"),
    ("config/mcpServer/reload", "McpServerRefreshResponse"),
    ("config/value/write", "ConfigWriteResponse"),
    (
        "externalAgentConfig/import/readHistories",
        "ExternalAgentConfigImportHistoriesReadResponse",
    ),
];

/// The only response that more than one method has, and how many have it.
const SHARED: (&str, usize) = ("ConfigWriteResponse", 2);

/// The response of each method.
pub(super) fn pair<'a>(
    bundle: &Bundle,
    requests: impl Iterator<Item = &'a Message>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut pairs = BTreeMap::new();
    for request in requests {
        pairs.insert(request.method.clone(), response(bundle, request)?);
    }
    require_all_used(bundle, &pairs)?;
    Ok(pairs)
}

fn response(bundle: &Bundle, request: &Message) -> Result<String, Error> {
    let exists = |name: &String| bundle.definitions.contains_key(name);
    let by_table = OVERRIDES
        .iter()
        .find(|(method, _)| *method == request.method)
        .map(|(_, response)| (*response).to_owned());
    let by_params = match &request.params {
        Params::Required(name) | Params::Optional(name) => name
            .strip_suffix("Params")
            .map(|stem| format!("{stem}Response")),
        Params::None => None,
    };
    let by_method = Some(format!("{}Response", pascal_case(&request.method)));
    [by_table, by_params, by_method]
        .into_iter()
        .flatten()
        .find(exists)
        .ok_or_else(|| {
            Error::schema(
                format!("#/definitions/ClientRequest/{}", request.method),
                "no response found; add it to OVERRIDES in codegen/src/protocol/responses.rs",
            )
        })
}

/// Every response is the answer to one method, `SHARED` aside: a wrong guess
/// leaves one unused and uses another twice.
fn require_all_used(bundle: &Bundle, pairs: &BTreeMap<String, String>) -> Result<(), Error> {
    let used: BTreeSet<&String> = pairs.values().collect();
    let all = bundle
        .definitions
        .keys()
        .filter(|name| name.ends_with("Response"));
    if let Some(unused) = all
        .filter(|name| *name != "JSONRPCResponse")
        .find(|name| !used.contains(name))
    {
        let problem =
            "a response that no method has; fix OVERRIDES in codegen/src/protocol/responses.rs";
        return Err(Error::schema(format!("#/definitions/{unused}"), problem));
    }
    for name in used {
        let users = pairs.values().filter(|response| *response == name).count();
        let expected = if name == SHARED.0 { SHARED.1 } else { 1 };
        if users != expected {
            let problem = format!(
                "the response of {users} methods, expected {expected}; \
                 fix OVERRIDES in codegen/src/protocol/responses.rs"
            );
            return Err(Error::schema(format!("#/definitions/{name}"), problem));
        }
    }
    Ok(())
}
