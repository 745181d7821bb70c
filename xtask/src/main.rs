//! `cargo xtask`; see `cargo xtask help`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Panics of progenitor are caught and reported as errors; their backtraces would only confuse.
    std::panic::set_hook(Box::new(|_| {}));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    xtask::cli::run(root.unwrap_or(Path::new(".")))
}
