//! Lists of objects from a store that is honest, and from stores that are not.
//!
//! What every server can do to a client is the fetcher's matter, and tested there.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use preflight::http::{
    AddressPolicy, FetchErrorKind, Fetcher, Refusal, Resolve, Resolving, StoreCause,
};
use stores::{Account, ListError, Listing, Location, Object, PageError, Prefix, Store, Stores};
use testkit::Server;
use testkit::s3::{self, Bucket};
use testkit::server::Request;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLETOKEN";

/// The account that these variables set up, beside a key with a token.
fn account(store: Store, variables: &[(&str, &str)]) -> Account {
    let stores = Stores::from_vars(|name| {
        let set = |value: &str| Some(OsString::from(value));
        match name {
            "AWS_ACCESS_KEY_ID" | "OSS_ACCESS_KEY_ID" => set("AKIAIOSFODNN7EXAMPLE"),
            "AWS_SECRET_ACCESS_KEY" | "OSS_ACCESS_KEY_SECRET" => set(SECRET),
            "AWS_SESSION_TOKEN" | "OSS_SESSION_TOKEN" => set(TOKEN),
            _ => variables
                .iter()
                .find_map(|(set_name, value)| (*set_name == name).then(|| (*value).into())),
        }
    });
    stores.account(store).unwrap().unwrap().clone()
}

