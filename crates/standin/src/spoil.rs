//! A value of an answer's JSON, replaced or taken away by a fault.

use serde_json::Value;

use crate::fault::Fault;
use crate::reply::{Payload, Reply};

/// Changes the JSON of `reply` as `fault` says. A pointer to nowhere changes nothing, and so does
/// any pointer where the answer is not JSON.
pub(crate) fn apply(reply: &mut Reply, fault: Option<&Fault>) {
    if let Payload::Json(value) | Payload::UntypedJson(value) = &mut reply.payload {
        spoil(value, fault);
    }
}

fn spoil(value: &mut Value, fault: Option<&Fault>) {
    let (at, to) = match fault {
        Some(Fault::Remove(at)) => (at, None),
        Some(Fault::Set(set)) => (&set.at, Some(set.to.clone())),
        _ => return,
    };
    if at.is_empty() {
        *value = to.unwrap_or_default();
        return;
    }
    let Some((parent, key)) = at.rsplit_once('/') else {
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent), to) {
        (Some(Value::Object(parent)), Some(to)) => {
            parent.insert(key, to);
        }
        (Some(Value::Object(parent)), None) => {
            parent.remove(&key);
        }
        (Some(Value::Array(parent)), to) => {
            let Ok(index) = key.parse::<usize>() else {
                return;
            };
            match (parent.get_mut(index), to) {
                (Some(item), Some(to)) => *item = to,
                (Some(_), None) => {
                    parent.remove(index);
                }
                (None, _) => {}
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        /// Setting and removing agree with what JSON pointers mean elsewhere, and a pointer to
        /// nowhere harms nothing.
        #[test]
        fn a_pointer_names_what_is_spoiled(
            at in "(/(output|face_bbox|check_pass|usage|[0-9]{1,2}|~0|~1|x)){0,4}|[a-z/~]{0,6}",
        ) {
            let sound = json!({"output": {"check_pass": true, "face_bbox": [1, 2, 3, 4]}, "usage": {"x": 1}});
            let mut set = sound.clone();
            spoil(&mut set, Some(&Fault::set(&at, "spoiled")));
            prop_assert!(set == sound || set.pointer(&at) == Some(&Value::from("spoiled")), "{set}");
            // A value that is there can be set.
            prop_assert!(sound.pointer(&at).is_none() || set != sound);

            let mut removed = sound.clone();
            spoil(&mut removed, Some(&Fault::remove(&at)));
            prop_assert_eq!(sound.pointer(&at).is_none(), removed == sound);
        }
    }
}
