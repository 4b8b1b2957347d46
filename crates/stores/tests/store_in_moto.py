"""A store for a test: moto, with a bucket in it, behind a check of what it does not look at itself.

moto takes any signature in a query. Whether ours is right is asked of botocore, which computes it
anew. Prints its port, and ends when its input does.

    store_in_moto.py FOLDER NUMBER    an object for each file in the folder, as many more below many/, and
                                      odd keys
"""
import datetime
import pathlib
import sys
import threading
from urllib.parse import parse_qsl

import boto3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "eu-west-1"
ODD = ["a b+c.png", "100%.png", "%20.png", "ü//😀.png", "a&b=c.png", "what?#1.png", "~!'()*.png", "folder/"]


def fault(environ):
    """The code of what is wrong with a request that is signed in its query."""
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    if "X-Amz-Signature" not in query:
        return None
    key, _, region, service, _ = query["X-Amz-Credential"].split("/")
    if key != KEY:
        return "InvalidAccessKeyId", ""
    if region != REGION:
        return "AuthorizationQueryParametersError", f"<Region>{REGION}</Region>"
    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    if now > signed_at + datetime.timedelta(seconds=int(query["X-Amz-Expires"])):
        return "AccessDenied", ""
    raw = environ["RAW_URI"]
    unsigned = raw[: raw.index("&X-Amz-Signature=")]
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=f"http://{environ['HTTP_HOST']}{unsigned}")
    request.context["timestamp"] = query["X-Amz-Date"]
    auth = S3SigV4QueryAuth(Credentials(KEY, SECRET), service, region)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    if auth.signature(text, request) != query["X-Amz-Signature"]:
        return "SignatureDoesNotMatch", ""
    return None


class Checked:
    def __init__(self, store):
        self.store = store

    def __call__(self, environ, start_response):
        found = fault(environ)
        if found is None:
            return self.store(environ, start_response)
        code, more = found
        start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code>{more}</Error>".encode()]


class Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


store = Checked(DomainDispatcherApplication(create_backend_app))
server = make_server("127.0.0.1", 0, store, threaded=True, request_handler=Silent)
threading.Thread(target=server.serve_forever, daemon=True).start()

client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{server.port}",
    region_name=REGION,
    aws_access_key_id=KEY,
    aws_secret_access_key=SECRET,
)
client.create_bucket(Bucket="portraits", CreateBucketConfiguration={"LocationConstraint": REGION})
files = sorted(pathlib.Path(sys.argv[1]).iterdir())
for file in files:
    client.put_object(Bucket="portraits", Key=f"gallery/{file.name}", Body=file.read_bytes())
image = next(file.read_bytes() for file in files if file.suffix == ".png")
for key in [f"many/{number:04}.png" for number in range(int(sys.argv[2]))] + [f"odd/{key}" for key in ODD]:
    client.put_object(Bucket="portraits", Key=key, Body=image)

print(server.port, flush=True)
sys.stdin.read()
