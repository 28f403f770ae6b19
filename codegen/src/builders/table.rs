//! The lists themselves.

use super::Offered::{
    ApprovalMode, ApprovalPolicy, ApprovalsInStream, Config, Path, Plain, SandboxOfThread,
    SandboxOfTurn,
};
use super::Origin::{Codex, HandWrittenOnThread, HandWrittenOnTurn, Thread};
use super::Output::{HandWritten, Response};
use super::Reason::{Deprecated, Interface, SetByClient};
use super::{Builder, Offered, Reason};

/// Arguments that several methods share.
const BASE_INSTRUCTIONS: Offered = Plain(
    "base_instructions",
    "Replaces the runtime's own instructions to the model.",
);
const CONFIG: Offered = Config(
    "Overrides the configuration for this thread: a JSON object or pairs, by keys that may be \
     dotted. Repeated calls add up.",
);
const CWD_OF_THREAD: Offered = Path("cwd", "The working directory of the thread.");
const DEVELOPER_INSTRUCTIONS: Offered = Plain(
    "developer_instructions",
    "Additional instructions to the model.",
);
const MODEL: Offered = Plain("model", "The model, such as `gpt-5.5`.");
const MODEL_PROVIDER: Offered = Plain(
    "model_provider",
    "The provider of the model, by its name in the configuration.",
);
const SERVICE_TIER: Offered = Plain(
    "service_tier",
    "The service tier, such as `flex`, which determines speed and price.",
);
const THREAD_SOURCE: Offered = Plain("thread_source", "The purpose of the thread.");
const CURSOR: Offered = Plain(
    "cursor",
    "The start of the page: the cursor of an earlier response.",
);
const LIMIT: Offered = Plain("limit", "Maximum number of entries on a page.");
const SORT_DIRECTION: Offered = Plain(
    "sort_direction",
    "The sort direction: oldest or newest first.",
);

const TURN_ARGUMENTS: &[Offered] = &[
    ApprovalsInStream,
    ApprovalPolicy,
    ApprovalMode,
    SandboxOfTurn,
    Plain(
        "client_user_message_id",
        "An ID for the user's message, which the message's item repeats.",
    ),
    Path(
        "cwd",
        "The working directory, for this turn and later ones.",
    ),
    Plain("disabled_plugin_ids", ""),
    Plain(
        "effort",
        "The reasoning effort, for this turn and later ones.",
    ),
    Plain("model", "The model, for this turn and later ones."),
    Plain(
        "output_schema",
        "The JSON Schema of the final message. The model's endpoint accepts only \
         strict schemas: every object lists all of its properties as required and allows no \
         others.",
    ),
    Plain("parent_turn_id", ""),
    Plain("root_turn_id", ""),
    Plain(
        "service_tier",
        "The service tier, which determines speed and price, for this turn and later ones.",
    ),
    Plain(
        "service_tier_for_turn",
        "The service tier, which determines speed and price, for this turn only.",
    ),
    Plain(
        "summary",
        "The kind of reasoning summary, for this turn and later ones.",
    ),
    Plain("turn_trigger", ""),
];

/// Those of a turn without a stream.
const RUN_ARGUMENTS: &[Offered] = match TURN_ARGUMENTS {
    [ApprovalsInStream, rest @ ..] => rest,
    all => all,
};

const TURN_WITHHELD: &[(Reason, &[&str])] = &[
    (Deprecated, &["personality"]),
    (SetByClient, &["tool_output"]),
];

