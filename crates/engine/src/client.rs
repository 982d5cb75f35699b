//! The client as a whole: which account is open, and the way in for commands and subscribers.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use api::{Connection, Fault, FaultKind, Feed, MessageId, Reset, Secret, Signal};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use xmpp::BareJid;

use crate::account::{Account, Server};
use crate::chimes::Chimes;
use crate::env::Env;
use crate::hub::Hub;
use crate::playing::Playing;
use crate::recording::Recording;
use crate::settings::Preferences;
use crate::sound_check::{self, SoundCheck};
use crate::{faults, health, keys};

/// What people said is nobody else's on a machine with several users. Best effort: some file systems know no owners.
async fn keep_private(home: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner_only = std::fs::Permissions::from_mode(0o700);
        if let Err(error) = tokio::fs::set_permissions(home, owner_only).await {
            tracing::warn!(%error, "the data folder is not private");
        }
    }
    // Elsewhere a user's folders are private from the start.
    #[cfg(not(unix))]
    let _ = home;
}

/// Names the account that the next start opens.
const CURRENT: &str = "current";

/// A disk that damages the database again so soon is beyond help.
const MENDED_LATELY: Duration = Duration::from_secs(10 * 60);

/// The client. Clones are the same client.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) home: PathBuf,
    pub(crate) env: Env,
    pub(crate) hub: Arc<Hub>,
    account: RwLock<Option<Arc<Account>>>,
    /// Held while accounts change, so that two sign-ins cannot cross.
    switching: tokio::sync::Mutex<()>,
    /// When a damaged database was opened again last.
    mended: tokio::sync::Mutex<Option<Instant>>,
    pub(crate) recording: Recording,
    pub(crate) sound_check: SoundCheck,
    pub(crate) playing: Arc<Playing>,
    pub(crate) chimes: Arc<Chimes>,
    pub(crate) preferences: Arc<Preferences>,
}

/// A file of a message, for the window's `media://`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    /// Where it is on this machine.
    pub path: PathBuf,
    /// Media type as announced by its sender; not to be trusted.
    pub media_type: String,
}

impl Client {
    /// Opens the data folder and the account that was signed in last, and connects in the background.
    ///
    /// # Errors
    /// [`FaultKind::StoreInUse`], [`FaultKind::StoreTooNew`], [`FaultKind::StoreUnusable`].
    pub async fn start(home: PathBuf, env: Env) -> Result<Self, Fault> {
        tokio::fs::create_dir_all(&home)
            .await
            .map_err(|error| unusable(&error))?;
        keep_private(&home).await;
        let folder = home.clone();
        let preferences = tokio::task::spawn_blocking(move || {
            sound_check::clear(&folder);
            Preferences::open(&folder)
        })
        .await
        .map_err(faults::bug)?;
        let preferences = Arc::new(preferences);
        let hub = Arc::new(Hub::default());
        let playing = Arc::new(Playing::new(Arc::clone(&hub)));
        playing.set_speaker(preferences.kept().settings.loudspeaker);
        let chimes = Chimes::new(Arc::clone(&playing), Arc::clone(&preferences), env.sounds);
        let client = Self {
            inner: Arc::new(Inner {
                home,
                preferences,
                recording: Recording::new(env.microphone.clone()),
                sound_check: SoundCheck::default(),
                playing,
                chimes,
                env,
                hub,
                account: RwLock::new(None),
                switching: tokio::sync::Mutex::new(()),
                mended: tokio::sync::Mutex::default(),
            }),
        };
        if let Some(folder) = client.last_folder().await {
            let account = Account::reopen(
                &folder,
                client.inner.env.clone(),
                Arc::clone(&client.inner.hub),
                Arc::clone(&client.inner.chimes),
                Arc::clone(&client.inner.preferences),
            )
            .await?;
            if let Some(account) = account {
                client.adopt(Arc::clone(&account)).await?;
                Self::begin(account);
            }
        }
        Ok(client)
    }

