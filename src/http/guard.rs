//! What keeps strangers out: the host check, the origin check and the security headers.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::error::Problem;

/// The port of an address without one (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;

/// A host under which the server is asked: a name and, unless every port is right, the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

/// A text is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" must be NAME or NAME:PORT, an IPv6 address in [brackets]")]
pub struct NoHost(String);

impl FromStr for Host {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        let wrong = || NoHost(text.to_owned());
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => {
                (name, Some(port.parse().map_err(|_| wrong())?))
            }
            _ => (text, None),
        };
        let is_address = name.starts_with('[') && name.ends_with(']');
        let is_name = !name.is_empty() && !name.contains([':', '/', '[', ']']);
        (is_address || is_name)
            .then(|| Self {
                name: name.to_ascii_lowercase(),
                port,
            })
            .ok_or_else(wrong)
    }
}

impl Host {
    /// Whether a request for `asked` is for this host.
    fn is(&self, asked: &Self) -> bool {
        let port = asked.port.unwrap_or(HTTP_PORT);
        self.name == asked.name && self.port.is_none_or(|own| own == port)
    }
}

/// The hosts under which a server on `address` is asked by its own screen, and `more`.
#[must_use]
pub fn own_hosts(address: SocketAddr, more: &[Host]) -> Vec<Host> {
    let ip = match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    [ip.as_str(), "127.0.0.1", "localhost", "[::1]"]
        .map(|name| Host {
            name: name.to_owned(),
            port: Some(address.port()),
        })
        .into_iter()
        .chain(more.iter().cloned())
        .collect()
}

/// Refuses what a page of another origin sends.
pub(super) fn csrf() -> CsrfLayer<fn(ProtectionError) -> Response> {
    CsrfLayer::new().with_rejection_response(|_| Problem::foreign_origin().into_response())
}

/// The hosts that a server answers for; `None` for all.
pub(super) type Hosts = Arc<Option<Vec<Host>>>;

/// Refuses requests for another host than this server's, so that a foreign name that points to
/// the loopback address (DNS rebinding) reads nothing.
pub(super) async fn check_host(
    State(hosts): State<Hosts>,
    request: Request,
    next: Next,
) -> Response {
    if is_for(&hosts, &request) {
        next.run(request).await
    } else {
        Problem::foreign_host(host_of(&request)).into_response()
    }
}

/// Whether `request` is for one of `hosts`.
pub(super) fn is_for(hosts: &Hosts, request: &Request) -> bool {
    hosts.as_ref().as_ref().is_none_or(|known| {
        let asked = host_of(request).parse();
        asked.is_ok_and(|asked| known.iter().any(|own| own.is(&asked)))
    })
}

/// The host that `request` names, or nothing.
fn host_of(request: &Request) -> &str {
    let header = request.headers().get(header::HOST);
    let authority = || request.uri().authority().map(Authority::as_str);
    header
        .and_then(|host| host.to_str().ok())
        .or_else(authority)
        .unwrap_or_default()
}

/// Headers of every answer. The screen loads from this server alone.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; \
         style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Adds the security headers.
pub(super) async fn secure(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &str, asked: &str, expected: bool) {
        let parse = |text: &str| text.parse::<Host>().expect("a host of a test");
        assert_eq!(parse(own).is(&parse(asked)), expected, "{own} {asked}");
    }

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        check("127.0.0.1:80", "127.0.0.1", true);
        check("localhost:8080", "LOCALHOST:8080", true);
        check("localhost:8080", "localhost", false);
        check("localhost:8080", "localhost:8081", false);
        check("[::1]:8080", "[::1]:8080", true);
        check("[::1]", "[::1]:8080", true);
        check("crm.local", "crm.local:8080", true);
        check("crm.local", "crm.local", true);
        check("crm.local:8080", "crm.local", false);
        check("crm.local", "evil.example", false);
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["", ":80", "crm:many", "http://crm", "::1", "a:b:80", "[::1"] {
            assert_eq!(text.parse::<Host>(), Err(NoHost(text.to_owned())));
        }
    }
}
