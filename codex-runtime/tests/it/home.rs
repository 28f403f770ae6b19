//! Isolated homes: what is copied, written back, removed, and never followed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use codex_runtime::{Environment, Error, HomeFolder, IsolatedHome};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The home of a user, and a folder for isolated ones.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["user", "homes"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    fn user(&self, file: &str) -> PathBuf {
        self.folder.path().join("user").join(file)
    }

    fn homes(&self) -> PathBuf {
        self.folder.path().join("homes")
    }

    fn chosen(&self) -> IsolatedHome {
        let home = IsolatedHome::new().with_credentials().with_config();
        home.inside(self.homes())
    }

    fn create(&self) -> Result<HomeFolder, Error> {
        let environment = Environment::empty().with_codex_home(self.user(""));
        self.chosen().create(&environment)
    }

    fn is_clean(&self) -> bool {
        fs::read_dir(self.homes()).unwrap().count() == 0
    }
}

fn credentials(account: &str, token: &str, refreshed: &str) -> Value {
    json!({
        "OPENAI_API_KEY": null,
        "tokens": { "access_token": token, "refresh_token": token, "account_id": account },
        "last_refresh": refreshed,
    })
}

fn old() -> Value {
    credentials("me", "sesame", "2026-01-01T00:00:00Z")
}

fn refreshed() -> Value {
    credentials("me", "rotated", "2026-01-02T00:00:00.123456Z")
}

fn write(path: impl AsRef<Path>, value: &Value) {
    fs::write(path, value.to_string()).unwrap();
}

