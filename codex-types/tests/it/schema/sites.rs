//! Finds the places of a value together with the schema of each.

use serde_json::{Map, Value};

use super::listed::is_listed;
use super::{Kind, field_schema, fits, is_catch_all, is_required, resolve};

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A part of a value.
#[derive(Debug)]
pub(crate) struct Site {
    /// The path to it.
    pub(crate) path: Vec<Step>,
    /// The value.
    pub(crate) role: Role,
    /// True if `null` is allowed there.
    pub(crate) nullable: bool,
    /// True if the part may distinguish the alternatives of an untagged union,
    /// so that a change makes the value an unrecognized one, not a wrong one.
    pub(crate) tells_apart: bool,
    /// It is inside of an element of a list that is kept when it is malformed.
    pub(crate) in_kept_element: bool,
    /// The name of the tag, if this is such an element.
    pub(crate) kept_by_tag: Option<String>,
}

/// The kind of a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Any,
    Text,
    Integer,
    Number,
    Boolean,
    List,
    Map,
    /// An object with the names of its required fields.
    Object(Vec<String>),
    /// A value of an open enumeration.
    Enum,
    /// The constant of an object that is read as a variant of a union.
    Tag,
    /// The constant of an object that is read alone.
    Constant,
    /// The string form of a union of strings and one-key objects.
    KeyedText,
    /// The object form of such a union.
    KeyedObject,
    /// A union of anything else, with the JSON kinds of its alternatives.
    Untagged(Vec<&'static str>),
}

/// All parts of a value, the value itself included.
pub(crate) fn sites(schema: &Value, value: &Value) -> Vec<Site> {
    let mut finder = Finder::default();
    finder.visit(schema, value, Context::default());
    finder.sites
}

#[derive(Default)]
struct Finder {
    path: Vec<Step>,
    sites: Vec<Site>,
}

/// The surroundings of a part.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct Context {
    /// The tag of the union that this object is a variant of.
    has_tag: bool,
    /// The number of further levels that may distinguish alternatives.
    telling: u8,
    nullable: bool,
    in_list: bool,
    /// It is itself an element of a list.
    is_element: bool,
    in_kept_element: bool,
}

impl Context {
    fn inside(self) -> Self {
        Self {
            has_tag: false,
            telling: self.telling.saturating_sub(1),
            nullable: false,
            is_element: false,
            ..self
        }
    }
}

impl Finder {
    fn add(&mut self, role: Role, context: Context) {
        self.sites.push(Site {
            path: self.path.clone(),
            role,
            nullable: context.nullable,
            tells_apart: context.telling > 0,
            in_kept_element: context.in_kept_element,
            kept_by_tag: None,
        });
    }

    fn visit(&mut self, schema: &Value, value: &Value, mut context: Context) {
        let resolved = resolve(schema);
        context.nullable |= resolved.nullable;
        if value.is_null() {
            return;
        }
        match resolved.kind {
            Kind::Any => self.add(Role::Any, context),
            Kind::Enum(_) => self.add(Role::Enum, context),
            Kind::Text => self.add(Role::Text, context),
            Kind::Integer => self.add(Role::Integer, context),
            Kind::Number => self.add(Role::Number, context),
            Kind::Boolean => self.add(Role::Boolean, context),
            Kind::List(items) => self.visit_list(items, value, context),
            Kind::Object(object) => self.visit_object(object, value, context),
            Kind::Tagged(arms) => {
                context.has_tag = true;
                self.visit_arm(&arms, value, context);
            }
            Kind::Keyed(arms) => self.visit_keyed(&arms, value, context),
            Kind::Untagged(arms) => self.visit_untagged(&arms, value, context),
        }
    }

    fn visit_arm(&mut self, arms: &[&Value], value: &Value, context: Context) {
        let arm = arms.iter().find(|arm| fits(arm, value));
        self.visit(arm.expect("a valid value fits an arm"), value, context);
    }

