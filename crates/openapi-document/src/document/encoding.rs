//! Decodes the bytes of a file.
//!
//! UTF-8 needs no mark. UTF-16 and UTF-32 are recognized by their byte order mark, or by the null bytes
//! around the first character, which is ASCII in every document (YAML 1.2.2, section 5.2).

/// A Unicode encoding with more than one byte for each unit.
#[derive(Clone, Copy)]
enum Wide {
    Utf16(fn([u8; 2]) -> u16),
    Utf32(fn([u8; 4]) -> u32),
}

/// The text of a file; or an error message and a hint.
pub(super) fn decode(bytes: &[u8]) -> Result<String, (String, &'static str)> {
    let (encoding, decoded) = match wide_encoding(bytes) {
        None => ("UTF-8", utf8(bytes)),
        Some(Wide::Utf16(unit)) => ("UTF-16", utf16(bytes, unit)),
        Some(Wide::Utf32(unit)) => ("UTF-32", utf32(bytes, unit)),
    };
    decoded.map_err(|(offset, line)| {
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let message = format!(
            "cannot be read: byte {offset} (0x{byte:02x}) in line {line} is not {encoding}"
        );
        (message, HINT)
    })
}

const HINT: &str = "convert the file to UTF-8, for instance with `iconv -f WINDOWS-1252 -t UTF-8`, or \
                    write the character as an escape";

fn wide_encoding(bytes: &[u8]) -> Option<Wide> {
    match *bytes {
        [0xff, 0xfe, 0, 0, ..] => Some(Wide::Utf32(u32::from_le_bytes)),
        [0, 0, 0xfe, 0xff, ..] => Some(Wide::Utf32(u32::from_be_bytes)),
        [a, 0, 0, 0, ..] if a != 0 => Some(Wide::Utf32(u32::from_le_bytes)),
        [0, 0, 0, d, ..] if d != 0 => Some(Wide::Utf32(u32::from_be_bytes)),
        [0xff, 0xfe, ..] => Some(Wide::Utf16(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some(Wide::Utf16(u16::from_be_bytes)),
        [a, 0, ..] if a != 0 => Some(Wide::Utf16(u16::from_le_bytes)),
        [0, b, ..] if b != 0 => Some(Wide::Utf16(u16::from_be_bytes)),
        _ => None,
    }
}

/// The text; or the offset and the line of the first bytes that are not a valid character.
fn utf8(bytes: &[u8]) -> Result<String, (usize, usize)> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        (offset, line_of(&bytes[..offset]))
    })?;
    Ok(text.to_owned())
}

/// The same for UTF-16.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, (usize, usize)> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(units.len());
    for character in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => {
                let offset = text.encode_utf16().count() * 2;
                return Err((offset, line_of(text.as_bytes())));
            }
        }
    }
    match rest.is_empty() {
        true => Ok(text),
        false => Err((bytes.len() - rest.len(), line_of(text.as_bytes()))),
    }
}

/// The same for UTF-32.
fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, (usize, usize)> {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut text = String::with_capacity(units.len());
    for (index, quad) in units.iter().enumerate() {
        match char::from_u32(unit(*quad)) {
            Some(character) => text.push(character),
            None => return Err((index * 4, line_of(text.as_bytes()))),
        }
    }
    match rest.is_empty() {
        true => Ok(text),
        false => Err((bytes.len() - rest.len(), line_of(text.as_bytes()))),
    }
}

/// The line after a text, counted from 1.
fn line_of(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "openapi: 3.1.0\ninfo: {title: 'é𝄞'}\n";

    fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn utf32_of(text: &str, bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().map(u32::from).flat_map(bytes).collect()
    }

    #[test]
    fn a_file_in_a_unicode_encoding_is_read_with_and_without_a_mark() {
        let marked = format!("\u{feff}{TEXT}");
        for text in [TEXT, &marked] {
            for bytes in [
                text.as_bytes().to_vec(),
                utf16_of(text, u16::to_le_bytes),
                utf16_of(text, u16::to_be_bytes),
                utf32_of(text, u32::to_le_bytes),
                utf32_of(text, u32::to_be_bytes),
            ] {
                assert_eq!(decode(&bytes), Ok(text.to_owned()));
            }
        }
        for short in ["", "a", "ab"] {
            assert_eq!(decode(short.as_bytes()), Ok(short.to_owned()));
        }
    }

    #[test]
    fn bytes_that_are_no_character_are_an_error_with_their_offset() {
        let in_latin_1 = b"openapi: 3.1.0\ninfo: {title: caf\xe9}\n".to_vec();
        let mut cut_16 = utf16_of("a: b\n", u16::to_le_bytes);
        cut_16.push(b'x');
        let mut surrogate = utf16_of("a: b\n", u16::to_be_bytes);
        surrogate.extend([0xd8, 0x00, 0x00, 0x62]);
        let mut cut_32 = utf32_of("a: b\n", u32::to_le_bytes);
        cut_32.push(b'x');
        let mut beyond = utf32_of("a: b\n", u32::to_be_bytes);
        beyond.extend([0x7f, 0x00, 0x00, 0x00]);
        for (bytes, message) in [
            (in_latin_1, "byte 32 (0xe9) in line 2 is not UTF-8"),
            (cut_16, "byte 10 (0x78) in line 2 is not UTF-16"),
            (surrogate, "byte 10 (0xd8) in line 2 is not UTF-16"),
            (cut_32, "byte 20 (0x78) in line 2 is not UTF-32"),
            (beyond, "byte 20 (0x7f) in line 2 is not UTF-32"),
        ] {
            let (found, hint) = decode(&bytes).expect_err("is no text");
            assert_eq!(found, format!("cannot be read: {message}"));
            assert!(hint.contains("iconv"));
        }
    }
}
