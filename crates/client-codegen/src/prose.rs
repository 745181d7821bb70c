//! Makes descriptions safe as Rust documentation.
//!
//! rustdoc compiles and runs code blocks without a language, and those of Rust. A description comes from a
//! vendor, so its code must not run. All its code blocks become blocks of the language `text`: a fence
//! gets that language, and an indented block gets fences (CommonMark 0.31, sections 4.4 and 4.5).

/// Returns a description without code that rustdoc compiles. The rest is unchanged.
pub(crate) fn without_code(description: &str) -> String {
    let lines: Vec<&str> = description.split('\n').collect();
    converted(&lines).join("\n")
}

/// The code block that a line belongs to.
enum Block {
    None,
    /// A block in fences of this character and length.
    Fenced(char, usize),
    /// An indented block, of which each line has this indentation. Blank lines at its end are counted.
    Indented {
        indentation: usize,
        blank: usize,
    },
}

fn converted(lines: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut block = Block::None;
    // The indentation of the content of the list items around the line.
    let mut items: Vec<usize> = Vec::new();
    let mut is_in_paragraph = false;
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let (indentation, content) = split_indentation(line);
        match &mut block {
            Block::Fenced(fence, length) => {
                if closes(content, *fence, *length) {
                    block = Block::None;
                    is_in_paragraph = false;
                }
                out.push((*line).to_owned());
                index += 1;
                continue;
            }
            Block::Indented {
                indentation: own,
                blank,
            } => {
                if content.is_empty() {
                    *blank += 1;
                    out.push(String::new());
                    index += 1;
                    continue;
                }
                if indentation >= *own {
                    *blank = 0;
                    out.push((*line).to_owned());
                    index += 1;
                    continue;
                }
                let end = out.len() - *blank;
                out.insert(end, format!("{}```", " ".repeat(*own - 4)));
                block = Block::None;
                is_in_paragraph = false;
            }
            Block::None => {}
        }
        if content.is_empty() {
            is_in_paragraph = false;
            out.push((*line).to_owned());
            index += 1;
            continue;
        }
        if !is_in_paragraph {
            items.retain(|item| *item <= indentation);
        }
        let container = items.iter().rev().find(|item| **item <= indentation);
        let container = container.copied().unwrap_or_default();
        if content.starts_with('>') && indentation - container < 4 {
            let count = lines[index..]
                .iter()
                .take_while(|line| is_quoted(line))
                .count();
            let quoted: Vec<&str> = lines[index..index + count]
                .iter()
                .map(|line| unquoted(line))
                .collect();
            let prefix = " ".repeat(indentation);
            out.extend(
                converted(&quoted)
                    .iter()
                    .map(|line| format!("{prefix}> {line}")),
            );
            is_in_paragraph = false;
            index += count;
            continue;
        }
        if indentation - container >= 4 && !is_in_paragraph {
            let own = container + 4;
            out.push(format!("{}```text", " ".repeat(container)));
            out.push((*line).to_owned());
            block = Block::Indented {
                indentation: own,
                blank: 0,
            };
            index += 1;
            continue;
        }
        let (line, is_text) = opened(line, indentation, &mut items, &mut block);
        out.push(line);
        is_in_paragraph = is_text;
        index += 1;
    }
    if let Block::Indented { indentation, blank } = block {
        let end = out.len() - blank;
        out.insert(end, format!("{}```", " ".repeat(indentation - 4)));
    }
    out
}

