//! One statement over HTTP.

use std::io::Read;
use std::time::Duration;

use ureq::http::Response;
use ureq::{Body, SendBody};

use super::{Error, Setting};

/// The most bytes of an answer, twenty times as many as the largest that a question may have.
const MAX_ANSWER_BYTES: u64 = 1 << 30;

/// How long a host may take until it is connected to.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a host may take to say that it is there, which it does whatever it is at work on.
const LOOK: Duration = Duration::from_secs(3);

/// How long a part may take to arrive and to be written.
const PART: Duration = Duration::from_mins(10);

/// What every statement is told. A shard that is silent for four seconds is lost: one at work
/// tells how far it is ten times a second. Errors come instead of an answer, not in its midst, as
/// it is sent when it is whole. Lists of members may be long.
const SETTINGS: [(&str, &str); 10] = [
    ("wait_end_of_query", "1"),
    ("skip_unavailable_shards", "0"),
    ("connect_timeout", "2"),
    ("connect_timeout_with_failover_ms", "1500"),
    ("connections_with_failover_max_tries", "1"),
    ("receive_timeout", "4"),
    ("send_timeout", "4"),
    ("max_query_size", "268435456"),
    ("max_ast_elements", "50000000"),
    ("max_expanded_ast_elements", "50000000"),
];

/// The way to the hosts. Redirects are not followed and no proxy is used.
pub(super) struct Wire {
    scheme: &'static str,
    database: String,
    user: String,
    password: String,
    agent: ureq::Agent,
}

impl Wire {
    pub fn new(setting: &Setting) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .max_redirects(0)
            .proxy(None)
            // ClickHouse closes a connection that is idle for three seconds, at any moment.
            .max_idle_connections(0)
            .user_agent(concat!("revier/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            scheme: if setting.is_secure { "https" } else { "http" },
            database: setting.database.clone(),
            user: setting.user.clone(),
            password: setting.password.clone(),
            agent: ureq::Agent::new_with_config(config),
        }
    }

    /// What `host` answers to `sql` within `limit`; it can be ended by `name` until then.
    pub fn ask(&self, host: &str, sql: &str, name: &str, limit: Duration) -> Result<String, Error> {
        // The server gives up first, and says why.
        let request = self.request(host, limit + Duration::from_secs(2));
        let request = request.query("max_execution_time", limit.as_secs().to_string());
        let request = request.query("query_id", name);
        let answer = request.send(sql);
        text(host, answer, limit)
    }

    /// Whether `host` answers at all.
    pub fn look(&self, host: &str) -> Result<(), Error> {
        let ping = self.agent.get(format!("{}://{host}/ping", self.scheme));
        let ping = ping.config().timeout_global(Some(LOOK)).build();
        text(host, ping.call(), LOOK).map(drop)
    }

    /// Sends `body` behind `sql`, an insertion.
    pub fn put(&self, host: &str, sql: &str, body: &mut dyn Read) -> Result<(), Error> {
        let request = self.request(host, PART).query("query", sql);
        let answer = request.send(SendBody::from_reader(body));
        text(host, answer, PART).map(drop)
    }

    fn request(
        &self,
        host: &str,
        limit: Duration,
    ) -> ureq::RequestBuilder<ureq::typestate::WithBody> {
        let agent = &self.agent;
        let mut request = agent.post(format!("{}://{host}/", self.scheme));
        for (name, value) in SETTINGS {
            request = request.query(name, value);
        }
        request
            .config()
            .timeout_global(Some(limit))
            .build()
            .query("database", &self.database)
            .header("X-ClickHouse-User", &self.user)
            .header("X-ClickHouse-Key", &self.password)
    }
}

/// The text of an answer that is one.
fn text(
    host: &str,
    answer: Result<Response<Body>, ureq::Error>,
    limit: Duration,
) -> Result<String, Error> {
    let broken = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => Error::Timeout {
            host: host.to_owned(),
            seconds: limit.as_secs(),
        },
        error => Error::Unreachable {
            host: host.to_owned(),
            detail: error.to_string(),
        },
    };
    let mut answer = answer.map_err(broken)?;
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    let text = body.read_to_string().map_err(broken)?;
    if status.is_success() {
        return Ok(text);
    }
    if text.trim().is_empty() {
        return Err(Error::Unclear {
            host: host.to_owned(),
            detail: format!("status {status} without a word"),
        });
    }
    Err(Error::Failed {
        host: host.to_owned(),
        detail: shortened(&text),
    })
}

/// The begin of `text`, in one line.
pub(super) fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(400).collect()
}
