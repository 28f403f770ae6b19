//! The public API, names and signatures, as a snapshot, which shows every change for users.
//!
//! Read from the sources: an item that is `pub` is public, because `unreachable_pub` is a lint
//! of this workspace. Nothing hides behind a macro: one without arguments is replaced by its
//! body, and any other fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{
    Fields, ImplItem, Item, Macro, TraitItem, Visibility, braced, parenthesized, parse_quote,
};

#[test]
fn the_public_api_is_what_was_agreed_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    let sources: Vec<(String, Vec<Item>)> = files.iter().map(|file| read(&root, file)).collect();
    let types: BTreeSet<String> = sources
        .iter()
        .flat_map(|(_, items)| type_names(items))
        .collect();
    let macros: Macros = sources
        .iter()
        .flat_map(|(_, items)| items.iter().filter_map(definition))
        .collect();
    let mut text = String::new();
    for (name, items) in sources {
        let public: Vec<Item> = items
            .into_iter()
            .flat_map(|item| without_macros(item, &macros))
            .filter_map(|item| public(item, &types))
            .collect();
        if !public.is_empty() {
            let file: syn::File = parse_quote!(#(#public)*);
            text.extend(["// ", &name, "\n", &prettyplease::unparse(&file), "\n"]);
        }
    }
    // Compiled into several crates, each of which keeps its own snapshot.
    let binary = module_path!().split("::").next().unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(binary);
    insta::with_settings!({snapshot_path => folder.join("snapshots")}, {
        insta::assert_snapshot!(text);
    });
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, file: &Path) -> (String, Vec<Item>) {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file
        .strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/");
    (name, syn::parse_file(&text).unwrap().items)
}

/// Macros without arguments, by name, with their bodies.
type Macros = BTreeMap<String, TokenStream>;

/// `() => { ... };`
struct OnlyRule(TokenStream);

impl Parse for OnlyRule {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (arguments, body);
        parenthesized!(arguments in input);
        if !arguments.is_empty() {
            return Err(arguments.error("a macro with arguments"));
        }
        input.parse::<syn::Token![=>]>()?;
        braced!(body in input);
        input.parse::<Option<syn::Token![;]>>()?;
        body.parse().map(Self)
    }
}

/// The definition of such a macro.
fn definition(item: &Item) -> Option<(String, TokenStream)> {
    let Item::Macro(it) = item else {
        return None;
    };
    let OnlyRule(body) = it.mac.parse_body().ok()?;
    Some((it.ident.as_ref()?.to_string(), body))
}

/// Macros without public items.
const PRIVATE: [&str; 2] = ["macro_rules", "thread_local"];

/// The expansion of a call.
fn expansion(called: &Macro, macros: &Macros) -> TokenStream {
    let name = called.path.segments.last().unwrap().ident.to_string();
    if PRIVATE.contains(&name.as_str()) {
        return TokenStream::new();
    }
    let body = macros.get(&name).cloned();
    body.unwrap_or_else(|| panic!("what does `{name}!` make?"))
}

/// The item, or the items that a macro expands to, including methods from macros.
fn without_macros(item: Item, macros: &Macros) -> Vec<Item> {
    match item {
        Item::Macro(it) => {
            let made: syn::File = syn::parse2(expansion(&it.mac, macros)).unwrap();
            made.items
        }
        Item::Impl(mut it) => {
            let items = std::mem::take(&mut it.items).into_iter();
            it.items = items.flat_map(|item| methods(item, macros)).collect();
            vec![Item::Impl(it)]
        }
        Item::Mod(it) if it.content.is_some() => {
            let is_cfg = |attribute: &syn::Attribute| attribute.path().is_ident("cfg");
            let is_test = it.attrs.iter().any(is_cfg);
            assert!(is_test, "`{}` is not looked into", it.ident);
            Vec::new()
        }
        item => vec![item],
    }
}

fn methods(item: ImplItem, macros: &Macros) -> Vec<ImplItem> {
    match item {
        ImplItem::Macro(it) => {
            let methods = expansion(&it.mac, macros);
            let made: syn::ItemImpl = parse_quote!(impl It { #methods });
            made.items
        }
        item => vec![item],
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The types and traits that are public.
fn type_names(items: &[Item]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items {
        match item {
            Item::Struct(it) if is_public(&it.vis) => names.push(it.ident.to_string()),
            Item::Enum(it) if is_public(&it.vis) => names.push(it.ident.to_string()),
            _ => {}
        }
    }
    names
}

/// The public part of an item: without bodies, private fields and documentation.
fn public(item: Item, types: &BTreeSet<String>) -> Option<Item> {
    match item {
        Item::Struct(it) if is_public(&it.vis) => Some(public_struct(it)),
        Item::Enum(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            for variant in &mut it.variants {
                strip(&mut variant.attrs);
                variant
                    .fields
                    .iter_mut()
                    .for_each(|field| strip(&mut field.attrs));
            }
            Some(Item::Enum(it))
        }
        Item::Trait(it) if is_public(&it.vis) => Some(public_trait(it)),
        Item::Fn(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            it.block = parse_quote!({});
            Some(Item::Fn(it))
        }
        Item::Type(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Type(it))
        }
        Item::Const(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Const(it))
        }
        Item::Use(mut it) if is_public(&it.vis) => {
            strip(&mut it.attrs);
            Some(Item::Use(it))
        }
        Item::Impl(it) => public_impl(it, types),
        _ => None,
    }
}

fn public_struct(mut it: syn::ItemStruct) -> Item {
    strip(&mut it.attrs);
    if let Fields::Named(fields) = &mut it.fields {
        let all = std::mem::take(&mut fields.named);
        fields.named = all
            .into_iter()
            .filter(|field| is_public(&field.vis))
            .collect();
    } else {
        it.fields = Fields::Unit;
        it.semi_token = Some(parse_quote!(;));
    }
    it.fields
        .iter_mut()
        .for_each(|field| strip(&mut field.attrs));
    Item::Struct(it)
}

fn public_trait(mut it: syn::ItemTrait) -> Item {
    strip(&mut it.attrs);
    for item in &mut it.items {
        if let TraitItem::Fn(function) = item {
            strip(&mut function.attrs);
            function.default = None;
        }
    }
    Item::Trait(it)
}

fn public_impl(mut it: syn::ItemImpl, types: &BTreeSet<String>) -> Option<Item> {
    let syn::Type::Path(owner) = &*it.self_ty else {
        return None;
    };
    if !types.contains(&owner.path.segments.last()?.ident.to_string()) {
        return None;
    }
    strip(&mut it.attrs);
    let of_trait = it.trait_.is_some();
    it.items.retain(|item| match item {
        ImplItem::Fn(function) => is_public(&function.vis),
        ImplItem::Type(_) => of_trait,
        ImplItem::Const(constant) => is_public(&constant.vis),
        _ => false,
    });
    for item in &mut it.items {
        if let ImplItem::Fn(function) = item {
            strip(&mut function.attrs);
            function.block = parse_quote!({});
        }
    }
    (of_trait || !it.items.is_empty()).then_some(Item::Impl(it))
}

/// Keeps the attributes that are part of the API.
fn strip(attributes: &mut Vec<syn::Attribute>) {
    let kept = ["cfg", "derive", "must_use", "non_exhaustive"];
    attributes.retain(|attribute| kept.iter().any(|name| attribute.path().is_ident(name)));
}
