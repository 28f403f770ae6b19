//! Policies: rules that decide about approvals before anyone is asked.
//!
//! Independent of connections. A rule has three outcomes: it covers a request, it does not, or it
//! does not apply. Only the first approves, also through combinators: `not` of a rule about commands
//! does not cover a change of files, nor a command that cannot be parsed.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_types::{CommandExecutionApprovalKind, FileUpdateChange, PatchChangeKind};

use super::{ApprovalRequest, ApprovalSubject, CommandSubject, Decision, script};

/// A rule about approvals, with a name. Combined with others it becomes an [`ApprovalPolicy`].
///
/// ```
/// use codex_client::Approve;
///
/// let reading = Approve::command(["git", "status"]).or(Approve::command(["git", "log"]));
/// let policy = reading
///     .and(Approve::cwd_in("/srv/project"))
///     .or(Approve::path_in("/srv/project/docs"))
///     .or(Approve::host("*.crates.io"))
///     .else_ask();
/// # assert!(policy.to_string().contains("command `git status`"));
/// ```
#[derive(Clone)]
pub struct Approve {
    name: Arc<str>,
    rule: Rule,
}

/// `None` if the rule does not apply to the request.
type Rule = Arc<dyn Fn(&ApprovalRequest) -> Option<bool> + Send + Sync>;

/// Rules for the approvals of a connection or of a turn, in both APIs: the policy decides first, about
/// approvals for the handler and for the streams of turns.
///
/// What no rule covers is left to the stream or the handler ([`Approve::else_ask`]), or declined
/// ([`Approve::else_decline`]). A rule that panics declines.
#[derive(Clone)]
pub struct ApprovalPolicy {
    declined: Option<Approve>,
    accepted: Approve,
    asks: bool,
}

/// The decision of a policy, with the rule that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyDecision {
    /// The decision.
    pub decision: Decision,
    /// The name of the rule.
    pub rule: Arc<str>,
}

impl Approve {
    /// Covers the requests for which a closure returns `true`.
    pub fn when(rule: impl Fn(&ApprovalRequest) -> bool + Send + Sync + 'static) -> Self {
        Self::rule("a closure", move |request| Some(rule(request)))
    }

    /// Covers commands that begin with these words, each compared as a whole: `["git", "status"]`
    /// covers `git status -s`.
    ///
    /// The script of a shell (`bash -lc 'git status'`) is covered if it is a single command of plain
    /// or quoted words. Scripts with operators, redirections, expansions, assignments or several
    /// lines are never covered, nor are commands that request further permissions, nor input for
    /// a running command. The program is compared as it is written: `git` does not cover
    /// `/tmp/git`. Choose words whose further arguments are harmless: `find` can delete.
    pub fn command<I>(words: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let prefix: Vec<String> = words.into_iter().map(Into::into).collect();
        let name = format!("command `{}`", prefix.join(" "));
        Self::rule(&name, move |request| {
            let words = command_words(request)?;
            Some(!prefix.is_empty() && words.starts_with(&prefix))
        })
    }

    /// Covers changes of files if all of them are in this folder, which is an absolute path. Paths
    /// with `..`, relative ones, and requests for a writable folder are not covered.
    ///
    /// Symbolic links are resolved on this machine, as far as a path exists: a link that leaves the
    /// folder is not covered, and nothing is covered if the folder does not exist here, as with
    /// a remote runtime. A link that is created after the check is not seen.
    pub fn path_in(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let name = format!("path in {}", folder.display());
        Self::rule(&name, move |request| {
            let ApprovalSubject::FileChange(subject) = request.subject() else {
                return None;
            };
            let changes = subject.changes.filter(|changes| !changes.is_empty())?;
            let inside = |change: &FileUpdateChange| is_change_in(change, &folder);
            Some(subject.grant_root.is_none() && changes.iter().all(inside))
        })
    }

    /// Covers requests with a working directory in this folder, with the restrictions of
    /// [`Approve::path_in`]. On its own it approves any command there: combine it with `and`.
    pub fn cwd_in(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let name = format!("cwd in {}", folder.display());
        Self::rule(&name, move |request| {
            Some(is_in(Path::new(request.cwd()?), &folder))
        })
    }

    /// Covers connections to a host, by its whole name; `*.example.com` covers all hosts below
    /// `example.com`, and not itself.
    pub fn host(host: impl Into<String>) -> Self {
        let pattern = normalized_host(&host.into());
        let name = format!("host {pattern}");
        Self::rule(&name, move |request| {
            let ApprovalSubject::Network(subject) = request.subject() else {
                return None;
            };
            let host = normalized_host(&subject.target.host);
            Some(match pattern.strip_prefix("*.") {
                Some(domain) => {
                    let below = host.strip_suffix(domain);
                    below.is_some_and(|below| below.len() > 1 && below.ends_with('.'))
                }
                None => host == pattern,
            })
        })
    }

    /// Covers calls of a tool of an MCP server, with any arguments.
    pub fn tool(server: impl Into<String>, tool: impl Into<String>) -> Self {
        let (server, tool) = (server.into(), tool.into());
        let name = format!("tool {server}.{tool}");
        Self::rule(&name, move |request| {
            let ApprovalSubject::McpTool(subject) = request.subject() else {
                return None;
            };
            Some(subject.server == server && subject.tool == tool)
        })
    }