    fn visit_untagged(&mut self, arms: &[&Value], value: &Value, context: Context) {
        let kinds = arms.iter().map(|arm| json_kind(arm)).collect();
        self.add(Role::Untagged(kinds), context);
        let first = self.sites.len();
        // Two levels: `items.type` distinguishes some alternatives.
        let context = Context {
            telling: 3,
            ..context
        };
        self.visit_arm(arms, value, context);
        // The alternative itself is the union that was added already.
        if self
            .sites
            .get(first)
            .is_some_and(|site| site.path == self.path)
        {
            let alternative = self.sites.remove(first);
            if let Role::Object(_) = alternative.role {
                self.sites.insert(first, alternative);
            }
        }
    }

    fn visit_keyed(&mut self, arms: &[&Value], value: &Value, context: Context) {
        let Some((key, inner)) = value.as_object().and_then(|object| object.iter().next()) else {
            return self.add(Role::KeyedText, context);
        };
        self.add(Role::KeyedObject, context);
        let arm = arms.iter().find(|arm| {
            !is_catch_all(arm) && arm["properties"].get(key).is_some() && fits(arm, value)
        });
        if let Some(arm) = arm {
            self.step(
                Step::Key(key.clone()),
                &arm["properties"][key],
                inner,
                context,
            );
        }
    }

    fn visit_list(&mut self, items: &Value, value: &Value, context: Context) {
        self.add(Role::List, context);
        let context = Context {
            in_list: true,
            is_element: true,
            in_kept_element: context.in_kept_element || is_listed(items),
            ..context.inside()
        };
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.path.push(Step::Index(index));
            self.visit(items, item, context);
            self.path.pop();
        }
    }

    fn visit_object(&mut self, schema: &Map<String, Value>, value: &Value, mut context: Context) {
        let whole = Value::Object(schema.clone());
        let has_id = context.has_tag && is_required(&whole, "id");
        // An element itself may even lack its tag.
        context.in_kept_element |= has_id && context.is_element;
        let fields = schema.get("properties").and_then(Value::as_object);
        self.add(
            match fields {
                None if schema.get("additionalProperties").is_some() => Role::Map,
                fields => {
                    let names = fields.into_iter().flat_map(Map::keys);
                    Role::Object(
                        names
                            .filter(|name| is_required(&whole, name))
                            .cloned()
                            .collect(),
                    )
                }
            },
            context,
        );
        let tag = super::constants(&whole).next().map(|(name, _)| name);
        let mut inner_context = context;
        if has_id && context.in_list {
            inner_context.in_kept_element = true;
            let site = self.sites.last_mut().expect("it was added");
            site.kept_by_tag = tag.map(ToOwned::to_owned);
        }
        for (name, inner) in value.as_object().into_iter().flatten() {
            let Some(field) = field_schema(schema, name) else {
                continue;
            };
            if tag == Some(name) {
                self.visit_constant(name, context);
            } else if !field.is_boolean() {
                self.step(Step::Key(name.clone()), field, inner, inner_context);
            }
        }
    }

    fn visit_constant(&mut self, name: &str, context: Context) {
        self.path.push(Step::Key(name.to_owned()));
        let role = if context.has_tag {
            Role::Tag
        } else {
            Role::Constant
        };
        self.add(role, context.inside());
        self.path.pop();
    }

    fn step(&mut self, step: Step, schema: &Value, value: &Value, context: Context) {
        self.path.push(step);
        self.visit(schema, value, context.inside());
        self.path.pop();
    }
}

fn json_kind(schema: &Value) -> &'static str {
    match resolve(schema).kind {
        Kind::Enum(_) | Kind::Text => "string",
        Kind::Integer | Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::List(_) => "array",
        Kind::Object(_) | Kind::Tagged(..) => "object",
        other => panic!("an alternative of no single kind: {other:?}"),
    }
}

/// A path as the errors of the models write it.
pub(crate) fn render(path: &[Step]) -> String {
    let steps = path.iter().enumerate().map(|(at, step)| match step {
        Step::Index(index) => format!("[{index}]"),
        Step::Key(key) if !is_plain(key) => format!("[{key:?}]"),
        Step::Key(key) if at == 0 => key.clone(),
        Step::Key(key) => format!(".{key}"),
    });
    steps.collect::<Vec<_>>().concat()
}

fn is_plain(key: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_$-/".contains(letter);
    !key.is_empty() && key.chars().all(plain)
}

/// The part of a value at a path.
pub(crate) fn part_mut<'a>(value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}
