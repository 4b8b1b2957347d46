//! How the service gets at local images.

use std::path::{Path, PathBuf};

use gate::{Bytes, ImageUrl, Publication, UploadFor};
use preflight::http::TargetUrl;
use standin::{LocalUrl, Standin};

use crate::paid::map::Map;
use crate::settings::{self, RemoteSettings};

/// An image as it is at hand.
#[derive(Clone, Debug)]
pub(crate) enum Local {
    /// It is behind a URL, which the service fetches.
    Url,
    File(PathBuf),
    Bytes(Bytes),
}

/// How the service gets at local images.
#[derive(Debug)]
pub(super) enum Addresses {
    /// Where the map says, else by an upload if that is allowed.
    Public { map: Map, upload: Option<UploadFor> },
    /// The stand-in reads them itself.
    Standin(Box<Standin>),
}

/// Where the service finds one image.
#[derive(Debug)]
pub(super) enum Address {
    /// Its own URL.
    Own,
    /// Its public copy, or why the map gives none.
    Mapped(Result<TargetUrl, String>),
    Upload(UploadFor),
    Standin,
}

impl Addresses {
    pub(super) fn public(here: &Path, settings: &RemoteSettings) -> Self {
        let upload = settings.upload.map(|model| match model {
            settings::UploadFor::Detector => UploadFor::Detector,
            settings::UploadFor::Video => UploadFor::Video,
        });
        Self::Public {
            map: Map::new(here, &settings.map),
            upload,
        }
    }

    pub(super) fn standin(standin: Standin) -> Self {
        Self::Standin(Box::new(standin))
    }

    /// Where the service would find an image; none if nowhere.
    pub(super) fn of(&self, local: &Local) -> Option<Address> {
        match (self, local) {
            (_, Local::Url) => Some(Address::Own),
            (Self::Standin(_), _) => Some(Address::Standin),
            (Self::Public { map, upload }, Local::File(path)) => {
                let mapped = map.url_of(path).map(Address::Mapped);
                mapped.or(upload.map(Address::Upload))
            }
            (Self::Public { upload, .. }, Local::Bytes(_)) => upload.map(Address::Upload),
        }
    }

    /// Publishes an image. What the stand-in is lent stays lent for as long as `lent` is held.
    pub(super) fn publish(
        &self,
        address: Option<Address>,
        local: Local,
        lent: &mut Option<LocalUrl>,
    ) -> Publication {
        match address {
            None | Some(Address::Own) => Publication::None,
            Some(Address::Mapped(Ok(url))) => Publication::At(url),
            Some(Address::Mapped(Err(message))) => Publication::Failed(message.into()),
            Some(Address::Upload(model)) => Publication::Upload(model),
            Some(Address::Standin) => self.lend(local, lent),
        }
    }

    fn lend(&self, local: Local, lent: &mut Option<LocalUrl>) -> Publication {
        let Self::Standin(standin) = self else {
            return Publication::None;
        };
        let loan = match local {
            Local::Url => return Publication::None,
            Local::File(path) => standin.lend(path),
            Local::Bytes(bytes) => standin.lend_bytes("stdin", bytes),
        };
        let loan = match loan {
            Ok(loan) => loan,
            Err(error) => return Publication::Failed(error.into()),
        };
        let url = ImageUrl::parse(loan.url());
        *lent = Some(loan);
        match url {
            Ok(url) => Publication::Vouched(url),
            Err(error) => Publication::Failed(error.into()),
        }
    }
}

impl Address {
    /// The public copy's URL.
    pub(super) fn public_url(&self) -> Option<String> {
        match self {
            Self::Mapped(Ok(url)) => Some(url.as_str().to_owned()),
            Self::Mapped(Err(_)) | Self::Own | Self::Upload(_) | Self::Standin => None,
        }
    }
}
