//! Compiling `ui/` for wasm32, with whichever compiler of this machine can.
//!
//! First choice is rustup's: the target is there, or `rustup target add` brings it. That may hang for ever where only
//! package registries are reachable, so it has 20 seconds. Then Debian's `rustc-web`, whose sources build `std` for
//! the target (`-Zbuild-std`); Debian packages no wasm linker beside it, so rustup's own `rust-lld` links.
//! A `targets` line in a rust-toolchain file would make every cargo command try the same download: never add one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Ended};
use crate::{repository, setup};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const RUSTUP_LIMIT: Duration = Duration::from_secs(20);

/// Who is asked to compile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// rustup's where it can, else Debian's
    #[default]
    Auto,
    /// rustup's
    Rustup,
    /// Debian's
    Debian,
}

/// Who compiles.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Compiler {
    /// The toolchain that runs us.
    Rustup,
    /// Debian's, with this linker.
    Debian { linker: PathBuf },
}

/// Compiles `ui/` and returns the path of its module.
pub fn compile(choice: Choice) -> Outcome<PathBuf> {
    let compiler = match choice {
        Choice::Auto => choose()?,
        Choice::Rustup => Compiler::Rustup,
        Choice::Debian => Compiler::Debian {
            linker: debian_linker()?,
        },
    };
    let mut command = match compiler {
        Compiler::Rustup => Command::new(repository::cargo()),
        Compiler::Debian { linker } => {
            let mut command = debian();
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            command
        }
    };
    println!(
        "ui: compiling for {TARGET} with {}",
        command.get_program().to_string_lossy()
    );
    command
        .current_dir(repository::root())
        .args([
            "rustc",
            "--package",
            "ui",
            "--lib",
            "--crate-type",
            "cdylib",
            "--profile",
            "ui",
        ])
        .args(["--target", TARGET, "--target-dir"])
        .arg(repository::wasm_target());
    if command.get_program() == DEBIAN_CARGO {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    // wasm-bindgen reads from a section that stripping takes away which instructions it may use, and strips itself.
    command.args(["--", "-Cstrip=none"]);
    process::run(&mut command)
        .map_err(|failure| failure.next("correct what the compiler names above"))?;
    let module = repository::wasm_target().join(TARGET).join("ui/ui.wasm");
    if module.is_file() {
        Ok(module)
    } else {
        Err(Failure::new(format!("no module at {}", module.display())))
    }
}

fn choose() -> Outcome<Compiler> {
    if has_target(TARGET) {
        return Ok(Compiler::Rustup);
    }
    // Asked once only: the answer costs 20 seconds where it is no.
    let remembered = repository::target().join("wasm-compiler");
    let refused_before = fs::read_to_string(&remembered).is_ok_and(|answer| answer == "debian");
    if !refused_before && process::is_installed("rustup") {
        println!("ui: rustup target add {TARGET} (20 s at most)");
        match process::within(
            RUSTUP_LIMIT,
            Command::new("rustup").args(["target", "add", TARGET]),
        )? {
            Ended::Done => return Ok(Compiler::Rustup),
            Ended::Refused => println!("ui: rustup could not; using the distribution's compiler"),
            Ended::TimedOut => {
                println!("ui: rustup did not answer in time; using the distribution's compiler")
            }
        }
    }
    let linker = debian_linker()?;
    fs::create_dir_all(repository::target())
        .and_then(|()| fs::write(&remembered, "debian"))
        .map_err(|error| Failure::at("writing", &remembered, &error))?;
    Ok(Compiler::Debian { linker })
}

/// Whether the toolchain that runs us has the library of a target.
pub fn has_target(target: &str) -> bool {
    sysroot().is_some_and(|sysroot| {
        sysroot
            .join("lib/rustlib")
            .join(target)
            .join("lib")
            .is_dir()
    })
}

/// The folder of the toolchain that runs us.
fn sysroot() -> Option<PathBuf> {
    let printed = process::answer(Command::new("rustc").args(["--print", "sysroot"]))?;
    Some(PathBuf::from(printed.trim()))
}

/// Makes sure Debian's compiler is there and returns the linker for it.
fn debian_linker() -> Outcome<PathBuf> {
    if !has_debian() {
        setup::install(&[setup::Group::Wasm]).map_err(|failure| {
            failure.next(format!(
                "connect to the network and run: rustup target add {TARGET}, then try again"
            ))
        })?;
    }
    if !has_debian() {
        return Err(Failure::new(format!("no compiler for {TARGET}"))
            .next(format!("run: rustup target add {TARGET}, then try again")));
    }
    sysroot()
        .and_then(|sysroot| rust_lld(&sysroot))
        .or_else(|| Some(PathBuf::from("/usr/bin/wasm-ld")).filter(|path| path.is_file()))
        .ok_or_else(|| Failure::new("no linker for wasm32").next("run: sudo apt-get install lld"))
}

/// Whether Debian's compiler is here, with the sources of its library.
pub fn has_debian() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_LIBRARY]
        .iter()
        .all(|path| Path::new(path).is_file())
}

fn rust_lld(sysroot: &Path) -> Option<PathBuf> {
    let hosts = fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    hosts
        .flatten()
        .map(|host| host.path().join("bin/rust-lld"))
        .find(|path| path.is_file())
}

/// Debian's cargo, free of everything that our own cargo and rustup put into our environment: their compiler, their
/// flags, and a library path that would load rustup's compiler libraries into Debian's compiler.
pub fn debian() -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_our_toolchain) {
            command.env_remove(&name);
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Whether a variable speaks of a toolchain rather than of the person's network, registries or home.
fn is_of_our_toolchain(name: &str) -> bool {
    let keep = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_TERM_",
    ];
    let ours = [
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
        "RUST_RECURSION_COUNT",
        "LD_LIBRARY_PATH",
    ];
    ours.iter().any(|start| name.starts_with(start))
        && !keep.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests;
