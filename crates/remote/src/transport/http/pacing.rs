//! Connections that wait for their request's turn once they stand.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::timeout;
use tower_layer::Layer;
use tower_service::Service;

use crate::box_error::BoxError;
use crate::transport::departure::Departure;

tokio::task_local! {
    /// The request that is being sent. Without a pool, its connection is made by the same task.
    static DEPARTURE: Arc<Departure>;
}

/// Sends under a departure: the connection that is made for it waits for its turn.
pub(super) async fn under<T>(departure: &Arc<Departure>, sending: impl Future<Output = T>) -> T {
    DEPARTURE.scope(Arc::clone(departure), sending).await
}

/// Layer over reqwest's connector. It holds the connect timeout too, which must not count the time
/// that a standing connection waits.
#[derive(Clone, Debug)]
pub(super) struct PacedConnections {
    connect_timeout: Duration,
}

impl PacedConnections {
    pub(super) const fn new(connect_timeout: Duration) -> Self {
        Self { connect_timeout }
    }
}

impl<S> Layer<S> for PacedConnections {
    type Service = PacedConnector<S>;

    fn layer(&self, connector: S) -> PacedConnector<S> {
        PacedConnector {
            connector,
            connect_timeout: self.connect_timeout,
        }
    }
}

/// Connects, name, route, proxy and TLS included, and then waits.
#[derive(Clone, Debug)]
pub(super) struct PacedConnector<S> {
    connector: S,
    connect_timeout: Duration,
}

impl<S, Target> Service<Target> for PacedConnector<S>
where
    S: Service<Target, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: Target) -> Self::Future {
        let connecting = timeout(self.connect_timeout, self.connector.call(target));
        Box::pin(async {
            let connection = connecting.await.map_err(|_| "no connection in time")??;
            if let Ok(departure) = DEPARTURE.try_with(Arc::clone) {
                departure.turn().await?;
            }
            Ok(connection)
        })
    }
}
