//! One open account: its store, its line to the server, and the tasks in between.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use api::{ChatId, Connection, Fault, Presence, Reset, Secret, Signal};
use store::{OpenError, Store};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use xmpp::{AddressError, BareJid, ConnectError, Login, Patience, ServerAddress, Session};

use crate::chimes::Chimes;
use crate::env::Env;
use crate::hub::Hub;
use crate::presence::Roll;
use crate::settings::Preferences;
use crate::{
    catch_up, connection, displayed, export, faults, health, jobs, search, surroundings, transfer,
};

mod drafts;

/// How long what was just said may take to go out before the app ends.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// How long tasks may take to end before they are left behind.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long an app that is ending may still hold its folder, and how often that is looked at.
const GOING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

pub(crate) struct Account {
    pub(crate) address: BareJid,
    pub(crate) store: Store,
    pub(crate) env: Env,
    pub(crate) tracker: TaskTracker,
    /// Everything of this account ends.
    pub(crate) stop: CancellationToken,
    /// Something may be due to go out.
    pub(crate) outbox: Notify,
    /// Something may be due to be fetched.
    pub(crate) fetches: Notify,
    pub(crate) transfers: transfer::Transfers,
    pub(crate) roll: Mutex<Roll>,
    pub(crate) rebuild: search::Rebuild,
    pub(crate) history: catch_up::History,
    pub(crate) jobs: jobs::Jobs,
    pub(crate) private_lists: displayed::PrivateLists,
    pub(crate) health: health::Checks,
    hub: Arc<Hub>,
    pub(crate) chimes: Arc<Chimes>,
    pub(crate) preferences: Arc<Preferences>,
    /// Whether the window shows this account; until then nobody hears of it.
    live: AtomicBool,
    line: Mutex<Line>,
    /// Held while one session takes the place of another.
    connecting: tokio::sync::Mutex<()>,
    http: Mutex<Option<reqwest::Client>>,
}

/// A server address as the user typed it, which is shown and kept, and what it means.
#[derive(Clone)]
pub(crate) struct Server {
    typed: String,
    address: ServerAddress,
}

impl std::str::FromStr for Server {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        Ok(Self {
            typed: typed.to_owned(),
            address: typed.parse()?,
        })
    }
}

/// How the account stands with its server.
#[derive(Default)]
struct Line {
    server: Option<Server>,
    password: Option<Secret>,
    kept: bool,
    connection: Connection,
    /// When that was told: what it says of the time to the next try counts from here.
    told: Option<Instant>,
    session: Option<Session>,
    /// The loop of the session, and what ends it where the session does not.
    running: Option<JoinHandle<()>>,
    hang_up: CancellationToken,
}

impl Line {
    /// As it is told to somebody who did not hear it when it changed.
    fn connection_now(&self) -> Connection {
        let mut connection = self.connection.clone();
        if let Connection::Offline {
            retry_in_ms: Some(ms),
            ..
        } = &mut connection
        {
            let since = self.told.map_or(Duration::ZERO, |told| told.elapsed());
            *ms = ms.saturating_sub(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        }
        connection
    }
}

impl Server {
    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }
}

impl Account {
    /// Opens the folder of an address, which is made where it is not there.
    pub(crate) async fn open(
        folder: &Path,
        address: BareJid,
        env: Env,
        hub: Arc<Hub>,
        chimes: Arc<Chimes>,
        preferences: Arc<Preferences>,
    ) -> Result<Arc<Self>, Fault> {
        let store = open_store(folder).await?;
        let account = Self::new(store, address, env, hub, chimes, preferences);
        let address = account.address.to_string();
        let resource = format!("millet-{:.8}", account.env.id().replace('-', ""));
        let keep_resource = account.meta(store::key::RESOURCE).await?.is_none();
        account
            .store
            .write(move |tx| {
                tx.set_meta(store::key::ADDRESS, Some(&address))?;
                if keep_resource {
                    tx.set_meta(store::key::RESOURCE, Some(&resource))?;
                }
                Ok(())
            })
            .await
            .map_err(|error| faults::store(&error))?;
        account.recover_drafts().await?;
        Ok(account)
    }