/// Every builder.
pub(crate) const BUILDERS: &[Builder] = &[
    Builder {
        method: "thread/start",
        name: "ThreadStartBuilder",
        origin: Codex("thread_start"),
        docs: "Starts a thread. By default its commands are reviewed automatically: \
               see [`ApprovalMode`](crate::ApprovalMode).",
        output: HandWritten("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "ephemeral",
                "Keeps the thread in memory only: it is discarded when it is closed.",
            ),
            MODEL,
            MODEL_PROVIDER,
            Plain(
                "service_name",
                "The name of the service that runs the agent.",
            ),
            SERVICE_TIER,
            Plain("session_start_source", "The cause of the session start."),
            THREAD_SOURCE,
        ],
        withheld: &[(Deprecated, &["personality"])],
    },
    Builder {
        method: "thread/resume",
        name: "ThreadResumeBuilder",
        origin: Codex("thread_resume"),
        docs: "Resumes a thread of an earlier process. Unset options keep their earlier values, except \
               for the sandbox: a process that has not loaded the thread yet takes it from the \
               configuration.",
        output: HandWritten("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "exclude_turns",
                "Excludes the earlier turns from the response; `true` by default. \
                 [`Thread::turns`] lists them.",
            ),
            MODEL,
            MODEL_PROVIDER,
            SERVICE_TIER,
        ],
        withheld: &[(Deprecated, &["personality"])],
    },
    Builder {
        method: "thread/fork",
        name: "ThreadForkBuilder",
        origin: Codex("thread_fork"),
        docs: "Starts a thread as a copy of another one. Unset options are taken from the original.",
        output: HandWritten("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "ephemeral",
                "Keeps the thread in memory only: it is discarded when it is closed.",
            ),
            Plain(
                "exclude_turns",
                "Excludes the copied turns from the response; `true` by default. \
                 [`Thread::turns`] lists them.",
            ),
            Plain(
                "last_turn_id",
                "The last turn to copy; all of them by default.",
            ),
            MODEL,
            MODEL_PROVIDER,
            SERVICE_TIER,
            THREAD_SOURCE,
        ],
        withheld: &[],
    },
    Builder {
        method: "thread/list",
        name: "ThreadListBuilder",
        origin: Codex("thread_list"),
        docs: "Lists threads, one page at a time; [`ThreadListBuilder::all`] iterates over all pages.",
        output: Response,
        offered: &[
            Plain("archived", "Lists archived threads instead of the others."),
            CURSOR,
            Plain("cwd", "Only threads with this working directory."),
            LIMIT,
            Plain("model_providers", "Only threads of these providers."),
            Plain("search_term", "Only threads with this text in their title."),
            Plain("section_id", "Only threads in this section."),
            SORT_DIRECTION,
            Plain("sort_key", "The sort key."),
            Plain("source_kinds", "Only threads of these sources."),
            Plain("use_state_db_only", ""),
        ],
        withheld: &[(
            Interface,
            &["current_account_only", "excluded_thread_ids", "originators"],
        )],
    },
    Builder {
        method: "thread/archive",
        name: "ThreadArchiveBuilder",
        origin: Codex("thread_archive"),
        docs: "Archives a thread: it is no longer listed and can be unarchived later.",
        output: Response,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/unarchive",
        name: "ThreadUnarchiveBuilder",
        origin: Codex("thread_unarchive"),
        docs: "Unarchives a thread. Call [`thread_resume`](Codex::thread_resume) to continue it.",
        output: HandWritten("Thread"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/delete",
        name: "ThreadDeleteBuilder",
        origin: Codex("thread_delete"),
        docs: "Deletes a thread permanently.",
        output: Response,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "model/list",
        name: "ModelListBuilder",
        origin: Codex("models"),
        docs: "Lists models, one page at a time; [`ModelListBuilder::all`] iterates over all pages.",
        output: Response,
        offered: &[
            CURSOR,
            Plain(
                "include_hidden",
                "Includes models that are hidden from users.",
            ),
            LIMIT,
            Plain("model_provider", "Only models of this provider."),
        ],
        withheld: &[],
    },
    Builder {
        method: "account/read",
        name: "AccountReadBuilder",
        origin: Codex("account"),
        docs: "Returns the current account.",
        output: Response,
        offered: &[Plain("refresh_token", "Renews the access token first.")],
        withheld: &[],
    },
    Builder {
        method: "turn/start",
        name: "TurnBuilder",
        origin: HandWrittenOnThread,
        docs: "Starts a turn, or joins the running one. Returns its handle.",
        output: HandWritten("TurnHandle"),
        offered: TURN_ARGUMENTS,
        withheld: TURN_WITHHELD,
    },
    Builder {
        method: "turn/start",
        name: "RunBuilder",
        origin: HandWrittenOnThread,
        docs: "Starts a turn and waits until it completes. Returns its result.",
        output: HandWritten("TurnResult"),
        offered: RUN_ARGUMENTS,
        withheld: TURN_WITHHELD,
    },
    Builder {
        method: "turn/steer",
        name: "SteerBuilder",
        origin: HandWrittenOnTurn,
        docs: "Adds input to a running turn.",
        output: HandWritten("TurnSteerResponse"),
        offered: &[Plain(
            "client_user_message_id",
            "An ID for the user's message, which the message's item repeats.",
        )],
        withheld: &[],
    },
    Builder {
        method: "turn/interrupt",
        name: "InterruptBuilder",
        origin: HandWrittenOnTurn,
        docs: "Interrupts a turn. It completes with the status `interrupted`, which is reported as an event.",
        output: HandWritten("()"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/read",
        name: "ThreadReadBuilder",
        origin: Thread("read"),
        docs: "Reads the stored thread.",
        output: Response,
        offered: &[Plain(
            "include_turns",
            "Includes all of its turns. [`Thread::turns`] reads them page by page.",
        )],
        withheld: &[],
    },
    Builder {
        method: "thread/name/set",
        name: "ThreadSetNameBuilder",
        origin: Thread("set_name"),
        docs: "Names the thread.",
        output: Response,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/turns/list",
        name: "ThreadTurnsBuilder",
        origin: Thread("turns"),
        docs: "Lists the thread's turns, one page at a time; [`ThreadTurnsBuilder::all`] iterates over \
               all pages.",
        output: Response,
        offered: &[
            CURSOR,
            Plain("items_view", "The level of detail of each turn's items."),
            LIMIT,
            SORT_DIRECTION,
        ],
        withheld: &[],
    },
    Builder {
        method: "thread/items/list",
        name: "ThreadItemsBuilder",
        origin: Thread("items"),
        docs: "Lists the thread's items, one page at a time; [`ThreadItemsBuilder::all`] iterates over \
               all pages.",
        output: Response,
        offered: &[
            CURSOR,
            LIMIT,
            SORT_DIRECTION,
            Plain("turn_id", "Only items of this turn."),
        ],
        withheld: &[(Interface, &["defer_output"])],
    },
    Builder {
        method: "thread/compact/start",
        name: "CompactBuilder",
        origin: Thread("compact"),
        docs: "Summarizes the thread's history, so that it takes less of the model's context. Returns \
               a handle to wait for the completion.",
        output: HandWritten("CompactHandle"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "review/start",
        name: "ReviewBuilder",
        origin: Thread("review"),
        docs: "Starts a turn in which the model reviews changes. Returns its handle.",
        output: HandWritten("TurnHandle"),
        offered: &[Plain("delivery", "The place where the review runs.")],
        withheld: &[],
    },
    Builder {
        method: "thread/unsubscribe",
        name: "ThreadUnsubscribeBuilder",
        origin: Thread("unsubscribe"),
        docs: "Unsubscribes this client from the thread's events; the runtime may then unload the \
               thread.",
        output: Response,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/goal/set",
        name: "GoalBuilder",
        origin: HandWrittenOnThread,
        docs: "Sets a goal that the thread pursues autonomously, turn after turn, until the goal is \
               reached or abandoned. Returns a handle for all of these turns.",
        output: HandWritten("GoalHandle"),
        offered: &[Plain(
            "token_budget",
            "Maximum number of tokens for all turns of the goal.",
        )],
        withheld: &[
            (SetByClient, &["objective", "status"]),
            (Interface, &["origin"]),
        ],
    },
];
