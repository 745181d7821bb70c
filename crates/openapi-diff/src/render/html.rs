//! The report as one HTML page without references to other files.

use std::fmt::Write as _;

use super::{VERDICTS, escaped, groups, place, summary, verdicts};
use crate::model::{Change, Report};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:light-dark(#d0d7de,#3d444d);--dim:light-dark(#59636e,#9198a1)}\
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}\
h3{font-size:1rem;margin:1.2rem 0 .3rem;overflow-wrap:anywhere}\
input{font:inherit;width:100%;padding:.4rem .6rem;box-sizing:border-box}\
details{border:1px solid var(--line);border-radius:6px;margin:.3rem 0;padding:.4rem .7rem}\
summary{cursor:pointer;overflow-wrap:anywhere}\
code{font:13px ui-monospace,monospace}\
dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem;margin:.6rem 0 .2rem}\
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}\
.badge{border-radius:1em;padding:.1em .6em;font-size:.85em;color:#fff;white-space:nowrap}\
.breaking{background:#b42318}.may-break{background:#9a6700}.additive{background:#1a7f37}\
.neutral{background:#59636e}.check{color:var(--dim);font-size:.85em}";

const SCRIPT: &str = "\
document.querySelector('input').addEventListener('input',event=>{\
const wanted=event.target.value.toLowerCase();\
for(const section of document.querySelectorAll('section')){let shown=0;\
for(const change of section.querySelectorAll('details')){\
const fits=(section.dataset.title+' '+change.textContent).toLowerCase().includes(wanted);\
change.hidden=!fits;shown+=fits}section.hidden=!shown}});";

/// The report as a page.
pub fn html(report: &Report) -> String {
    let title = escaped(&format!("{} → {}", report.old, report.new));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}.</p>\n\
         <input type=\"search\" placeholder=\"Filter by operation, check or name\" \
         aria-label=\"Filter\">\n",
        summary(report)
    );
    for verdict in VERDICTS {
        let groups = groups(report, verdict, |_| true);
        if groups.is_empty() {
            continue;
        }
        let count: usize = groups.iter().map(|group| group.changes.len()).sum();
        // Writing to a string does not fail.
        let _ = writeln!(out, "<h2>{count} {verdict}</h2>");
        for group in groups {
            let title = escaped(&group.title);
            let _ = writeln!(out, "<section data-title=\"{title}\"><h3>{title}</h3>");
            for shown in group.changes {
                change(&mut out, report, shown);
            }
            out.push_str("</section>\n");
        }
    }
    let _ = writeln!(out, "<script>{SCRIPT}</script></body></html>");
    out
}

fn change(out: &mut String, report: &Report, change: &Change) {
    let verdict = change.counted();
    let class = verdict.to_string().replace(' ', "-");
    let mut rows = vec![
        ("effect", escaped(&verdicts(change))),
        ("action", code(&change.advice)),
    ];
    rows.extend(
        change
            .surface
            .iter()
            .map(|in_rust| ("in Rust", code(&in_rust.what))),
    );
    for (name, file, at) in [
        ("before", &report.old, &change.old),
        ("after", &report.new, &change.new),
    ] {
        rows.extend(
            place(file, at).map(|place| (name, format!("<code>{}</code>", escaped(&place)))),
        );
    }
    rows.push(("id", format!("<code>{}</code>", change.id)));
    let rows = rows
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>"));
    let _ = writeln!(
        out,
        "<details><summary><span class=\"badge {class}\">{verdict}</span> {} \
         <span class=\"check\">{}</span></summary><dl>{}</dl></details>",
        code(&change.what),
        change.check.id,
        rows.collect::<String>()
    );
}

/// Text with its backticks as code.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        })
        .collect()
}
