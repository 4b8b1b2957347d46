//! Faults that were ordered and did not happen.

use std::fmt;

use crate::service::Service;

/// Faults that were ordered, or are in the script, and met no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetFaults(Vec<String>);

impl UnmetFaults {
    pub(crate) fn of(service: &Service) -> Option<Self> {
        let ordered = service.faults.waiting();
        let ordered = ordered
            .iter()
            .map(|(endpoint, fault)| format!("{fault:?} at {endpoint}"));
        let scripted = service.script.unmet_faults();
        let scripted = scripted
            .iter()
            .map(|(image, fault)| format!("{fault:?} about {image}"));
        let mut unmet: Vec<String> = ordered.chain(scripted).collect();
        let connections = service.listener_gate.waiting();
        if connections > 0 {
            unmet.push(format!("{connections} connections to be refused"));
        }
        (!unmet.is_empty()).then_some(Self(unmet))
    }
}

impl fmt::Display for UnmetFaults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unmet) = (self.0.len(), self.0.join("; "));
        write!(
            formatter,
            "expected every fault to happen, but {count} met no request: {unmet}"
        )
    }
}

impl std::error::Error for UnmetFaults {}
