//! What variables make of a store, and of the URLs of its objects.

use super::*;

use crate::Location;

const KEY: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    ("OSS_ACCESS_KEY_ID", "LTAI5tEXAMPLE"),
    ("OSS_ACCESS_KEY_SECRET", "s3cret"),
];

fn stores(set: &[(&'static str, &str)]) -> Stores {
    let all = [set, &KEY].concat();
    Stores::from_vars(|name| {
        let value = all.iter().find(|(set, _)| *set == name);
        value.map(|(_, value)| value.into())
    })
}

/// The signed URL of an object, less its query.
fn url(address: &str, set: &[(&'static str, &str)]) -> String {
    let Ok(Location::Object(object)) = address.parse() else {
        panic!("{address} names an object");
    };
    let stores = stores(set);
    let account = stores.account(object.store()).unwrap().unwrap();
    let url = account.sign(&object).unwrap();
    url.as_str().split('?').next().unwrap().to_owned()
}

#[test]
fn a_bucket_stands_where_its_store_takes_it() {
    let region = ("AWS_REGION", "eu-west-1");
    let minio = ("AWS_ENDPOINT_URL", "http://minio.corp:9000/s3");
    for (address, set, expected) in [
        (
            "s3://pics/a.png",
            &[][..],
            "https://pics.s3.us-east-1.amazonaws.com/a.png",
        ),
        (
            "s3://pics/a.png",
            &[region],
            "https://pics.s3.eu-west-1.amazonaws.com/a.png",
        ),
        (
            "s3://pics/a.png",
            &[("AWS_DEFAULT_REGION", "cn-north-1")],
            "https://pics.s3.cn-north-1.amazonaws.com.cn/a.png",
        ),
        // No certificate covers two labels, and no host has capitals.
        (
            "s3://pics.example.com/a.png",
            &[region],
            "https://s3.eu-west-1.amazonaws.com/pics.example.com/a.png",
        ),
        (
            "s3://Pics/a.png",
            &[region],
            "https://s3.eu-west-1.amazonaws.com/Pics/a.png",
        ),
        (
            "s3://pics/a b.png",
            &[minio],
            "http://minio.corp:9000/s3/pics/a%20b.png",
        ),
        (
            "s3://pics/a.png",
            &[minio, ("AWS_S3_ADDRESSING_STYLE", "virtual")],
            "http://pics.minio.corp:9000/s3/a.png",
        ),
        (
            "s3://pics/a.png",
            &[region, ("AWS_S3_ADDRESSING_STYLE", "Path")],
            "https://s3.eu-west-1.amazonaws.com/pics/a.png",
        ),
        (
            "s3://pics/a.png",
            &[
                minio,
                (
                    "AWS_ENDPOINT_URL_S3",
                    "https://s3.oss-cn-beijing.aliyuncs.com",
                ),
            ],
            "https://pics.s3.oss-cn-beijing.aliyuncs.com/a.png",
        ),
        (
            "oss://pics/a.png",
            &[("OSS_REGION", "cn-beijing")],
            "https://pics.s3.oss-cn-beijing.aliyuncs.com/a.png",
        ),
        (
            "oss://pics/a.png",
            &[("OSS_REGION", "oss-cn-beijing")],
            "https://pics.s3.oss-cn-beijing.aliyuncs.com/a.png",
        ),
        (
            "oss://pics/a.png",
            &[("OSS_ENDPOINT", "oss-cn-beijing-internal.aliyuncs.com")],
            "https://pics.oss-cn-beijing-internal.aliyuncs.com/a.png",
        ),
        // It stays where it is, however it begins.
        (
            "s3://pics//etc/a.png",
            &[region],
            "https://pics.s3.eu-west-1.amazonaws.com//etc/a.png",
        ),
        (
            "s3://pics/%2e%2e/a.png",
            &[region],
            "https://pics.s3.eu-west-1.amazonaws.com/%252e%252e/a.png",
        ),
    ] {
        assert_eq!(url(address, set), expected, "{address} {set:?}");
    }
    let internal = stores(&[("OSS_ENDPOINT", "oss-cn-beijing-internal.aliyuncs.com")]);
    let internal = internal.account(Store::Oss).unwrap().unwrap();
    assert_eq!(internal.endpoint().region(), "cn-beijing");
}

#[test]
fn a_wrong_setup_names_its_variable_and_repeats_nothing() {
    for (store, name, value) in [
        (Store::S3, "AWS_ENDPOINT_URL", "minio:9000"),
        (Store::S3, "AWS_ENDPOINT_URL", "https://id:pa55@minio.corp"),
        (
            Store::S3,
            "AWS_ENDPOINT_URL_S3",
            "https://minio.corp/?token=pa55",
        ),
        (Store::S3, "AWS_ENDPOINT_URL", "ftp://pa55.corp"),
        (Store::S3, "AWS_REGION", "pa55/../x"),
        (Store::S3, "AWS_S3_ADDRESSING_STYLE", "pa55"),
        (Store::S3, "AWS_SECRET_ACCESS_KEY", "pa55 word"),
        (Store::S3, "AWS_SECRET_ACCESS_KEY", " "),
        (Store::S3, "AWS_SESSION_TOKEN", "pa55\u{e4}"),
        (Store::Oss, "OSS_REGION", ""),
        (Store::Oss, "OSS_ENDPOINT", "https://127.0.0.1"),
        (Store::Oss, "OSS_ACCESS_KEY_ID", ""),
    ] {
        let error = stores(&[(name, value)])
            .account(store)
            .map(drop)
            .unwrap_err();
        let said = error.to_string();
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(!said.contains("pa55"), "{said}");
    }
}

#[test]
fn a_key_may_end_with_its_line() {
    let stores = stores(&[
        ("AWS_SECRET_ACCESS_KEY", "secret\n"),
        ("AWS_SESSION_TOKEN", "\n"),
    ]);
    let account = stores.account(Store::S3).unwrap().unwrap();
    assert_eq!(account.credentials().secret(), "secret");
    assert_eq!(account.credentials().token(), None);
}
