//! Parses one `.ts` file of the dump: imports, then exported types.
//!
//! Accepts exactly the constructs that ts-rs writes. Anything else is an error with file and
//! offset: a skipped construct would be an unchecked field.

use std::collections::BTreeMap;

use super::lexer::{Placed, Token, tokens};
use super::{Member, Type};
use crate::Error;

/// The exported types of one file, by name.
pub(super) type Exports = BTreeMap<String, Type>;

/// Parses the file at `path` below the dump's root.
pub(super) fn parse(path: &str, text: &str) -> Result<Exports, Error> {
    let tokens = tokens(text).map_err(|(offset, problem)| error(path, offset, &problem))?;
    let mut parser = Parser {
        path,
        tokens,
        next: 0,
        imports: BTreeMap::new(),
    };
    parser.file()
}

struct Parser<'a> {
    path: &'a str,
    tokens: Vec<Placed<'a>>,
    next: usize,
    /// The module of each name that is imported in this file.
    imports: BTreeMap<&'a str, String>,
}

impl<'a> Parser<'a> {
    fn file(&mut self) -> Result<Exports, Error> {
        let mut exports = Exports::new();
        loop {
            match self.take() {
                Token::End => return Ok(exports),
                Token::Word("import") => self.import()?,
                Token::Word("export") => {
                    if let Some((name, exported)) = self.export()? {
                        exports.insert(name.to_owned(), exported);
                    }
                }
                _ => return Err(self.unexpected("`import` or `export`")),
            }
        }
    }

    /// `import type { Name } from "./module";`
    fn import(&mut self) -> Result<(), Error> {
        self.word("type")?;
        self.mark('{')?;
        let name = self.name()?;
        self.mark('}')?;
        let module = self.from()?;
        self.imports.insert(name, module);
        Ok(())
    }

    /// `export type Name = …;`, or a line of `index.ts` that only re-exports.
    fn export(&mut self) -> Result<Option<(&'a str, Type)>, Error> {
        if self.take_mark('*') {
            self.word("as")?;
            self.name()?;
            self.from()?;
            return Ok(None);
        }
        self.word("type")?;
        if self.take_mark('{') {
            self.name()?;
            self.mark('}')?;
            self.from()?;
            return Ok(None);
        }
        let name = self.name()?;
        let own_module = self.path.trim_end_matches(".ts").to_owned();
        self.imports.insert(name, own_module);
        self.mark('=')?;
        let exported = self.union()?;
        self.mark(';')?;
        Ok(Some((name, exported)))
    }

    fn from(&mut self) -> Result<String, Error> {
        self.word("from")?;
        let Token::Text(relative) = self.take() else {
            return Err(self.unexpected("the path of a module"));
        };
        let module = self.resolve(relative);
        self.mark(';')?;
        module.ok_or_else(|| self.unexpected("a path inside the dump"))
    }

    /// The path below the dump's root of a path relative to this file.
    fn resolve(&self, relative: &str) -> Option<String> {
        let mut folders: Vec<&str> = self.path.split('/').collect();
        folders.pop();
        for step in relative.split('/') {
            match step {
                "." => {}
                ".." => {
                    folders.pop()?;
                }
                name => folders.push(name),
            }
        }
        Some(folders.join("/"))
    }

    fn union(&mut self) -> Result<Type, Error> {
        self.take_mark('|');
        let mut parts = vec![self.intersection()?];
        while self.take_mark('|') {
            parts.push(self.intersection()?);
        }
        Ok(single_or(parts, Type::Union))
    }

    fn intersection(&mut self) -> Result<Type, Error> {
        let mut parts = vec![self.postfix()?];
        while self.take_mark('&') {
            parts.push(self.postfix()?);
        }
        Ok(single_or(parts, Type::Intersection))
    }

    fn postfix(&mut self) -> Result<Type, Error> {
        let mut inner = self.primary()?;
        while self.take_mark('[') {
            self.mark(']')?;
            inner = Type::Array(Box::new(inner));
        }
        Ok(inner)
    }

    fn primary(&mut self) -> Result<Type, Error> {
        match self.take() {
            Token::Text(literal) => Ok(Type::Literal(literal.to_owned())),
            Token::Mark('{') => self.braces(),
            Token::Mark('(') => {
                let inner = self.union()?;
                self.mark(')')?;
                Ok(inner)
            }
            Token::Word(word) => self.named(word),
            _ => Err(self.unexpected("a type")),
        }
    }

