import Foundation
import JWTKit

@testable import HTTPFront
@testable import Signatures

/// Makes tokens, right and wrong ones, from their parts.
struct TestSigner: Sendable {
    var algorithm: any JWTAlgorithm
    var name: String

    static let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    static func hmac(_ secret: [UInt8] = secret) async throws -> TestSigner {
        let collection = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return TestSigner(algorithm: try await collection.getKey(), name: "HS256")
    }

    static func ecdsa(_ key: ES256PrivateKey) async throws -> TestSigner {
        TestSigner(algorithm: try await JWTKeyCollection().add(ecdsa: key).getKey(), name: "ES256")
    }

    static func rsa() async throws -> TestSigner {
        let collection = await JWTKeyCollection().add(rsa: try Insecure.RSA.PrivateKey(pem: rsaPEM), digestAlgorithm: .sha256)
        return TestSigner(algorithm: try await collection.getKey(), name: "RS256")
    }

    /// - Parameter header: the members of the header after `alg`.
    func token(_ payload: String, header: String = "", algorithm name: String? = nil) throws -> String {
        let head = Self.encode(Array("{\"alg\":\"\(name ?? self.name)\"\(header)}".utf8))
        let signed = head + "." + Self.encode(Array(payload.utf8))
        return signed + "." + Self.encode(try algorithm.sign(Array(signed.utf8)))
    }

    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// JWK sets as an identity provider publishes them.
enum TestJWKS {
    static func set(_ keys: String...) -> [UInt8] { Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8) }

    static func ecdsa(_ key: ES256PrivateKey, id: String, more: String = "") throws -> String {
        guard let (x, y) = key.publicKey.parameters, let xBytes = Data(base64Encoded: x), let yBytes = Data(base64Encoded: y) else { return "" }
        return
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"\(id)\",\"x\":\"\(TestSigner.encode(Array(xBytes)))\",\"y\":\"\(TestSigner.encode(Array(yBytes)))\"\(more)}"
    }

    static func rsa(id: String, more: String = "") throws -> String {
        let (n, e) = try Insecure.RSA.PrivateKey(pem: rsaPEM).publicKey.getKeyPrimitives()
        return "{\"kty\":\"RSA\",\"kid\":\"\(id)\",\"n\":\"\(TestSigner.encode(Array(n)))\",\"e\":\"\(TestSigner.encode(Array(e)))\"\(more)}"
    }
}

/// Made for these tests; protects nothing.
let rsaPEM = """
    -----BEGIN PRIVATE KEY-----
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCtUeNA/LNY5N5O
    CR1YykTDz1wZDPLMU2eg8qDbb3FeZGIuAPFlVhXVKgoMO3buxoN8V6kaCdzshtz0
    GXS+XQnTjIpj0qHxXu4V7GE7jVV1w9MmScl4oHYVaSd3uFWn0iy8Lh0Rl0tFyDxY
    X/EaaRs9+yyNiw902qilTItnrsZz4q7QxxqN537Bg5EAcvcsIus4tb/u1HToKVjy
    8F9EkIPAIX1rrI/k8+J+mnGT0+nT/kS2RQJuPCXzx/lfUhwpijKJ4LPaDTjdlenb
    P8QiTpp09g871Qp8TfFIIyoL32EGgYmBmzc9+7DI1e1hFmJTR2kD6uaZL/RSRFQ+
    FGT/7fOxAgMBAAECggEAFq+mhZneFtdkQsYeJYJaRGAWv7+qYzTSlmZTyE06w15z
    3G4qqrc9Jdj6FjZNX70ztjmaLIqYdIxFjRzs40L1148oiR7nrBqfItb9NiiOhFrk
    vzj+yk+EjVJlhF3oNk6EJQCLNQN+6owmW/H48tpJotAG+aL3W7YIR5SwlZpypvXQ
    faU2B6rupB94xi886KMalDmshX/nbzVwuXoQHQBrL68kQ5ZRKefJuM73eAaBD8O7
    vOexTgjpqsrujTzGyhkR86fs3BS6ifUS5iXPJsn+2QOIEHnSUZrCIPRSMiboE8ik
    xtU7cU6QlezC57AOovQ5OVxidVuJsYHYZTYtHO2NfQKBgQDY+zBVzV5i42Kw/Vcg
    DrLfiywDCgyTgq1PHGHQTDeLhhzLOaK9cOzw+zVLP4dpmXGHL8JNc+3SbfHMItwr
    JYxyjeG1JIT0+mXngBORNN/nQiOIvgRkS9C71DU8UGZmKPzMU6u4x7z5ZXBwQSzF
    KcgXXNgHWYL6Reqez0BfQoYMjQKBgQDMfLur6z/Xvfv2YdhAMhTFpiyZJOaH9heU
    6oF4PD8mYCmod6EvcdAO+QmocdRGrvzvSMwotZI8OWnWLejyo2inOvnLW1Jsy+oG
    Pnj0FTOAowr0uyF2ZAaIDyTXs5sdB57KQFdDtwa6DzyMoxSszpH1P71Hz6NWAgI6
    JIZRE0BktQKBgQDKbvd2ZYbUrZ4K0CDz2KLLalVidIKtMLKuZyVep2z+7913QMtz
    AKMeZNAg5yFXxP+lB0q45hqQQ2Deeft9CagRzAsy6+JbiC2AoP4gb/shD5SFY/pG
    9HDGfEI6hiwyzbSkkL9aQoctCpWvNS8mt0dlfIpTuRA4nPg6t9MvzKmxlQKBgQCh
    S2oFC4TKOfM6vqcCy/4SgScAjVjBud2T+v2wx2TQcl2pouMjN1Tz2oBBu7fDIVgl
    rnhLTB1TH75Z0NDEQxzTe/N48kmrw5SO5Ewny2laeEC2Fb0pU3DLdZaMBgG9/jrE
    Mcgjg4Ts0gPisugl/rKmjmZQ9HlT6DW1gwXngZXzWQKBgANLePkpGJJ91fjA9v7b
    m01DMkUqRCFPmrdUh6URzrBE8kwgqiGFLvTpwDx82o59Zk87ggjDxEODdCt9MkYv
    6wrnMPWqUeZXcelnysvkAbks7kE3tvGBmgDlP6OA1z3eTi7BtC8AlGCLL5wJ+BMG
    pHvjgAZYU5QFChjxIpDE9TrL
    -----END PRIVATE KEY-----
    """
