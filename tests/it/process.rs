//! The binary as a process: killed at work, asked while a server holds the home, told to stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::routing::{get, post};
use axum::{Json, Router};
use revier::app::Home;
use serde_json::json;

use crate::world::file;

fn revier(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revier"));
    command.arg("--home").arg(home).env_remove("REVIER_HOME");
    command
}

fn done(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).arg(child.id().to_string());
    done(kill);
}

/// A server that ends with the value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let mut command = revier(home);
        command
            .args(["serve", "--listen", "localhost:0"])
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        Self { child, address }
    }

    fn stop(mut self) -> bool {
        signal(&self.child, "TERM");
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn verbs_reach_the_server_that_holds_the_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(&home);
    assert!(
        server.address.starts_with("127.0.0.1:"),
        "{}",
        server.address
    );
    for (kind, name) in [("accounts", "accounts.csv"), ("sales", "sales.csv")] {
        let mut import = revier(&home);
        import.args(["import", kind, "--json"]).arg(file(name));
        let summary: serde_json::Value = serde_json::from_slice(&done(import).stdout).unwrap();
        assert_eq!(summary["rejected"], 0);
    }
    let question = folder.path().join("question.json");
    std::fs::write(&question, r#"{"measures": ["revenue"]}"#).unwrap();
    let ask = || {
        let mut ask = revier(&home);
        ask.arg("ask").arg(&question);
        ask
    };
    let through: serde_json::Value = serde_json::from_slice(&done(ask()).stdout).unwrap();
    assert_eq!(through["total"]["revenue"], 59_750);
    let mut tile = revier(&home);
    let out = folder.path().join("tile.mvt");
    tile.args(["tile", "district/6/33/21", "--out"]).arg(&out);
    done(tile);
    let through_server = std::fs::read(&out).unwrap();
    let mut check = revier(&home);
    check.arg("check");
    done(check);
    let mut demo = revier(&home);
    demo.arg("demo");
    let refused = demo.output().unwrap();
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains(&server.address), "{message}");
    assert!(server.stop(), "the server ends by itself when asked to");
    let direct: serde_json::Value = serde_json::from_slice(&done(ask()).stdout).unwrap();
    assert_eq!(direct, through);
    let mut tile = revier(&home);
    tile.args(["tile", "district/6/33/21", "--out"]).arg(&out);
    done(tile);
    assert_eq!(std::fs::read(&out).unwrap(), through_server);
}

#[test]
fn a_second_signal_ends_a_server_that_waits_for_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mut server = Server::start(&home);
    let mut stalled = TcpStream::connect(&server.address).unwrap();
    write!(
        stalled,
        "POST /api/uploads?name=a.csv HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\r\nA",
        server.address
    )
    .unwrap();
    wait_for(|| home.join("uploads/u1").exists(), &mut server.child);
    signal(&server.child, "TERM");
    signal(&server.child, "INT");
    assert_eq!(server.child.wait().unwrap().code(), Some(130));
}

/// What the server answers to a request.
fn answer(server: &Server, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_view_that_is_saved_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mut server = Server::start(&home);
    let view = r#"{"name": "Umsatz", "address": "?at=world&tab=pivot"}"#;
    let saved = answer(&server, "POST", "/api/views", view);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert!(saved.starts_with("HTTP/1.1 201"), "{saved}");
    let views = answer(&Server::start(&home), "GET", "/api/views", "");
    assert!(
        views.contains(r#""address":"?at=world&tab=pivot""#),
        "{views}"
    );
}

#[test]
fn a_reader_that_goes_early_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["batches", "check"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = revier(&folder.path().join("home"));
        let output = command.arg(verb).stdout(writer).output().unwrap();
        assert!(output.status.success(), "{verb}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{verb}");
    }
}

/// A server that reads an import until it is cancelled; `asked` hears that it was asked how far
/// it is.
fn ever_reading(asked: Sender<()>) -> Router {
    let state = |word: &str| Json(json!({"id": "i1", "state": word, "progress": 0.5, "rows": 1}));
    let cancelled = Arc::new(AtomicBool::new(false));
    let cancel = cancelled.clone();
    Router::new()
        .route(
            "/api/uploads",
            post(async |_: Bytes| Json(json!({"upload": "u1"}))),
        )
        .route("/api/imports", post(async move |_: Bytes| state("reading")))
        .route(
            "/api/imports/i1",
            get(async move || {
                // The test hears it once and has gone when it is asked again.
                let _ = asked.send(());
                let is_cancelled = cancelled.load(Ordering::Relaxed);
                state(if is_cancelled { "cancelled" } else { "reading" })
            })
            .delete(async move || {
                cancel.store(true, Ordering::Relaxed);
                state("reading")
            }),
        )
}

#[tokio::test]
async fn an_interrupt_cancels_the_import_of_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let held = Home::take(&home).unwrap();
    held.announce(Some(listener.local_addr().unwrap().to_string()))
        .unwrap();
    let (asked, heard) = channel();
    let server = tokio::spawn(axum::serve(listener, ever_reading(asked)).into_future());
    let mut import = revier(&home);
    import.args(["import", "sales"]).arg(file("sales.csv"));
    let ended = tokio::task::spawn_blocking(move || {
        let mut import = import.stderr(Stdio::piped()).spawn().unwrap();
        wait_for(|| heard.try_recv().is_ok(), &mut import);
        signal(&import, "INT");
        import.wait_with_output().unwrap()
    });
    let output = ended.await.unwrap();
    server.abort();
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("was cancelled"), "{message}");
}

