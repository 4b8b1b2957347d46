//! Whatever can go wrong with one request.

use std::time::Duration;

use serde_json::json;
use standin::{Cut, Endpoint, Fault};
use testkit::random::Random;

/// Errors that say that the account or the machine is at fault, or the image, or nobody.
const CODES: [&str; 12] = [
    "Arrearage",
    "AccessDenied",
    "DataInspectionFailed",
    "InternalError",
    "InternalError.Algo",
    "InvalidApiKey",
    "InvalidFile.NoHuman",
    "InvalidParameter",
    "InvalidURL",
    "Throttling",
    "Throttling.RateQuota",
    "ServiceUnavailable",
];

/// A fault, and the request that it meets.
pub(super) fn any(dice: &mut Random) -> (Endpoint, Fault) {
    let endpoint = match dice.below(8) {
        0 => Endpoint::Policy,
        1 => Endpoint::Upload,
        _ => Endpoint::FaceDetect,
    };
    (endpoint, fault(dice))
}

fn fault(dice: &mut Random) -> Fault {
    match dice.below(18) {
        0 => Fault::Cut(Cut::Head),
        1 => Fault::Cut(Cut::Request),
        2 | 3 => Fault::Cut(Cut::Worked),
        4 => Fault::Cut(Cut::Response),
        5 => Fault::ByteOrderMark,
        6 => Fault::Gzip,
        7 => Fault::Doubled,
        8 => Fault::Truncated,
        9 => Fault::Huge(dice.between(1, 3)),
        10 => Fault::drip(dice.between(1, 40) as usize, Duration::from_millis(20)),
        11 => Fault::Delay(Duration::from_millis(dice.between(100, 6_000))),
        12 => Fault::gateway(502 + dice.below(3) as u16, dice.below(2) == 0),
        13 => Fault::remove(
            ["/output", "/output/face_bbox", "/usage", "/request_id"][dice.below(4) as usize],
        ),
        14 => Fault::set("/output/face_bbox", json!([0.5, -1, 9_999_999, 3])),
        15 => Fault::Answer(answer(dice)),
        _ => Fault::error(CODES[dice.below(CODES.len() as u64) as usize]),
    }
}

/// The answer of a server that does not belong to the service.
fn answer(dice: &mut Random) -> standin::fault::Answer {
    let mut answer = standin::fault::Answer::default();
    answer.status = [204, 301, 404, 418, 500][dice.below(5) as usize];
    answer.location = (answer.status == 301).then(|| "http://127.0.0.1:1/elsewhere".to_owned());
    answer.body = "<html>nothing here</html>".to_owned();
    answer
}
