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
use crate::shared::tools::Tools;

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
        let (session, tools) = (&client.session, &self.state.tools);
        session.offer_tools(tools, &mut self.params)?;
        let response = client.request::<methods::ThreadStart>(&self.params).await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response, config, tools))
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
        if client.session.excludes_turns(methods::ThreadResume::NAME) {
            self.params.exclude_turns.get_or_insert(true);
        }
        // A turn that is running there may call them at once.
        let tools = &self.state.tools;
        tools.check(methods::ThreadResume::NAME)?;
        Thread::add_tools(&self.target, self.params.thread_id.as_str(), tools);
        let response = client
            .request::<methods::ThreadResume>(&self.params)
            .await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response, config, tools))
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
        if client.session.excludes_turns(methods::ThreadFork::NAME) {
            self.params.exclude_turns.get_or_insert(true);
        }
        let tools = &self.state.tools;
        tools.check(methods::ThreadFork::NAME)?;
        let response = client.request::<methods::ThreadFork>(&self.params).await?;
        let config = self.params.config.as_option();
        Ok(Thread::started(&self.target, response, config, tools))
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
    fn add_tools(codex: &Codex, thread_id: &str, tools: &Tools) {
        let connection = &codex.client().session.connection;
        connection.thread_tools.add(thread_id, tools);
    }

    fn started(
        codex: &Codex,
        response: impl Into<ThreadSettings>,
        config: Option<&Config>,
        tools: &Tools,
    ) -> Self {
        let settings = response.into();
        let id = settings.thread.id.clone();
        Self::add_tools(codex, id.as_str(), tools);
        Self::configured(codex, id, Some(settings), config)
    }
}