#[test]
fn a_server_beyond_this_machine_must_be_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = revier(&folder.path().join("home"));
    let refused = serve
        .args(["serve", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--insecure"));
}

/// Waits until `shows_up` or the process ends.
fn wait_for(shows_up: impl Fn() -> bool, import: &mut Child) {
    let limit = Instant::now() + Duration::from_mins(1);
    while !shows_up() && import.try_wait().unwrap().is_none() && Instant::now() < limit {
        std::thread::yield_now();
    }
}

fn any_file(folder: &Path, ending: &str) -> bool {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .any(|entry| entry.file_name().to_string_lossy().ends_with(ending))
}

/// Sales of `tests/world`, then many more of the same kind.
fn many_lines(folder: &Path) -> PathBuf {
    use std::fmt::Write;
    let mut text = std::fs::read_to_string(file("sales.csv")).unwrap();
    for number in 0..60_000 {
        writeln!(text, "n{number};1;01.02.2025;A1;P1;Pumpen;1;1,00;;EUR").unwrap();
    }
    let path = folder.join("many.csv");
    std::fs::write(&path, text).unwrap();
    path
}

/// Kills an import as soon as `shows_up`, then opens the home again: all of it or nothing.
fn check_killed(shows_up: impl Fn(&Path) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let sales = many_lines(folder.path());
    let mut accounts = revier(&home);
    accounts
        .args(["import", "accounts"])
        .arg(file("accounts.csv"));
    done(accounts);
    let mut command = revier(&home);
    command
        .args(["import", "sales"])
        .arg(&sales)
        .stdout(Stdio::null());
    let mut import = command.spawn().unwrap();
    wait_for(|| shows_up(&home), &mut import);
    // SIGKILL: the process can't tidy up.
    let _ = import.kill();
    import.wait().unwrap();

    let mut check = revier(&home);
    check.arg("check");
    done(check);
    let question = folder.path().join("question.json");
    std::fs::write(&question, r#"{"measures": ["lines", "revenue"]}"#).unwrap();
    let ask = || {
        let mut ask = revier(&home);
        ask.arg("ask").arg(&question);
        let answer: serde_json::Value = serde_json::from_slice(&done(ask).stdout).unwrap();
        (
            answer["total"]["lines"].as_i64().unwrap(),
            answer["total"]["revenue"].as_i64().unwrap(),
        )
    };
    let all = (60_012, 59_750 + 6_000_000);
    let seen = ask();
    assert!(seen == (0, 0) || seen == all, "{seen:?}");
    assert!(!any_file(&home.join("facts"), ".draft"));
    let mut again = revier(&home);
    again.args(["import", "sales"]).arg(&sales);
    done(again);
    assert_eq!(ask(), all);
}

#[test]
fn an_import_killed_while_it_reads_is_whole_or_gone() {
    check_killed(|home| any_file(&home.join("remarks"), "draft.csv"));
}

#[test]
fn an_import_killed_while_it_writes_is_whole_or_gone() {
    check_killed(|home| any_file(&home.join("facts"), ".draft"));
}

#[test]
fn an_import_killed_after_its_part_is_whole_or_gone() {
    check_killed(|home| any_file(&home.join("facts"), ".parquet"));
}

#[test]
fn exports_are_the_same_with_and_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    for (kind, name) in [("accounts", "accounts.csv"), ("sales", "sales.csv")] {
        let mut import = revier(&home);
        import.args(["import", kind, "--json"]).arg(file(name));
        done(import);
    }
    let question = folder.path().join("question.json");
    std::fs::write(
        &question,
        r#"{"measures": ["revenue"], "rows": ["product.category"]}"#,
    )
    .unwrap();
    let filters = folder.path().join("filters.json");
    std::fs::write(&filters, r#"{"filters": []}"#).unwrap();
    let export = |verb: &str, input: &Path, name: &str| {
        let out = folder.path().join(name);
        let mut export = revier(&home);
        export
            .arg(verb)
            .arg(input)
            .args(["--format", "csv", "--language", "de", "--out"]);
        export.arg(&out);
        (export, out)
    };
    let written = |verb: &str, input: &Path, name: &str| {
        let (export, out) = export(verb, input, name);
        done(export);
        std::fs::read_to_string(out).unwrap()
    };
    let answer = written("ask", &question, "answer.csv");
    assert_eq!(
        answer,
        "\u{feff}Warengruppe (Schlüssel);Warengruppe;Umsatz (EUR)\r\n\
         Pumpen;Pumpen;495,49\r\nVentile;Ventile;102,01\r\n"
    );
    let lines = written("lines", &filters, "lines.csv");
    assert_eq!(lines.lines().count(), 13);
    let (again, _) = export("ask", &question, "answer.csv");
    let mut again = again;
    let refused = again.output().unwrap();
    assert!(!refused.status.success(), "what is there stays");
    let mut explain = revier(&home);
    explain.arg("ask").arg(&question).arg("--explain");
    let explained = done(explain);
    let steps = String::from_utf8(explained.stderr).unwrap();
    assert!(
        steps.contains(" rows, ") && steps.contains(" ms"),
        "{steps}"
    );
    let told: serde_json::Value = serde_json::from_slice(&explained.stdout).unwrap();
    assert_eq!(told["total"]["revenue"], 59_750);
    let server = Server::start(&home);
    assert_eq!(written("ask", &question, "answer-2.csv"), answer);
    assert_eq!(written("lines", &filters, "lines-2.csv"), lines);
    let mut page = revier(&home);
    page.arg("lines").arg(&filters);
    let page: serde_json::Value = serde_json::from_slice(&done(page).stdout).unwrap();
    assert_eq!(page["total"], 12);
    assert!(server.stop());
}
