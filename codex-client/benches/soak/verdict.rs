//! The verdict: growth, and leftovers.

use std::collections::HashMap;
use std::time::Duration;

use crate::sample::Sample;

/// A number of a sample.
pub(crate) type Figure = fn(&Sample) -> usize;

/// Time limit for reaping a zombie, which is sufficient on a loaded machine.
const LONGEST_ZOMBIE: Duration = Duration::from_secs(10);

/// The problems in a series of samples, as text.
pub(crate) fn problems(samples: &[Sample]) -> Vec<String> {
    let mut problems = Vec::new();
    let quarter = samples.len() / 4;
    // The first quarter warms up: allocator, caches, the threads of the async runtime.
    let early = &samples[quarter..2 * quarter];
    let late = &samples[samples.len() - quarter..];
    let mut compare = |name: &str, unit: &str, slack: usize, of: Figure| {
        let (before, after) = (median(early, of), median(late, of));
        if after > before + before / 4 + slack {
            problems.push(format!("{name} grew from {before} to {after}{unit}"));
        }
    };
    compare("descriptors", "", 24, |it| it.descriptors);
    compare("threads", "", 16, |it| it.threads);
    compare("resident memory", " KiB", 24 << 10, |it| it.memory);
    problems.extend(lasting_zombie(samples));
    problems
}

/// Resources that the process holds after the end and did not hold before the start.
pub(crate) fn left(before: &Sample, after: &Sample) -> Vec<String> {
    let mut problems = Vec::new();
    let mut compare = |name: &str, before: usize, after: usize| {
        if after > before {
            problems.push(format!("{} {name} are left", after - before));
        }
    };
    compare("descriptors", before.descriptors, after.descriptors);
    compare("threads", before.threads, after.threads);
    compare("children", before.children, after.children);
    compare("zombies", before.zombies.len(), after.zombies.len());
    problems
}

/// The middle one of the values.
pub(crate) fn median(samples: &[Sample], of: Figure) -> usize {
    let mut values: Vec<usize> = samples.iter().map(of).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn lasting_zombie(samples: &[Sample]) -> Option<String> {
    let mut since = HashMap::new();
    for sample in samples {
        since.retain(|pid, _| sample.zombies.contains(pid));
        for pid in &sample.zombies {
            let first = *since.entry(*pid).or_insert(sample.at);
            if sample.at.saturating_sub(first) > LONGEST_ZOMBIE {
                return Some(format!("child {pid} was not reaped for {LONGEST_ZOMBIE:?}"));
            }
        }
    }
    None
}
