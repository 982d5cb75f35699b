//! Clocks that stand still, changes in groups, and what the system itself tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

/// Notices sleep by a scripted clock on the wall: beside a timer that takes `TICK`, it goes on by each of these. Which of
/// them were sleep.
async fn asleep(steps: &[i64]) -> Vec<bool> {
    let wall = Arc::new(AtomicI64::new(1_000_000));
    let (teller, mut changes) = mpsc::channel(WAITING);
    let clock = Arc::clone(&wall);
    let watching = sleeps(move || clock.load(Ordering::Relaxed), &teller);
    tokio::pin!(watching);
    let mut told = Vec::new();
    for step in steps {
        // The first comparison is made when it is polled first.
        let _ = timeout(Duration::from_millis(1), &mut watching).await;
        wall.fetch_add(*step, Ordering::Relaxed);
        let _ = timeout(TICK, &mut watching).await;
        told.push(changes.try_recv() == Ok(Change::Woke));
    }
    told
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_went_on_without_us_is_sleep() {
    let hour = 3_600_000;
    assert_eq!(
        asleep(&[2_000, 2_001, hour, 2_000, 5_000, -hour, 2_000, 8_000]).await,
        [false, false, true, false, false, false, false, true]
    );
}

/// Tells these changes at these times (ms), and says when groups of them are acted on.
async fn groups(times: &[u64]) -> Vec<u64> {
    let (teller, mut changes) = mpsc::channel(WAITING);
    let begin = Instant::now();
    let times = times.to_vec();
    let telling = tokio::spawn(async move {
        for time in times {
            tokio::time::sleep_until(begin + Duration::from_millis(time)).await;
            let _ = teller.try_send(Change::Network);
        }
    });
    let mut acted = Vec::new();
    while next(&mut changes).await.is_some() {
        acted.push(u64::try_from(begin.elapsed().as_millis()).unwrap());
    }
    telling.await.unwrap();
    acted
}

#[tokio::test(start_paused = true)]
async fn what_comes_together_is_acted_on_once() {
    // One alone; a group; and one that does not end, which is cut in pieces.
    assert_eq!(groups(&[0, 5_000]).await, [250, 5_000]);
    assert_eq!(
        groups(&[0, 100, 300, 5_000, 6_000]).await,
        [550, 5_250, 6_000]
    );
    let flapping: Vec<u64> = (0..20).map(|number| number * 200).collect();
    let acted = groups(&flapping).await;
    assert!(
        acted.len() <= 4 && acted.first() == Some(&1_000),
        "{acted:?}"
    );
}

#[test]
fn addresses_of_this_machine_alone_lead_nowhere() {
    for (address, leads) in [
        ("127.0.0.1", false),
        ("::1", false),
        ("fe80::1", false),
        ("169.254.7.7", false),
        ("192.168.1.7", true),
        ("100.64.0.1", true),
        ("fd00::7", true),
        ("2001:db8::7", true),
    ] {
        assert_eq!(leads_out(address.parse().unwrap()), leads, "{address}");
    }
}

/// The system's own word, in a network of its own that no privilege is needed for: this test again, in a process of its
/// own under `unshare`, where it may add and remove addresses.
#[cfg(target_os = "linux")]
mod system {
    use std::process::Command;

    use super::*;

    const WITHIN: &str = "MILLET_TEST_WITHIN_A_NETWORK_OF_ITS_OWN";
    const NAME: &str = "surroundings::tests::system::addresses_that_come_and_go_are_told";

    fn ip(words: &str) {
        let output = Command::new("ip").args(words.split(' ')).output().unwrap();
        assert!(output.status.success(), "ip {words}: {output:?}");
    }

    async fn told(changes: &mut mpsc::Receiver<Change>) -> Option<Change> {
        timeout(Duration::from_secs(3), changes.recv()).await.ok()?
    }

    async fn within() {
        let (teller, mut changes) = mpsc::channel(WAITING);
        let watching = networks(&teller);
        let script = async {
            // Any interface will do, and this one is always there.
            ip("link set lo up");
            ip("addr add 192.0.2.7/24 dev lo");
            assert_eq!(told(&mut changes).await, Some(Change::Network), "it came");
            ip("addr del 192.0.2.7/24 dev lo");
            assert_eq!(told(&mut changes).await, Some(Change::Network), "it went");
            // Of no interest; told of the next that is, so no time has to pass to know it.
            for address in ["127.7.7.7/8", "169.254.7.7/16", "fe80::7/64"] {
                ip(&format!("addr add {address} dev lo"));
                tokio::task::yield_now().await;
            }
            ip("addr add 2001:db8::7/64 dev lo");
            assert_eq!(told(&mut changes).await, Some(Change::Network), "another");
            assert!(changes.is_empty(), "{}", changes.len());
        };
        tokio::select! {
            // It listens before the script begins.
            biased;
            () = watching => panic!("the system does not tell of its network"),
            () = script => {}
        }
    }

    #[tokio::test]
    async fn addresses_that_come_and_go_are_told() {
        if std::env::var_os(WITHIN).is_some() {
            return within().await;
        }
        let own = std::env::current_exe().unwrap();
        let output = Command::new("unshare")
            .arg("-rn")
            .arg(own)
            .args([NAME, "--exact", "--nocapture"])
            .env(WITHIN, "1")
            .output();
        let output = match output {
            Ok(output) => output,
            Err(error) => return println!("not tested, there is no unshare: {error}"),
        };
        let (said, complained) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        if complained.starts_with("unshare:") {
            // Somebody forbids networks of one's own. What is left is that the source can be listened to.
            println!("not tested with addresses of our own: {complained}");
            let (teller, _changes) = mpsc::channel(WAITING);
            let listened = timeout(Duration::from_millis(200), networks(&teller)).await;
            assert!(listened.is_err(), "the system does not tell of its network");
            return;
        }
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}\n{complained}"
        );
    }
}

