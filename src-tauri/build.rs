//! Generates what Tauri needs at compile time, and makes a clean clone compile
//! before the window's page was ever built.

use std::{error::Error, fs, path::Path, time::SystemTime};

/// Where `cargo xtask build-ui` puts the page; `frontendDist` in `tauri.conf.json`.
const PAGE: &str = "ui/dist";

const PLACEHOLDER: &str = "<!doctype html>\n<title>Millet</title>\n\
    <p>The window's page is not built yet. Run: cargo xtask run</p>\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    // Tauri embeds the page into the binary: a new page is a new binary.
    println!("cargo:rerun-if-changed={PAGE}");
    hold_the_place_of_the_page(Path::new(PAGE))?;

    // The permissions are written by hand: generated ones would put a folder
    // into the root of the repository.
    let manifest =
        tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(manifest);
    tauri_build::try_build(attributes)?;
    Ok(())
}

/// `cargo check` on a clean clone needs some page to embed.
fn hold_the_place_of_the_page(folder: &Path) -> Result<(), Box<dyn Error>> {
    let index = folder.join("index.html");
    if index.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(&index, PLACEHOLDER)?;
    // Cargo runs this again if the folder is newer than the run that made it.
    let past = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1);
    fs::File::options()
        .write(true)
        .open(&index)?
        .set_modified(past)?;
    println!(
        "cargo:warning=ui/dist is not built: the window shows a placeholder. Run: cargo xtask build-ui"
    );
    Ok(())
}
