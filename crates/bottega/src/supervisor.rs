//! What the process tells the service manager that started it (systemd's notify protocol). Without one, nothing.

use std::time::Duration;

use sd_notify::NotifyState;

/// It serves.
pub fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("open")]);
}

/// It was told to stop, and drains.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing what runs")]);
}

/// Says every now and then that it lives, where the manager wants to hear it: half as often as it would despair. It
/// says so only while both kinds of threads still take work, so that a process that hangs is started again. A
/// database that is away is no reason: starting again would not bring it back.
pub async fn keep_alive() {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let every = (patience / 2).max(Duration::from_millis(100));
    loop {
        if tokio::task::spawn_blocking(|| ()).await.is_ok() {
            tell(&[NotifyState::Watchdog]);
        }
        tokio::time::sleep(every).await;
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
