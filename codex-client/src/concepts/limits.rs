//! Limits: the memory and the time that a server can take from its client.
//!
//! A server may be slow, broken or hostile; what it sends, and what it does not read, has limits.
//! Those that a program may want to change are options of the [`Builder`](crate::Builder) or of the
//! named type, whose documentation has the details.
//!
//! | Limited | By default | Option | Beyond it |
//! |---|---|---|---|
//! | a message of the server: a line, or all fragments of a websocket message | 256 MiB | `max_message_size` | the connection is closed |
//! | the queue of a subscriber | 16 MiB; four times as much for events that start or end something | `event_budget` | [`Error::Lagged`](crate::Error::Lagged), [`Error::Overrun`](crate::Error::Overrun) |
//! | the wait for a slow subscriber | 3 ms, a fortieth of the time | `backpressure` | events are dropped and counted |
//! | the items in the result of a turn or a goal | 256 MiB | `result_budget` | the oldest are left out and counted |
//! | what a view keeps | 64 MiB, 1 MiB of output of a command | [`ViewLimits`](crate::view::ViewLimits) | the oldest is removed and counted |
//! | concurrent handlers | 256 | `max_handlers` | requests are queued |
//! | open requests of the server | 256 MiB | – | they are answered with their default |
//! | the time of a handler | none | `handler_limit` | the default response is sent |
//! | queued notifications, and queued responses | 16 MiB each | – | [`Error::OutboxFull`](crate::Error::OutboxFull); the server is not read |
//! | a write without progress | 30 s, and a second for each 64 KiB | `write_timeout` | the connection is closed |
//! | a request, with its retries; the opening of a connection | 1 min | `request_deadline` | [`Error::Timeout`](crate::Error::Timeout) |
//! | requests in flight | 64 | `max_in_flight` | requests wait within their deadline |
//! | silence of a websocket | 60 s, with pings after 20 s | [`Endpoint::heartbeat`](crate::transport::Endpoint::heartbeat) | the connection is closed |
//! | other output before the first message | 5 s | – | [`Error::Handshake`](crate::Error::Handshake) |
//! | the end of a closed or dropped connection | 3.5 s | `shutdown_grace` | the process is killed, the socket closed |
//! | the interrupt of an abandoned turn | 2 s | `interrupt_grace` | the connection is closed |
//! | a requested interrupt | 10 s | – | [`Error::Timeout`](crate::Error::Timeout) |
//! | records of approvals that were not read | 1024, 16 MiB | – | [`Error::Lagged`](crate::Error::Lagged) |
//!
//! Tables of ids have limits that no sensible server reaches; beyond them the oldest entry, or the
//! further one, is not known:
//!
//! - warnings for the first subscriber: 64, 1 MiB;
//! - open items for [`RequestContext::item`](crate::RequestContext::item) and
//!   [`Approval`](crate::Approval): 32 MiB, and 256 open calls of tools in a turn;
//! - sub-agents that run a turn: 4096; the tokens of further ones are not part of the turn that they
//!   belong to, and neither are their approvals; sums of turns that have ended: the last 256;
//! - pending requests in a view: 1024, and as many parts of a reasoning;
//! - running turns of a [supervised](super::supervision) connection: 4096 with 65,536 completed items,
//!   of which further ones may be reported twice after a restart;
//! - threads that were unsubscribed from: the last 32,768, on which starting a turn is rejected, since
//!   none of its events would come;
//! - messages whose text came in pieces: 4096 of a turn; candidates for a compaction: 64;
//! - the tail of stderr: 16 KiB; other output before the first message: 2,000 bytes;
//! - lists in pages: a thousand empty pages in a row, and no page twice; the history of a live view: the
//!   newest turns, up to the memory of the view and 100,000 turns.
//!
//! What a program collects itself has none: `collect_all` of a list returns whatever the server lists.
//!
//! The attack suite of the repository (`codex-client/tests/hostile`) has an attack on nearly each of
//! them.