/// A store that answers as a script says, and the account that is set up for it.
async fn at(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> (Server, Account) {
    let answer = Arc::new(answer);
    let server = Server::new(move |mut peer| {
        let answer = Arc::clone(&answer);
        async move {
            loop {
                let request = peer.request().await?;
                peer.send(&answer(&request)).await?;
            }
        }
    });
    let account = reach(&server).await;
    (server, account)
}

async fn reach(server: &Server) -> Account {
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{address}");
    account(Store::S3, &[("AWS_ENDPOINT_URL", &endpoint)])
}

/// A fetcher that may go to the account's endpoint.
fn fetcher(account: &Account) -> Fetcher {
    let at = account.endpoint();
    let policy = AddressPolicy::public().allow_host(at.host(), at.port());
    Fetcher::builder().policy(policy).build().unwrap()
}

fn prefix(address: &str) -> Prefix {
    match address.parse() {
        Ok(Location::Prefix(prefix)) => prefix,
        other => panic!("{address}: {other:?}"),
    }
}

async fn all(mut listing: Listing) -> (Vec<String>, Option<ListError>) {
    let mut keys = Vec::new();
    loop {
        match listing.next_page().await {
            Ok(Some(page)) => keys.extend(page.iter().map(|object| object.key().to_owned())),
            Ok(None) => return (keys, None),
            Err(error) => {
                assert!(
                    matches!(listing.next_page().await, Ok(None)),
                    "an error is the end"
                );
                return (keys, Some(error));
            }
        }
    }
}

async fn fault(account: &Account) -> ListError {
    let listing = account.list(prefix("s3://portraits/"), fetcher(account));
    all(listing).await.1.expect("the list cannot be had")
}

#[tokio::test]
async fn a_prefix_is_listed_page_by_page_in_order() {
    let odd = [
        "in/a b+c.jpg",
        "in/100%.jpg",
        "in/%20.jpg",
        "in//x.jpg",
        "in/ü😀.jpg",
        "in/a\nb.jpg",
        "in/a&b=c?d#e.jpg",
        "in/<k>.jpg",
        "in/../up.jpg",
    ];
    let folders = ["in/", "in/folder/"];
    let plain = (0..1100).map(|number| format!("in/{number:05}.png"));
    let inside = odd.into_iter().map(str::to_owned).chain(plain);
    let mut expected: Vec<_> = inside.clone().collect();
    expected.sort();
    let others = [
        "a.png".to_owned(),
        "inside.png".to_owned(),
        "z.png".to_owned(),
    ];
    let keys = inside.chain(folders.map(str::to_owned)).chain(others);
    let server = Bucket::new("portraits", keys, vec![0; 70]).serve();
    let account = reach(&server).await;

    let listing = account.list(prefix("s3://portraits/in/"), fetcher(&account));
    let (keys, error) = all(listing.page_size(100)).await;

    assert!(error.is_none(), "{error:?}");
    assert_eq!(keys, expected);
    let requests = server.requests();
    assert_eq!(requests.len(), 12, "1,111 keys, 100 a page");
    for request in &requests {
        assert!(request.target().contains("X-Amz-Signature="));
        assert!(!request.head().contains(SECRET));
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_was_listed_is_opened_by_its_signed_url() {
    let image = testkit::Png::new()
        .ihdr(testkit::Ihdr::new(500, 600))
        .iend()
        .build();
    let keys = [
        "a b+c.png",
        "100%.png",
        "ü//😀.png",
        "/a.png",
        "a&b=c?d#e.png",
        "~!'()*.png",
    ];
    let server = Bucket::new("portraits", keys.map(str::to_owned), image).serve();
    let account = reach(&server).await;
    let fetcher = fetcher(&account);

    let mut listing = account.list(prefix("s3://portraits"), fetcher.clone());
    let objects = listing.next_page().await.unwrap().unwrap();
    assert_eq!(objects.len(), keys.len());
    for object in objects {
        let url = account.sign(&object).unwrap();
        let fetched = fetcher.probe(&fetcher.parse(url.as_str()).unwrap()).await;
        assert!(fetched.outcome.is_ok(), "{object}: {:?}", fetched.outcome);
        assert!(
            fetched
                .facts
                .notes
                .iter()
                .all(|note| !note.to_string().contains("normal"))
        );
    }
}

#[tokio::test]
async fn a_store_that_is_busy_is_asked_again() {
    let refused = Arc::new(AtomicUsize::new(0));
    let bucket = Bucket::new("portraits", ["a.png".to_owned()], vec![0; 70]);
    let count = Arc::clone(&refused);
    let (server, account) = at(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        0 => s3::error_with(503, "Retry-After: 0\r\n", "SlowDown", ""),
        1 => s3::error_with(429, "Retry-After: 0\r\n", "TooManyRequests", ""),
        _ => bucket.answer(request),
    })
    .await;
    let listing = account.list(prefix("s3://portraits/"), fetcher(&account));
    assert_eq!(all(listing).await.0, ["a.png"]);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_refusal_says_what_to_do_by_the_names_of_the_variables() {
    let busy = "Retry-After: 0\r\n";
    for (status, fields, code, more, cause, help) in [
        (
            403,
            "",
            "InvalidAccessKeyId",
            "",
            StoreCause::UnknownKey,
            "AWS_ACCESS_KEY_ID",
        ),
        (
            403,
            "",
            "SignatureDoesNotMatch",
            "",
            StoreCause::BadSignature,
            "AWS_SECRET_ACCESS_KEY",
        ),
        (
            403,
            "",
            "RequestTimeTooSkewed",
            "",
            StoreCause::ClockSkew,
            "set the clock",
        ),
        (
            400,
            "",
            "ExpiredToken",
            "",
            StoreCause::ExpiredToken,
            "AWS_SESSION_TOKEN",
        ),
        (
            403,
            "",
            "AccessDenied",
            "",
            StoreCause::AccessDenied,
            "s3:ListBucket",
        ),
        (
            404,
            "",
            "NoSuchBucket",
            "",
            StoreCause::NoSuchBucket,
            "AWS_ENDPOINT_URL",
        ),
        (503, busy, "SlowDown", "", StoreCause::Throttled, "later"),
        (
            400,
            "",
            "AuthorizationHeaderMalformed",
            "<Region>eu-west-1</Region>",
            StoreCause::WrongRegion,
            "set AWS_REGION to eu-west-1",
        ),
        (
            301,
            "x-amz-bucket-region: eu-west-1\r\n",
            "PermanentRedirect",
            "",
            StoreCause::WrongRegion,
            "set AWS_REGION to eu-west-1",
        ),
        (
            403,
            "",
            "AccessDenied",
            "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>",
            StoreCause::WrongRegion,
            "https://oss-cn-beijing.aliyuncs.com",
        ),
    ] {
        let (_server, account) = at(move |_| s3::error_with(status, fields, code, more)).await;
        let error = fault(&account).await;
        assert_eq!(error.cause(), Some(cause), "{code}: {error:?}");
        let said = error.help(Store::S3).unwrap();
        assert!(said.contains(help), "{code}: {said}");
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_left() {
    // The same token again, a circle of three, and a circle behind a tail.
    for next in [
        |_: usize| "1".to_owned(),
        |asked: usize| (asked % 3).to_string(),
        |asked: usize| {
            if asked < 5 {
                asked.to_string()
            } else {
                (asked % 7 + 10).to_string()
            }
        },
    ] {
        let asked = AtomicUsize::new(0);
        let (server, account) = at(move |_| {
            let asked = asked.fetch_add(1, Ordering::SeqCst);
            s3::page([format!("{asked:03}.png")], Some(&next(asked)))
        })
        .await;
        assert!(matches!(fault(&account).await, ListError::Endless));
        assert!(server.requests().len() < 40, "{}", server.requests().len());
    }
}

#[tokio::test]
async fn a_list_of_nothing_but_empty_pages_is_left() {
    let asked = AtomicUsize::new(0);
    let (server, account) = at(move |_| {
        let next = asked.fetch_add(1, Ordering::SeqCst).to_string();
        s3::page([""; 0], Some(&next))
    })
    .await;
    assert!(matches!(fault(&account).await, ListError::EmptyPages));
    assert_eq!(server.requests().len(), 1000);
}

#[tokio::test]
async fn what_is_no_list_is_said() {
    let http = |body: &str| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    };
    let entities = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><ListBucketResult><Contents><Key>&b;</Key></Contents></ListBucketResult>";
    let unended = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
    let no_text = "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%FF</Key></Contents></ListBucketResult>";
    for (body, fault_found) in [
        ("<!DOCTYPE html><title>Sign in</title>", PageError::Html),
        ("<html><body/></html>", PageError::Html),
        ("{\"keys\": []}", PageError::Xml),
        ("", PageError::Xml),
        ("<ListBucketResult><Contents>", PageError::Xml),
        (entities, PageError::Xml),
        (unended, PageError::Token),
        (no_text, PageError::Key),
    ] {
        let answer = http(body);
        let (_server, account) = at(move |_| answer.clone()).await;
        match fault(&account).await {
            ListError::Page(found) => assert_eq!(found, fault_found, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    let (_server, account) = at(|_| s3::page(["b/a.png"], None)).await;
    let listing = account.list(prefix("s3://portraits/a/"), fetcher(&account));
    assert!(matches!(all(listing).await.1, Some(ListError::OtherKeys)));
    let huge = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n<ListBucketResult>".to_vec();
    let (_server, account) = at(move |_| huge.clone()).await;
    match fault(&account).await {
        ListError::Fetch(error) => {
            assert!(
                matches!(error.kind(), FetchErrorKind::Limit(_)),
                "{error:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

/// A dialect without the namespace, without an encoding, with a token behind the last page.
#[tokio::test]
async fn dialects_are_read() {
    let body = "\u{FEFF}<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>\
        <NextContinuationToken>x</NextContinuationToken><Contents><Key>a+b &amp; c.png</Key></Contents>\
        </ListBucketResult>";
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    let (_server, account) = at(move |_| answer.clone().into_bytes()).await;
    let listing = account.list(prefix("s3://portraits/"), fetcher(&account));
    let (keys, error) = all(listing).await;
    assert_eq!(keys, ["a+b & c.png"]);
    assert!(error.is_none());
}

#[tokio::test]
async fn only_the_endpoint_is_the_operators_word() {
    let (inner, _) = at(|_| s3::page(["secret.png"], None)).await;
    let inside = inner.listen("127.0.0.1:0").await.unwrap();
    let location = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{inside}/\r\nContent-Length: 0\r\n\r\n"
    );
    let (_server, account) = at(move |_| location.clone().into_bytes()).await;
    match fault(&account).await {
        ListError::Fetch(error) => {
            assert_eq!(*error.kind(), FetchErrorKind::Refused(Refusal::Address));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(inner.connections(), 0);
}

/// Every name is this machine's.
struct Here;

impl Resolve for Here {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(async { Ok(vec![[127, 0, 0, 1].into()]) })
    }
}

#[tokio::test]
async fn a_bucket_of_oss_is_part_of_the_host() {
    let server = Server::new(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            let host = request.field("host").unwrap_or_default();
            assert!(
                host.starts_with("portraits.s3.oss-cn-beijing.example:"),
                "{host}"
            );
            assert!(
                request
                    .target()
                    .contains("%2Fcn-beijing%2Fs3%2Faws4_request")
            );
            assert!(request.target().starts_with("/?"));
            peer.send(&s3::page(["a.png"], None)).await?;
        }
    });
    let port = server.listen("127.0.0.1:0").await.unwrap().port();
    let endpoint = format!("http://s3.oss-cn-beijing.example:{port}");
    let set = [
        ("OSS_ENDPOINT", endpoint.as_str()),
        ("OSS_REGION", "oss-cn-beijing"),
    ];
    let account = account(Store::Oss, &set);
    let at = account.endpoint();
    let policy = AddressPolicy::public().allow_host(at.host(), at.port());
    let fetcher = Fetcher::builder()
        .policy(policy)
        .resolver(Here)
        .build()
        .unwrap();
    let (keys, error) = all(account.list(prefix("oss://portraits/"), fetcher)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(keys, ["a.png"]);
    // What its certificate does not cover is never asked for in another way.
    let named = |bucket: &str| -> Object {
        match format!("oss://{bucket}/a.png").parse() {
            Ok(Location::Object(object)) => object,
            other => panic!("{other:?}"),
        }
    };
    assert!(account.sign(&named("Portraits_1")).is_err());
}

#[tokio::test]
async fn no_text_holds_a_secret() {
    let echo = |request: &Request| {
        let target = request.target().replace('&', "&amp;");
        s3::error(
            403,
            "SignatureDoesNotMatch",
            &format!("<StringToSign>{target}</StringToSign>"),
        )
    };
    let (_server, account) = at(echo).await;
    let Ok(Location::Object(object)) = "s3://portraits/a.png".parse() else {
        panic!("an object");
    };
    let signed = account.sign(&object).unwrap();
    let listing = account.list(prefix("s3://portraits/"), fetcher(&account));
    let texts = [
        format!("{account:?} {listing:?} {signed} {signed:?} {object:?}"),
        {
            let error = fault(&account).await;
            format!("{error} {error:?} {:?}", error.help(Store::S3))
        },
    ];
    for text in texts {
        for secret in [SECRET, TOKEN, "Signature=", "Credential=", "AKIA"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
