//! The client against the stand-in: what we believe was charged is what the server counted.

use std::time::Duration;

use remote::{
    ApiKey, BaseUrl, Budget, Charge, Client, ClientBuilder, ErrorKind, FailureReason, ImageUrl,
    Ratio, Verdict,
};
use standin::{Cut, Endpoint, FailureShape, Fault, Script, Standin};

const PORTRAIT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/gallery/anna.jpg"
);

async fn started(builder: standin::Builder) -> Standin {
    builder.rate(100_000).start().await.unwrap()
}

fn client(standin: &Standin) -> ClientBuilder {
    let key = ApiKey::new(standin.key()).unwrap();
    Client::builder(key)
        .base_url(BaseUrl::parse(&standin.base_url()).unwrap())
        .unpaced()
}

#[tokio::test]
async fn a_portrait_passes_in_both_ratios() {
    let standin = started(Standin::builder()).await;
    let lent = standin.lend(PORTRAIT).unwrap();
    let image = ImageUrl::parse(lent.url()).unwrap();
    let client = client(&standin).build().unwrap();
    for ratio in Ratio::ALL {
        let detection = client.detect(&image, ratio).await.unwrap();
        assert!(detection.boxes().is_some(), "{detection:?}");
        assert_eq!((detection.charge, detection.attempts), (Charge::Yes, 1));
    }
    assert_eq!(
        (standin.stats().face_detect, standin.stats().billable),
        (2, 2)
    );
}

#[tokio::test]
async fn every_reason_comes_through_in_both_shapes() {
    for shape in [FailureShape::Ok200, FailureShape::Bad400] {
        for reason in FailureReason::DOCUMENTED {
            let code = reason.code().unwrap();
            let script = format!("[[image]]\nname = \"anna.jpg\"\nverdict = \"{code}\"\n");
            let standin = started(
                Standin::builder()
                    .script(Script::parse(&script).unwrap())
                    .failure_shape(shape),
            )
            .await;
            let lent = standin.lend(PORTRAIT).unwrap();
            let image = ImageUrl::parse(lent.url()).unwrap();
            let detection = client(&standin)
                .build()
                .unwrap()
                .detect(&image, Ratio::Square)
                .await
                .unwrap();
            let Verdict::Fail(failure) = &detection.verdict else {
                panic!("{detection:?}")
            };
            assert_eq!((failure.reason(), failure.code()), (reason, Some(code)));
            assert_eq!(
                u64::from(detection.charge == Charge::Yes),
                standin.stats().billable,
                "{shape:?} {code}"
            );
        }
    }
}

/// Under every fault: what the server would bill is never more than what we call charged or maybe
/// charged, never less than what we call charged, and the budget is the number of requests it saw.
#[tokio::test]
async fn the_bill_is_what_we_say() {
    let standin = started(Standin::builder()).await;
    let lent = standin.lend(PORTRAIT).unwrap();
    let image = ImageUrl::parse(lent.url()).unwrap();
    let client = client(&standin)
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let faults = [
        Fault::Cut(Cut::Head),
        Fault::Cut(Cut::Request),
        Fault::Cut(Cut::Worked),
        Fault::Cut(Cut::Response),
        Fault::Doubled,
        Fault::Truncated,
        Fault::Huge(1),
        Fault::gateway(502, true),
        Fault::gateway(504, false),
        Fault::gateway(503, true),
        Fault::gateway(500, true),
        Fault::Remove("/output/ext_bbox".to_owned()),
        Fault::set("/output/face_bbox", vec![9, 9, 1, 1]),
        Fault::set("/output/check_pass", "true"),
        Fault::set("/code", "InternalError"),
        Fault::error("Throttling"),
        Fault::error("InternalError"),
        Fault::error("InvalidApiKey"),
        Fault::error("InvalidURL"),
        Fault::error("Arrearage"),
        Fault::drip(64, Duration::from_millis(1)),
    ];
    for fault in faults {
        let before = standin.stats();
        standin.next(fault.clone());
        let budget = Budget::new(10);
        let (charge, sent) = match client.detect_with(&image, Ratio::Square, &budget).await {
            Ok(detection) => (detection.charge, detection.sent),
            Err(error) => (error.charge(), error.sent()),
        };
        standin.settled().await;
        let after = standin.stats();
        let billed = after.billable - before.billable;
        let agrees = match charge {
            Charge::No => billed == 0,
            Charge::Unknown => billed <= 1,
            Charge::Yes => billed == 1,
        };
        assert!(agrees, "{fault:?}: {charge} but {billed} billed");
        assert_eq!(
            after.face_detect - before.face_detect,
            u64::from(sent),
            "{fault:?}"
        );
        assert_eq!(budget.spent(), u64::from(sent), "{fault:?}");
    }
    assert_eq!(standin.waiting_faults(), 0);
}

#[tokio::test]
async fn an_upload_is_found_by_the_check_and_an_expired_policy_is_renewed() {
    let standin = started(Standin::builder()).await;
    let client = client(&standin).build().unwrap();
    standin.next_at(Endpoint::Upload, Fault::Cut(Cut::Request));
    let file = tokio::fs::File::open(PORTRAIT).await.unwrap();
    let len = file.metadata().await.unwrap().len();
    let store = client.temporary_store();
    let upload = store.upload_file(file, len, PORTRAIT).await.unwrap();
    assert_eq!(upload.len, len);
    assert_eq!(standin.stats().policy, 2);
    let detection = client
        .detect(&upload.url.into(), Ratio::Square)
        .await
        .unwrap();
    assert!(detection.boxes().is_some() && detection.made_up);
    assert_eq!(standin.stats().billable, 1);
}

#[tokio::test]
async fn a_wrong_key_and_a_refused_connection_cost_nothing() {
    let standin = started(Standin::builder().key("sk-right")).await;
    let lent = standin.lend(PORTRAIT).unwrap();
    let image = ImageUrl::parse(lent.url()).unwrap();
    let base = BaseUrl::parse(&standin.base_url()).unwrap();
    let wrong = Client::builder(ApiKey::new("sk-wrong").unwrap())
        .base_url(base)
        .build()
        .unwrap();
    let error = wrong.detect(&image, Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.charge()),
        (ErrorKind::KeyRefused, Charge::No)
    );
    assert_eq!(standin.stats().billable, 0);
}
