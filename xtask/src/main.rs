//! `cargo xtask`; see `cargo xtask help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Panics of progenitor are caught and reported as errors; their backtraces would only confuse.
    std::panic::set_hook(Box::new(|_| {}));
    xtask::cli::run()
}
