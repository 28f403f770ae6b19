//! Everything of the async API can be spawned, and everything of both APIs moved to another
//! thread: the compiler is the judge.

use codex_client::types::{ThreadStartParams, UncommittedChangesReviewTarget, methods};
use codex_client::{
    Client, ClientBuilder, Codex, CodexBuilder, CompactHandle, Error, Event, Events, GoalControl,
    GoalHandle, Handlers, Input, Items, Launch, LoginHandle, RequestContext, RunInput, Thread,
    TurnControl, TurnHandle, TurnResult, TurnStream, blocking,
};

fn everywhere<T: Send + Sync + 'static>() {}
fn elsewhere<T: Send + 'static>() {}

#[test]
fn handles_go_wherever_they_are_needed() {
    everywhere::<Client>();
    everywhere::<Codex>();
    everywhere::<Thread>();
    everywhere::<TurnControl>();
    everywhere::<GoalControl>();
    everywhere::<LoginHandle>();
    everywhere::<Event>();
    everywhere::<Error>();
    everywhere::<TurnResult>();
    everywhere::<Handlers>();
    everywhere::<RequestContext>();
    elsewhere::<ClientBuilder>();
    elsewhere::<CodexBuilder>();
    elsewhere::<Events>();
    elsewhere::<TurnHandle>();
    elsewhere::<TurnStream>();
    elsewhere::<GoalHandle>();
    elsewhere::<CompactHandle>();
    elsewhere::<Items<codex_client::types::Thread>>();

    everywhere::<blocking::Client>();
    everywhere::<blocking::Codex>();
    everywhere::<blocking::Thread>();
    everywhere::<blocking::TurnControl>();
    everywhere::<blocking::GoalControl>();
    everywhere::<blocking::LoginHandle>();
    everywhere::<blocking::Cancellation>();
    everywhere::<blocking::Handlers>();
    elsewhere::<blocking::CodexBuilder>();
    elsewhere::<blocking::Events>();
    elsewhere::<blocking::TurnHandle>();
    elsewhere::<blocking::GoalHandle>();
    elsewhere::<blocking::Items<codex_client::types::Thread>>();
}

fn spawned<F: IntoFuture<IntoFuture: Send>>(_: F) {}
fn detached<F: IntoFuture<IntoFuture: Send + 'static>>(_: F) {}

/// Never run: that it compiles is the point.
#[expect(dead_code, reason = "compiled only")]
fn futures_can_be_spawned(codex: &Codex, thread: &Thread, input: RunInput) {
    spawned(Codex::builder().build());
    spawned(Client::builder().launch(Launch::new()).build());
    spawned(codex.close());
    spawned(codex.client().closed());
    spawned(
        codex
            .client()
            .request::<methods::ThreadStart>(&ThreadStartParams::new()),
    );
    spawned(codex.client().thread_start(ThreadStartParams::new()));
    spawned(codex.login_api_key("key"));
    spawned(codex.login_chatgpt());
    spawned(codex.login_device_code());
    spawned(codex.logout());
    detached(codex.thread_start());
    detached(codex.thread_resume("t"));
    detached(codex.thread_fork("t"));
    detached(codex.thread_list());
    detached(codex.thread_unarchive("t"));
    detached(codex.models());
    detached(codex.account());
    detached(codex.thread_list().all().collect_all());
    detached(thread.run(input.clone()));
    detached(thread.turn(input));
    detached(thread.goal("objective"));
    detached(thread.compact());
    detached(thread.review(UncommittedChangesReviewTarget::new()));
    #[cfg(feature = "schemars")]
    detached(thread.run_as::<String>("text"));
}

#[expect(dead_code, reason = "compiled only")]
fn futures_of_handles_can_be_spawned(
    mut turn: TurnHandle,
    mut goal: GoalHandle,
    mut compact: CompactHandle,
    mut events: Events,
    login: &LoginHandle,
) {
    spawned(turn.next());
    spawned(turn.run());
    spawned(turn.text_deltas().next());
    detached(turn.steer(Input::text("more")));
    detached(turn.interrupt());
    spawned(goal.next());
    spawned(goal.run());
    spawned(goal.steer("more"));
    spawned(goal.cancel());
    spawned(compact.next());
    spawned(compact.wait());
    spawned(events.next());
    spawned(login.wait());
    spawned(login.cancel());
}
