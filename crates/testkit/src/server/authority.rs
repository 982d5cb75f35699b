//! A certificate authority for tests.
//!
//! One is shared by every test of a checkout, in `target/testkit/authority/`, so that a program under test can be
//! told of it once, by `SSL_CERT_FILE`. It is worth nothing outside: its key lies beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use super::ServerError;

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// Signs the servers' certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: PathBuf,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("pem", &self.pem)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// The one of this checkout; made at first use.
    pub fn shared() -> Result<Self, ServerError> {
        Self::in_folder(&shared_folder())
    }

    /// Where the certificate of [`shared`](Self::shared) lies.
    pub fn shared_pem() -> PathBuf {
        shared_folder().join(CERTIFICATE)
    }

    /// The one in `folder`; made if there is none.
    pub fn in_folder(folder: &Path) -> Result<Self, ServerError> {
        if !folder.join(CERTIFICATE).is_file() {
            make(folder)?;
        }
        let path = folder.join(KEY);
        let key = fs::read_to_string(&path).map_err(|error| ServerError::File(path, error))?;
        // The certificate is determined by these and the key, so it need not be parsed.
        let issuer = Issuer::new(parameters()?, KeyPair::from_pem(&key)?);
        Ok(Self {
            issuer,
            pem: folder.join(CERTIFICATE),
        })
    }

    /// The certificate to trust.
    pub fn pem(&self) -> &Path {
        &self.pem
    }

    /// A certificate and its key, in one PEM text, for these names and addresses.
    pub fn certify(&self, names: &[String]) -> Result<String, ServerError> {
        let mut parameters = CertificateParams::new(names)?;
        if let Some(name) = names.first() {
            parameters
                .distinguished_name
                .push(DnType::CommonName, name.as_str());
        }
        parameters.use_authority_key_identifier_extension = true;
        parameters
            .key_usages
            .push(KeyUsagePurpose::DigitalSignature);
        parameters
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ServerAuth);
        (parameters.not_before, parameters.not_after) =
            (date_time_ymd(2025, 1, 1), date_time_ymd(2055, 1, 1));
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
    }
}

fn shared_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    };
    target.join("testkit/authority")
}

fn parameters() -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Millet test authority");
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (parameters.not_before, parameters.not_after) =
        (date_time_ymd(2025, 1, 1), date_time_ymd(2055, 1, 1));
    Ok(parameters)
}

/// Makes a key and a certificate in `folder`. Tests do so at the same time, in several processes: both files are
/// written aside, and the folder appears by one rename; whoever comes second uses the first one's.
fn make(folder: &Path) -> Result<(), ServerError> {
    let file = |path: &Path| {
        let path = path.to_path_buf();
        move |error: io::Error| ServerError::File(path, error)
    };
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(file(parent))?;
    let aside = tempfile::tempdir_in(parent).map_err(file(parent))?;
    let key = KeyPair::generate()?;
    let certificate = parameters()?.self_signed(&key)?;
    fs::write(aside.path().join(KEY), key.serialize_pem()).map_err(file(folder))?;
    fs::write(aside.path().join(CERTIFICATE), certificate.pem()).map_err(file(folder))?;
    match fs::rename(aside.path(), folder) {
        Err(error) if !folder.join(CERTIFICATE).is_file() => Err(file(folder)(error)),
        _ => Ok(()),
    }
}
