//! Messages on a stream: headers, an empty line, and JSON.
//!
//! Input is not trusted: no memory is allocated for a length that a client announces before the
//! bytes arrive, and an invalid message is answered rather than ending the session.

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message, RequestId};
use serde_json::{Value, json};

/// The longest message. The longest lock that is read has 64 MiB, and somewhat more in JSON.
const LONGEST: u64 = 160 << 20;
/// The longest line of a header.
const LONGEST_LINE: u64 = 4 << 10;

/// What was received.
#[derive(Debug)]
pub(super) enum Received {
    /// A message.
    Message(Message),
    /// An invalid message: the error to answer, and the request if that is known.
    Broken(Option<RequestId>, ErrorCode, String),
}

/// Reads the next message; `None` at the end of the stream.
///
/// # Errors
/// The stream fails.
pub(super) fn receive(input: &mut impl BufRead) -> io::Result<Option<Received>> {
    let mut length: Option<u64> = None;
    let mut is_garbage = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if !read_line(input, &mut line)? {
            return Ok(None);
        }
        let text = line.trim_ascii();
        match (text.is_empty(), length) {
            (true, Some(length)) => return read_content(input, length),
            (true, None) if is_garbage => {
                return Ok(Some(broken("a message has no Content-Length")));
            }
            // Empty lines before the headers are harmless.
            (true, None) => {}
            (false, _) => match content_length(text) {
                Some(named) => length = Some(named),
                None => is_garbage = true,
            },
        }
    }
}

fn broken(message: &str) -> Received {
    Received::Broken(None, ErrorCode::InvalidRequest, message.to_owned())
}

/// Reads a line, dropping what exceeds the limit; false at the end of the stream.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    input.by_ref().take(LONGEST_LINE).read_until(b'\n', line)?;
    if line.is_empty() {
        return Ok(false);
    }
    while !line.ends_with(b"\n") {
        let mut rest = Vec::new();
        input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut rest)?;
        if rest.is_empty() || rest.ends_with(b"\n") {
            break;
        }
    }
    Ok(true)
}

fn content_length(line: &[u8]) -> Option<u64> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
}

fn read_content(input: &mut impl BufRead, length: u64) -> io::Result<Option<Received>> {
    if length > LONGEST {
        io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
        return Ok(Some(broken("a message is too long")));
    }
    let mut content = Vec::new();
    input.by_ref().take(length).read_to_end(&mut content)?;
    if (content.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(parse(&content)))
}

fn parse(content: &[u8]) -> Received {
    let value: Value = match serde_json::from_slice(content) {
        Ok(value) => value,
        Err(error) => return Received::Broken(None, ErrorCode::ParseError, error.to_string()),
    };
    let named = value.get("id").filter(|id| !id.is_null()).cloned();
    let is_named = named.is_some();
    let id: Option<RequestId> = named.and_then(|id| serde_json::from_value(id).ok());
    // Without this check, an invalid id would turn a request into a notification, and an array
    // would pass as any message.
    let is_sound = value.is_object() && is_named == id.is_some();
    match serde_json::from_value(value) {
        Ok(message) if is_sound => Received::Message(message),
        Ok(_) | Err(_) => {
            let message = "this is no request, notification or response".to_owned();
            Received::Broken(id, ErrorCode::InvalidRequest, message)
        }
    }
}

/// Writes a message.
///
/// # Errors
/// Those of the stream.
pub(super) fn send(output: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(output)
}

/// Writes an answer to an invalid message; without an id if none could be read.
///
/// # Errors
/// Those of the stream.
pub(super) fn refuse(
    output: &mut impl Write,
    id: Option<&RequestId>,
    code: ErrorCode,
    message: &str,
) -> io::Result<()> {
    let error = json!({ "code": code as i32, "message": message });
    let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
    write!(output, "Content-Length: {}\r\n\r\n{answer}", answer.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(received) = receive(&mut input).unwrap() {
            told.push(match received {
                Received::Message(message) => serde_json::to_string(&message).unwrap(),
                Received::Broken(id, code, _) => format!("{id:?} {}", code as i32),
            });
        }
        told
    }

    fn framed(content: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{content}", content.len())
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_is_read() {
        let good = r#"{"method":"exit"}"#;
        let next = framed(good);
        for (input, answer) in [
            (framed("{"), "None -32700"),
            (framed("[]"), "None -32600"),
            (framed(&"[".repeat(100_000)), "None -32700"),
            (framed(r#"{"id":7,"method":5}"#), "Some(RequestId(I32(7))) -32600"),
            (framed(r#"{"id":{},"method":"x"}"#), "None -32600"),
            ("what\r\nis this\r\n\r\n".to_owned(), "None -32600"),
            (format!("{}\r\n\r\n", "x".repeat(100_000)), "None -32600"),
            ("Content-Length: many\r\n\r\n".to_owned(), "None -32600"),
            ("Content-Length: -1\r\n\r\n".to_owned(), "None -32600"),
        ] {
            assert_eq!(all((input + &next).as_bytes()), [answer, good]);
        }
        let small = "content-length:17\nContent-Type: x\n\n".to_owned() + good;
        assert_eq!(all(small.as_bytes()), [good]);
    }

    #[test]
    fn no_more_is_allocated_than_comes() {
        let huge = "Content-Length: 18446744073709551615\r\n\r\n{}";
        assert_eq!(all(huge.as_bytes()), ["None -32600"]);
        let cut_off = "Content-Length: 150000000\r\n\r\n{}";
        assert_eq!(all(cut_off.as_bytes()), [""; 0]);
        let too_long = LONGEST + 1;
        let mut input = format!("Content-Length: {too_long}\r\n\r\n").into_bytes();
        input.resize(input.len() + too_long as usize, b' ');
        input.extend(framed(r#"{"method":"exit"}"#).as_bytes());
        assert_eq!(all(&input), ["None -32600", r#"{"method":"exit"}"#]);
    }
}
