//! A broken network: a relay on loopback in front of a server, which tests cut, stall and heal.
//!
//! It runs on a thread of its own, so a test with a paused clock or a busy runtime does not slow it. A cut is a reset,
//! not an end: what was under way is lost, as when a cable is pulled and the other side notices.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What went through since the start, on all connections together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Connections that were accepted and let through.
    pub connections: u64,
    /// Bytes from the client to the server.
    pub up: u64,
    /// Bytes from the server to the client.
    pub down: u64,
}

impl Passed {
    /// The bytes that went this way.
    pub fn bytes(self, direction: Direction) -> u64 {
        match direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        }
    }
}

/// The relay. Every connection through it is reset when it is dropped.
#[derive(Debug)]
pub struct Cut {
    port: u16,
    network: Arc<Network>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    Fine,
    /// Connections are accepted, and nothing moves, or nothing this way.
    Stalled(Option<Direction>),
    /// Connections are reset as they come.
    Broken,
}

#[derive(Debug, Clone, Copy)]
struct State {
    weather: Weather,
    /// Counts cuts: a connection that is older than the last cut is dead, even if all was healed since.
    cuts: u64,
    /// Counts black holes: through a connection that is older than the last one nothing moves any more.
    holes: u64,
    /// At how many bytes passed this way the next cut comes by itself.
    cut_at: Option<(Direction, u64)>,
}

#[derive(Debug)]
struct Network {
    state: watch::Sender<State>,
    passed: watch::Sender<Passed>,
}

