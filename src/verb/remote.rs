//! The server that holds the home, asked over HTTP.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::Failure;

/// A server on this machine.
pub struct Remote {
    base: String,
    agent: ureq::Agent,
}

impl Remote {
    /// The server at `address`, such as `127.0.0.1:8080`.
    pub fn at(address: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .build();
        Self {
            base: format!("http://{address}"),
            agent: ureq::Agent::new_with_config(config),
        }
    }

    /// The JSON at `path`.
    pub fn read(&self, path: &str) -> Result<Value, Failure> {
        json(self.agent.get(format!("{}{path}", self.base)).call())
    }

    /// The bytes at `path`; none when the server has none for it.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .call()
            .map_err(|error| unreachable_server(&error))?;
        if response.status() == 204 {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(problem(&mut response));
        }
        let bytes = response.body_mut().read_to_vec();
        bytes.map(Some).map_err(|error| unreachable_server(&error))
    }

    /// The answer of `path` to a body of JSON.
    pub fn post(&self, path: &str, body: &[u8]) -> Result<Value, Failure> {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        json(request.send(body))
    }

    /// The answer of `path` to a body of JSON that takes the place of what is there.
    pub fn put(&self, path: &str, body: &[u8]) -> Result<Value, Failure> {
        let request = self
            .agent
            .put(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        json(request.send(body))
    }

    /// What `path` sends for a body of JSON, to be read to its end.
    pub fn post_for_file(&self, path: &str, body: &[u8]) -> Result<Box<dyn Read>, Failure> {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        let mut response = request
            .send(body)
            .map_err(|error| unreachable_server(&error))?;
        if !response.status().is_success() {
            return Err(problem(&mut response));
        }
        Ok(Box::new(response.into_body().into_reader()))
    }

    /// The answer of `path` to a file.
    pub fn post_file(&self, path: &str, file: &Path) -> Result<Value, Failure> {
        let opened = std::fs::File::open(file)
            .map_err(|error| Failure(format!("{} could not be read: {error}", file.display())))?;
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/octet-stream");
        json(request.send(ureq::SendBody::from_owned_reader(opened)))
    }

    /// The answer of `path` to its removal.
    pub fn delete(&self, path: &str) -> Result<Value, Failure> {
        json(self.agent.delete(format!("{}{path}", self.base)).call())
    }
}

type Response = ureq::http::Response<ureq::Body>;

fn json(response: Result<Response, ureq::Error>) -> Result<Value, Failure> {
    let mut response = response.map_err(|error| unreachable_server(&error))?;
    if !response.status().is_success() {
        return Err(problem(&mut response));
    }
    if response.status() == 204 {
        return Ok(Value::Null);
    }
    response
        .body_mut()
        .with_config()
        .limit(u64::MAX)
        .read_json()
        .map_err(|error| unreachable_server(&error))
}

fn problem(response: &mut Response) -> Failure {
    let status = response.status();
    let problem: Value = response.body_mut().read_json().unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("no reason was given");
    Failure(format!("{detail} (the server answered {status})"))
}

fn unreachable_server(error: &ureq::Error) -> Failure {
    Failure(format!(
        "the server that holds the home did not answer: {error}"
    ))
}