    /// Starts to listen: the state now, and what changes from then on. Commits contained in the reset do not come
    /// again; after a `Feed::Reset` everything before it is void.
    ///
    /// # Errors
    /// [`FaultKind::StoreUnusable`].
    pub async fn subscribe(&self) -> Result<(Reset, mpsc::UnboundedReceiver<Feed>), Fault> {
        let pending = self.inner.hub.attach();
        let mut reset = match self.open_account() {
            Some(account) => account.reset().await?,
            None => signed_out(),
        };
        self.inner.hub.begin(&pending, &mut reset);
        if let Some(account) = self.open_account() {
            health::tell(&account).await;
        }
        Ok((reset, pending.feed))
    }

    /// What plays, as the feed tells it, for what needs nothing else: the system's media keys. The newest counts.
    #[must_use]
    pub fn playback(&self) -> tokio::sync::watch::Receiver<Option<api::Playback>> {
        self.inner.playing.playback()
    }

    /// The file of a message.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] where it is not on this machine.
    pub async fn media(&self, message: MessageId) -> Result<MediaFile, Fault> {
        let account = self.account()?;
        let media = account
            .store
            .reader()
            .media_of(message)
            .await
            .map_err(|e| faults::store(&e))?;
        let media = media.ok_or(FaultKind::NotFound)?;
        let path = media.file.ok_or(FaultKind::NotFound)?;
        Ok(MediaFile {
            path,
            media_type: media.media_type,
        })
    }

    /// Ends in order: recording kept as a draft, session closed, writes finished, database checkpointed.
    pub async fn shutdown(&self) {
        let _switch = self.inner.switching.lock().await;
        self.halt_recording().await;
        self.end_test().await;
        self.inner.playing.stop();
        if let Some(account) = self.replace(None) {
            account.close().await;
        }
        self.inner.preferences.settle().await;
    }

