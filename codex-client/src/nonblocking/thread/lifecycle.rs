//! The results of starting, resuming, forking and unarchiving threads.

use codex_types::{Method as _, methods};

use super::Thread;
use crate::connection::threads::Config;
use crate::error::Error;
use crate::generated::nonblocking::builders::{
    ThreadForkBuilder, ThreadResumeBuilder, ThreadStartBuilder, ThreadUnarchiveBuilder,
};
use crate::nonblocking::codex::Codex;
use crate::shared::thread_settings::{ThreadSettings, default_approvals};

impl ThreadStartBuilder {
    pub(crate) async fn send(mut self) -> Result<Thread, Error> {
        self.state.check()?;
        let client = self.target.client();
        if !self.state.approval_set {
            default_approvals(&mut self.params, client.session.settings.asks_client());
        }
        let folder = self.params.cwd.as_option().map(String::as_str);
        client
            .session
            .check_folder(methods::ThreadStart::NAME, folder)?;
        let response = client.request::<methods::ThreadStart>(&self.params).await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response.into(), config))
    }
}

impl ThreadResumeBuilder {
    pub(crate) async fn send(mut self) -> Result<Thread, Error> {
        self.state.check()?;
        let client = self.target.client();
        let folder = self.params.cwd.as_option().map(String::as_str);
        client
            .session
            .check_folder(methods::ThreadResume::NAME, folder)?;
        if client
            .session
            .knows(methods::ThreadResume::NAME, &["excludeTurns"])
        {
            self.params.exclude_turns.get_or_insert(true);
        }
        let response = client
            .request::<methods::ThreadResume>(&self.params)
            .await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response.into(), config))
    }
}

impl ThreadForkBuilder {
    pub(crate) async fn send(mut self) -> Result<Thread, Error> {
        self.state.check()?;
        let client = self.target.client();
        let folder = self.params.cwd.as_option().map(String::as_str);
        client
            .session
            .check_folder(methods::ThreadFork::NAME, folder)?;
        if client
            .session
            .knows(methods::ThreadFork::NAME, &["excludeTurns"])
        {
            self.params.exclude_turns.get_or_insert(true);
        }
        let response = client.request::<methods::ThreadFork>(&self.params).await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response.into(), config))
    }
}

impl ThreadUnarchiveBuilder {
    pub(crate) async fn send(mut self) -> Result<Thread, Error> {
        self.state.check()?;
        let client = self.target.client();
        let asked = client.request::<methods::ThreadUnarchive>(&self.params);
        let response = asked.await?;
        // The response does not contain its settings.
        Ok(Thread::new(&self.target, response.thread.id, None))
    }
}

impl Thread {
    fn started(codex: &Codex, settings: ThreadSettings, config: Option<&Config>) -> Self {
        let id = settings.thread.id.clone();
        Self::configured(codex, id, Some(settings), config)
    }
}
