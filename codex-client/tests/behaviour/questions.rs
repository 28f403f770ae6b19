//! Requests of the runtime besides commands and changes of files: each kind typed in and out.

use std::collections::BTreeMap;

use codex_client::types::{
    AttestationGenerateParams, AttestationGenerateResponse, ChatgptAuthTokensRefreshParams,
    ChatgptAuthTokensRefreshReason, ChatgptAuthTokensRefreshResponse, CurrentTimeReadParams,
    CurrentTimeReadResponse, DynamicToolCallParams, DynamicToolCallResponse, DynamicToolCallStatus,
    Field, GrantedPermissionProfile, InputTextDynamicToolCallOutputContentItem,
    McpServerElicitationAction, McpServerElicitationRequestParams,
    McpServerElicitationRequestResponse, PermissionsRequestApprovalParams,
    PermissionsRequestApprovalResponse, ToolRequestUserInputAnswer, ToolRequestUserInputParams,
    ToolRequestUserInputResponse, TurnStatus,
};
use codex_client::{
    ApprovalMode, Codex, HandlerResult, RequestContext, Sandbox, ServerRequestHandler, Thread,
    TurnResult,
};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::occasions;
use crate::support::{LIMIT, Seen, TOKEN, builder, calling, harness_with, told};

/// Responds to everything, and records the requests.
#[derive(Clone, Default)]
struct Helpful {
    permissions: Seen<PermissionsRequestApprovalParams>,
    inputs: Seen<ToolRequestUserInputParams>,
    elicitations: Seen<McpServerElicitationRequestParams>,
    calls: Seen<DynamicToolCallParams>,
    times: Seen<CurrentTimeReadParams>,
    refreshes: Seen<ChatgptAuthTokensRefreshParams>,
    attestations: Seen<AttestationGenerateParams>,
}

impl ServerRequestHandler for Helpful {
    async fn item_permissions_request_approval(
        &self,
        params: PermissionsRequestApprovalParams,
        _: RequestContext,
    ) -> HandlerResult<PermissionsRequestApprovalResponse> {
        let mut granted = GrantedPermissionProfile::new();
        granted.network = Field::Value(params.permissions.network.clone().unwrap());
        self.permissions.push(params);
        Ok(PermissionsRequestApprovalResponse::new(granted))
    }

    async fn item_tool_request_user_input(
        &self,
        params: ToolRequestUserInputParams,
        _: RequestContext,
    ) -> HandlerResult<ToolRequestUserInputResponse> {
        let answer = |question: &codex_client::types::ToolRequestUserInputQuestion| {
            let answer = ToolRequestUserInputAnswer::new(["blue".to_owned()]);
            (question.id.clone(), answer)
        };
        let answers: BTreeMap<_, _> = params.questions.iter().map(answer).collect();
        self.inputs.push(params);
        Ok(ToolRequestUserInputResponse::new(answers))
    }

    async fn mcp_server_elicitation_request(
        &self,
        params: McpServerElicitationRequestParams,
        _: RequestContext,
    ) -> HandlerResult<McpServerElicitationRequestResponse> {
        self.elicitations.push(params);
        let mut answer =
            McpServerElicitationRequestResponse::new(McpServerElicitationAction::Accept);
        answer.content = Some(json!({ "color": "red" }));
        Ok(answer)
    }

    async fn item_tool_call(
        &self,
        params: DynamicToolCallParams,
        _: RequestContext,
    ) -> HandlerResult<DynamicToolCallResponse> {
        self.calls.push(params);
        let text = InputTextDynamicToolCallOutputContentItem::new("forty-two");
        Ok(DynamicToolCallResponse::new([text.into()], true))
    }

    async fn current_time_read(
        &self,
        params: CurrentTimeReadParams,
        _: RequestContext,
    ) -> HandlerResult<CurrentTimeReadResponse> {
        self.times.push(params);
        // The first second of 2031.
        Ok(CurrentTimeReadResponse::new(1_924_992_000))
    }

    async fn attestation_generate(
        &self,
        params: AttestationGenerateParams,
        _: RequestContext,
    ) -> HandlerResult<AttestationGenerateResponse> {
        self.attestations.push(params);
        Ok(AttestationGenerateResponse::new("attested"))
    }

    async fn account_chatgpt_auth_tokens_refresh(
        &self,
        params: ChatgptAuthTokensRefreshParams,
        _: RequestContext,
    ) -> HandlerResult<ChatgptAuthTokensRefreshResponse> {
        self.refreshes.push(params);
        Ok(ChatgptAuthTokensRefreshResponse::new(
            format!("{TOKEN}2"),
            "account-1",
        ))
    }
}

struct Scene {
    codex: Codex,
    thread: Thread,
    asked: Helpful,
    harness: AppServerHarness,
}

impl Scene {
    async fn start(harness: AppServerHarness) -> Self {
        let asked = Helpful::default();
        let builder = builder(&harness)
            .experimental_api(true)
            .request_attestation(true);
        let codex = builder.handler(asked.clone()).build().await.unwrap();
        let thread = codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
            .sandbox(Sandbox::WorkspaceWrite)
            .with_params(|params| params.dynamic_tools([occasions::lookup()]))
            .await
            .unwrap();
        Self {
            codex,
            thread,
            asked,
            harness,
        }
    }

    async fn run(&self) -> TurnResult {
        self.thread.run("go").await.unwrap()
    }

    /// The final input of the model.
    fn told(&self) -> String {
        told(self.harness.responses().requests().last().unwrap())
    }
}

