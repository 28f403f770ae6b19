//! The small types that the models are made of.

use codex_types::rpc::{
    Envelope, ErrorObject, ServerMessage, decode, encode_error, encode_notification,
    encode_request, encode_response,
};
use codex_types::{
    AgentMessageThreadItem, DecodeError, Field, NoParams, PlanType, ReasoningEffort, RequestId,
    SandboxMode, ServerNotification, ThreadId, ThreadItem, ThreadStartParams, TurnStartParams,
    UserInput,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn written<T: serde_core::Serialize>(model: &T) -> Value {
    serde_json::to_value(model).expect("a model can be written")
}

#[test]
fn a_field_has_three_states_on_the_wire() {
    let params = ThreadStartParams::new();
    assert_eq!(written(&params), json!({}));
    let params = params.service_tier("fast");
    assert_eq!(written(&params), json!({ "serviceTier": "fast" }));
    let params = params.service_tier_null();
    assert_eq!(written(&params), json!({ "serviceTier": null }));
    let read: ThreadStartParams = serde_json::from_value(written(&params)).expect("it is read");
    assert!(read.service_tier.is_null() && read.model.is_absent());
}

#[test]
fn payload_is_returned_by_the_accessor_of_its_variant_only() {
    let item = ThreadItem::from(AgentMessageThreadItem::new("i", "Hello"));
    assert_eq!(item.as_agent_message().expect("a message").text, "Hello");
    assert!(item.as_command_execution().is_none());
    assert!(item.as_unrecognized().is_none());
    let other: ThreadItem = serde_json::from_value(json!({"type": "hologram", "id": "h"}))
        .expect("an unknown item is kept");
    assert!(other.as_agent_message().is_none());
    assert_eq!(other.as_unrecognized().expect("kept").tag(), "hologram");
}

#[test]
fn a_field_converts() {
    let mut field: Field<String> = Field::default();
    assert_eq!(field, Field::Absent);
    assert_eq!(Field::<String>::from(None::<String>), Field::Absent);
    field = Some("x".to_owned()).into();
    assert_eq!(field.as_option().map(String::as_str), Some("x"));
    if let Some(text) = field.as_mut() {
        text.push('y');
    }
    assert_eq!(format!("{field:?}"), r#""xy""#);
    assert_eq!(field.into_option().as_deref(), Some("xy"));
    assert_eq!(
        format!("{:?} {:?}", Field::<u8>::Null, Field::<u8>::Absent),
        "Null Absent"
    );
}

#[test]
fn unknown_fields_can_be_read_changed_and_compared() {
    let mut item = AgentMessageThreadItem::new("i", "text");
    assert!(item.extra().is_empty());
    let plain = item.clone();
    item.extra_mut().insert("mood".to_owned(), json!("calm"));
    assert_ne!(item, plain);
    assert_eq!(written(&item)["mood"], "calm");
    item.extra_mut().clear();
    assert_eq!(item, plain);
}

/// The form of an empty field is kept, but is no fact about the item.
#[test]
fn null_and_absent_are_equal_and_written_as_they_came() {
    let null = r#"{"type":"agentMessage","id":"i","text":"","phase":null}"#;
    let absent = r#"{"type":"agentMessage","id":"i","text":""}"#;
    let read = |text: &str| serde_json::from_str::<ThreadItem>(text).expect("it is read");
    assert_eq!(read(null), read(absent));
    for text in [null, absent] {
        let original: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(written(&read(text)), original);
    }
}

#[test]
fn a_value_that_is_set_after_reading_is_written() {
    let absent = r#"{"id":"i","text":"","type":"agentMessage"}"#;
    let mut item: AgentMessageThreadItem = serde_json::from_str(absent).expect("it is read");
    item.phase = Some("commentary".into());
    assert_eq!(written(&item)["phase"], "commentary");
}

#[test]
fn an_enumeration_is_open() {
    let plan = PlanType::from("notYetKnown");
    assert_eq!(plan, PlanType::Unrecognized("notYetKnown".to_owned()));
    assert_eq!(plan.as_str(), "notYetKnown");
    for known in PlanType::KNOWN {
        assert!(
            !matches!(PlanType::from(*known), PlanType::Unrecognized(_)),
            "{known}"
        );
    }
    // A value of the protocol, not the lack of one.
    assert!(matches!(PlanType::from("unknown"), PlanType::Unknown));
}

#[test]
fn arguments_of_command_lines_are_parsed() {
    assert_eq!("workspace-write".parse(), Ok(SandboxMode::WorkspaceWrite));
    assert_eq!("high".parse(), Ok(ReasoningEffort::from("high")));
    assert_eq!("019b73c4".parse(), Ok(ThreadId::from("019b73c4")));
    // A typing error is none of the open values.
    let error = "workspace_write".parse::<SandboxMode>().unwrap_err();
    assert_eq!(error.value(), "workspace_write");
    assert!(error.known().contains(&"workspace-write"));
}

#[test]
fn a_union_is_open() {
    let text = r#"{"type":"notYetKnown","id":"i","b":[1,null]}"#;
    let item: ThreadItem = serde_json::from_str(text).expect("it is read");
    let ThreadItem::Unrecognized(variant) = &item else {
        panic!("{item:?}");
    };
    assert_eq!((variant.tag(), item.tag()), ("notYetKnown", "notYetKnown"));
    assert_eq!(variant.fields()["b"], json!([1, null]));
    assert_eq!(item.id(), Some("i"));
    assert_eq!(
        serde_json::to_string(&item).expect("it can be written"),
        r#"{"type":"notYetKnown","b":[1,null],"id":"i"}"#
    );
}

#[test]
fn a_variant_converts_both_ways() {
    let item = ThreadItem::from(AgentMessageThreadItem::new("i", "text"));
    let message = AgentMessageThreadItem::try_from(item).expect("it is a message");
    assert_eq!(message.text, "text");
    let other: ThreadItem =
        serde_json::from_value(json!({ "type": "plan", "id": "i", "text": "" }))
            .expect("it is read");
    let other = AgentMessageThreadItem::try_from(other).expect_err("it is a plan");
    assert_eq!(other.tag(), "plan");
}

/// The id of a message has a short way of its own for the numbers of the client.
#[test]
fn ids_of_messages_are_read_like_any_other_id() {
    let ids = [
        "7",
        "-7",
        "0",
        "-0",
        "00",
        "07",
        "-",
        "1.0",
        "7e0",
        "7E1",
        "12345678",
        "123456789012345678",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "\"7\"",
        "\"\"",
        "null",
        "true",
        "[7]",
        "{}",
        "7 ",
        " 7",
        "7x",
        "",
        "+7",
        "0x7",
        "\u{661}",
    ];
    for id in ids {
        let expected: Option<Option<RequestId>> = serde_json::from_str(id).ok();
        for text in [
            format!(r#"{{"id":{id},"result":1}}"#),
            format!(r#"{{"result":1,"id":{id}}}"#),
            format!(r#"{{"id":"other","result":1,"id":{id}}}"#),
        ] {
            let envelope = Envelope::parse(&text).ok();
            assert_eq!(envelope.map(|it| it.id), expected.clone(), "{text}");
            let message = match ServerMessage::parse(&text) {
                Ok(ServerMessage::Response { id, .. }) => Some(id),
                // Its id is what could be found in it.
                _ => None,
            };
            assert_eq!(message, expected.clone().flatten(), "{text}");
        }
    }
}

#[test]
fn ids_keep_their_type() {
    assert_eq!(RequestId::from(92).to_string(), "92");
    assert_eq!(RequestId::from("92").to_string(), r#""92""#);
    assert_eq!(RequestId::from("a\"b\n").to_string(), r#""a\"b\n""#);
    assert_eq!(
        RequestId::from("x".to_owned()),
        RequestId::String("x".to_owned())
    );
    assert_ne!(RequestId::from(92), RequestId::from("92"));
    let odd: RequestId = serde_json::from_str("1.5").expect("it is kept");
    assert_eq!(odd.to_string(), "1.5");
}

#[test]
fn input_is_made_in_one_call() {
    let input = vec![
        UserInput::text("Hi"),
        UserInput::image_url("data:,"),
        UserInput::image_file("f"),
        UserInput::local_image("/i.png"),
        UserInput::audio_url("https://a"),
        UserInput::local_audio("/a.wav"),
        UserInput::skill("s", "/s/SKILL.md"),
        UserInput::mention("m", "app://m"),
        "words".into(),
    ];
    let expected = json!([
        { "type": "text", "text": "Hi" },
        { "type": "image", "url": "data:," },
        { "type": "image", "fileId": "f" },
        { "type": "localImage", "path": "/i.png" },
        { "type": "audio", "url": "https://a" },
        { "type": "localAudio", "path": "/a.wav" },
        { "type": "skill", "name": "s", "path": "/s/SKILL.md" },
        { "type": "mention", "name": "m", "path": "app://m" },
        { "type": "text", "text": "words" },
    ]);
    assert_eq!(
        written(&TurnStartParams::new("t", input))["input"],
        expected
    );
}

#[test]
fn messages_are_encoded_as_the_runtime_reads_them() {
    let id = RequestId::from(1);
    let texts = [
        encode_request(&id, "account/logout", &NoParams),
        encode_request(&id, "thread/start", &ThreadStartParams::new()),
        encode_notification("initialized", &NoParams),
        encode_response(&id, &json!({})),
        encode_error(
            &"a".into(),
            &ErrorObject::new(ErrorObject::METHOD_NOT_FOUND, "no").data(7),
        ),
    ];
    let texts = texts.map(|text| text.expect("it can be encoded"));
    assert_eq!(
        texts,
        [
            r#"{"id":1,"method":"account/logout"}"#,
            r#"{"id":1,"method":"thread/start","params":{}}"#,
            r#"{"method":"initialized"}"#,
            r#"{"id":1,"result":{}}"#,
            r#"{"error":{"code":-32601,"message":"no","data":7},"id":"a"}"#,
        ]
    );
}

#[track_caller]
fn error<T: serde_core::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> DecodeError {
    let raw = RawValue::from_string(text.to_owned()).expect("JSON");
    decode::<T>(&raw).expect_err("it is refused")
}

#[test]
fn errors_have_a_path_and_a_problem() {
    let wrong = r#"{"type":"userMessage","id":"i","content":[{"type":"text","text":"a"},{"type":"skill","name":"n"}]}"#;
    let error = error::<ThreadItem>(wrong);
    assert_eq!(error.to_string(), "content[1].path: missing field");
    assert_eq!(
        (error.path(), error.problem()),
        ("content[1].path", "missing field")
    );
}

#[test]
fn an_error_at_the_outermost_value_has_no_path() {
    let error = error::<ThreadItem>("5");
    assert_eq!(error.path(), "");
    assert_eq!(error.problem(), "invalid type: integer, expected an object");
}

#[test]
fn broken_json_has_a_position() {
    for (text, expected) in [
        (
            r#"{"type":"plan""#,
            "EOF while parsing an object at line 1 column 14",
        ),
        (
            r#"{"type":"plan","id":tru"#,
            "EOF while parsing a value at line 1 column 23",
        ),
    ] {
        let error = serde_json::from_str::<ThreadItem>(text).expect_err("it is broken");
        assert_eq!(DecodeError::from(error).to_string(), expected);
    }
}

#[test]
fn an_error_does_not_repeat_strings() {
    for text in [
        r#""s3cret""#,
        r#"{"type":"userMessage","id":"i","content":"s3cret \" more"}"#,
        r#"{"type":"userMessage","id":"i","content":[{"type":"image","url":{"s3":"s3cret"}}]}"#,
        r#"{"id":"i","content":"s3cret","type":"userMessage"}"#,
    ] {
        let error = error::<ThreadItem>(text);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

#[test]
fn a_notification_without_params_names_them() {
    let error = serde_json::from_str::<ServerNotification>(r#"{"method":"turn/completed"}"#);
    let error = DecodeError::from(error.expect_err("it needs params"));
    assert_eq!(error.to_string(), "params: missing field");
}
