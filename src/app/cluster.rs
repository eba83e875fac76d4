//! The cluster that adds up, where one is configured: it follows what is derived.

use std::sync::Arc;
use std::time::Duration;

use super::{App, Derived, Error, blocking, to_its_end};
use crate::cluster::{Cluster, Loaded};
use crate::cube::{self, Answer, Asked, Clustered, Embedded, Engine, Question, Spread, Tally};
use crate::warehouse::Warehouse;
use crate::word::with_causes;

/// How often it is looked whether anybody still asks an older version.
const LOOK: Duration = Duration::from_secs(1);

/// Who answers a question.
pub(super) enum Answerer {
    Warehouse,
    Cluster(Arc<Cluster>, Loaded),
}

impl Answerer {
    /// The answer to `question`; `warehouse` tells keys and names, `asked` counts what its
    /// roll-ups are asked for.
    pub(super) fn ask(
        &self,
        warehouse: &Warehouse,
        asked: &Asked,
        question: &Question,
    ) -> Result<Answer, cube::Error> {
        self.with_engine(warehouse, |lines| {
            cube::ask_engine(lines, Some(asked), warehouse, question)
        })
    }

    /// What `question` says of each account, as [`Answerer::ask`] answers.
    pub(super) fn ask_by_account(
        &self,
        warehouse: &Warehouse,
        asked: &Asked,
        question: &Question,
    ) -> Result<Spread, cube::Error> {
        self.with_engine(warehouse, |lines| {
            cube::ask_by_account(lines, Some(asked), warehouse, question)
        })
    }

    /// What `question` says of each account of the ledger of `derived`, where the warehouse answers
    /// and its lines alone tell it.
    pub(super) fn tally(
        &self,
        derived: &Derived,
        question: &Question,
    ) -> Result<Option<Tally>, cube::Error> {
        let Self::Warehouse = self else {
            return Ok(None);
        };
        let Some(ledger) = derived.ledger()? else {
            return Ok(None);
        };
        self.with_engine(&derived.warehouse, |lines| {
            cube::tally(lines, &derived.warehouse, ledger, question)
        })
    }

    fn with_engine<T>(&self, warehouse: &Warehouse, ask: impl FnOnce(&dyn Engine) -> T) -> T {
        match self {
            Self::Warehouse => ask(&Embedded(warehouse)),
            Self::Cluster(cluster, loaded) => ask(&Clustered { cluster, loaded }),
        }
    }
}

impl App {
    /// Who answers questions about `derived`: the cluster only when it has every line of it.
    ///
    /// # Errors
    /// Every host of the cluster must be there.
    pub(super) async fn engine(&self, derived: &Arc<Derived>) -> Result<Answerer, Error> {
        let Some(cluster) = &self.cluster else {
            return Ok(Answerer::Warehouse);
        };
        let loaded = self.load(cluster, derived).await?;
        Ok(Answerer::Cluster(cluster.clone(), loaded))
    }

    /// Loads `derived` into the cluster before it is put in its place, and sees to it that what
    /// stood there before is removed. A cluster that cannot be reached keeps nobody from the map;
    /// questions try again.
    pub(super) async fn follow_in_cluster(&self, derived: &Arc<Derived>) {
        let Some(cluster) = &self.cluster else {
            return;
        };
        let before = self.current();
        match self.load(cluster, derived).await {
            Ok(_) => {
                let (app, cluster) = (self.clone(), cluster.clone());
                tokio::spawn(async move { app.retire(cluster, before).await });
            }
            Err(error) => {
                tracing::error!(error = with_causes(&error), "the cluster could not follow");
            }
        }
    }

    async fn load(&self, cluster: &Arc<Cluster>, derived: &Arc<Derived>) -> Result<Loaded, Error> {
        let (cluster, derived) = (cluster.clone(), derived.clone());
        to_its_end(async move {
            let load = || async {
                let (cluster, derived) = (cluster.clone(), derived.clone());
                blocking(move || cluster.load(&derived.warehouse)).await
            };
            let loaded = derived.loaded.get_or_try_init(load).await;
            Ok(loaded.map_err(cube::Error::from)?.clone())
        })
        .await
    }

    /// Removes the tables of `before` when its last question is answered; at the first load of
    /// this process, those of all other versions.
    async fn retire(&self, cluster: Arc<Cluster>, before: Option<Arc<Derived>>) {
        let old = before
            .as_ref()
            .and_then(|before| before.loaded.get().cloned());
        let readers = before.as_ref().map(Arc::downgrade);
        drop(before);
        while readers
            .as_ref()
            .is_some_and(|readers| readers.strong_count() > 0)
        {
            tokio::time::sleep(LOOK).await;
        }
        // A version that came back in the meantime stays.
        let _one = self.derive.lock().await;
        let now = self.current().and_then(|now| now.loaded.get().cloned());
        let removed = blocking(move || match (old, now) {
            (Some(old), now) if Some(&old) != now.as_ref() => cluster.remove(&old),
            (None, Some(now)) => cluster.remove_others(&now),
            _ => Ok(()),
        });
        if let Err(error) = removed.await {
            tracing::warn!(
                error = with_causes(&error),
                "tables of an older version stay in the cluster"
            );
        }
    }
}