    /// The account that is open, if any.
    pub(crate) fn open_account(&self) -> Option<Arc<Account>> {
        self.inner
            .account
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn account(&self) -> Result<Arc<Account>, Fault> {
        self.open_account()
            .ok_or_else(|| FaultKind::NotSignedIn.into())
    }

    pub(crate) async fn sign_in(
        &self,
        address: &str,
        password: Secret,
        server: Option<&str>,
    ) -> Result<api::Account, Fault> {
        let _switch = self.inner.switching.lock().await;
        let address = parse_address(address)?;
        let server = parse_server(server)?;
        let folder = self.folder(&address);
        let known = self.open_account().filter(|open| open.address == address);
        let is_new = known.is_none() && !folder.exists();
        let account = match &known {
            Some(account) => Arc::clone(account),
            None => {
                Account::open(
                    &folder,
                    address.clone(),
                    self.inner.env.clone(),
                    Arc::clone(&self.inner.hub),
                    Arc::clone(&self.inner.chimes),
                    Arc::clone(&self.inner.preferences),
                )
                .await?
            }
        };
        if let Err(fault) = account.sign_in(server, password.clone()).await {
            if known.is_none() {
                account.close().await;
            }
            if is_new {
                let _ = tokio::fs::remove_dir_all(&folder).await;
            }
            return Err(fault);
        }
        let keyring = self.inner.env.keyring;
        let kept = keys::remember(keyring, address.to_string(), password).await;
        if !kept {
            // An older password that stayed would be refused at the next start.
            tokio::spawn(keys::forget(keyring, address.to_string()));
        }
        account.password_kept(kept);
        let current = folder
            .file_name()
            .unwrap_or_default()
            .as_encoded_bytes()
            .to_vec();
        tokio::fs::write(self.inner.home.join(CURRENT), current)
            .await
            .map_err(|error| unusable(&error))?;
        if known.is_none() {
            self.halt_recording().await;
            self.inner.playing.stop();
            self.adopt(Arc::clone(&account)).await?;
        } else {
            self.inner.hub.reset(account.reset().await?);
        }
        if self.inner.env.keyring == crate::Keyring::System {
            self.tell_whether_kept(kept).await;
        }
        Ok(account.view())
    }

    /// Says that the password is not kept: once, and not at every start on a machine without a keyring.
    async fn tell_whether_kept(&self, kept: bool) {
        let told = self.inner.preferences.kept().told_password_not_kept;
        if told != kept {
            return;
        }
        if !kept {
            let fault = FaultKind::PasswordNotKept.into();
            self.inner.hub.signal(Signal::Notice { fault });
        }
        let noted = self
            .inner
            .preferences
            .change(|now| now.told_password_not_kept = !kept);
        if let Err(fault) = noted.await {
            tracing::warn!(%fault, "it will be said again that the password is not kept");
        }
    }

    pub(crate) async fn register(
        &self,
        address: &str,
        password: Secret,
        server: Option<&str>,
    ) -> Result<api::Account, Fault> {
        let jid = parse_address(address)?;
        let at = parse_server(server)?;
        let secret = xmpp::Password::new(password.0.clone());
        xmpp::register(&jid, &secret, at.as_ref().map(Server::address))
            .await
            .map_err(|error| faults::register(&error))?;
        self.sign_in(address, password, server).await
    }

    pub(crate) async fn sign_out(&self) -> Result<(), Fault> {
        let _switch = self.inner.switching.lock().await;
        let account = self.account()?;
        self.halt_recording().await;
        self.inner.playing.stop();
        keys::forget(self.inner.env.keyring, account.address.to_string()).await;
        let _ = tokio::fs::remove_file(self.inner.home.join(CURRENT)).await;
        self.replace(None);
        account.close().await;
        self.inner.hub.reset(signed_out());
        Ok(())
    }

    /// Makes an account the one that the window shows.
    async fn adopt(&self, account: Arc<Account>) -> Result<(), Fault> {
        let commits = account.store.commits();
        let reset = account.reset().await?;
        let before = self.replace(Some(Arc::clone(&account)));
        if let Some(before) = &before {
            before.retire();
        }
        self.inner.hub.reset(reset);
        account.go_live(commits);
        health::tell(&account).await;
        self.watch(&account);
        if let Some(before) = before {
            before.close().await;
        }
        Ok(())
    }

    /// Opens the folder of an account again once damage was met in it, which saves what can be read.
    fn watch(&self, account: &Arc<Account>) {
        let (store, stop) = (account.store.clone(), account.stop.clone());
        let (inner, address) = (Arc::downgrade(&self.inner), account.address.clone());
        let damaged = async move {
            store.damaged().await;
            drop(store);
            if let Some(inner) = inner.upgrade() {
                // Apart from the account's own tasks, which end with it.
                tokio::spawn(async move { Self { inner }.mend(&address).await });
            }
        };
        account
            .tracker
            .spawn(stop.run_until_cancelled_owned(damaged));
    }

    async fn mend(&self, address: &BareJid) {
        let _switch = self.inner.switching.lock().await;
        let Some(account) = self.open_account().filter(|open| open.address == *address) else {
            return;
        };
        // What mending does not help against must not be mended over and over.
        let again = self.inner.mended.lock().await.replace(Instant::now());
        if again.is_some_and(|before| before.elapsed() < MENDED_LATELY) {
            let fault = FaultKind::StoreUnusable.into();
            return account.signal(Signal::Notice { fault });
        }
        tracing::warn!("the database is damaged; it is opened again");
        self.halt_recording().await;
        self.inner.playing.stop();
        self.replace(None);
        let password = account.password();
        account.close().await;
        drop(account);
        let mended = async {
            let account = Account::open(
                &self.folder(address),
                address.clone(),
                self.inner.env.clone(),
                Arc::clone(&self.inner.hub),
                Arc::clone(&self.inner.chimes),
                Arc::clone(&self.inner.preferences),
            )
            .await?;
            account.recall_server().await?;
            self.adopt(Arc::clone(&account)).await?;
            match password {
                Some((password, kept)) => {
                    account.password_kept(kept);
                    account
                        .connect(password, xmpp::Patience::Forever, None)
                        .await;
                }
                // The damage was met before the password was at hand.
                None => Self::begin(account),
            }
            Ok::<(), Fault>(())
        };
        if let Err(fault) = mended.await {
            tracing::warn!(%fault, "the damaged database could not be mended");
            self.inner.hub.reset(signed_out());
            self.inner.hub.signal(Signal::Notice { fault });
        }
    }

    fn replace(&self, account: Option<Arc<Account>>) -> Option<Arc<Account>> {
        let mut slot = self
            .inner
            .account
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, account)
    }

