"""Checks a flat-form certificate with nothing but Python and its `cryptography` package.

Usage: verify-seed-form.py CERTIFICATE.json PUBLIC_KEY.pem
Prints one word, `valid` or what is wrong, and ends with 0 or 1.
"""
import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def check(certificate, public_key):
    form = dict(certificate)
    stated_hash = form.pop("certificate_hash", None)
    if stated_hash is not None and stated_hash != hashlib.sha256(canonical(form)).hexdigest():
        return "another hash"
    try:
        signature = base64.b64decode(form.pop("digital_signature"), validate=True)
        public_key.verify(
            signature,
            canonical(form),
            padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH),
            hashes.SHA256(),
        )
    except (KeyError, ValueError, InvalidSignature):
        return "another signature"
    return "valid"


with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
with open(sys.argv[2], "rb") as file:
    key = serialization.load_pem_public_key(file.read())
answer = check(document, key)
print(answer)
sys.exit(0 if answer == "valid" else 1)
