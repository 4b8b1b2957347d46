//! Local files under an URL of the stand-in's own.

use std::sync::Arc;

use image::ImageFormat;

use crate::support::{Api, picture, portrait};

#[tokio::test]
async fn a_file_is_read_as_it_is_at_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("小 portrait?#%20.png");
    std::fs::write(&path, portrait()).unwrap();
    let api = Api::start().await;
    let lent = api.standin.lend(&path).unwrap();
    assert_eq!(api.detect(lent.url()).await.status, 200);

    std::fs::write(&path, picture(300, 300, ImageFormat::Png)).unwrap();
    assert_eq!(
        api.detect(lent.url()).await.at("/output/code"),
        "InvalidFile.Resolution"
    );
    std::fs::remove_file(&path).unwrap();
    assert_eq!(api.detect(lent.url()).await.at("/code"), "InvalidURL");

    let url = lent.url().to_owned();
    std::fs::write(&path, portrait()).unwrap();
    drop(lent);
    assert_eq!(api.detect(&url).await.at("/code"), "InvalidURL");
}

#[tokio::test]
async fn what_is_lent_to_one_means_nothing_to_another() {
    let (one, other) = (Api::start().await, Api::start().await);
    let lent = one.lend("a.png");
    assert_eq!(other.detect(lent.url()).await.at("/code"), "InvalidURL");
}

#[tokio::test]
async fn a_stand_in_that_is_gone_is_gone() {
    let api = Api::start().await;
    let lent = Arc::new(api.lend("a.png"));
    assert_eq!(api.detect(lent.url()).await.status, 200);
    let client = api.client.clone();
    let stats = format!("http://{}/standin/stats", api.standin.address());
    api.standin.shut_down().await.unwrap();
    assert!(client.get(stats).send().await.unwrap_err().is_connect());
    // A loan may outlive it.
    drop(lent);
}

#[tokio::test]
async fn shutting_down_waits_for_calls_under_way() {
    let api = Api::start().await;
    api.standin
        .next(standin::Fault::Delay(std::time::Duration::from_millis(100)));
    let lent = api.lend("a.png");
    let call = tokio::spawn(api.request(lent.url()).send());
    while api.standin.stats().face_detect == 0 {
        tokio::task::yield_now().await;
    }
    api.standin.shut_down().await.unwrap();
    assert_eq!(call.await.unwrap().unwrap().status().as_u16(), 200);
}
