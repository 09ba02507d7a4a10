//! The process dies between any two effects, or is killed at any moment: nothing is lost, nothing is doubled.

mod support;

use std::process::Stdio;

use support::{Device, Relay, data};

const DIE: &str = "DAYBOOK_DIE_BEFORE_EFFECT";

/// Runs a command that dies before its n-th effect; true when it came to its end before that.
fn ended(device: &Device, args: &[&str], effect: u64) -> bool {
    let mut command = device.command(args);
    let status = command
        .env(DIE, effect.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("it runs").success()
}

/// Claim: an import and an exchange that die before their first, second, … effect leave a book that verifies; doing both
/// again gives exactly the books of a run that nothing happened to.
#[test]
fn between_any_two_effects() {
    let root = tempfile::tempdir().expect("a folder");
    let Some(calm) = Relay::start(&root.path().join("calm"), "between_any_two_effects") else {
        return;
    };
    let reference = Device::new(root.path(), "reference");
    reference.init(&calm);
    reference.import(0, "good");
    reference.run(0, &["sync"]);
    let (_, books) = reference.hashes();
    let Some(relay) = Relay::start(&root.path().join("relay"), "between_any_two_effects") else {
        return;
    };
    let device = Device::new(root.path(), "a");
    let init = ["init", "--relay", &relay.url, "--setup-code", support::CODE];
    let import = ["import", "csv", "--map", &data("shop.toml"), &data("good")];
    let commands: [&[&str]; 3] = [&init, &import, &["sync"]];
    let mut deaths = 0;
    for args in commands {
        let mut effect = 0;
        while !ended(&device, args, effect) {
            deaths += 1;
            effect += 1;
            assert!(effect < 200, "{args:?} never ends");
            // A command that was carried out in full before the death may now find its work done.
            if args == init && device.output(&["balance"]).status.success() {
                break;
            }
        }
        if args != init {
            device.run(0, &["verify"]);
        }
    }
    assert!(
        deaths > 20,
        "only {deaths} deaths: the test must meet effects"
    );
    let again = device.import(0, "good");
    assert_eq!(
        (again["added"].as_u64(), again["present"].as_u64()),
        (Some(0), Some(9)),
        "nothing lost, nothing doubled"
    );
    device.run(0, &["sync"]);
    assert_eq!(device.hashes().1, books, "the same books as without deaths");
    device.run(0, &["prove"]);
    println!("{deaths} deaths");
}

/// Claim: the same for kills from outside at moments that nobody chose.
#[test]
fn killed_at_any_moment() {
    let root = tempfile::tempdir().expect("a folder");
    let Some(relay) = Relay::start(&root.path().join("relay"), "killed_at_any_moment") else {
        return;
    };
    let device = Device::new(root.path(), "a");
    device.init(&relay);
    let mut expected = 0;
    for round in 0_u64..24 {
        let code = format!("P{round}");
        let json = format!(r#"{{"code": "{code}"}}"#);
        let args: &[&str] = if round % 3 == 2 {
            &["sync"]
        } else {
            &["append", "party.new", &json]
        };
        let mut child = device
            .command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        // A different moment each time: after so many looks at the process, not after so much time.
        for _ in 0..round * 400 {
            std::hint::black_box(child.id());
            std::thread::yield_now();
        }
        let done = child
            .try_wait()
            .expect("asked")
            .is_some_and(|status| status.success());
        let _ = child.kill();
        child.wait().expect("it ends");
        if round % 3 != 2 && done {
            expected += 1;
        }
        let view = device.json(0, &["status"]);
        assert_eq!(view["phase"], "open");
    }
    device.run(0, &["verify"]);
    device.run(0, &["sync"]);
    let count = device.json(
        0,
        &["sql", "SELECT count(*), count(DISTINCT code) FROM t_party"],
    )["rows"][0]
        .clone();
    assert!(
        count[0].as_u64() >= Some(expected),
        "what was answered is there: {count} of {expected}"
    );
    assert_eq!(count[0], count[1], "nothing twice");
    device.run(0, &["prove"]);
}
