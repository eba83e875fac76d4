//! Own regions of a file: read, repaired, checked, and written as the one file of their batch.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{RegionRequest, Tally, write_all};
use crate::app::hierarchy::{name_of, standing};
use crate::app::{App, Error, Step, Watch, blocking, remark};
use crate::import::regions::{RegionSource, Regions, regions};
use crate::import::{Outcome, Progress, Source};
use crate::place::{LonLat, RegionKey};
use crate::record::region::{Hierarchy, OwnRegion};
use crate::record::remark::Remark;
use crate::spatial::coverage::{self, Fault, FaultKind};
use crate::spatial::hierarchy::file;
use crate::store::{Counts, Draft};

impl App {
    /// Reads regions in these steps:
    ///
    /// 1. their features, refused ones becoming remarks;
    /// 2. rings that can be drawn anew without doubt are, each with a remark;
    /// 3. overlaps, gaps and doubtful rings become remarks;
    /// 4. what is left is the file of the batch, unless the hierarchy says just that already.
    pub(super) async fn read_regions(
        &self,
        mut draft: Draft,
        source: Source,
        (request, epsg): (RegionRequest, Option<u32>),
        watch: &Arc<Watch>,
        writer: &mut remark::Writer,
    ) -> Result<(Draft, Outcome, Tally), Error> {
        let standing = standing(&self.store.batches().await?);
        let (name, level) = name_of(request.name.as_deref(), &source.name, &standing)?;
        let earlier = standing.iter().find(|known| known.name == name);
        let earlier = earlier.map(|known| self.home.regions(known.batch));
        let (watching, size_bytes) = (watch.clone(), size_of(&source));
        let found = blocking(move || {
            let found = regions(&RegionSource {
                source,
                layer: request.layer,
                epsg,
                same_key: request.same_key,
            })?;
            watching.read(&Progress {
                bytes_done: size_bytes,
                bytes_total: size_bytes,
                rows: found.features,
            });
            Ok::<_, Error>(found)
        });
        let mut found = found.await?;
        if !watch.is_cancelled() {
            found = blocking(move || {
                examine(&mut found);
                found
            })
            .await;
        }
        let mut tally = Tally::default();
        let outcome = Outcome {
            rows: found.regions.len() as u64 + found.rejected,
            rejected: found.rejected,
            mapping: found.mapping,
            cancelled: watch.is_cancelled(),
        };
        let remarks = self.home.remarks_draft();
        tally.counts.doubtful = write_all(writer, &remarks, found.remarks)?;
        if outcome.cancelled || found.regions.is_empty() {
            return Ok((draft, outcome, tally));
        }
        watch.enter(Step::Storing);
        let path = self.home.regions(draft.id());
        let hierarchy = Hierarchy {
            name: name.clone(),
            regions: found.regions,
        };
        let counts = blocking(move || keep(&path, &hierarchy, earlier)).await?;
        tally.counts.added = counts.added;
        tally.counts.changed = counts.changed;
        tally.counts.unchanged = counts.unchanged;
        if counts.change_anything() {
            draft.fill_hierarchy(&name, level).await?;
        } else {
            self.home.remove_files(draft.id())?;
        }
        tally.hierarchy = Some(name);
        Ok((draft, outcome, tally))
    }
}

fn size_of(source: &Source) -> u64 {
    std::fs::metadata(&source.path).map_or(0, |file| file.len())
}

/// Writes `hierarchy` at `path` and counts what differs from the file of `earlier`. A hierarchy
/// takes the place of the earlier one as a whole: when regions are only left out or stand in
/// another order, all of them count as changed.
fn keep(path: &Path, hierarchy: &Hierarchy, earlier: Option<PathBuf>) -> Result<Counts, Error> {
    file::write(path, hierarchy)?;
    let mut counts = Counts::default();
    // A damaged file has nothing to be compared with; this import heals it.
    let Some(before) = earlier.and_then(|earlier| file::read(&earlier).ok()) else {
        counts.added = hierarchy.regions.len() as u64;
        return Ok(counts);
    };
    // Positions are rounded in files, so a file is compared with a file.
    let now = file::read(path)?;
    let by_key: HashMap<&RegionKey, &OwnRegion> = before
        .regions
        .iter()
        .map(|region| (&region.key, region))
        .collect();
    for region in &now.regions {
        match by_key.get(&region.key) {
            None => counts.added += 1,
            Some(known) if *known == region => counts.unchanged += 1,
            Some(_) => counts.changed += 1,
        }
    }
    if !counts.change_anything() && now != before {
        counts.changed = std::mem::take(&mut counts.unchanged);
    }
    Ok(counts)
}

/// Repairs the rings of `found` and adds remarks on what was repaired and what is at fault.
fn examine(found: &mut Regions) {
    let repaired = coverage::repair(&mut found.regions);
    let faults = coverage::check(&found.regions);
    let keys = found.regions.iter().map(|region| &region.key);
    let numbers: HashMap<&RegionKey, u64> = keys.zip(found.numbers.iter().copied()).collect();
    let number = |key: Option<&RegionKey>| key.and_then(|key| numbers.get(key).copied());
    let mut remarks = Vec::new();
    for key in &repaired {
        remarks.push(Remark {
            line: number(Some(key)).unwrap_or_default(),
            field: "geometry".to_owned(),
            value: key.to_string(),
            reason: "repaired".to_owned(),
            detail: format!(
                "rings of {key} touch or cross themselves and are drawn anew; its ground is the same"
            ),
            taken: true,
        });
    }
    for fault in &faults {
        let line = number(fault.region.as_ref()).unwrap_or_default();
        remarks.push(remark_of(fault, line));
    }
    found.remarks.extend(remarks);
}

fn remark_of(fault: &Fault, line: u64) -> Remark {
    let key = |key: &Option<RegionKey>| key.as_ref().map_or("none", RegionKey::as_str).to_owned();
    let (region, other) = (key(&fault.region), key(&fault.other));
    let (area, place) = (format!("{:.0} m²", fault.area_m2), place(fault.at));
    let detail = match fault.kind {
        FaultKind::Overlap => format!("{region} and {other} both cover {area} at {place}"),
        FaultKind::Gap if fault.other.is_some() => {
            format!("no region covers {area} at {place}, between {region} and {other}")
        }
        FaultKind::Gap => format!("no region covers {area} at {place}, beside {region}"),
        FaultKind::Ring => {
            format!("rings of {region} leave it open whether {area} at {place} belong to it")
        }
    };
    Remark {
        line,
        field: "geometry".to_owned(),
        value: region,
        reason: fault.kind.name().to_owned(),
        detail,
        taken: true,
    }
}

/// Longitude and latitude to a metre.
fn place(at: LonLat) -> String {
    format!("{:.5}, {:.5}", at.lon(), at.lat())
}
