//! `revier serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use revier::app::{App, Config};
use revier::http::{self, Host};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use super::{Failure, print};

/// How long a stopped server waits for requests and imports under way.
const PATIENCE: Duration = Duration::from_secs(10);

/// Exit code of a server that was told to stop twice: the shell's for an interrupt, 128 + 2.
const INTERRUPTED: u8 = 130;

/// Where to listen, and for whom.
#[derive(Args)]
pub struct Arguments {
    /// Address or name, and port; port 0 takes a free one
    #[arg(long, env = "REVIER_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Listen beyond this machine, though nobody signs in yet: everyone who reaches it sees all
    #[arg(long)]
    insecure: bool,
    /// A further NAME or NAME:PORT under which the server is reached; may be given several times
    #[arg(long = "host")]
    hosts: Vec<Host>,
    /// What to log, such as `info` or `revier=debug`
    #[arg(long, env = "REVIER_LOG", default_value = "info,tower_http=warn")]
    log: String,
}

pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&arguments.log))
        .with_writer(std::io::stderr)
        .init();
    let addresses = resolve(&arguments.listen).await?;
    if !addresses.iter().all(|address| address.ip().is_loopback()) && !arguments.insecure {
        return Err(Failure(format!(
            "{} is reachable beyond this machine and nobody signs in yet: listen on 127.0.0.1, \
             or say --insecure if everyone who reaches it may see and change everything",
            arguments.listen
        )));
    }
    let app = Arc::new(App::open(config).await?);
    let listener = TcpListener::bind(addresses.as_slice())
        .await
        .map_err(|error| {
            Failure(format!(
                "cannot listen on {}: {error}; another address goes with --listen",
                arguments.listen
            ))
        })?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure(error.to_string()))?;
    let hosts = (address.ip().is_loopback() || !arguments.hosts.is_empty())
        .then(|| http::own_hosts(address, &arguments.hosts));
    // The page is worth its first look only when the figures stand behind it.
    app.prepare().await?;
    let signals = Signals::new()?;
    app.home().announce(Some(reachable(address).to_string()))?;
    print(&format!("Revier is at http://{}\n", reachable(address)))?;
    let (stop, stopped) = oneshot::channel();
    let work = async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        http::serve(listener, app.clone(), hosts, stopped).await?;
        app.close().await;
        Ok(())
    };
    until_stopped(work, stop, signals).await
}

/// Lets the server work until a signal comes, then end what is under way. A second signal ends
/// the process at once: whatever is cut off has not changed the home.
async fn until_stopped(
    work: impl Future<Output = std::io::Result<()>>,
    stop: oneshot::Sender<()>,
    mut signals: Signals,
) -> Result<ExitCode, Failure> {
    let mut work = std::pin::pin!(work);
    let ended = |result: std::io::Result<()>| {
        let failed = |error: std::io::Error| Failure(error.to_string());
        result.map(|()| ExitCode::SUCCESS).map_err(failed)
    };
    tokio::select! {
        result = &mut work => return ended(result),
        () = signals.next() => {}
    }
    // Nobody listens when the work has just ended, which is what is wanted.
    let _ = stop.send(());
    tokio::select! {
        result = &mut work => ended(result),
        () = signals.next() => Ok(ExitCode::from(INTERRUPTED)),
        () = tokio::time::sleep(PATIENCE) => {
            tracing::warn!("requests under way are cut off after {PATIENCE:?}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The addresses of `listen`, those of IPv4 first.
async fn resolve(listen: &str) -> Result<Vec<SocketAddr>, Failure> {
    let found = tokio::net::lookup_host(listen).await.map_err(|error| {
        Failure(format!(
            "cannot listen on {listen}: {error}; say ADDRESS:PORT, such as 127.0.0.1:8080"
        ))
    })?;
    let mut addresses: Vec<SocketAddr> = found.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    Ok(addresses)
}

/// An address that can be called from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from(([127, 0, 0, 1], address.port()))
    } else {
        address
    }
}

/// What asks the process to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure(format!("signals cannot be seen: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
