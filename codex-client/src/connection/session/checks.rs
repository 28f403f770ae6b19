//! What is checked before a request is sent: nothing of it needs the server.

use std::path::Path;

use codex_runtime::Pin;
use codex_types::Stability;

use super::SessionState;
use crate::connection::params::Params;
use crate::connection::server_info::ServerInfo;
use crate::connection::support::{Sent, Server};
use crate::error::Error;

impl SessionState {
    /// Rejects a method that needs a capability this client does not have, and methods and
    /// parameters that are newer than the connected server.
    pub(crate) fn check(&self, sent: &Sent, params: &Params) -> Result<(), Error> {
        let experimental_api = self.settings.experimental_api();
        if sent.stability == Stability::Experimental && !experimental_api {
            let method = sent.method.to_owned();
            return Err(Error::ExperimentalRequired { method });
        }
        let info = self.info().filter(|_| !self.settings.send_unsupported);
        let Some(server) = info.as_ref().and_then(|info| self.server(info)) else {
            return Ok(());
        };
        let stable = sent.stable_since.filter(|_| !experimental_api);
        match server.unknown(sent.method, stable.or(sent.since), params.outline()) {
            None => Ok(()),
            Some(unknown) => Err(Error::Unsupported {
                what: unknown.what,
                since: unknown.since.to_owned(),
                server: server.version.clone(),
            }),
        }
    }

    /// Returns whether the server supports a parameter: one that is as new as the tables does. Assumed if
    /// its version is unknown.
    pub(crate) fn knows(&self, method: &str, path: &[&str]) -> bool {
        let info = self.info();
        let server = info.as_ref().and_then(|info| self.server(info));
        server.is_none_or(|server| server.knows(method, path))
    }

    /// Returns whether the response to this method can leave the turns of the thread out.
    pub(crate) fn excludes_turns(&self, method: &str) -> bool {
        self.knows(method, &["excludeTurns"])
    }

    /// The server, if its version is known and it may lack something: it is older than the tables.
    fn server<'a>(&self, info: &'a ServerInfo) -> Option<Server<'a>> {
        let version = info.version.as_ref();
        Some(Server {
            version: version.filter(|version| *version < Pin::current().version())?,
            experimental_api: self.settings.experimental_api(),
        })
    }

    /// Rejects a working directory that does not exist, before a thread is started in it. Only if
    /// the server is a process on this machine.
    pub(crate) fn check_folder(&self, method: &str, folder: Option<&str>) -> Result<(), Error> {
        let (Some(base), Some(folder)) = (&self.folder, folder) else {
            return Ok(());
        };
        if base.join(Path::new(folder)).is_dir() {
            return Ok(());
        }
        Err(Error::InvalidArgument {
            method: method.to_owned(),
            problem: format!("the working folder {folder} does not exist or is no folder"),
        })
    }
}