fn read(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn mode(path: impl AsRef<Path>) -> u32 {
    path.as_ref().metadata().unwrap().mode() & 0o777
}

#[test]
fn a_home_has_what_was_chosen_and_only_its_user_can_read_it() {
    let place = Place::new();
    write(place.user("auth.json"), &old());
    fs::write(place.user("config.toml"), "model = 'm'").unwrap();
    fs::write(place.user("history.jsonl"), "private").unwrap();
    let home = place.create().unwrap();
    assert_eq!(mode(home.path()), 0o700);
    assert_eq!(mode(home.path().join("auth.json")), 0o600);
    assert_eq!(read(home.path().join("auth.json")), old());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    let printed = format!("{home:?} {:?}", place.chosen());
    assert!(!printed.contains("sesame"), "{printed}");
    drop(home);
    let empty = IsolatedHome::new().inside(place.homes());
    let empty = empty.create(&Environment::empty()).unwrap();
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    drop(empty);
    assert!(place.is_clean());
}

#[test]
fn nothing_to_copy_is_no_error() {
    let place = Place::new();
    let home = place.create().unwrap();
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    // A first login stays in the isolated home.
    write(home.path().join("auth.json"), &old());
    assert!(!home.write_back().unwrap());
    home.remove().unwrap();
    home.remove().unwrap();
    assert!(!place.user("auth.json").exists());
    assert!(place.is_clean());
}

#[test]
fn refreshed_tokens_are_written_back_at_once() {
    let place = Place::new();
    write(place.user("auth.json"), &old());
    fs::set_permissions(place.user("auth.json"), fs::Permissions::from_mode(0o644)).unwrap();
    let before = place.user("auth.json").metadata().unwrap().ino();
    let home = place.create().unwrap();
    assert!(!home.write_back().unwrap());
    assert_eq!(place.user("auth.json").metadata().unwrap().ino(), before);
    write(home.path().join("auth.json"), &refreshed());
    assert!(home.write_back().unwrap());
    assert!(!home.write_back().unwrap());
    assert_eq!(read(place.user("auth.json")), refreshed());
    assert_eq!(mode(place.user("auth.json")), 0o600);
    assert_ne!(place.user("auth.json").metadata().unwrap().ino(), before);
    let again = credentials("me", "third", "2026-01-03T00:00:00Z");
    write(home.path().join("auth.json"), &again);
    drop(home);
    assert_eq!(read(place.user("auth.json")), again);
    assert_eq!(fs::read_dir(place.user("")).unwrap().count(), 1);
    assert!(place.is_clean());
}

#[test]
fn only_new_tokens_of_the_same_account_are_written_back() {
    let mut with_key = refreshed();
    with_key["OPENAI_API_KEY"] = json!("sk-other");
    for other in [
        credentials("other", "rotated", "2026-01-02T00:00:00Z"),
        with_key,
        json!({ "OPENAI_API_KEY": "sk-other" }),
        json!([]),
        json!(null),
    ] {
        let place = Place::new();
        write(place.user("auth.json"), &old());
        let home = place.create().unwrap();
        write(home.path().join("auth.json"), &other);
        assert!(!home.write_back().unwrap(), "{other}");
        drop(home);
        assert_eq!(read(place.user("auth.json")), old(), "{other}");
    }
    let place = Place::new();
    write(place.user("auth.json"), &old());
    let home = place.create().unwrap();
    fs::remove_file(home.path().join("auth.json")).unwrap();
    drop(home);
    assert_eq!(read(place.user("auth.json")), old(), "a logout");
}

#[test]
fn the_newest_tokens_are_kept_and_a_logout_of_the_user_holds() {
    for (theirs, is_replaced) in [
        (credentials("me", "x", "2026-01-01T12:00:00Z"), true),
        (credentials("me", "x", "2026-01-02T00:00:00.9Z"), false),
        (credentials("me", "x", "2026-02-01T00:00:00Z"), false),
        (credentials("other", "x", "2026-01-01T12:00:00Z"), false),
    ] {
        let place = Place::new();
        write(place.user("auth.json"), &old());
        let home = place.create().unwrap();
        write(home.path().join("auth.json"), &refreshed());
        write(place.user("auth.json"), &theirs);
        assert_eq!(home.write_back().unwrap(), is_replaced, "{theirs}");
        let expected = if is_replaced { refreshed() } else { theirs };
        assert_eq!(read(place.user("auth.json")), expected);
    }
    let place = Place::new();
    write(place.user("auth.json"), &old());
    let home = place.create().unwrap();
    write(home.path().join("auth.json"), &refreshed());
    fs::remove_file(place.user("auth.json")).unwrap();
    drop(home);
    assert!(!place.user("auth.json").exists());
}

#[test]
fn links_are_not_followed_in_any_direction() {
    // To copy from.
    let place = Place::new();
    let secret = place.folder.path().join("secret");
    write(&secret, &old());
    symlink(&secret, place.user("auth.json")).unwrap();
    let error = place.create().unwrap_err();
    assert!(matches!(error, Error::NotTrusted { .. }), "{error}");
    assert!(!error.to_string().contains("sesame"));
    assert!(place.is_clean());

    // Put there by a command in the isolated home.
    let place = Place::new();
    write(place.user("auth.json"), &old());
    let home = place.create().unwrap();
    let secret = place.folder.path().join("secret");
    write(&secret, &refreshed());
    let copied = home.path().join("auth.json");
    fs::remove_file(&copied).unwrap();
    symlink(&secret, &copied).unwrap();
    let outside = place.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("kept"), "").unwrap();
    symlink(&outside, home.path().join("folder")).unwrap();
    let error = home.write_back().unwrap_err();
    assert!(matches!(error, Error::NotTrusted { .. }), "{error}");
    drop(home);
    assert_eq!(read(place.user("auth.json")), old());
    assert!(secret.exists() && outside.join("kept").exists() && place.is_clean());

    // In the place of the user's file, meanwhile.
    let place = Place::new();
    write(place.user("auth.json"), &old());
    let home = place.create().unwrap();
    write(home.path().join("auth.json"), &refreshed());
    let target = place.folder.path().join("target");
    write(&target, &old());
    fs::remove_file(place.user("auth.json")).unwrap();
    symlink(&target, place.user("auth.json")).unwrap();
    assert!(home.write_back().is_err());
    drop(home);
    assert_eq!(read(&target), old());
    assert!(place.is_clean());
}

#[test]
fn only_small_regular_files_are_copied() {
    let place = Place::new();
    fs::create_dir(place.user("auth.json")).unwrap();
    assert!(place.create().is_err());
    fs::remove_dir(place.user("auth.json")).unwrap();
    fs::write(place.user("auth.json"), vec![b' '; 2 << 20]).unwrap();
    assert!(place.create().is_err());
    assert!(place.is_clean());
}
