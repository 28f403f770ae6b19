//! The pinned runtime itself: fetched by the first run, then taken from the cache.

use codex_runtime::{
    Environment, Installer, Pin, RuntimeOrigin, RuntimeSource, Step, VersionPolicy,
};

#[test]
fn pinned_runtime_installs_and_dumps_its_schema() {
    let environment = Environment::from_process();
    let installer = Installer::new(&environment).unwrap();
    let installed = installer.install(&mut |_: &Step| {}).unwrap();
    let runtime = codex_runtime::locate(&RuntimeSource::Pinned, &environment).unwrap();
    assert_eq!(runtime, installed);
    assert_eq!(runtime.origin(), RuntimeOrigin::Pinned);
    assert!(runtime.path_dir().is_some());
    assert_eq!(runtime.version().unwrap(), *Pin::current().version());
    assert_eq!(runtime.check_version(VersionPolicy::Refuse).unwrap(), None);

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dump");
    runtime.dump_schema(&out).unwrap();
    for flavor in ["stable", "experimental"] {
        let file = out
            .join(flavor)
            .join("codex_app_server_protocol.schemas.json");
        let bundle: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(bundle["definitions"]["v2"]["ThreadStartParams"].is_object());
    }
    assert!(
        out.join("ts/experimental/v2/ThreadStartParams.ts")
            .is_file()
    );
}