impl Cut {
    /// Starts a relay to `port` on 127.0.0.1, in fine weather.
    pub fn start(port: u16) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let own_port = listener.local_addr()?.port();
        let network = Arc::new(Network {
            state: watch::Sender::new(State {
                weather: Weather::Fine,
                cuts: 0,
                holes: 0,
                cut_at: None,
            }),
            passed: watch::Sender::new(Passed::default()),
        });
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let shared = Arc::clone(&network);
        let thread = std::thread::Builder::new()
            .name("cut".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = relay(listener, port, shared) => {}
                        _ = ended => {}
                    }
                });
            })?;
        Ok(Self {
            port: own_port,
            network,
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Where clients connect, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Resets every connection, and those to come until [`heal`](Self::heal).
    pub fn cut(&self) {
        self.network.cut();
    }

    /// Cuts by itself once `bytes` more have passed this way; not one byte more passes.
    pub fn cut_after(&self, direction: Direction, bytes: u64) {
        let at = self.passed().bytes(direction) + bytes;
        self.network
            .state
            .send_modify(|state| state.cut_at = Some((direction, at)));
    }

    /// Accepts connections and passes nothing on, in either direction, until healed or cut.
    pub fn stall(&self) {
        self.network
            .state
            .send_modify(|state| state.weather = Weather::Stalled(None));
    }

    /// Passes nothing on in this direction until healed or cut, and everything in the other.
    pub fn stall_one_way(&self, direction: Direction) {
        self.network
            .state
            .send_modify(|state| state.weather = Weather::Stalled(Some(direction)));
    }

    /// Every connection so far becomes a black hole for good: open, and nothing comes through or back. Those to come are
    /// as good as ever. So it is when a laptop leaves one network for another.
    pub fn swallow(&self) {
        self.network.state.send_modify(|state| state.holes += 1);
    }

    /// Passes everything on again, and forgets [`cut_after`](Self::cut_after).
    pub fn heal(&self) {
        self.network
            .state
            .send_modify(|state| (state.weather, state.cut_at) = (Weather::Fine, None));
    }

    /// What went through so far.
    pub fn passed(&self) -> Passed {
        *self.network.passed.borrow()
    }

    /// Returns when at least `bytes` have passed this way since the start. Works on any runtime.
    pub async fn has_passed(&self, direction: Direction, bytes: u64) {
        let mut passed = self.network.passed.subscribe();
        // Fails only when the sender is gone, and we hold it.
        let _ = passed
            .wait_for(|passed| passed.bytes(direction) >= bytes)
            .await;
    }

    /// Returns when at least so many connections were let through since the start.
    pub async fn has_connected(&self, connections: u64) {
        let mut passed = self.network.passed.subscribe();
        let _ = passed
            .wait_for(|passed| passed.connections >= connections)
            .await;
    }

    /// Returns when it is cut, by whom or whatever.
    pub async fn is_cut(&self) {
        let mut state = self.network.state.subscribe();
        let _ = state
            .wait_for(|state| state.weather == Weather::Broken)
            .await;
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        self.cut();
        // Dropping the sender ends the thread.
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Network {
    fn cut(&self) {
        self.state.send_modify(|state| {
            state.weather = Weather::Broken;
            state.cuts += 1;
            state.cut_at = None;
        });
    }

    /// How many of `length` bytes may still pass before the cut that is due.
    fn allowance(&self, direction: Direction, length: usize) -> usize {
        match self.state.borrow().cut_at {
            Some((way, at)) if way == direction => {
                let left = at.saturating_sub(self.passed.borrow().bytes(direction));
                length.min(usize::try_from(left).unwrap_or(usize::MAX))
            }
            _ => length,
        }
    }

    fn count(&self, direction: Direction, length: usize) {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.passed.send_modify(|passed| match direction {
            Direction::Up => passed.up += length,
            Direction::Down => passed.down += length,
        });
    }

    async fn not_stalled(&self, way: Option<Direction>) {
        let mut state = self.state.subscribe();
        let _ = state
            .wait_for(|state| match state.weather {
                Weather::Stalled(stalled) => stalled.is_some() && stalled != way,
                Weather::Fine | Weather::Broken => true,
            })
            .await;
    }
}

async fn relay(listener: std::net::TcpListener, port: u16, network: Arc<Network>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((client, _)) = listener.accept().await {
        // Taken here, in order, so that a connection after `heal` never counts as one before the cut.
        let state = *network.state.borrow();
        if state.weather == Weather::Broken {
            reset(client);
        } else {
            tokio::spawn(connection(client, port, Arc::clone(&network), state));
        }
    }
}

/// One connection, until both sides are done or it is cut.
async fn connection(mut client: TcpStream, port: u16, network: Arc<Network>, began: State) {
    let (mut state, mut holes) = (network.state.subscribe(), network.state.subscribe());
    let mut cut = Box::pin(async move {
        let _ = state.wait_for(|state| state.cuts != began.cuts).await;
    });
    let swallowed = async move {
        let _ = holes.wait_for(|state| state.holes != began.holes).await;
    };
    let mut server = None;
    let work = async {
        network.not_stalled(None).await;
        let Ok(connected) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
        else {
            return false;
        };
        network.passed.send_modify(|passed| passed.connections += 1);
        let server = server.insert(connected);
        // Small writes must not wait for each other: timings are measured through here.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let up = pass(&mut from_client, &mut to_server, Direction::Up, &network);
        let down = pass(&mut from_server, &mut to_client, Direction::Down, &network);
        tokio::try_join!(up, down).is_ok()
    };
    let ended_well = tokio::select! {
        ended_well = work => ended_well,
        () = &mut cut => false,
        () = swallowed => {
            cut.await;
            false
        }
    };
    if !ended_well {
        reset(client);
        if let Some(server) = server {
            reset(server);
        }
    }
}

/// Passes bytes on until the end of `from`, which is passed on too.
async fn pass(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    direction: Direction,
    network: &Network,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        network.not_stalled(Some(direction)).await;
        if length == 0 {
            return to.shutdown().await;
        }
        let allowed = network.allowance(direction, length);
        to.write_all(buffer.get(..allowed).unwrap_or_default())
            .await?;
        network.count(direction, allowed);
        if allowed < length || network.allowance(direction, 1) == 0 {
            network.cut();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}

/// Closes so that the other side sees a reset.
fn reset(stream: TcpStream) {
    // Without it the other side sees an orderly end; there is nothing better to do then.
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests;
