"""The calls of a service that uses the official Python SDK, unmodified.

Its base URL and key come from the environment, as its users set them. Arguments: the URL of a portrait
that the service can fetch, the path of a portrait, the path of an image that is too small.
"""

import asyncio
import sys

from dashscope.client.base_api import BaseAioApi, BaseApi, BaseAsyncApi
from dashscope.common.error import UploadFileException
from dashscope.utils.oss_utils import OssUtils

DETECTOR, VIDEO = "emo-detect-v1", "emo-v1"
FACE_DETECT = {"task_group": "aigc", "task": "image2video", "function": "face-detect"}
VIDEO_SYNTHESIS = {**FACE_DETECT, "function": "video-synthesis"}
RESOLVE = {"X-DashScope-OssResourceResolve": "enable"}


def detect(image_url, ratio="1:1", model=DETECTOR, **more):
    return BaseApi.call(
        model=model, input={"image_url": image_url}, ratio=ratio, **FACE_DETECT, **more
    )


def video_input(image_url, verdict):
    boxes = {name: verdict.output[name] for name in ("face_bbox", "ext_bbox")}
    return {"image_url": image_url, "audio_url": "https://example.com/voice.mp3", **boxes}


def make_video(image_url, verdict, style_level="normal", **more):
    return BaseAsyncApi.async_call(
        model=VIDEO,
        input=video_input(image_url, verdict),
        style_level=style_level,
        **VIDEO_SYNTHESIS,
        **more,
    )


def seen(response, status, code=None):
    assert response.status_code == status, response
    if code is not None:
        assert response.code == code, response
    return response


url, portrait, small = sys.argv[1:]

# A public URL, in both ratios, synchronously and not.
for ratio in ("1:1", "3:4"):
    verdict = seen(detect(url, ratio), 200)
    assert verdict.output["check_pass"] is True, verdict
    assert all(len(verdict.output[name]) == 4 for name in ("face_bbox", "ext_bbox")), verdict
    assert verdict.usage["image_count"] == 1, verdict
    assert verdict.request_id.startswith("standin-"), verdict
call = BaseAioApi.call(model=DETECTOR, input={"image_url": url}, ratio="1:1", **FACE_DETECT)
assert seen(asyncio.run(call), 200).output["check_pass"] is True

# What the caller gets wrong arrives with its code and words.
seen(detect(url, "16:9"), 400, "InvalidParameter.Ratio")
seen(detect(url, model="emo-v1-detect"), 404, "ModelNotFound")
refused = seen(detect("http://portrait.invalid/a.png"), 400, "InvalidURL")
assert "JPEG, JPG, PNG, BMP, and WebP" in refused.message, refused

# Upload, and ask about the upload.
stored, certificate = OssUtils.upload(model=DETECTOR, file_path=portrait)
assert stored.startswith("oss://"), stored
verdict = seen(detect(stored, headers=RESOLVE), 200)
assert verdict.output["check_pass"] is True, verdict
seen(detect(stored), 400, "invalid_parameter_error")

# One certificate serves several files, and none of them twice.
stored_small, _ = OssUtils.upload(
    model=DETECTOR, file_path=small, upload_certificate=certificate
)
rejected = seen(detect(stored_small, headers=RESOLVE), 200)
assert rejected.output["check_pass"] is False, rejected
assert rejected.output["code"] == "InvalidFile.Resolution", rejected
try:
    OssUtils.upload(model=DETECTOR, file_path=portrait, upload_certificate=certificate)
except UploadFileException as error:
    assert "FileAlreadyExists" in str(error), error
else:
    raise AssertionError("a second upload under one name was taken")

# The video call wants an upload of its own; the detector's is bound to the detector.
seen(make_video(stored, verdict, headers=RESOLVE), 400, "InvalidURL")
stored_again, _ = OssUtils.upload(model=VIDEO, file_path=portrait)
seen(make_video(stored_again, verdict, "high", headers=RESOLVE), 400, "InvalidParameter")
task = seen(make_video(stored_again, verdict, headers=RESOLVE), 200)
assert task.output["task_status"] == "PENDING", task
done = seen(BaseAsyncApi.wait(task), 200)
assert done.output["task_status"] == "SUCCEEDED", done
assert done.output["results"]["video_url"].startswith("http://standin.invalid/"), done
assert done.usage["video_ratio"] == "1:1", done

# The call that waits by itself, about the public URL.
verdict = seen(detect(url), 200)
done = BaseAsyncApi.call(
    model=VIDEO, input=video_input(url, verdict), style_level="calm", **VIDEO_SYNTHESIS
)
assert seen(done, 200).output["task_status"] == "SUCCEEDED", done
