//! `revier serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use revier::app::{App, Config};
use revier::http;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::Failure;

/// Where to listen, and for whom.
#[derive(Args)]
pub struct Arguments {
    /// Address and port; port 0 takes a free one
    #[arg(long, env = "REVIER_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Listen beyond this machine, though nobody signs in yet: everyone who reaches it sees all
    #[arg(long)]
    insecure: bool,
    /// A further host name under which the server is reached; may be given several times
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// What to log, such as `info` or `revier=debug`
    #[arg(long, env = "REVIER_LOG", default_value = "info,tower_http=warn")]
    log: String,
}

pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&arguments.log))
        .with_writer(std::io::stderr)
        .init();
    if !arguments.listen.ip().is_loopback() && !arguments.insecure {
        return Err(Failure(format!(
            "{} is reachable beyond this machine and nobody signs in yet: listen on 127.0.0.1, \
             or say --insecure if everyone who reaches it may see and change everything",
            arguments.listen
        )));
    }
    let app = Arc::new(App::open(config).await?);
    let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
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
    app.derived().await?;
    app.home().announce(Some(reachable(address).to_string()))?;
    println!("Revier is at http://{}", reachable(address));
    http::serve(listener, http::service(app.clone(), hosts), stopped())
        .await
        .map_err(|error| Failure(error.to_string()))?;
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

/// An address that can be called from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from(([127, 0, 0, 1], address.port()))
    } else {
        address
    }
}

/// Ready when the process is asked to end.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    let mut terminated =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM ends the server at once");
                let _ = interrupted.await;
                return;
            }
        };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
