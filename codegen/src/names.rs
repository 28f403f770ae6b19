//! From names on the wire to names in Rust.
//!
//! Pure functions over strings; collisions are resolved where the names meet (the stage annotate
//! for types, [`crate::lower`] for members).

pub(crate) mod reserved;
pub(crate) mod table;

pub(crate) use reserved::is_method_of_structs;

/// The name with acronyms that look like two words in the form of one: `OAuth` is `Oauth`.
pub(crate) fn with_acronyms_as_words(name: &str) -> String {
    name.replace("OAuth", "Oauth")
}

/// The words of a wire name: `item/agentMessage_delta` is `item`, `agent`, `Message`, `delta`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let name = with_acronyms_as_words(name);
    let mut words: Vec<String> = Vec::new();
    let mut previous = '/';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(char::is_ascii_lowercase);
        if !character.is_ascii_alphanumeric() {
            previous = '/';
            continue;
        }
        let after_lower = previous.is_ascii_lowercase() || previous.is_ascii_digit();
        let ends_acronym = previous.is_ascii_uppercase() && next_is_lower;
        let starts =
            previous == '/' || (character.is_ascii_uppercase() && (after_lower || ends_acronym));
        match words.last_mut() {
            Some(word) if !starts => word.push(character),
            _ => words.push(character.to_string()),
        }
        previous = character;
    }
    words
}

/// `agentMessage` as the name of a field, function or module: `agent_message`.
pub(crate) fn snake_case(name: &str) -> String {
    let words: Vec<_> = words(name)
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect();
    let mut snake = words.join("_");
    if snake.is_empty() || snake.starts_with(|first: char| first.is_ascii_digit()) {
        snake.insert(0, 'n');
    }
    if is_keyword(&snake) {
        snake.push('_');
    }
    snake
}

/// `on-request` as the name of a type or variant: `OnRequest`.
pub(crate) fn pascal_case(name: &str) -> String {
    let mut pascal: String = words(name).iter().map(|word| capitalize(word)).collect();
    if pascal.is_empty() || pascal.starts_with(|first: char| first.is_ascii_digit()) {
        pascal.insert(0, 'N');
    }
    if pascal == "Self" {
        pascal.push('_');
    }
    pascal
}

/// Distinct Pascal-case names for a list of wire values.
///
/// Punctuation is spelled out if two values differ by it alone (`openai/form`, `openaiForm`);
/// `None` if even that is not enough.
pub(crate) fn distinct_pascal_case(values: &[&str]) -> Option<Vec<String>> {
    let plain: Vec<_> = values.iter().map(|value| pascal_case(value)).collect();
    let is_alone = |name: &String| plain.iter().filter(|other| *other == name).count() == 1;
    let names: Vec<_> = plain
        .iter()
        .zip(values)
        .map(|(name, value)| {
            if is_alone(name) {
                name.clone()
            } else {
                pascal_case(&spell_out(value))
            }
        })
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

fn spell_out(value: &str) -> String {
    let mut text = String::new();
    for character in value.chars() {
        match character {
            '/' => text.push_str("/slash/"),
            '-' => text.push_str("/dash/"),
            '.' => text.push_str("/dot/"),
            '_' => text.push_str("/underscore/"),
            other => text.push(other),
        }
    }
    text
}

/// `AVAILABLE` becomes `Available`, `oauth2` becomes `Oauth2`.
fn capitalize(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        None => String::new(),
        Some(first) => {
            let rest = characters.as_str().to_ascii_lowercase();
            format!("{}{rest}", first.to_ascii_uppercase())
        }
    }
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
        "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
        "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
        "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type",
        "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wire: &str, snake: &str, pascal: &str) {
        assert_eq!(snake_case(wire), snake);
        assert_eq!(pascal_case(wire), pascal);
    }

    #[test]
    fn wire_names_of_every_style() {
        check("agentMessage", "agent_message", "AgentMessage");
        check(
            "item/agentMessage/delta",
            "item_agent_message_delta",
            "ItemAgentMessageDelta",
        );
        check("on-request", "on_request", "OnRequest");
        check("NO_CONSTRAINT", "no_constraint", "NoConstraint");
        check("PreToolUse", "pre_tool_use", "PreToolUse");
        check("text_elements", "text_elements", "TextElements");
        check("_meta", "meta", "Meta");
        check("$schema", "schema", "Schema");
        check("type", "type_", "Type");
        check(
            "account/gatewayOAuth/read",
            "account_gateway_oauth_read",
            "AccountGatewayOauthRead",
        );
        check("mcpServerURL", "mcp_server_url", "McpServerUrl");
        check("HTTPStatus", "http_status", "HttpStatus");
        check("sha256", "sha256", "Sha256");
        check("7d", "n7d", "N7d");
    }

    #[test]
    fn values_that_differ_by_punctuation_stay_distinct() {
        let names = distinct_pascal_case(&["openai/form", "openaiForm", "url"]);
        let expected = ["OpenaiSlashForm", "OpenaiForm", "Url"].map(str::to_owned);
        assert_eq!(names, Some(expected.to_vec()));
        assert_eq!(distinct_pascal_case(&["a b", "a  b"]), None);
    }
}
