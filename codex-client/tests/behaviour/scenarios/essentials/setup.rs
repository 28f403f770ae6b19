//! The surroundings of the scenarios: their world, and what several of them begin with.

use codex_client::Error;
use codex_testing::{AppServerHarness, Reply};

use super::super::{CodexBuilder, Thread, World};
use crate::support::{conclude, harness_with};

/// Runs a scenario, in which no message of the server may be malformed.
pub(super) fn scenario(
    replies: impl IntoIterator<Item = Reply>,
    body: impl FnOnce(&World) -> Result<(), Error>,
) {
    scenario_of(harness_with(replies), |builder| builder, body);
}

pub(super) fn scenario_of(
    harness: AppServerHarness,
    setup: impl FnOnce(CodexBuilder) -> CodexBuilder,
    body: impl FnOnce(&World) -> Result<(), Error>,
) {
    let world = World::start(harness, setup);
    let mut events = world.codex.events().unwrap();
    let outcome = body(&world);
    wait!(world.codex.close());
    loop {
        let Some(Ok(event)) = wait!(events.next()) else {
            break;
        };
        assert!(event.decode_error().is_none(), "{event:?}");
    }
    conclude(outcome);
}

/// A thread with one turn, whose answer was `Hello.`
pub(super) fn ran(world: &World) -> Result<Thread, Error> {
    world
        .harness
        .responses()
        .enqueue(Reply::assistant("Hello."));
    let thread = call!(world.codex.thread_start())?;
    call!(thread.run("hi"))?;
    Ok(thread)
}

pub(super) fn listed(world: &World, archived: bool) -> Result<Vec<String>, Error> {
    let listed = call!(world.codex.thread_list().archived(archived))?;
    let ids = listed
        .data
        .iter()
        .map(|thread| thread.id.as_str().to_owned());
    Ok(ids.collect())
}