    /// Lets an account that was signed in before come online by itself, for as long as it is open.
    fn begin(account: Arc<Account>) {
        let (stopped, tracker) = (account.stop.clone(), account.tracker.clone());
        tracker.spawn(stopped.run_until_cancelled_owned(Self::resume(account)));
    }

    /// Connects an account that was signed in before, if its password is at hand.
    ///
    /// A locked keyring asks its owner to open it. Who does not see that, or would rather type the password, is asked for it
    /// after a while; whichever comes first is taken.
    async fn resume(account: Arc<Account>) {
        let mut recall = pin!(keys::recall(
            account.env.keyring,
            account.address.to_string()
        ));
        let recalled = match tokio::time::timeout(keys::PATIENCE, &mut recall).await {
            Ok(recalled) => recalled,
            Err(_) => {
                account.stands(Connection::Error {
                    fault: FaultKind::PasswordNeeded.into(),
                });
                recall.await
            }
        };
        let (password, kept) = match recalled {
            Some(password) => (Some(password), true),
            None => (account.env.password.clone(), false),
        };
        // Somebody signed in while the keyring was thinking.
        if account.has_password() {
            return;
        }
        match password {
            Some(password) => {
                account.password_kept(kept);
                account
                    .connect(password, xmpp::Patience::Forever, None)
                    .await;
            }
            None => account.stands(Connection::Error {
                fault: FaultKind::PasswordNeeded.into(),
            }),
        }
    }

    async fn last_folder(&self) -> Option<PathBuf> {
        let name = tokio::fs::read_to_string(self.inner.home.join(CURRENT))
            .await
            .ok()?;
        let name = name.trim();
        let is_ours = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours
            .then(|| self.accounts().join(name))
            .filter(|folder| folder.is_dir())
    }

    fn accounts(&self) -> PathBuf {
        self.inner.home.join("accounts")
    }

    /// The folder of an address. A hash, since an address may hold what a file system refuses.
    fn folder(&self, address: &BareJid) -> PathBuf {
        let digest = Sha256::digest(address.as_str().as_bytes());
        let name: String = digest
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.accounts().join(name)
    }
}

/// What a window without an account starts from.
fn signed_out() -> Reset {
    Reset {
        connection: Connection::Offline {
            fault: None,
            retry_in_ms: None,
        },
        ..Reset::default()
    }
}

pub(crate) fn parse_address(text: &str) -> Result<BareJid, Fault> {
    let bad = || Fault::from(FaultKind::BadAddress);
    let jid: BareJid = text.trim().parse().map_err(|_| bad())?;
    if jid.node().is_none() {
        Err(bad())
    } else {
        Ok(jid)
    }
}

fn parse_server(text: Option<&str>) -> Result<Option<Server>, Fault> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|error| faults::address(&error))
}

pub(crate) fn unusable(error: &std::io::Error) -> Fault {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => FaultKind::DiskFull,
        _ => FaultKind::StoreUnusable,
    };
    Fault::new(kind, error.to_string())
}

/// Removes a file that may be gone already; whether it is gone now.
pub(crate) async fn remove_file(path: &Path) -> bool {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a file could not be removed");
            false
        }
        _ => true,
    }
}
