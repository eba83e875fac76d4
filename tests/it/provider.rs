//! Other geocoders, played by a server on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use revier::app::{App, Config};
use revier::import::Kind;
use revier::provider::{self, Error, Provider};
use revier::record::placement::How;
use serde_json::Value;
use tower::ServiceExt;

const NOMINATIM: &str = r#"[{"licence": "Data © Invented", "lat": "50.1", "lon": "8.7",
    "place_rank": 30, "addresstype": "building", "display_name": "12, Weg, Musterstadt",
    "address": {"house_number": "12", "country_code": "de"}}]"#;
const PHOTON: &str = r#"{"type": "FeatureCollection", "features": [{"geometry":
    {"type": "Point", "coordinates": [8.7, 50.1]}, "properties": {"type": "house",
    "housenumber": "12", "street": "Weg", "city": "Musterstadt", "countrycode": "DE"}}]}"#;
const PELIAS: &str = r#"{"geocoding": {"attribution": "Invented"}, "features": [{"geometry":
    {"type": "Point", "coordinates": [8.7, 50.1]}, "properties": {"layer": "address",
    "label": "Weg 12, Musterstadt", "country_a": "DEU"}}]}"#;

/// What the server says to whoever asks.
#[derive(Clone)]
enum Reply {
    Says(String),
    Nothing,
}

fn ok(body: &str) -> Reply {
    says("200 OK", "", body)
}

fn says(status: &str, header: &str, body: &str) -> Reply {
    Reply::Says(format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{header}\r\n{body}",
        body.len()
    ))
}

