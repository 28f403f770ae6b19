#!/bin/sh
# A tool server with two tools: `ask`, which puts a question to the user and returns the answer, and
# `write`, which is not declared read-only, so that the runtime requests an approval.
# One JSON message per line; knows just enough of the protocol for that.

id_of() { printf '%s\n' "$1" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p'; }
reply() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }

while IFS= read -r line; do
    id=$(id_of "$line")
    case $line in
    *'"method":"initialize"'*)
        version=$(printf '%s\n' "$line" | sed -n 's/.*"protocolVersion":"\([^"]*\)".*/\1/p')
        reply "$id" '{"protocolVersion":"'"$version"'","capabilities":{"tools":{}},"serverInfo":{"name":"asking","version":"1.0"}}'
        ;;
    *'"method":"tools/list"'*)
        reply "$id" '{"tools":[{"name":"ask","description":"Asks the user","inputSchema":{"type":"object","properties":{}},"annotations":{"readOnlyHint":true}},{"name":"write","title":"Write a note","description":"Writes a note","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}]}'
        ;;
    *'"method":"tools/call"'*'"name":"write"'* | *'"name":"write"'*'"method":"tools/call"'*)
        reply "$id" '{"content":[{"type":"text","text":"written"}]}'
        ;;
    *'"method":"tools/call"'*)
        printf '%s\n' '{"jsonrpc":"2.0","id":"question","method":"elicitation/create","params":{"message":"Which color?","requestedSchema":{"type":"object","properties":{"color":{"type":"string","enum":["red","blue"]}},"required":["color"]}}}'
        IFS= read -r answer
        color=$(printf '%s\n' "$answer" | sed -n 's/.*"color":"\([^"]*\)".*/\1/p')
        reply "$id" '{"content":[{"type":"text","text":"the answer is '"${color:-none}"'"}]}'
        ;;
    *) if [ -n "$id" ]; then
        printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown"}}\n' "$id"
    fi ;;
    esac
done
