//! Environment variables of a child, as changes to those of this process.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::process::Command;

/// Changes to the inherited environment, in the order in which they were made: the same meaning
/// as the methods of [`std::process::Command`].
///
/// `Debug` prints names, never values: they may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables {
    cleared: bool,
    /// A name with its value, or `None` where it is removed.
    changes: Vec<(OsString, Option<OsString>)>,
}

impl Variables {
    /// Everything is inherited.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.changes.push((name.into(), Some(value.into())));
    }

    /// Removes a variable, inherited or set before.
    pub fn remove(&mut self, name: impl Into<OsString>) {
        self.changes.push((name.into(), None));
    }

    /// Removes every variable, inherited or set before.
    pub fn clear(&mut self) {
        self.cleared = true;
        self.changes.clear();
    }

    /// The value that the child sees.
    pub fn value(&self, name: &str) -> Option<OsString> {
        let mut changes = self.changes.iter().rev();
        match changes.find(|(changed, _)| changed == name) {
            Some((_, value)) => value.clone(),
            None if self.cleared => None,
            None => env::var_os(name),
        }
    }

    /// Returns true if the variable is set or removed here.
    pub fn is_changed(&self, name: &str) -> bool {
        self.changes.iter().any(|(changed, _)| changed == name)
    }

    pub(super) fn apply(&self, command: &mut Command) {
        if self.cleared {
            command.env_clear();
        }
        for (name, value) in &self.changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.changes.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Variables")
            .field("cleared", &self.cleared)
            .field("names", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Variables;

    #[test]
    fn clear_forgets_what_was_set_before() {
        let mut variables = Variables::new();
        variables.set("BEFORE", "1");
        variables.clear();
        variables.set("AFTER", "2");
        assert_eq!(variables.value("BEFORE"), None);
        assert_eq!(variables.value("AFTER"), Some("2".into()));
        assert_eq!(variables.value("PATH"), None);
    }

    #[cfg(unix)]
    #[test]
    fn cleared_environment_has_only_what_was_set() {
        let mut variables = Variables::new();
        variables.set("BEFORE", "1");
        variables.clear();
        variables.set("AFTER", "2");
        let mut command = super::Command::new("/usr/bin/env");
        variables.apply(&mut command);
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "AFTER=2\n");
    }

    #[test]
    fn the_last_change_wins() {
        let mut variables = Variables::new();
        variables.set("NAME", "1");
        variables.remove("NAME");
        assert_eq!(variables.value("NAME"), None);
        variables.set("NAME", "3");
        assert_eq!(variables.value("NAME"), Some("3".into()));
    }

    #[test]
    fn debug_shows_names_only() {
        let mut variables = Variables::new();
        variables.set("API_KEY", "sk-very-secret");
        let debug = format!("{variables:?}");
        assert!(debug.contains("API_KEY"), "{debug}");
        assert!(!debug.contains("secret"), "{debug}");
    }
}
