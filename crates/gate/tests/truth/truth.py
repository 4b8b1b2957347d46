"""What Pillow, libwebp and libjpeg-turbo say of each file of a folder: a line of JSON a file.

    python truth.py FOLDER

Needs Pillow, whose wheel brings libwebp, and libjpeg-turbo's command djpeg.
A reader says "refuses" (no header), "opens" (a header, and pixels that do not decode), "warns"
(pixels, and a complaint about them), "decodes", or "skips" (not its format, or more than it takes).
"""

import concurrent.futures
import ctypes
import glob
import json
import os
import re
import subprocess
import sys
import warnings

import PIL
from PIL import Image

# A picture of more pixels takes more memory than a test should.
MOST_PIXELS = 100_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
warnings.simplefilter("ignore")

# The formats whose pixels matter here. MPO is a JPEG with more pictures behind the first.
OURS = {"BMP", "JPEG", "MPO", "PNG", "WEBP"}

FRAME = re.compile(r"Start Of Frame 0x\w+: width=(\d+), height=(\d+)")
COMPLAINT = re.compile(r"Corrupt JPEG data|Premature end|Warning|Invalid SOS|Inconsistent|JPEG file")

libwebp = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(PIL.__path__[0]), "pillow.libs", "libwebp-*"))[0])
libwebp.WebPDecodeRGBA.restype = ctypes.c_void_p


def reader(says, size=None, why=""):
    return {"says": says, "size": size, "why": why}


def by_pillow(path):
    """The format, and what Pillow says."""
    image = size = None
    try:
        with Image.open(path) as image:
            size = image.size
            if image.format in OURS:
                image.load()
        return image.format, reader("decodes", size)
    except Image.DecompressionBombError as error:
        return None, reader("skips", size, str(error))
    except MemoryError as error:
        return image and image.format, reader("skips", size, str(error))
    except Exception as error:  # Pillow lets through whatever its decoders raise.
        if image is None:
            return None, reader("refuses", None, str(error).replace(path, "FILE"))
        return image.format, reader("opens", size, str(error))


def by_libwebp(data):
    width, height = ctypes.c_int(), ctypes.c_int()
    features = (ctypes.c_int * 10)()
    # WebPGetFeatures with the ABI version of libwebp 1.x: width, height, alpha, animation, format.
    if libwebp.WebPGetFeaturesInternal(data, ctypes.c_size_t(len(data)), features, 0x0209) != 0:
        return reader("refuses")
    size = (features[0], features[1])
    if features[3] or size[0] * size[1] > MOST_PIXELS:
        return reader("skips", size)
    pixels = libwebp.WebPDecodeRGBA(data, ctypes.c_size_t(len(data)), ctypes.byref(width), ctypes.byref(height))
    if not pixels:
        return reader("opens", size)
    libwebp.WebPFree(ctypes.c_void_p(pixels))
    return reader("decodes", size)


def by_djpeg(path):
    """libjpeg-turbo, which warns of what Pillow does not hear of."""
    words = ["djpeg", "-verbose", "-dct", "fast", "-nosmooth", "-outfile", os.devnull, path]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return reader("skips", None, "takes over a minute")
    told = done.stderr.decode("utf-8", "replace")
    frame = FRAME.search(told)
    size = frame and (int(frame[1]), int(frame[2]))
    if done.returncode == 0:
        return reader("decodes", size)
    why = told.strip().rsplit("\n", 1)[-1]
    if done.returncode == 2:
        complaints = [line for line in told.splitlines() if COMPLAINT.match(line)]
        return reader("warns", size, "; ".join(complaints))
    return reader("opens" if size else "refuses", size, why)


def judge(path):
    with open(path, "rb") as file:
        data = file.read()
    fmt, pillow = by_pillow(path)
    readers = {"pillow": pillow}
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        readers["libwebp"] = by_libwebp(data)
    if data[:2] == b"\xff\xd8":
        readers["djpeg"] = by_djpeg(path)
    return {"path": path, "format": "JPEG" if fmt == "MPO" else fmt, "readers": readers}


def main(folder):
    paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for row in pool.map(judge, paths, chunksize=16):
            row["path"] = os.path.relpath(row["path"], folder)
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
