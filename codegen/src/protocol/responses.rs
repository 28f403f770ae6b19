//! The response of each request.

use std::collections::{BTreeMap, BTreeSet};

use super::{Message, Params, Protocol};
use crate::Error;
use crate::bundle::Bundle;
use crate::names::{pascal_case, snake_case};

/// Methods whose response follows neither from their parameters nor from their name.
const OVERRIDES: &[(&str, &str)] = &[
    ("account/gatewayOAuth/cancel", "GatewayOauthCancelResponse"),
    ("account/gatewayOAuth/login", "GatewayOauthLoginResponse"),
    ("account/gatewayOAuth/read", "GatewayOauthReadResponse"),
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

/// The only response that more than one method has.
const SHARED: &str = "ConfigWriteResponse";

/// The response of each method.
pub(super) fn pair<'a>(
    bundle: &Bundle,
    requests: impl Iterator<Item = &'a Message>,
    problems: &mut Vec<Error>,
) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let mut unanswered = Vec::new();
    for request in requests {
        match response(bundle, request) {
            Some(response) => {
                problems.extend(nullable(bundle, &response, request));
                pairs.insert(request.method.clone(), response);
            }
            None => unanswered.push(request),
        }
    }
    let unused = unused(bundle, &pairs);
    problems.extend(missing(&unanswered, &unused));
    // For a method without a response, the possible ones are proposed there.
    if unanswered.is_empty() {
        problems.extend(unused.iter().map(|name| unclaimed(bundle, name)));
    }
    problems.extend(shared(bundle, &pairs));
    pairs
}

fn response(bundle: &Bundle, request: &Message) -> Option<String> {
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
}

/// Rejects a response that may be `null`: a model is not nullable.
fn nullable(bundle: &Bundle, response: &str, request: &Message) -> Option<Error> {
    bundle.nullable.contains(response).then(|| {
        let problem = format!(
            "the response of `{}` may be `null`, which a model cannot be; \
             correct it in EDITS in codegen/src/fixups.rs",
            request.method
        );
        Error::schema(bundle.pointer(response), problem)
    })
}

/// The responses that no method has.
fn unused(bundle: &Bundle, pairs: &BTreeMap<String, String>) -> Vec<String> {
    let used: BTreeSet<&String> = pairs.values().collect();
    let all = bundle
        .definitions
        .keys()
        .filter(|name| name.ends_with("Response"));
    let unused = all.filter(|name| *name != "JSONRPCResponse" && !used.contains(name));
    unused.cloned().collect()
}

/// The methods without a response, each with the rows that may be missing: unused responses, most
/// similar first.
fn missing(unanswered: &[&Message], unused: &[String]) -> Vec<Error> {
    let problem = |request: &&Message| {
        let mut candidates: Vec<&String> = unused.iter().collect();
        candidates.sort_by_key(|name| std::cmp::Reverse(alike(&request.method, name)));
        let rows = candidates.iter().take(3);
        let rows = rows.map(|name| format!("(\"{}\", \"{name}\")", request.method));
        let rows: Vec<_> = rows.collect();
        let remedy = match (rows.as_slice(), unanswered.len()) {
            ([], _) => "add the definition of one to ADDED in codegen/src/fixups.rs".to_owned(),
            ([row], 1) => format!(
                "only one response belongs to no method: \
                 add {row} to OVERRIDES in codegen/src/protocol/responses.rs"
            ),
            (rows, _) => format!(
                "add one of {} to OVERRIDES in codegen/src/protocol/responses.rs",
                rows.join(", ")
            ),
        };
        let problem = format!("no response of `{}` found; {remedy}", request.method);
        Error::schema(request.place.pointer(), problem)
    };
    unanswered.iter().map(problem).collect()
}

/// The number of words of a method in the name of a response.
fn alike(method: &str, response: &str) -> usize {
    let response = snake_case(response);
    let has = |word: &&str| response.split('_').any(|other| other == *word);
    snake_case(method).split('_').filter(has).count()
}

fn unclaimed(bundle: &Bundle, response: &str) -> Error {
    let problem = "a response that no method has; add its method to OVERRIDES in \
                   codegen/src/protocol/responses.rs, or its name to REMOVED in \
                   codegen/src/fixups.rs";
    Error::schema(bundle.pointer(response), problem)
}

/// Every response belongs to one method, except [`SHARED`]: a wrong guess leaves one unused and
/// uses another twice.
fn shared(bundle: &Bundle, pairs: &BTreeMap<String, String>) -> Vec<Error> {
    let used: BTreeSet<&String> = pairs.values().collect();
    let mut problems = Vec::new();
    for name in used {
        let users = pairs.iter().filter(|(_, response)| *response == name);
        let users: Vec<_> = users.map(|(method, _)| method.as_str()).collect();
        if users.len() > 1 && name != SHARED {
            let problem = format!(
                "the response of {} methods (`{}`), expected one; \
                 fix OVERRIDES in codegen/src/protocol/responses.rs",
                users.len(),
                users.join("`, `")
            );
            problems.push(Error::schema(bundle.pointer(name), problem));
        }
    }
    problems
}

/// The overrides that are redundant or contradict the dump.
pub(crate) fn stale(protocol: &Protocol) -> Vec<String> {
    let applies = |method: &str, response: &str| {
        let mut requests = protocol
            .client_requests
            .iter()
            .chain(&protocol.server_requests);
        requests.any(|request| request.method == method && request.response == response)
    };
    let rows = OVERRIDES
        .iter()
        .filter(|(method, response)| !applies(method, response));
    let rows = rows.map(|(method, _)| format!("OVERRIDES ({method})"));
    let requests = protocol.client_requests.iter();
    let is_shared = requests.filter(|it| it.response == SHARED).count() > 1;
    let shared = (!is_shared).then(|| format!("SHARED ({SHARED})"));
    rows.chain(shared)
        .map(|row| format!("codegen/src/protocol/responses.rs: {row}"))
        .collect()
}
