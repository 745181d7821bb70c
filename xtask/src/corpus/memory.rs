//! How much memory the process has at most while a piece of work is done.
//!
//! Linux keeps that mark of the resident set in `/proc/self/status` and resets it on request;
//! elsewhere nothing is measured. What the process holds from work before counts too.

/// Does `work` and says how much memory the process had at most meanwhile, in KiB; `None` where the
/// system does not say.
pub(super) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    // "5" resets the mark; see proc_pid_clear_refs(5).
    let reset = std::fs::write("/proc/self/clear_refs", "5");
    let done = work();
    (done, reset.ok().and_then(|()| highest()))
}

fn highest() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