/// A server that gives every question the same reply, and ends with the value.
struct Stub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, stop) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(AtomicBool::new(false)),
        );
        let (seen, end) = (asked.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if end.load(Ordering::Relaxed) {
                    return;
                }
                seen.lock().unwrap().push(question(&stream));
                match &reply {
                    // Whoever asked may have read enough.
                    Reply::Says(text) => drop(stream.write_all(text.as_bytes())),
                    Reply::Nothing => held.push(stream),
                }
            }
        });
        Self {
            address,
            asked,
            stop,
            thread: Some(thread),
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn provider(&self, kind: &str, rate: &str) -> impl Provider + use<> {
        let setting = format!("{kind}=http://{}", self.address).parse().unwrap();
        provider::open(&setting, rate.parse().unwrap(), "0.3".parse().unwrap())
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// What is asked for, and who asks; the rest of the request is read and forgotten.
fn question(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    head.into_iter().next().unwrap_or_default()
}

#[track_caller]
fn check_form(kind: &str, body: &str, question: &str, label: &str, credit: Option<&str>) {
    let stub = Stub::start(ok(body));
    let answer = stub
        .provider(kind, "1000")
        .search("Weg 12, Köln&x", 3)
        .unwrap();
    assert_eq!(stub.asked(), [format!("GET {question} HTTP/1.1")]);
    let [found] = answer.candidates.as_slice() else {
        panic!("{answer:?}");
    };
    assert_eq!((found.source, found.matched.as_str()), (kind, label));
    assert_eq!(found.country.as_str(), "DE");
    assert_eq!(answer.credit.as_deref(), credit);
}

#[test]
fn each_kind_is_asked_and_read_in_its_form() {
    check_form(
        "nominatim",
        NOMINATIM,
        "/search?format=jsonv2&addressdetails=1&accept-language=de&limit=3&q=Weg%2012%2C%20K%C3%B6ln%26x",
        "12, Weg, Musterstadt",
        Some("Data © Invented"),
    );
    check_form(
        "photon",
        PHOTON,
        "/api?lang=de&limit=3&q=Weg%2012%2C%20K%C3%B6ln%26x",
        "Weg 12, Musterstadt",
        None,
    );
    check_form(
        "pelias",
        PELIAS,
        "/v1/search?lang=de&size=3&text=Weg%2012%2C%20K%C3%B6ln%26x",
        "Weg 12, Musterstadt",
        Some("Invented"),
    );
}

#[track_caller]
fn check_failure(reply: Reply, expected: &str) {
    let stub = Stub::start(reply);
    let error = stub
        .provider("nominatim", "1000")
        .search("x", 5)
        .unwrap_err();
    let message = error.to_string().replace(&stub.address.to_string(), "HERE");
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(stub.asked().len(), 1, "{expected}");
}

#[test]
fn failures_say_what_to_do() {
    let huge = format!("[{}]", " ".repeat(2 << 20));
    let not_it = "what answers at http://HERE is no nominatim (";
    check_failure(
        says("429 Too Many", "Retry-After: 7\r\n", ""),
        "nominatim was asked too often and wants 7 s of peace; --geocoder-rate",
    );
    check_failure(
        says("500 No", "", "<h1>"),
        "nominatim at http://HERE failed with status 500: its log",
    );
    check_failure(
        says("403 No", "", ""),
        "nominatim at http://HERE refused the question with status 403: ",
    );
    check_failure(
        says(
            "302 Found",
            "Location: http://elsewhere.example/search\r\n",
            "",
        ),
        "nominatim at http://HERE sends on to \"http://elsewhere.example/search\", which is not followed",
    );
    check_failure(ok("<html>"), not_it);
    check_failure(ok(r#"{"error": "no"}"#), not_it);
    check_failure(
        ok(&huge),
        "the answer of nominatim at http://HERE is larger than 1048576 bytes",
    );
    check_failure(
        Reply::Nothing,
        "nominatim at http://HERE did not answer within 0.3 s; --geocoder-timeout",
    );
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let setting = format!("photon=http://{}", listener.local_addr().unwrap());
    drop(listener);
    let setting = setting.parse().unwrap();
    let provider = provider::open(&setting, "1000".parse().unwrap(), "1".parse().unwrap());
    let error = provider.search("x", 5).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[test]
fn who_wants_peace_gets_it() {
    let stub = Stub::start(says("429 Too Many", "Retry-After: 60\r\n", ""));
    let provider = stub.provider("pelias", "1000");
    assert!(matches!(
        provider.search("a", 5),
        Err(Error::TooOften { .. })
    ));
    assert!(matches!(provider.search("b", 5), Err(Error::Busy { .. })));
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn the_pace_is_kept_and_the_same_is_asked_once() {
    let stub = Stub::start(ok(PHOTON));
    let provider = stub.provider("photon", "20");
    let started = Instant::now();
    for query in ["a", "b", "a", "c", "b", " c "] {
        assert_eq!(provider.search(query, 5).unwrap().candidates.len(), 1);
    }
    // Three questions, two pauses of a twentieth of a second.
    assert!(started.elapsed() >= Duration::from_millis(100));
    let asked = stub.asked();
    assert_eq!(asked.len(), 3, "{asked:?}");
}

/// The answer of a home with that geocoder.
async fn ask(setting: Option<String>, path: &str) -> (u16, Value) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::of(folder.path().join("home"));
    config.geocoder.setting = setting.map(|setting| setting.parse().unwrap());
    let app = App::open(&config).await.unwrap();
    let service = revier::http::service(Arc::new(app), None);
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn sources(answer: &Value) -> Vec<&str> {
    let candidates = answer["candidates"].as_array().unwrap().iter();
    candidates
        .map(|found| found["source"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn nothing_leaves_the_house_unless_asked_for() {
    let stub = Stub::start(ok(NOMINATIM));
    let setting = Some(format!("nominatim=http://{}", stub.address));
    let (status, answer) = ask(setting.clone(), "/api/geocode?q=80331&limit=2").await;
    assert_eq!((status, &answer["credit"]), (200, &Value::Null));
    assert!(!sources(&answer).contains(&"nominatim"));
    let (_, model) = ask(setting.clone(), "/api/model").await;
    assert_eq!(model["provider"], "nominatim");
    assert_eq!(stub.asked().len(), 0);
    let (status, answer) = ask(setting, "/api/geocode?q=80331&limit=2&provider=true").await;
    assert_eq!(
        (status, &answer["credit"]),
        (200, &"Data © Invented".into())
    );
    let sources = sources(&answer);
    assert_eq!(
        sources.iter().position(|source| *source == "nominatim"),
        Some(sources.len() - 1)
    );
    assert!(sources.len() > 1, "{sources:?}");
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn what_another_geocoder_found_is_picked_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::of(folder.path().join("home"));
    config.geocoder.setting = Some("nominatim=http://127.0.0.1:9".parse().unwrap());
    let app = Arc::new(App::open(&config).await.unwrap());
    let file = folder.path().join("accounts.csv");
    std::fs::write(
        &file,
        "Kundennummer;Firma;PLZ;Ort;Land\nK1;Adler;;Nirgendheim;DE\n",
    )
    .unwrap();
    crate::world::import(&app, Kind::Accounts, &file)
        .await
        .unwrap();
    let service = revier::http::service(app.clone(), None);
    let body = r#"{"decisions": [{"account": "K1", "how": "pick", "provider": true,
                   "position": [8.7, 50.1], "radius_m": 80}]}"#;
    let request = Request::post("/api/review/decisions").header("content-type", "application/json");
    let response = service
        .oneshot(request.body(Body::from(body)).unwrap())
        .await;
    assert_eq!(response.unwrap().status(), 200);
    let card = app.account("K1").await.unwrap();
    assert_eq!(
        (
            card.source.as_str(),
            card.account.precision.as_str(),
            card.decided
        ),
        ("nominatim", "house", Some(How::Picked))
    );
}

#[tokio::test]
async fn a_home_without_another_geocoder_says_so() {
    let (status, problem) = ask(None, "/api/geocode?q=80331&provider=true").await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (409, Some("/problems/no-provider"))
    );
    assert!(problem["detail"].as_str().unwrap().contains("--geocoder"));
    let (_, model) = ask(None, "/api/model").await;
    assert_eq!(model["provider"], Value::Null);
    let stub = Stub::start(says("500 No", "", ""));
    let setting = Some(format!("photon=http://{}", stub.address));
    let (status, problem) = ask(setting, "/api/geocode?q=80331&provider=true").await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (502, Some("/problems/provider-failed"))
    );
}
