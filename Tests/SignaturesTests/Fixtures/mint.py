"""Mints tokens.json: tokens by PyJWT and joserfc, and what an attacker makes of them.

    python3 -m venv v && v/bin/pip install pyjwt joserfc cryptography && v/bin/python mint.py > tokens.json

The keys are made anew each time and protect nothing.
"""
import base64, hashlib, hmac, json, warnings

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from joserfc import jwt as jose
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

warnings.simplefilter("ignore")
CLAIMS = {"sub": "alice", "iat": 1_799_999_000, "exp": 1_800_000_600, "iss": "https://login.example", "aud": ["shop"]}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value, count=None):
    return value.to_bytes(count or (value.bit_length() + 7) // 8, "big")


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def jwk(kid, key, **more):
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        n = public.public_numbers()
        found = {"kty": "RSA", "n": text(number(n.n)), "e": text(number(n.e))}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        n, count = public.public_numbers(), (key.key_size + 7) // 8
        found = {"kty": "EC", "crv": {"secp256r1": "P-256", "secp384r1": "P-384", "secp256k1": "secp256k1"}[key.curve.name],
                 "x": text(number(n.x, count)), "y": text(number(n.y, count))}
    else:
        found = {"kty": "OKP", "crv": "Ed25519", "x": text(public.public_bytes_raw())}
    return found | ({"kid": kid} if kid else {}) | {"use": "sig"} | more


def signed(header, claims=None, raw_header=None):
    return f"{text((raw_header or json.dumps(header)).encode())}.{text(json.dumps(claims or CLAIMS).encode())}"


def es256_der(key, message):
    return key.sign(message.encode(), ec.ECDSA(hashes.SHA256()))


def es256(key, message):
    r, s = utils.decode_dss_signature(es256_der(key, message))
    return number(r, 32) + number(s, 32)


secret = b"a secret of exactly forty-two bytes, shared"
rsa_2048, rsa_4096, rsa_1024 = (rsa.generate_private_key(65537, bits) for bits in (2048, 4096, 1024))
p256, p256_b, p384, k256 = (ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP256K1()))
ed = ed25519.Ed25519PrivateKey.generate()
others_point = jwk("k256", k256) | {"crv": "P-256"}
leading_zero = jwk("zero", rsa_2048) | {"n": text(b"\0" + data(jwk("", rsa_2048)["n"]))}

SETS = {
    "all": [jwk("rsa", rsa_2048, alg="RS256"), jwk("rsa4", rsa_4096), jwk("ec", p256, alg="ES256"), jwk("ed", ed, alg="EdDSA")],
    "one of each": [jwk("rsa", rsa_2048), jwk("ec", p256), jwk("ed", ed)],
    "without ids": [jwk(None, p256), jwk(None, ed)],
    "twice": [jwk("same", p256), jwk("same", p256_b), jwk("same", ed)],
    "unfit": [jwk("weak", rsa_1024), jwk("p384", p384), others_point, jwk("short", p256) | {"x": text(number(p256.public_key().public_numbers().x)[:31])},
              jwk("none", ed) | {"x": text(bytes(31))}, jwk("even", rsa_2048) | {"n": text(number(rsa_2048.public_key().public_numbers().n - 1))},
              jwk("one", rsa_2048) | {"e": "AQ"}, jwk("huge", rsa_2048) | {"e": text(b"\xff" * 9)}, leading_zero, jwk("ec", p256)],
}
tokens = []


def add(name, keys, token, expected, by="by hand"):
    tokens.append({"name": name, "keys": keys, "token": token, "expected": expected, "by": by})


