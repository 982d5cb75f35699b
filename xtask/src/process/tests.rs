//! What happens to programs that fail, hang, or are missing.

use super::*;

#[test]
fn a_program_that_hangs_is_killed_with_its_children() {
    let started = Instant::now();
    let ended = within(
        Duration::from_millis(200),
        Command::new("sh").args(["-c", "sleep 60 & sleep 60"]),
    )
    .unwrap();
    assert_eq!(ended, Ended::TimedOut);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn refusal_and_success_are_told_apart() {
    assert_eq!(
        within(Duration::from_secs(20), &mut Command::new("true")).unwrap(),
        Ended::Done
    );
    assert_eq!(
        within(Duration::from_secs(20), &mut Command::new("false")).unwrap(),
        Ended::Refused
    );
}

#[test]
fn a_failure_names_the_program() {
    let failure = run(Command::new("sh").args(["-c", "exit 3"]))
        .unwrap_err()
        .to_string();
    assert!(failure.contains("`sh -c exit 3`"), "{failure}");
    let failure = run(&mut Command::new("no-such-program"))
        .unwrap_err()
        .to_string();
    assert!(failure.contains("did not start"), "{failure}");
}

#[test]
fn output_is_kept_and_the_status_is_honest() {
    let (succeeded, printed) = echoed(Command::new("sh").args(["-c", "echo one; exit 1"])).unwrap();
    assert!(!succeeded);
    assert_eq!(printed, "one\n");
}
