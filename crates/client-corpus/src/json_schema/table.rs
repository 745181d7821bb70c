//! Renders the results of a suite as a table.

use std::fmt::Write as _;

use super::{Counts, GroupResult, SuiteResult};

/// One row for each keyword, with the groups that failed below, and totals. `verbose` adds the known
/// exceptions.
pub fn table(suite: &SuiteResult, verbose: bool) -> String {
    let mut out = row(
        "keyword",
        [
            "groups", "failed", "valid", "noted", "lost", "invalid", "noted", "sent",
        ],
    );
    for groups in suite.groups.chunk_by(|a, b| a.keyword == b.keyword) {
        out += &counted(&groups[0].keyword, groups);
        for group in groups {
            out += &details(group, verbose);
        }
    }
    out += &counted("total", &suite.groups);
    for unused in &suite.unused_exceptions {
        // Writing to a string does not fail.
        let _ = writeln!(out, "this exception is no longer needed: {unused}");
    }
    out
}

fn row(name: &str, cells: [&str; 8]) -> String {
    let mut out = format!("{name:<24}");
    for cell in cells {
        let _ = write!(out, "  {cell:>7}");
    }
    out + "\n"
}

fn counted(name: &str, groups: &[GroupResult]) -> String {
    let sum = |count: &dyn Fn(&GroupResult) -> usize| groups.iter().map(count).sum::<usize>();
    let Counts {
        right,
        noted,
        wrong,
    } = total(groups, |group| group.valid);
    let invalid = total(groups, |group| group.invalid);
    let cells = [
        groups.len(),
        sum(&|group| usize::from(group.error.is_some())),
        right,
        noted,
        wrong,
        invalid.right,
        invalid.noted,
        invalid.wrong,
    ];
    let cells = cells.map(|count| count.to_string());
    row(name, cells.each_ref().map(String::as_str))
}

fn total(groups: &[GroupResult], counts: impl Fn(&GroupResult) -> Counts) -> Counts {
    groups
        .iter()
        .map(counts)
        .fold(Counts::default(), |all, counts| Counts {
            right: all.right + counts.right,
            noted: all.noted + counts.noted,
            wrong: all.wrong + counts.wrong,
        })
}

fn details(group: &GroupResult, verbose: bool) -> String {
    let mut out = String::new();
    let name = format!("{}#{}", group.keyword, group.index);
    if let Some(reason) = group.exception.as_ref().filter(|_| verbose) {
        let _ = writeln!(out, "    {name}: known: {reason}");
    }
    if group.is_failed() || verbose {
        let noted = group.noted.iter().filter(|_| verbose);
        for noted in noted {
            let _ = writeln!(out, "    {name}: noted: {noted}");
        }
        for failure in group.error.iter().chain(&group.failures) {
            let _ = writeln!(out, "    {name}: {failure}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_the_instances_of_a_keyword_and_failures_are_below_it() {
        let group = |index: usize, exception: Option<&str>| GroupResult {
            keyword: "items".to_owned(),
            index,
            error: None,
            valid: Counts {
                right: 2,
                noted: 1,
                wrong: 1,
            },
            invalid: Counts {
                right: 3,
                noted: 0,
                wrong: 0,
            },
            noted: Vec::new(),
            failures: vec!["response [1]: /0 is missing".to_owned()],
            exception: exception.map(str::to_owned),
        };
        let suite = SuiteResult {
            groups: vec![group(0, None), group(1, Some("known"))],
            unused_exceptions: vec!["ref: r".to_owned()],
        };
        let expected = "\
keyword                    groups   failed    valid    noted     lost  invalid    noted     sent
items                           2        0        4        2        2        6        0        0
    items#0: response [1]: /0 is missing
total                           2        0        4        2        2        6        0        0
this exception is no longer needed: ref: r
";
        assert_eq!(table(&suite, false), expected);
    }
}