KEYS = [("RS256", "rsa", rsa_2048), ("RS256", "rsa4", rsa_4096), ("ES256", "ec", p256), ("EdDSA", "ed", ed)]
add("HS256", "secret", jwt.encode(CLAIMS, secret, "HS256"), "alice", "PyJWT")
add("HS256", "secret", jose.encode({"alg": "HS256"}, CLAIMS, OctKey.import_key(secret)), "alice", "joserfc")
for algorithm, kid, key in KEYS:
    kind = {"RS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}[algorithm]
    add(f"{algorithm} {kid}", "all", jwt.encode(CLAIMS, pem(key), algorithm, {"kid": kid}), "alice", "PyJWT")
    add(f"{algorithm} {kid}", "all", jose.encode({"alg": algorithm, "kid": kid, "typ": "at+jwt"}, CLAIMS, kind.import_key(pem(key)), algorithms=[algorithm]),
        "alice", "joserfc")
    add(f"{algorithm} {kid} of nobody", "all", jwt.encode(CLAIMS, pem(key), algorithm, {"kid": "nobody"}), "unknownKey", "PyJWT")
    add(f"{algorithm} {kid} under another's id", "all", jwt.encode(CLAIMS, pem(key), algorithm, {"kid": "ed" if kid != "ed" else "ec"}),
        "unsupportedToken", "PyJWT")
    add(f"{algorithm} {kid} expired", "all", jwt.encode(CLAIMS | {"exp": 1_799_999_000}, pem(key), algorithm, {"kid": kid}), "expired", "PyJWT")
    head, body, signature = jwt.encode(CLAIMS, pem(key), algorithm, {"kid": kid}).split(".")
    good = data(signature)
    for name, wrong in {
        "no signature": b"", "zeros": bytes(len(good)), "ones": b"\xff" * len(good), "a byte too many": good + b"\0", "a byte in front": b"\0" + good,
        "a byte too few": good[:-1], "oversized": good * 5, "one bit": good[:-1] + bytes([good[-1] ^ 1]), "half": good[: len(good) // 2] + bytes(len(good) - len(good) // 2),
    }.items():
        add(f"{algorithm} {kid}: {name}", "all", f"{head}.{body}.{text(wrong)}", "wrongSignature")
    other = text(json.dumps(CLAIMS | {"sub": "mallory"}).encode())
    add(f"{algorithm} {kid}: other claims", "all", f"{head}.{other}.{signature}", "wrongSignature")
for algorithm, kid, key in [KEYS[0], KEYS[2], KEYS[3]]:
    add(f"{algorithm} without an id", "one of each", jwt.encode(CLAIMS, pem(key), algorithm), "alice", "PyJWT")
add("RS256 without an id, two keys", "all", jwt.encode(CLAIMS, pem(rsa_2048), "RS256"), "unsupportedToken", "PyJWT")
add("ES256 without an id, keys without ids", "without ids", jwt.encode(CLAIMS, pem(p256), "ES256"), "alice", "PyJWT")

message = signed(None, raw_header='{"alg":"ES256","kid":"ec","kid":"rsa"}')
add("an id twice in the header", "all", f"{message}.{text(es256(p256, message))}", "malformedToken")
for number_of_key, key in enumerate((p256, p256_b)):
    add(f"an id twice in the set, key {number_of_key}", "twice", jwt.encode(CLAIMS, pem(key), "ES256", {"kid": "same"}), "alice", "PyJWT")
add("an id twice in the set, another algorithm", "twice", jwt.encode(CLAIMS, pem(ed), "EdDSA", {"kid": "same"}), "alice", "PyJWT")

add("P-384", "all", jwt.encode(CLAIMS, pem(p384), "ES384", {"kid": "ec"}), "unsupportedToken", "PyJWT")
add("PS256", "all", jwt.encode(CLAIMS, pem(rsa_2048), "PS256", {"kid": "rsa"}), "unsupportedToken", "PyJWT")
add("RS512", "all", jwt.encode(CLAIMS, pem(rsa_2048), "RS512", {"kid": "rsa"}), "unsupportedToken", "PyJWT")
add("HS512", "secret", jwt.encode(CLAIMS, secret, "HS512"), "unsupportedToken", "PyJWT")
add("another secret", "secret", jwt.encode(CLAIMS, secret[::-1], "HS256"), "wrongSignature", "PyJWT")
add("none", "all", jwt.encode(CLAIMS, None, "none", {"kid": "ec"}), "unsupportedToken", "PyJWT")
message = signed({"alg": "RS256", "kid": "rsa"})
pss = rsa_2048.sign(message.encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
add("RS256 with the padding of PS256", "all", f"{message}.{text(pss)}", "wrongSignature")
sha1 = rsa_2048.sign(message.encode(), padding.PKCS1v15(), hashes.SHA1())
add("RS256 over SHA-1", "all", f"{message}.{text(sha1)}", "wrongSignature")
for kid, key in (("rsa", rsa_2048), ("ec", p256), ("ed", ed)):
    message = signed({"alg": "HS256", "kid": kid})
    code = hmac.new(public_pem(key), message.encode(), hashlib.sha256).digest()
    add(f"HS256 with the public key {kid}", "all", f"{message}.{text(code)}", "unsupportedToken")
message = signed({"alg": "ES256", "kid": "ec"})
add("ES256 in DER", "all", f"{message}.{text(es256_der(p256, message))}", "wrongSignature")
r, s = (es256(p256, message)[start : start + 32] for start in (0, 32))
for name, raw in {"r is zero": bytes(32) + s, "s is zero": r + bytes(32), "r is the order": number(ORDER, 32) + s, "s is the order": r + number(ORDER, 32),
                  "s before r": s + r}.items():
    add(f"ES256: {name}", "all", f"{message}.{text(raw)}", "wrongSignature")
message = signed({"alg": "ES256", "kid": "ec"})
add("ES256 by another curve", "all", f"{message}.{text(es256(k256, message))}", "wrongSignature")

for kid, key, algorithm in (("weak", rsa_1024, "RS256"), ("p384", p384, "ES384"), ("even", rsa_2048, "RS256"), ("one", rsa_2048, "RS256"),
                            ("huge", rsa_2048, "RS256"), ("short", p256, "ES256"), ("none", ed, "EdDSA")):
    expected = "unsupportedToken" if algorithm == "ES384" else "unknownKey"
    add(f"an unfit key: {kid}", "unfit", jwt.encode(CLAIMS, pem(key), algorithm, {"kid": kid}), expected, "PyJWT")
message = signed({"alg": "ES256", "kid": "k256"})
add("an unfit key: a point of another curve", "unfit", f"{message}.{text(es256(k256, message))}", "unknownKey")
add("a modulus with a zero in front", "unfit", jwt.encode(CLAIMS, pem(rsa_2048), "RS256", {"kid": "zero"}), "alice", "PyJWT")

print(json.dumps({"secret": text(secret), "sets": {name: {"keys": keys} for name, keys in SETS.items()}, "tokens": tokens}, indent=1))
