//! Stands for `install` without the feature: nothing is installed.

use super::Launch;
use crate::error::Error;

/// No options.
#[derive(Clone, Debug, Default)]
pub(super) struct Installation(());

impl Launch {
    #[expect(clippy::unused_async, reason = "with the feature it waits")]
    pub(crate) async fn prepare(&self) -> Result<(), Error> {
        let Installation(()) = self.installation;
        Ok(())
    }
}