    fn named(&mut self, word: &str) -> Result<Type, Error> {
        match word {
            "string" => Ok(Type::String),
            "number" | "bigint" => Ok(Type::Number),
            "boolean" => Ok(Type::Boolean),
            "null" => Ok(Type::Null),
            "undefined" => Ok(Type::Undefined),
            "unknown" => Ok(Type::Unknown),
            "Array" => {
                self.mark('<')?;
                let inner = self.union()?;
                self.mark('>')?;
                Ok(Type::Array(Box::new(inner)))
            }
            "Record" => self.empty_record(),
            // A fixed value, which the schema has as well.
            number if number.bytes().all(|it| it.is_ascii_digit()) => Ok(Type::Number),
            name => match self.imports.get(name) {
                Some(module) => Ok(Type::Reference(module.clone())),
                None => Err(self.unexpected("a type that is known or imported")),
            },
        }
    }

    /// `Record<string, never>`, the form of an object without fields in ts-rs.
    fn empty_record(&mut self) -> Result<Type, Error> {
        self.mark('<')?;
        self.word("string")?;
        self.mark(',')?;
        self.word("never")?;
        self.mark('>')?;
        Ok(Type::Object(Vec::new()))
    }

    /// The type after `{`: a map if it begins with a key in brackets, otherwise fields.
    fn braces(&mut self) -> Result<Type, Error> {
        if self.take_mark('[') {
            return self.map();
        }
        let mut members = Vec::new();
        while !self.take_mark('}') {
            members.push(self.member()?);
            if !self.take_mark(',') {
                self.mark('}')?;
                break;
            }
        }
        Ok(Type::Object(members))
    }

    /// The type after `{ [`: `key in string]?: T }` or `key: string]: T }`.
    fn map(&mut self) -> Result<Type, Error> {
        self.word("key")?;
        if !self.take_mark(':') {
            self.word("in")?;
        }
        self.word("string")?;
        self.mark(']')?;
        self.take_mark('?');
        self.mark(':')?;
        let values = self.union()?;
        self.mark('}')?;
        Ok(Type::Map(Box::new(values)))
    }

    fn member(&mut self) -> Result<Member, Error> {
        let name = match self.take() {
            Token::Word(name) | Token::Text(name) => name.to_owned(),
            _ => return Err(self.unexpected("the name of a field")),
        };
        let optional = self.take_mark('?');
        self.mark(':')?;
        let value = self.union()?;
        Ok(Member {
            name,
            optional,
            value,
        })
    }

    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.next).map_or(Token::End, |(_, t)| *t)
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Token::Mark(mark);
        self.next += usize::from(found);
        found
    }

    fn mark(&mut self, mark: char) -> Result<(), Error> {
        match self.take() {
            Token::Mark(found) if found == mark => Ok(()),
            _ => Err(self.unexpected(&format!("`{mark}`"))),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Error> {
        match self.take() {
            Token::Word(found) if found == word => Ok(()),
            _ => Err(self.unexpected(&format!("`{word}`"))),
        }
    }

    fn name(&mut self) -> Result<&'a str, Error> {
        match self.take() {
            Token::Word(name) => Ok(name),
            _ => Err(self.unexpected("a name")),
        }
    }

    /// An error about the last token.
    fn unexpected(&self, wanted: &str) -> Error {
        let place = self.tokens.get(self.next.saturating_sub(1));
        let (offset, found) = place.or(self.tokens.last()).map_or((0, Token::End), |p| *p);
        let found = match found {
            Token::Word(word) => format!("`{word}`"),
            Token::Text(text) => format!("\"{text}\""),
            Token::Mark(mark) => format!("`{mark}`"),
            Token::End => String::from("the end of the file"),
        };
        error(
            self.path,
            offset,
            &format!("expected {wanted}, found {found}"),
        )
    }
}

fn single_or(mut parts: Vec<Type>, several: fn(Vec<Type>) -> Type) -> Type {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        several(parts)
    }
}

fn error(path: &str, offset: usize, problem: &str) -> Error {
    Error::schema(
        format!("ts/experimental/{path} at byte {offset}"),
        format!("{problem}; support this construct in codegen/src/typescript/parser.rs"),
    )
}
