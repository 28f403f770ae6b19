//! The lists themselves.

use super::Gives::{Answer, Hand};
use super::MadeBy::{Codex, HandOfThread, HandOfTurn, Thread};
use super::Offered::{ApprovalMode, Path, Plain, SandboxOfThread, SandboxOfTurn};
use super::Reason::{Deprecated, Experimental, Interface, SetByClient};
use super::{Builder, Offered, Reason};

/// Arguments that several methods share.
const BASE_INSTRUCTIONS: Offered = Plain(
    "base_instructions",
    "Replaces the instructions that the runtime gives the model.",
);
const CONFIG: Offered = Plain(
    "config",
    "Overrides of the configuration for this thread, by dotted keys.",
);
const CWD_OF_THREAD: Offered = Path("cwd", "The folder that the thread works in.");
const DEVELOPER_INSTRUCTIONS: Offered = Plain(
    "developer_instructions",
    "Instructions to the model on top of the runtime's.",
);
const MODEL: Offered = Plain("model", "The model, such as `gpt-5.5`.");
const MODEL_PROVIDER: Offered = Plain(
    "model_provider",
    "Who serves the model, by its name in the configuration.",
);
const SERVICE_TIER: Offered = Plain(
    "service_tier",
    "How fast and at what price the model is served, such as `flex`.",
);
const THREAD_SOURCE: Offered = Plain("thread_source", "What the thread is started for.");
const CURSOR: Offered = Plain("cursor", "Where the page begins, from an earlier answer.");
const LIMIT: Offered = Plain("limit", "How many there are on a page at most.");
const SORT_DIRECTION: Offered = Plain(
    "sort_direction",
    "Whether the first or the last come first.",
);

const TURN_ARGUMENTS: &[Offered] = &[
    ApprovalMode,
    SandboxOfTurn,
    Plain(
        "client_user_message_id",
        "An id for the user's message, found again in its item.",
    ),
    Path(
        "cwd",
        "The folder to work in, for this turn and later ones.",
    ),
    Plain("disabled_plugin_ids", ""),
    Plain(
        "effort",
        "How much the model thinks, for this turn and later ones.",
    ),
    Plain("model", "The model, for this turn and later ones."),
    Plain(
        "output_schema",
        "The JSON Schema that the final answer has to follow. The model's endpoint takes only \
         strict schemas: every object names all of its properties as required and allows no \
         others.",
    ),
    Plain("parent_turn_id", ""),
    Plain("root_turn_id", ""),
    Plain(
        "service_tier",
        "How fast and at what price the model is served, for this turn and later ones.",
    ),
    Plain(
        "service_tier_for_turn",
        "How fast and at what price the model is served, for this turn only.",
    ),
    Plain(
        "summary",
        "How the model's reasoning is summarized, for this turn and later ones.",
    ),
    Plain("turn_trigger", ""),
];

const TURN_WITHHELD: &[(Reason, &[&str])] = &[
    (
        Experimental,
        &[
            "additional_context",
            "collaboration_mode",
            "cyber_access_program",
            "environments",
            "multi_agent_mode",
            "permissions",
            "responsesapi_client_metadata",
            "responsesapi_client_metadata_patch",
            "runtime_workspace_roots",
        ],
    ),
    (Deprecated, &["personality"]),
    (SetByClient, &["tool_output"]),
];

