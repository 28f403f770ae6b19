//! Assigns each type to a file by the domain of the protocol it belongs to.
//!
//! The files are private: the path of a type is independent of its file, so changes of the table
//! are invisible to users.

use std::collections::BTreeSet;

use crate::ir::{Definition, Model};

/// The domains, with the prefixes of their type names; the longest prefix counts.
const DOMAINS: &[(&str, &[&str])] = &[
    ("account", &["Account", "Desktop", "GetAccount", "PlanType"]),
    (
        "account_login",
        &[
            "AccountLogin",
            "Auth",
            "CancelLogin",
            "Chatgpt",
            "CliAuth",
            "Login",
            "Logout",
        ],
    ),
    (
        "account_usage",
        &[
            "AccountRateLimits",
            "AccountTokenUsage",
            "AddCredits",
            "Consume",
            "Credits",
            "GetAccountRateLimits",
            "GetAccountTokenUsage",
            "RateLimit",
            "SendAddCredits",
            "SpendControl",
        ],
    ),
    ("account_gateway", &["Gateway", "GetWorkspace", "Workspace"]),
    (
        "agent",
        &["Agent", "Collab", "Collaboration", "MultiAgent", "Sub"],
    ),
    ("app", &["App", "Apps", "Application"]),
    (
        "approval",
        &[
            "ApplyPatchApproval",
            "Approvals",
            "AskForApproval",
            "AutoReview",
            "ExecCommandApproval",
            "FileChangeRequestApproval",
            "FileChangeApproval",
            "ReviewDecision",
            "CommandExecutionApproval",
            "CommandExecutionRequestApproval",
            "ParsedCommand",
            "FileChange",
        ],
    ),
    ("command", &["Command", "Terminal"]),
    (
        "config",
        &[
            "Analytics",
            "Config",
            "ForcedChatgpt",
            "ForcedLogin",
            "Otel",
            "Settings",
            "ToolsV2",
            "Verbosity",
            "WriteStatus",
        ],
    ),
    (
        "config_requirements",
        &[
            "Browser",
            "Computer",
            "ConfigRequirements",
            "ConfiguredHook",
            "ManagedHooks",
            "Migration",
            "Residency",
            "NewThreadModel",
        ],
    ),
    (
        "content",
        &["ByteRange", "Content", "Image", "Input", "Text", "User"],
    ),
    (
        "environment",
        &[
            "CapabilityRoot",
            "Environment",
            "SelectedCapability",
            "TurnEnvironment",
        ],
    ),
    (
        "error",
        &[
            "CodexError",
            "Deprecation",
            "Error",
            "Misalignment",
            "NonSteerable",
            "Warning",
        ],
    ),
    (
        "experimental",
        &["Experimental", "Mock", "PermissionProfile"],
    ),
    ("external_agent", &["ExternalAgent"]),
    ("feedback", &["Feedback"]),
    ("fs", &["File", "Fs"]),
    ("fuzzy_search", &["Fuzzy"]),
    ("guardian", &["Guardian", "ItemGuardian"]),
    ("hook", &["Hook", "Hooks"]),
    (
        "initialize",
        &["Client", "Initialize", "Server", "RequestId", "CurrentTime"],
    ),
    ("item", &["Item", "Plan", "Raw", "Reasoning", "ItemId"]),
    ("marketplace", &["Marketplace"]),
    ("mcp", &["ListMcp", "Mcp", "Resource"]),
    (
        "mcp_elicitation",
        &["McpElicitation", "McpServerElicitation"],
    ),
    ("memory", &["Memory"]),
    ("model", &["Model", "Personality"]),
    (
        "model_provider",
        &["Aws", "Bedrock", "Gcp", "ModelProvider", "Provider"],
    ),
    (
        "permission",
        &[
            "Additional",
            "FileSystem",
            "Network",
            "Permission",
            "Permissions",
            "Request",
            "Sandbox",
            "Granted",
            "ActivePermission",
        ],
    ),
    ("plugin", &["Plugin", "Plugins"]),
    ("plugin_share", &["PluginShare"]),
    ("process", &["Process"]),
    ("project", &["Project"]),
    ("remote_control", &["Remote"]),
    ("response_item", &["Function", "InternalChat", "Response"]),
    ("scheduled_task", &["Scheduled"]),
    ("review", &["Review"]),
    ("skill", &["Skill", "Skills"]),
    ("thread", &["Thread"]),
    (
        "thread_activity",
        &[
            "ThreadApprove",
            "ThreadBackground",
            "ThreadDecrement",
            "ThreadGuardian",
            "ThreadIncrement",
            "ThreadInject",
            "ThreadMemory",
            "ThreadPrediction",
            "ThreadPrepare",
            "ThreadRevert",
            "ThreadSample",
            "ThreadShell",
        ],
    ),
    ("thread_goal", &["ThreadGoal", "ThreadTimeline"]),
    (
        "thread_history",
        &[
            "ThreadItems",
            "ThreadList",
            "ThreadRead",
            "ThreadTurns",
            "ThreadSearch",
            "ThreadLoaded",
            "SortDirection",
        ],
    ),
    ("thread_item", &["ThreadItem"]),
    (
        "thread_lifecycle",
        &[
            "ThreadFork",
            "ThreadResume",
            "ThreadStart",
            "ThreadSettings",
        ],
    ),
    (
        "thread_queue",
        &["ThreadAttachment", "ThreadQueue", "ThreadSection"],
    ),
    ("thread_realtime", &["Realtime", "ThreadRealtime"]),
    ("tool", &["DynamicTool", "Tool"]),
    ("turn", &["Turn"]),
    ("verification", &["Attestation", "UserVerification"]),
    (
        "web_search",
        &["LocalShell", "ResponsesApiWebSearch", "WebSearch"],
    ),
    ("windows", &["Windows"]),
];

/// The domain of types without a table entry.
const REST: &str = "common";

/// Fills in the module of every definition.
pub(super) fn assign(model: &mut Model) {
    let modules: Vec<_> = model
        .definitions
        .values()
        .map(|definition| domain(root(model, definition)).to_owned())
        .collect();
    for (definition, module) in model.definitions.values_mut().zip(modules) {
        definition.module = module;
    }
}

/// A variant belongs where its union is.
fn root<'a>(model: &'a Model, definition: &'a Definition) -> &'a str {
    let mut name = definition.name.as_str();
    let mut union = definition.variant_of.as_ref();
    while let Some((owner, _)) = union {
        name = owner;
        union = model
            .definitions
            .get(owner)
            .and_then(|owner| owner.variant_of.as_ref());
    }
    name
}

fn domain(name: &str) -> &'static str {
    rule(name).map_or(REST, |(domain, _)| domain)
}

/// The domain of a name, and the matching prefix.
fn rule(name: &str) -> Option<(&'static str, &'static str)> {
    beginnings()
        .filter(|(_, start)| name.starts_with(start))
        .max_by_key(|(_, start)| start.len())
}

fn beginnings() -> impl Iterator<Item = (&'static str, &'static str)> {
    let domains = DOMAINS.iter();
    domains.flat_map(|(domain, starts)| starts.iter().map(move |start| (*domain, *start)))
}

/// The rows that match no type.
pub(crate) fn stale(model: &Model) -> Vec<String> {
    let definitions = model.definitions.values();
    let used: BTreeSet<_> = definitions
        .filter_map(|definition| rule(root(model, definition)))
        .collect();
    let unused = beginnings().filter(|row| !used.contains(row));
    unused
        .map(|(domain, start)| {
            format!("codegen/src/passes/modules.rs: DOMAINS ({domain}, {start})")
        })
        .collect()
}