    fn rule(
        name: &str,
        rule: impl Fn(&ApprovalRequest) -> Option<bool> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            rule: Arc::new(rule),
        }
    }

    /// Sets the name, for logs.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let name = name.into();
        Self { name, ..self }
    }

    /// Covers what both cover.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let name = format!("({} and {})", self.name, other.name);
        Self::rule(&name, move |request| {
            match (self.covers(request), other.covers(request)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        })
    }

    /// Covers what one of them covers.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let name = format!("{} or {}", self.name, other.name);
        Self::rule(&name, move |request| {
            match (self.covers(request), other.covers(request)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        })
    }

    /// Covers what this one does not cover although it applies: `not` of a command covers all other
    /// single commands, and nothing else.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "beside `and` and `or`")]
    pub fn not(self) -> Self {
        let name = format!("not {}", self.name);
        Self::rule(&name, move |request| {
            self.covers(request).map(|covers| !covers)
        })
    }

    /// Accepts what this rule covers, and leaves the rest to the stream or the handler.
    pub fn else_ask(self) -> ApprovalPolicy {
        ApprovalPolicy {
            declined: None,
            accepted: self,
            asks: true,
        }
    }

    /// Accepts what this rule covers, and declines the rest.
    pub fn else_decline(self) -> ApprovalPolicy {
        ApprovalPolicy {
            asks: false,
            ..self.else_ask()
        }
    }

    fn covers(&self, request: &ApprovalRequest) -> Option<bool> {
        (self.rule)(request)
    }
}

impl ApprovalPolicy {
    /// Declines what this rule covers, before anything is accepted.
    #[must_use]
    pub fn decline(mut self, rule: Approve) -> Self {
        self.declined = Some(match self.declined {
            Some(declined) => declined.or(rule),
            None => rule,
        });
        self
    }

    /// Decides about a request; `None` if it is left to the stream or the handler.
    pub fn decide(&self, request: &ApprovalRequest) -> Option<PolicyDecision> {
        decided(|| self.find(request))
    }

    /// Decides about a request of a turn with a policy of its own: what the connection declines by a
    /// rule stays declined, and the policy of the turn precedes the rest.
    pub(crate) fn decide_in_turn(
        of_turn: Option<&Self>,
        of_connection: Option<&Self>,
        request: &ApprovalRequest,
    ) -> Option<PolicyDecision> {
        let declined = || of_connection?.find_declined(request);
        let declined = of_turn.and_then(|_| decided(declined));
        declined
            .or_else(|| of_turn?.decide(request))
            .or_else(|| of_connection?.decide(request))
    }

    fn find_declined(&self, request: &ApprovalRequest) -> Option<(Decision, Arc<str>)> {
        let declined = self.declined.as_ref();
        let rule = declined.filter(|rule| rule.covers(request) == Some(true))?;
        Some((Decision::Decline, Arc::clone(&rule.name)))
    }

    fn find(&self, request: &ApprovalRequest) -> Option<(Decision, Arc<str>)> {
        if let Some(declined) = self.find_declined(request) {
            return Some(declined);
        }
        if self.accepted.covers(request) == Some(true) {
            return Some((Decision::Accept, Arc::clone(&self.accepted.name)));
        }
        (!self.asks).then(|| (Decision::Decline, "no rule".into()))
    }
}

/// The decision that was found; a rule that panics declines.
fn decided(find: impl FnOnce() -> Option<(Decision, Arc<str>)>) -> Option<PolicyDecision> {
    let found = catch_unwind(AssertUnwindSafe(find)).unwrap_or_else(|_| {
        tracing::error!("a rule panicked: the approval is declined");
        Some((Decision::Decline, "a rule that panicked".into()))
    });
    found.map(|(decision, rule)| PolicyDecision { decision, rule })
}

/// The words of a command that is one command and nothing else.
fn command_words(request: &ApprovalRequest) -> Option<Vec<String>> {
    let ApprovalSubject::Command(subject) = request.subject() else {
        return None;
    };
    let CommandSubject {
        kind, permissions, ..
    } = &subject;
    let is_new = matches!(kind, None | Some(CommandExecutionApprovalKind::Command));
    if !is_new || permissions.is_some() {
        return None;
    }
    script::single_command(subject.argv()?)
}

fn is_change_in(change: &FileUpdateChange, folder: &Path) -> bool {
    let target = match &change.kind {
        PatchChangeKind::Add(_) | PatchChangeKind::Delete(_) => None,
        PatchChangeKind::Update(update) => update.move_path.as_deref(),
        _ => return false,
    };
    is_in(Path::new(&change.path), folder)
        && target.is_none_or(|target| is_in(Path::new(target), folder))
}

/// Returns whether a path is in a folder, also after symbolic links are resolved.
fn is_in(path: &Path, folder: &Path) -> bool {
    use std::path::Component;
    let is_plain = |path: &Path| {
        let mut parts = path.components();
        path.is_absolute() && parts.all(|part| part != Component::ParentDir)
    };
    if !is_plain(path) || !is_plain(folder) || !path.starts_with(folder) {
        return false;
    }
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    // A link that leads nowhere exists without a target: nothing can be said about it.
    let existing = path.ancestors().find(|it| it.symlink_metadata().is_ok());
    let resolved = existing.and_then(|existing| existing.canonicalize().ok());
    resolved.is_some_and(|resolved| resolved.starts_with(&folder))
}

fn normalized_host(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl fmt::Display for ApprovalPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(declined) = &self.declined {
            write!(formatter, "decline {}; ", declined.name)?;
        }
        let rest = if self.asks { "ask" } else { "decline" };
        write!(formatter, "accept {}; else {rest}", self.accepted.name)
    }
}

impl fmt::Debug for ApprovalPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApprovalPolicy({self})")
    }
}

impl fmt::Debug for Approve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Approve({})", self.name)
    }
}

#[cfg(test)]
mod tests;
