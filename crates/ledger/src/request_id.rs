//! The service's id of a request, in 16 bytes where it is a UUID, as the service's are.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// An id that reads back exactly as it was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RequestId(pub(crate) String);

/// Where a UUID has its hyphens (RFC 9562, section 4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl RequestId {
    /// Its bytes, if it is a UUID in the usual spelling.
    fn uuid(&self) -> Option<[u8; 16]> {
        let bare: String = self.0.chars().filter(|c| *c != '-').collect();
        let number = u128::from_str_radix(&bare, 16).ok()?;
        let uuid = number.to_be_bytes();
        (spelled(uuid) == self.0).then_some(uuid)
    }
}

fn spelled(uuid: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for byte in uuid {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        let digits = [byte >> 4, byte & 0xf].map(u32::from);
        text.extend(
            digits
                .iter()
                .filter_map(|digit| char::from_digit(*digit, 16)),
        );
    }
    text
}

impl ToSql for RequestId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.uuid() {
            Some(uuid) => ToSqlOutput::from(uuid.to_vec()),
            None => ToSqlOutput::from(self.0.as_str()),
        })
    }
}

impl FromSql for RequestId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => {
                let uuid = bytes.try_into().map_err(|_| FromSqlError::InvalidType)?;
                Ok(Self(spelled(uuid)))
            }
            ValueRef::Text(_) => Ok(Self(value.as_str()?.to_owned())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn there_and_back(id: &RequestId) -> (String, RequestId) {
        let conn = Connection::open_in_memory().unwrap();
        conn.query_row("SELECT typeof(?1), ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap()
    }

    proptest! {
        #[test]
        fn every_id_reads_back(text in "\\PC{0,40}", uuid: [u8; 16]) {
            let id = RequestId(text);
            prop_assert_eq!(&there_and_back(&id).1, &id);
            let id = RequestId(spelled(uuid));
            prop_assert_eq!(there_and_back(&id), ("blob".to_owned(), id));
        }
    }

    #[test]
    fn only_the_usual_spelling_is_a_uuid() {
        let uuid = "7e6a1a4a-3a0b-9d3c-8b1f-0a1b2c3d4e5f";
        assert_eq!(there_and_back(&RequestId(uuid.to_owned())).0, "blob");
        for other in [
            uuid.to_uppercase(),
            uuid.replace('-', ""),
            format!("+{}", &uuid[1..]),
            format!("{uuid}-"),
            format!("standin-{uuid}"),
        ] {
            assert_eq!(there_and_back(&RequestId(other)).0, "text");
        }
    }
}