#[tokio::test]
async fn permissions_are_granted() {
    let scene = Scene::start(occasions::permissions().start()).await;
    scene.run().await;
    let [asked] = &scene.asked.permissions.all()[..] else {
        panic!("asked once")
    };
    assert_eq!(asked.reason.as_deref(), Some("to fetch something"));
    assert_eq!(
        asked.permissions.network.as_ref().unwrap().enabled,
        Field::Value(true)
    );
    let told: serde_json::Value = serde_json::from_str(&scene.told()).unwrap();
    assert_eq!(told["permissions"]["network"]["enabled"], true);
}

#[tokio::test]
async fn a_tools_question_to_the_user_is_answered() {
    let scene = Scene::start(occasions::user_input().start()).await;
    let run = scene.thread.run("go").with_params(occasions::planning);
    run.await.unwrap();
    let [asked] = &scene.asked.inputs.all()[..] else {
        panic!("asked once")
    };
    let question = &asked.questions[0];
    assert_eq!(
        (question.header.as_str(), question.question.as_str()),
        ("Color", "Which color?")
    );
    let options = question.options.as_ref().unwrap();
    assert_eq!(options[1].label, "blue");
    assert!(scene.told().contains("blue"), "{}", scene.told());
}

#[tokio::test]
async fn a_tool_servers_question_is_answered() {
    let scene = Scene::start(occasions::elicitation().start()).await;
    scene.run().await;
    let [McpServerElicitationRequestParams::Form(asked)] = &scene.asked.elicitations.all()[..]
    else {
        panic!("asked once, with a form: {:?}", scene.asked.elicitations)
    };
    assert_eq!(
        (asked.server_name.as_str(), asked.message.as_str()),
        ("asking", "Which color?")
    );
    assert!(
        scene.told().contains("the answer is red"),
        "{}",
        scene.told()
    );
}

#[tokio::test]
async fn an_offered_tool_is_called_with_its_arguments() {
    let scene = Scene::start(occasions::tool_call().start()).await;
    let result = scene.run().await;
    let offered = scene.harness.responses().requests()[0].clone();
    assert!(
        offered.tool_names().contains(&"lookup"),
        "{:?}",
        offered.tool_names()
    );
    let [asked] = &scene.asked.calls.all()[..] else {
        panic!("called once")
    };
    assert_eq!(
        (asked.tool.as_str(), &asked.arguments),
        ("lookup", &json!({ "what": "the answer" }))
    );
    assert_eq!(
        occasions::call_status(&result.items),
        DynamicToolCallStatus::Completed
    );
    assert!(scene.told().contains("forty-two"), "{}", scene.told());
}

/// Sends a message when it is dropped.
struct Dropped(tokio::sync::mpsc::UnboundedSender<&'static str>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.send("dropped").unwrap();
    }
}

#[tokio::test]
async fn a_running_tool_is_dropped_when_its_turn_is_interrupted() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    let harness = harness_with(calling("slow", &json!({})));
    let (told, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let builder = builder(&harness).tool("slow", "Takes its time", move |_: Nothing| {
        let guard = Dropped(told.clone());
        async move {
            guard.0.send("running").unwrap();
            std::future::pending::<()>().await;
            Ok("never")
        }
    });
    let codex = builder.build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("go").await.unwrap();
    assert_eq!(seen.recv().await, Some("running"));
    turn.interrupt().await.unwrap();
    let dropped = tokio::time::timeout(LIMIT, seen.recv()).await;
    assert_eq!(dropped, Ok(Some("dropped")));
    let result = turn.run().await.unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
}

#[tokio::test]
async fn time_is_requested_and_reaches_the_model() {
    let scene = Scene::start(occasions::current_time().start()).await;
    scene.run().await;
    let asked = scene.asked.times.all();
    assert_eq!(&asked.first().expect("asked").thread_id, scene.thread.id());
    let request = scene.harness.responses().single_request();
    let body = String::from_utf8_lossy(request.body());
    assert!(body.contains("2031-01-01"), "{body}");
}

#[tokio::test]
async fn expired_tokens_are_refreshed() {
    let harness = AppServerHarness::builder().requires_openai_auth();
    let scene = Scene::start(harness.start().unwrap()).await;
    let denied = json!({ "error": { "message": "expired", "code": "token_expired" } });
    scene
        .harness
        .responses()
        .enqueue(Reply::http_error(401, denied))
        .enqueue(Reply::assistant("done"));
    scene
        .codex
        .login_chatgpt_tokens(TOKEN, "account-1")
        .await
        .unwrap();
    scene.run().await;
    let [asked] = &scene.asked.refreshes.all()[..] else {
        panic!("asked once")
    };
    assert_eq!(asked.reason, ChatgptAuthTokensRefreshReason::Unauthorized);
    let requests = scene.harness.responses().requests();
    let tokens: Vec<_> = requests
        .iter()
        .map(|request| request.header("authorization").unwrap())
        .collect();
    assert_eq!(
        tokens,
        [format!("Bearer {TOKEN}"), format!("Bearer {TOKEN}2")]
    );
}

#[tokio::test]
async fn attestations_go_along_with_the_requests_of_an_account() {
    let harness = AppServerHarness::builder().requires_openai_auth();
    let scene = Scene::start(harness.start().unwrap()).await;
    let replies = scene.harness.responses();
    replies.enqueue(Reply::assistant("done"));
    let login = scene.codex.login_chatgpt_tokens(TOKEN, "account-1");
    login.await.unwrap();
    let thread = scene.codex.thread_start().await.unwrap();
    thread.run("go").await.unwrap();
    assert!(!scene.asked.attestations.all().is_empty(), "asked");
    let request = scene.harness.responses().single_request();
    let attestation = request.header("x-oai-attestation").unwrap();
    assert!(attestation.contains("attested"), "{attestation}");
}