    /// Opens the folder of an account that was signed in before; `None` where it never was.
    pub(crate) async fn reopen(
        folder: &Path,
        env: Env,
        hub: Arc<Hub>,
        chimes: Arc<Chimes>,
        preferences: Arc<Preferences>,
    ) -> Result<Option<Arc<Self>>, Fault> {
        let store = open_store(folder).await?;
        let address = store
            .reader()
            .meta(store::key::ADDRESS)
            .await
            .map_err(|e| faults::store(&e))?;
        let Some(address) = address.and_then(|text| text.parse::<BareJid>().ok()) else {
            store.close().await;
            return Ok(None);
        };
        let account = Self::new(store, address, env, hub, chimes, preferences);
        account.recall_server().await?;
        account.recover_drafts().await?;
        Ok(Some(account))
    }

    fn new(
        store: Store,
        address: BareJid,
        env: Env,
        hub: Arc<Hub>,
        chimes: Arc<Chimes>,
        preferences: Arc<Preferences>,
    ) -> Arc<Self> {
        Arc::new(Self {
            address,
            store,
            env,
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            outbox: Notify::new(),
            fetches: Notify::new(),
            transfers: transfer::Transfers::default(),
            roll: Mutex::default(),
            rebuild: search::Rebuild::default(),
            history: catch_up::History::default(),
            jobs: jobs::Jobs::default(),
            private_lists: displayed::PrivateLists::default(),
            health: health::Checks::default(),
            hub,
            chimes,
            preferences,
            live: AtomicBool::new(false),
            line: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            http: Mutex::default(),
        })
    }