/// Every builder.
pub(crate) const BUILDERS: &[Builder] = &[
    Builder {
        method: "thread/start",
        name: "ThreadStart",
        made_by: Codex("thread_start"),
        docs: "Starts a thread. Unless told otherwise its commands are reviewed automatically: \
               see [`ApprovalMode`](crate::ApprovalMode).",
        gives: Hand("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "ephemeral",
                "Whether the thread is forgotten when it is closed.",
            ),
            MODEL,
            MODEL_PROVIDER,
            Plain(
                "service_name",
                "What the service that runs the agent is called.",
            ),
            SERVICE_TIER,
            Plain("session_start_source", "What made the session start."),
            THREAD_SOURCE,
        ],
        withheld: &[
            (
                Experimental,
                &[
                    "allow_provider_model_fallback",
                    "daybreak_enabled",
                    "dynamic_tools",
                    "environments",
                    "experimental_raw_events",
                    "history_mode",
                    "mock_experimental_field",
                    "multi_agent_mode",
                    "permissions",
                    "project_id",
                    "runtime_workspace_roots",
                    "selected_capability_roots",
                ],
            ),
            (Deprecated, &["personality"]),
        ],
    },
    Builder {
        method: "thread/resume",
        name: "ThreadResume",
        made_by: Codex("thread_resume"),
        docs: "Goes on with a thread of an earlier process. What is not set is as it was, except \
               for the sandbox: a process that has not loaded the thread yet takes it from the \
               configuration.",
        gives: Hand("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "exclude_turns",
                "Whether the earlier turns are left out of the answer; they are by default. \
                 [`Thread::turns`] lists them.",
            ),
            MODEL,
            MODEL_PROVIDER,
            SERVICE_TIER,
        ],
        withheld: &[
            (
                Experimental,
                &[
                    "history",
                    "initial_turns_page",
                    "path",
                    "permissions",
                    "runtime_workspace_roots",
                ],
            ),
            (Deprecated, &["personality"]),
        ],
    },
    Builder {
        method: "thread/fork",
        name: "ThreadFork",
        made_by: Codex("thread_fork"),
        docs: "Starts a thread that begins as a copy of another. What is not set is as there.",
        gives: Hand("Thread"),
        offered: &[
            ApprovalMode,
            SandboxOfThread,
            BASE_INSTRUCTIONS,
            CONFIG,
            CWD_OF_THREAD,
            DEVELOPER_INSTRUCTIONS,
            Plain(
                "ephemeral",
                "Whether the thread is forgotten when it is closed.",
            ),
            Plain(
                "exclude_turns",
                "Whether the copied turns are left out of the answer; they are by default. \
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
        withheld: &[(
            Experimental,
            &[
                "attach_to_source",
                "before_turn_id",
                "defer_goal_continuation",
                "experimental_disable_prediction_mcp",
                "experimental_prediction_mode",
                "path",
                "permissions",
                "runtime_workspace_roots",
            ],
        )],
    },
    Builder {
        method: "thread/list",
        name: "ThreadList",
        made_by: Codex("thread_list"),
        docs: "Lists threads, a page at a time; [`ThreadList::all`] walks through all pages.",
        gives: Answer,
        offered: &[
            Plain(
                "archived",
                "Whether archived threads are listed instead of the others.",
            ),
            CURSOR,
            Plain("cwd", "Only threads that work in this folder."),
            LIMIT,
            Plain("model_providers", "Only threads of these providers."),
            Plain("search_term", "Only threads that have this in their title."),
            Plain("section_id", "Only threads in this section."),
            SORT_DIRECTION,
            Plain("sort_key", "What they are sorted by."),
            Plain("source_kinds", "Only threads that were started so."),
            Plain("use_state_db_only", ""),
        ],
        withheld: &[
            (
                Experimental,
                &[
                    "ancestor_thread_id",
                    "attached_to_thread_id",
                    "current_account_only",
                    "include_attached_threads",
                    "originators",
                    "parent_thread_id",
                    "project_id",
                ],
            ),
            (Interface, &["excluded_thread_ids"]),
        ],
    },
    Builder {
        method: "thread/archive",
        name: "ThreadArchive",
        made_by: Codex("thread_archive"),
        docs: "Puts a thread away: it is no longer listed, and can be had back.",
        gives: Answer,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/unarchive",
        name: "ThreadUnarchive",
        made_by: Codex("thread_unarchive"),
        docs: "Has a thread back that was put away. To go on with it, resume it.",
        gives: Hand("Thread"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/delete",
        name: "ThreadDelete",
        made_by: Codex("thread_delete"),
        docs: "Deletes a thread for good.",
        gives: Answer,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "model/list",
        name: "ModelList",
        made_by: Codex("models"),
        docs: "Lists models, a page at a time; [`ModelList::all`] walks through all pages.",
        gives: Answer,
        offered: &[
            CURSOR,
            Plain(
                "include_hidden",
                "Whether models are listed that are not offered to users.",
            ),
            LIMIT,
            Plain("model_provider", "Only models of this provider."),
        ],
        withheld: &[],
    },
    Builder {
        method: "account/read",
        name: "AccountRead",
        made_by: Codex("account"),
        docs: "Tells who is logged in.",
        gives: Answer,
        offered: &[Plain(
            "refresh_token",
            "Whether the access token is renewed on the way.",
        )],
        withheld: &[],
    },
    Builder {
        method: "turn/start",
        name: "Turn",
        made_by: HandOfThread,
        docs: "Starts a turn, or joins the one that is running. Gives its handle.",
        gives: Hand("TurnHandle"),
        offered: TURN_ARGUMENTS,
        withheld: TURN_WITHHELD,
    },
    Builder {
        method: "turn/start",
        name: "Run",
        made_by: HandOfThread,
        docs: "Starts a turn and waits for its end. Gives its result.",
        gives: Hand("TurnResult"),
        offered: TURN_ARGUMENTS,
        withheld: TURN_WITHHELD,
    },
    Builder {
        method: "turn/steer",
        name: "Steer",
        made_by: HandOfTurn,
        docs: "Adds input to a turn that is running.",
        gives: Answer,
        offered: &[Plain(
            "client_user_message_id",
            "An id for the user's message, found again in its item.",
        )],
        withheld: &[(
            Experimental,
            &[
                "additional_context",
                "responsesapi_client_metadata",
                "responsesapi_client_metadata_patch",
            ],
        )],
    },
    Builder {
        method: "turn/interrupt",
        name: "Interrupt",
        made_by: HandOfTurn,
        docs: "Makes a turn stop. Its end, with the status `interrupted`, comes as an event.",
        gives: Hand("()"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/read",
        name: "ThreadRead",
        made_by: Thread("read"),
        docs: "Reads what is stored of the thread.",
        gives: Answer,
        offered: &[Plain(
            "include_turns",
            "Whether all of its turns are read, too. [`Thread::turns`] reads them page by page.",
        )],
        withheld: &[],
    },
    Builder {
        method: "thread/name/set",
        name: "ThreadSetName",
        made_by: Thread("set_name"),
        docs: "Names the thread.",
        gives: Answer,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/turns/list",
        name: "ThreadTurns",
        made_by: Thread("turns"),
        docs: "Lists the thread's turns, a page at a time; [`ThreadTurns::all`] walks through \
               all pages.",
        gives: Answer,
        offered: &[
            CURSOR,
            Plain("items_view", "How much of each turn's items is listed."),
            LIMIT,
            SORT_DIRECTION,
        ],
        withheld: &[],
    },
    Builder {
        method: "thread/items/list",
        name: "ThreadItems",
        made_by: Thread("items"),
        docs: "Lists the thread's items, a page at a time; [`ThreadItems::all`] walks through \
               all pages.",
        gives: Answer,
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
        name: "Compact",
        made_by: Thread("compact"),
        docs: "Has the thread's history summarized, so that it takes less of the model's \
               context. Gives a handle that can be waited for.",
        gives: Hand("CompactHandle"),
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "review/start",
        name: "Review",
        made_by: Thread("review"),
        docs: "Starts a turn in which the model reviews changes. Gives its handle.",
        gives: Hand("TurnHandle"),
        offered: &[Plain("delivery", "Where the review takes place.")],
        withheld: &[],
    },
    Builder {
        method: "thread/unsubscribe",
        name: "ThreadUnsubscribe",
        made_by: Thread("unsubscribe"),
        docs: "Stops the thread's events from being sent to this client; the runtime may unload \
               the thread then.",
        gives: Answer,
        offered: &[],
        withheld: &[],
    },
    Builder {
        method: "thread/goal/set",
        name: "Goal",
        made_by: HandOfThread,
        docs: "Gives the thread a goal that it works on by itself, turn after turn, until the \
               goal is reached or given up. Gives a handle of the whole work.",
        gives: Hand("GoalHandle"),
        offered: &[Plain(
            "token_budget",
            "How many tokens the work may take at most.",
        )],
        withheld: &[
            (SetByClient, &["objective", "status"]),
            (Experimental, &["origin"]),
        ],
    },
];