/// Reads a line outside of code: the markers of list items at its start, and a fence behind them. Returns
/// the line, and true if text may continue it.
fn opened(
    line: &str,
    indentation: usize,
    items: &mut Vec<usize>,
    block: &mut Block,
) -> (String, bool) {
    let mut column = indentation;
    let mut rest = line.trim_start();
    while let Some(length) = marker(rest) {
        let after = &rest[length..];
        let (spaces, content) = split_indentation(after);
        // More than four spaces would start an indented block in the item.
        let is_code = spaces > 4;
        let spaces = if is_code || content.is_empty() {
            1
        } else {
            spaces
        };
        column += length + spaces;
        items.push(column);
        rest = content;
        if is_code {
            break;
        }
    }
    let head = &line[..line.len() - rest.len()];
    let head = match head.strip_suffix("     ") {
        Some(short) if !head.trim().is_empty() => format!("{} ", short.trim_end()),
        _ => head.to_owned(),
    };
    if let Some((fence, length)) = fence(rest) {
        *block = Block::Fenced(fence, length);
        let fence: String = std::iter::repeat_n(fence, length).collect();
        return (format!("{head}{fence}text"), false);
    }
    let is_heading = rest.starts_with('#');
    (format!("{head}{rest}"), !is_heading && !rest.is_empty())
}

/// The length of the marker of a list item, which is followed by a space or the end of the line.
fn marker(text: &str) -> Option<usize> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let length = match text.chars().nth(digits)? {
        '-' | '*' | '+' if digits == 0 => 1,
        '.' | ')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let after = text[length..].chars().next();
    after
        .is_none_or(|after| after == ' ' || after == '\t')
        .then_some(length)
}

/// The fence that a line opens: its character and length.
fn fence(content: &str) -> Option<(char, usize)> {
    let fence = content
        .chars()
        .next()
        .filter(|first| "`~".contains(*first))?;
    let length = content.chars().take_while(|next| *next == fence).count();
    let is_inline = fence == '`' && content[length..].contains('`');
    (length >= 3 && !is_inline).then_some((fence, length))
}

fn closes(content: &str, fence: char, length: usize) -> bool {
    let count = content.chars().take_while(|next| *next == fence).count();
    count >= length && content[count..].trim().is_empty()
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// The line without the mark of a quotation.
fn unquoted(line: &str) -> &str {
    let line = line.trim_start();
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}

/// The width of the white space at the start of a line, where a tab ends at a multiple of four, and the
/// rest.
fn split_indentation(line: &str) -> (usize, &str) {
    let mut width = 0;
    for (index, character) in line.char_indices() {
        match character {
            ' ' => width += 1,
            '\t' => width += 4 - width % 4,
            '\r' if index + 1 == line.len() => return (width, ""),
            _ => return (width, &line[index..]),
        }
    }
    (width, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_become_text() {
        for (before, after) in [
            ("a\n\n```\nx\n```\nb", "a\n\n```text\nx\n```\nb"),
            ("~~~~rust,no_run\n```\n~~~~", "~~~~text\n```\n~~~~"),
            (
                "a\n\n    x\n\n    y\n\nb",
                "a\n\n```text\n    x\n\n    y\n```\n\nb",
            ),
            ("\tx", "```text\n\tx\n```"),
            ("# Title\n    x", "# Title\n```text\n    x\n```"),
            (
                "- a\n\n      x\n- b",
                "- a\n\n  ```text\n      x\n  ```\n- b",
            ),
            ("1. ```\n   x\n   ```", "1. ```text\n   x\n   ```"),
            ("-     x", "- x"),
            (
                "> a\n>\n>     x\nb",
                "> a\n> \n> ```text\n>     x\n> ```\nb",
            ),
            ("> ```\n> x\n> ```", "> ```text\n> x\n> ```"),
        ] {
            assert_eq!(without_code(before), after, "{before:?}");
        }
    }

    #[test]
    fn text_is_unchanged() {
        for text in [
            "a `b` ``c``\nd",
            "```a``` b",
            "a\n    continued",
            "- a\n  - b\n\n    more of b\n- c",
            "* a\n\n  b\n\n1. c\r\n\r\n2. d",
            "| a |\n|---|\n| b |",
            "",
        ] {
            assert_eq!(without_code(text), text, "{text:?}");
        }
    }
}