    /// Connects with a password a person typed; answers with the first outcome.
    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        server: Option<Server>,
        password: Secret,
    ) -> Result<(), Fault> {
        self.line().server = server.clone();
        let (tell, first) = oneshot::channel();
        self.connect(password, Patience::Once, Some(tell)).await;
        match first.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(faults::connect(&error)),
            Err(_) => return Err(faults::bug("the session ended without a word")),
        }
        let server = server.map(|server| server.typed);
        self.store
            .write(move |tx| tx.set_meta(store::key::SERVER, server.as_deref()))
            .await
            .map_err(|error| faults::store(&error))
    }

    /// Opens a session, in place of the one before.
    pub(crate) async fn connect(
        self: &Arc<Self>,
        password: Secret,
        patience: Patience,
        first: Option<oneshot::Sender<Result<(), ConnectError>>>,
    ) {
        let _one_at_a_time = self.connecting.lock().await;
        self.hang_up().await;
        let resource = self
            .meta(store::key::RESOURCE)
            .await
            .ok()
            .flatten()
            .unwrap_or_default();
        let (login, hang_up) = {
            let mut line = self.line();
            line.password = Some(password.clone());
            line.hang_up = self.stop.child_token();
            let login = Login {
                jid: self.address.clone(),
                password: xmpp::Password::new(password.0),
                server: line.server.as_ref().map(|server| server.address.clone()),
                resource,
                software: xmpp::Software {
                    name: "Millet".into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                    os: Some(std::env::consts::OS.into()),
                },
            };
            (login, line.hang_up.clone())
        };
        self.stands(Connection::Connecting);
        let (session, events) = Session::open(login, patience, &self.tracker);
        self.line().session = Some(session.clone());
        let running = connection::run(Arc::clone(self), session, events, hang_up, first);
        let running = self.tracker.spawn(running);
        self.line().running = Some(running);
    }

    /// Tries to connect now: at once where a session waits, anew where it gave up.
    pub(crate) async fn reconnect(self: &Arc<Self>) {
        let (session, password) = {
            let line = self.line();
            (line.session.clone(), line.password.clone())
        };
        match (session, password) {
            (Some(session), _) => session.retry_now(),
            (None, Some(password)) => self.connect(password, Patience::Forever, None).await,
            (None, None) => {}
        }
    }

    /// Ends the session and waits until its loop has taken the last of its events in.
    async fn hang_up(&self) {
        let (session, running, hang_up) = {
            let mut line = self.line();
            (
                line.session.take(),
                line.running.take(),
                line.hang_up.clone(),
            )
        };
        if let Some(session) = session {
            session.close().await;
        }
        if let Some(running) = running
            && tokio::time::timeout(FAREWELL, running).await.is_err()
        {
            hang_up.cancel();
        }
    }

    /// Waits until everything that is due has gone out, or `limit` has passed. At once where there is no connection.
    async fn settle(&self, limit: Duration) {
        let mut commits = self.store.commits();
        let settled = async {
            while matches!(self.line().connection, Connection::Online) {
                match self.store.reader().outbox_is_empty().await {
                    Ok(false) => {}
                    Ok(true) | Err(_) => return,
                }
                // An acknowledged receipt changes no row that anybody sees, so commits alone do not tell.
                let _ = tokio::time::timeout(GLANCE, commits.recv()).await;
            }
        };
        if tokio::time::timeout(limit, settled).await.is_err() {
            tracing::info!("some messages wait for the next start");
        }
    }

    /// The session ended by itself.
    pub(crate) fn session_ended(&self) {
        self.line().session = None;
    }

    /// The session, while there is one. Whether it is connected shows when it is used.
    pub(crate) fn session(&self) -> Option<Session> {
        self.line().session.clone()
    }

    /// Ends everything in order: session, tasks, writes, checkpoint.
    pub(crate) async fn close(&self) {
        self.settle(LAST_WORDS).await;
        self.retire();
        self.hang_up().await;
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(FAREWELL, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!("tasks did not end in time");
        }
        self.store.close().await;
    }

    /// The window shows this account from now on.
    pub(crate) fn go_live(self: &Arc<Self>, mut commits: mpsc::UnboundedReceiver<api::Commit>) {
        self.live.store(true, Ordering::Release);
        self.hub.signal(Signal::Connection {
            connection: self.line().connection_now(),
        });
        if let Some(sync) = self.history.told() {
            self.hub.signal(sync);
        }
        let account = Arc::clone(self);
        self.tracker.spawn(async move {
            loop {
                let commit = tokio::select! {
                    () = account.stop.cancelled() => break,
                    commit = commits.recv() => commit,
                };
                match commit {
                    Some(commit) if account.live.load(Ordering::Acquire) => {
                        account.hub.commit(commit);
                    }
                    Some(_) | None => break,
                }
            }
        });
        self.tracker.spawn(transfer::fetch_loop(Arc::clone(self)));
        self.tracker.spawn(surroundings::heed(Arc::clone(self)));
        self.tracker.spawn(search::resume(Arc::clone(self)));
        self.tracker.spawn(export::resume(Arc::clone(self)));
        self.tracker.spawn(health::watch(Arc::clone(self)));
    }

    /// The window shows another account from now on.
    pub(crate) fn retire(&self) {
        self.live.store(false, Ordering::Release);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if self.live.load(Ordering::Acquire) {
            self.hub.signal(signal);
        }
    }

    /// Whether signals reach anybody.
    pub(crate) fn is_heard(&self) -> bool {
        self.live.load(Ordering::Acquire) && self.hub.is_heard()
    }

    /// What tells signals from a place that cannot hold the account.
    pub(crate) fn teller(&self) -> impl Fn(Signal) + Send + Sync + 'static {
        let hub = self
            .live
            .load(Ordering::Acquire)
            .then(|| Arc::clone(&self.hub));
        move |signal| {
            if let Some(hub) = &hub {
                hub.signal(signal);
            }
        }
    }

    /// Whether stanzas can be sent now.
    pub(crate) fn is_online(&self) -> bool {
        matches!(
            self.line().connection,
            Connection::Online | Connection::CatchingUp
        )
    }

    /// The connection changed.
    pub(crate) fn stands(&self, connection: Connection) {
        {
            let mut line = self.line();
            line.connection = connection.clone();
            line.told = Some(Instant::now());
        }
        self.signal(Signal::Connection { connection });
    }

    pub(crate) fn password_kept(&self, kept: bool) {
        self.line().kept = kept;
    }

    pub(crate) fn view(&self) -> api::Account {
        let line = self.line();
        api::Account {
            address: self.address.to_string(),
            server: line.server.as_ref().map(|server| server.typed.clone()),
            password_kept: line.kept,
        }
    }

    /// What a window starts from.
    pub(crate) async fn reset(&self) -> Result<Reset, Fault> {
        // Read first: commits after it are told again, and rows are whole, so seeing one twice is harmless.
        let seq = self.store.head();
        let reader = self.store.reader();
        let chats = reader
            .chats(None)
            .await
            .map_err(|error| faults::store(&error))?;
        let present = self.roll().present();
        let presence = self.chats_of(present).await?;
        let connection = self.line().connection_now();
        Ok(Reset {
            seq,
            account: Some(self.view()),
            connection,
            chats,
            presence,
            playback: None,
        })
    }

    async fn chats_of(
        &self,
        present: Vec<(String, Presence)>,
    ) -> Result<Vec<(ChatId, Presence)>, Fault> {
        let mut chats = Vec::with_capacity(present.len());
        for (address, presence) in present {
            let chat = self.store.reader().chat_by_address(address).await;
            if let Some(chat) = chat.map_err(|error| faults::store(&error))? {
                chats.push((chat.id, presence));
            }
        }
        Ok(chats)
    }

    /// The HTTP client, made when it is first needed: loading the system's certificates takes tens of milliseconds.
    pub(crate) fn http(&self) -> Result<reqwest::Client, Fault> {
        if let Some(client) = &*self.http_kept() {
            return Ok(client.clone());
        }
        let client = transfer::http_client(self.is_local()).map_err(faults::bug)?;
        Ok(self.http_kept().get_or_insert(client).clone())
    }

    /// The machine slept, or the network is another: whatever stands may be dead. What lives says so within seconds, the
    /// rest is begun anew.
    pub(crate) fn shaken(&self) {
        // Its connections that wait for the next request are as doubtful as all others.
        *self.http_kept() = None;
        self.transfers.shake();
        if let Some(session) = self.session() {
            session.retry_now();
        }
    }

    /// After [`Self::shaken`]: what waits for its time is tried now if the link lives. A new one sees to that by itself.
    pub(crate) async fn steadied(&self) {
        if let Some(session) = self.session()
            && session.ping().await.is_ok()
        {
            let again = self.store.write(|tx| {
                tx.uploads_again()?;
                tx.fetches_again()
            });
            if let Err(error) = again.await {
                tracing::warn!(%error, "transfers wait for their time");
            }
        }
        // Their times are those of a clock that may have stood still.
        self.outbox.notify_one();
        self.fetches.notify_one();
    }

    fn http_kept(&self) -> MutexGuard<'_, Option<reqwest::Client>> {
        self.http.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the account's server is this machine.
    pub(crate) fn is_local(&self) -> bool {
        let line = self.line();
        match &line.server {
            Some(server) => server.address.is_loopback(),
            None => self.address.domain().as_str() == "localhost",
        }
    }

    /// The password given since the start, and whether the keyring has it.
    pub(crate) fn password(&self) -> Option<(Secret, bool)> {
        let line = self.line();
        line.password.clone().map(|password| (password, line.kept))
    }

    /// Takes the server address that was kept.
    pub(crate) async fn recall_server(&self) -> Result<(), Fault> {
        let server = self.meta(store::key::SERVER).await?;
        self.line().server = server.and_then(|text| text.parse().ok());
        Ok(())
    }

    /// Whether a password was given since the start.
    pub(crate) fn has_password(&self) -> bool {
        self.line().password.is_some()
    }

    pub(crate) fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn meta(&self, key: &'static str) -> Result<Option<String>, Fault> {
        self.store
            .reader()
            .meta(key)
            .await
            .map_err(|error| faults::store(&error))
    }
}

/// Opens it as soon as whoever had it is gone: an app that was killed or closed a moment ago may still be writing.
async fn open_store(folder: &Path) -> Result<Store, Fault> {
    let began = Instant::now();
    loop {
        let folder = folder.to_path_buf();
        let opened = tokio::task::spawn_blocking(move || Store::open(&folder))
            .await
            .map_err(faults::bug)?;
        match opened {
            Err(OpenError::InUse) if began.elapsed() < GOING => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            opened => return opened.map_err(|error| faults::open(&error)),
        }
    }
}
