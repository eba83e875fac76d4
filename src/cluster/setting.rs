//! Which cluster, and how it is spoken to.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The port that is meant without one.
const PORT: u16 = 8123;

/// The port that is meant without one when it is encrypted.
const SECURE_PORT: u16 = 8443;

/// How long an answer may take when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A cluster, such as `clickhouse://user:password@10.0.0.1:8123/revier?cluster=sales`.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// Whether HTTP is encrypted: `clickhouses://`.
    pub is_secure: bool,
    /// Host and port of the server that is asked.
    pub host: String,
    /// The database.
    pub database: String,
    /// As whom.
    pub user: String,
    /// With which password.
    pub password: String,
    /// The cluster in the server's configuration; none for this one server.
    pub cluster: Option<String>,
    /// Host and port of every host of the cluster, where the cluster's own names with the port of
    /// this server do not reach them.
    pub hosts: Vec<String>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// The fewest lines of a part, where tables are to have parts of another size.
    pub part_lines: Option<u64>,
}

/// Why a text is no setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is not of the form.
    #[error(
        "say clickhouse://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?cluster=NAME], clickhouses:// where it is encrypted"
    )]
    Form,
    /// A name has other signs than letters, digits, `_`, `-` and `.`.
    #[error("\"{0}\" is no name: letters, digits, _, - and . only")]
    Name(String),
    /// A host is not one.
    #[error("\"{0}\" is no host: say NAME or NAME:PORT")]
    Host(String),
    /// What stands behind the question mark is not known.
    #[error(
        "\"{0}\" is not known here: cluster=, hosts=, timeout= (seconds, 1 to 3600) and part= (lines) are"
    )]
    Option(String),
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(SettingError::Form)?;
        let is_secure = match scheme {
            "clickhouse" => false,
            "clickhouses" => true,
            _ => return Err(SettingError::Form),
        };
        // A password may have any sign, so the host begins behind the last @.
        let (login, rest) = rest.rsplit_once('@').unwrap_or(("default", rest));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (address, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, database) = address.split_once('/').ok_or(SettingError::Form)?;
        if user.contains(char::is_control) || password.contains(char::is_control) {
            return Err(SettingError::Form);
        }
        let mut setting = Self {
            is_secure,
            host: host_of(host, if is_secure { SECURE_PORT } else { PORT })?,
            database: name_of(database)?,
            user: user.to_owned(),
            password: password.to_owned(),
            cluster: None,
            hosts: Vec::new(),
            timeout: TIMEOUT,
            part_lines: None,
        };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            setting.put(option)?;
        }
        Ok(setting)
    }
}

impl Setting {
    fn put(&mut self, option: &str) -> Result<(), SettingError> {
        let wrong = || SettingError::Option(option.to_owned());
        let (word, value) = option.split_once('=').ok_or_else(wrong)?;
        match word {
            "cluster" => self.cluster = Some(name_of(value)?),
            "hosts" => {
                let hosts = value.split(',').map(|host| host_of(host, self.port()));
                self.hosts = hosts.collect::<Result<_, _>>()?;
            }
            "timeout" => {
                let seconds = value.parse().ok().filter(|n| (1..=3_600).contains(n));
                self.timeout = Duration::from_secs(seconds.ok_or_else(wrong)?);
            }
            "part" => {
                let lines = value.parse().ok();
                let lines = lines.filter(|lines| (1..=1_000_000_000).contains(lines));
                self.part_lines = Some(lines.ok_or_else(wrong)?);
            }
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// The port of the server that is asked.
    pub(super) fn port(&self) -> u16 {
        let port = self.host.rsplit(':').next();
        port.and_then(|port| port.parse().ok()).unwrap_or(PORT)
    }
}

/// The password stays out of logs.
impl fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "clickhouse at {}/{} as {}",
            self.host, self.database, self.user
        )
    }
}

fn name_of(text: &str) -> Result<String, SettingError> {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "_-.".contains(sign);
    if text.is_empty() || !text.chars().all(is_plain) {
        return Err(SettingError::Name(text.to_owned()));
    }
    Ok(text.to_owned())
}

/// Host and port; an address of IPv6 stands in brackets.
pub(super) fn host_of(text: &str, port: u16) -> Result<String, SettingError> {
    let wrong = || SettingError::Host(text.to_owned());
    let bare = text.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match text[bare..].split_once(':') {
        Some((host, port)) => (
            &text[..bare + host.len()],
            port.parse().map_err(|_| wrong())?,
        ),
        None => (text, port),
    };
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "_-.:[]".contains(sign);
    if host.is_empty() || !host.chars().all(is_plain) {
        return Err(wrong());
    }
    Ok(format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match text.parse::<Setting>() {
            Ok(setting) => format!(
                "{} {} {} {:?} {} {}",
                setting.user,
                setting.password,
                setting.host,
                setting.cluster,
                setting.hosts.join(" "),
                setting.timeout.as_secs()
            ),
            Err(error) => error.to_string(),
        };
        assert_eq!(found.trim_end(), expected);
    }

    #[test]
    fn addresses_are_read() {
        check("clickhouse://ch/db", "default  ch:8123 None  30");
        check("clickhouses://ch/db", "default  ch:8443 None  30");
        check("clickhouse://[::1]/db", "default  [::1]:8123 None  30");
        check(
            "clickhouse://me:p@s:s/?@[::1]:9/db?cluster=two&hosts=a,b:7&timeout=5",
            "me p@s:s/? [::1]:9 Some(\"two\") a:9 b:7 5",
        );
    }

    #[test]
    fn other_texts_say_what_is_right() {
        for text in ["", "ch", "http://ch/db", "clickhouse://ch"] {
            check(text, &SettingError::Form.to_string());
        }
        check(
            "clickhouse://c h/db",
            "\"c h\" is no host: say NAME or NAME:PORT",
        );
        check(
            "clickhouse://ch:x/db",
            "\"ch:x\" is no host: say NAME or NAME:PORT",
        );
        let name = "is no name: letters, digits, _, - and . only";
        check("clickhouse://ch/", &format!("\"\" {name}"));
        check("clickhouse://ch/a`b", &format!("\"a`b\" {name}"));
        check("clickhouse://ch/a?cluster=x'y", &format!("\"x'y\" {name}"));
        for option in ["timeout=0", "part=0", "cluste=a", "x"] {
            let text = format!("clickhouse://ch/a?{option}");
            check(&text, &SettingError::Option(option.to_owned()).to_string());
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let setting: Setting = "clickhouse://me:secret@ch/db".parse().unwrap();
        assert_eq!(format!("{setting:?}"), "clickhouse at ch:8123/db as me");
    }
}
