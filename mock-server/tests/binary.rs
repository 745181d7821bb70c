//! The binary: what it says, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

const DOCUMENT: &str = "openapi: 3.1.0
info: {title: Pets, version: '1'}
paths: {/pets: {get: {operationId: ListPets, responses: {'204': {description: None.}}}}}
";

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mock-server"))
}

fn output(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("runs")
}

/// A folder with the document and an overlay that renames its path.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("writes");
    };
    write("pets.yaml", DOCUMENT);
    write(
        "pets.overlay.yaml",
        "overlay: 1.0.0
actions:
  - target: $.paths['/pets'].get
    update: {operationId: AllPets}
",
    );
    folder
}

/// A running server that is killed when the test is over, whatever comes.
struct Running {
    child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_what_it_serves_and_what_comes_in_and_stops_when_interrupted() {
    let folder = folder();
    let mut command = command();
    command
        .current_dir(folder.path())
        .args(["pets.yaml", "--coverage"]);
    let child = command.stdout(Stdio::piped()).spawn().expect("runs");
    let mut running = Running { child };
    let stdout = running.child.stdout.take().expect("is piped");
    let mut lines = BufReader::new(stdout)
        .lines()
        .map(|line| line.expect("is text"));
    let mut next = || lines.next().expect("has a line");
    assert_eq!(next(), "with the overlay pets.overlay.yaml");
    assert_eq!(next(), "  GET     /pets  AllPets");
    let serving = next();
    let address = serving.strip_prefix("serving http://").expect("says where");
    let address = address
        .strip_suffix(", until Ctrl-C")
        .expect("says how long");

    let mut stream = TcpStream::connect(address).expect("connects");
    let request = b"GET /pets?key=secret HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).expect("writes");
    stream.read_to_end(&mut Vec::new()).expect("reads");
    assert_eq!(
        next(),
        "GET /pets  AllPets  400  [query key: is not a query parameter of the operation; the \
         operation has none]"
    );

    let id = running.child.id().to_string();
    let interrupt = Command::new("kill").args(["-INT", &id]).status();
    assert!(interrupt.expect("runs").success());
    assert_eq!(running.child.wait().expect("ends").code(), Some(0));
    assert_eq!(next(), "");
    assert_eq!(
        next(),
        "1 of 1 operations called, 0 of 1 documented answers given, 0 requests astray"
    );
}

#[test]
fn a_document_that_cannot_be_served_is_refused_with_its_place() {
    let folder = folder();
    let path = folder.path().join("broken.yaml");
    std::fs::write(&path, DOCUMENT.replace("/pets:", "pets:")).expect("writes");
    let output = output(&[&path.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("broken.yaml:3:9: the path `pets` does not start with a slash"),
        "{said}"
    );
    assert!(said.contains("hint: "), "{said}");
}

#[test]
fn arguments_that_are_none_end_with_2() {
    assert_eq!(output(&["--port", "x"]).status.code(), Some(2));
    assert_eq!(output(&[]).status.code(), Some(2));
}