/// A bus of its own, with somebody on it who answers as NetworkManager does.
#[cfg(target_os = "linux")]
mod bus {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::*;

    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("dbus-daemon, as for the test of the keyring");
            let mut address = String::new();
            let said = daemon.stdout.take().unwrap();
            BufReader::new(said).read_line(&mut address).unwrap();
            Self {
                daemon,
                address: address.trim().to_owned(),
            }
        }

        async fn connect(&self) -> zbus::Connection {
            let builder = zbus::connection::Builder::address(self.address.as_str()).unwrap();
            builder.build().await.unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    struct Manager(u32);

    #[zbus::interface(name = "org.freedesktop.NetworkManager")]
    impl Manager {
        #[zbus(property)]
        fn metered(&self) -> u32 {
            self.0
        }
    }

    #[tokio::test]
    async fn it_is_metered_as_the_manager_says() {
        let bus = Bus::start();
        let here = bus.connect().await;
        let silent = metered::follow(&here, |_| panic!("nobody is there")).await;
        silent.unwrap();

        let manager = bus.connect().await;
        let path = "/org/freedesktop/NetworkManager";
        manager.object_server().at(path, Manager(4)).await.unwrap();
        manager
            .request_name("org.freedesktop.NetworkManager")
            .await
            .unwrap();
        let (teller, mut told) = mpsc::unbounded_channel();
        let following = metered::follow(&here, move |on| {
            let _ = teller.send(on);
        });
        let script = async {
            let mut until = async |wanted: bool| {
                let came = async { while told.recv().await != Some(wanted) {} };
                timeout(Duration::from_secs(10), came).await.unwrap();
            };
            until(false).await;
            let ours = manager
                .object_server()
                .interface::<_, Manager>(path)
                .await
                .unwrap();
            for (says, means) in [(3, true), (2, false), (1, true), (0, false)] {
                ours.get_mut().await.0 = says;
                let emitter = ours.signal_emitter();
                ours.get().await.metered_changed(emitter).await.unwrap();
                until(means).await;
            }
        };
        tokio::select! {
            ended = following => panic!("it ended: {ended:?}"),
            () = script => {}
        }
    }
}
