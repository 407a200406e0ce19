/// A key that proves signatures of one algorithm.
package final class PublicKey: Sendable {
    /// NIST SP 800-131A, section 3: smaller ones are not to be trusted any more.
    package static let rsaBitsMin = 2_048
    /// A larger one makes every check expensive.
    package static let rsaBitsMax = 8_192
    /// As BoringSSL does: whoever publishes a larger one wants slow checks.
    private static let exponentMax: UInt64 = 1 << 33 - 1

    package let algorithm: SignatureAlgorithm
    private let handle: KeyHandle

    private init(_ algorithm: SignatureAlgorithm, _ handle: consuming KeyHandle) {
        self.algorithm = algorithm
        self.handle = handle
    }

    /// A key for RS256 from its modulus and exponent, big-endian.
    ///
    /// - Returns: `nil` for a modulus of fewer than 2,048 or more than 8,192 bits, and for numbers
    ///   that no such key has.
    package static func rsa(modulus: [UInt8], exponent: [UInt8]) -> PublicKey? {
        guard let last = modulus.last, last & 1 == 1, modulus.count <= rsaBitsMax / 8 + 1, exponent.count <= 8 else { return nil }
        let e = exponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard e & 1 == 1, (3...exponentMax).contains(e) else { return nil }
        guard let key = made(.rs256, "RSA", .rsa(modulus: modulus, exponent: exponent)) else { return nil }
        return (rsaBitsMin...rsaBitsMax).contains(key.handle.bits) ? key : nil
    }

    /// A key for ES256 from the coordinates of its point.
    ///
    /// - Returns: `nil` unless each has its 32 bytes (RFC 7518, section 6.2.1.2) and the point is
    ///   on P-256.
    package static func p256(x: [UInt8], y: [UInt8]) -> PublicKey? {
        guard x.count == 32, y.count == 32 else { return nil }
        return made(.es256, "EC", .p256(x: x, y: y))
    }

    /// A key for Ed25519 from its 32 bytes (RFC 8032, section 5.1.5).
    package static func ed25519(_ bytes: [UInt8]) -> PublicKey? {
        guard bytes.count == 32 else { return nil }
        return made(.edDSA, "ED25519", .ed25519(bytes))
    }

    /// Whether `signature`, in the form that JOSE gives it, is this key's of `message`.
    package func isValid(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        ErrorQueue.emptied {
            switch algorithm {
            case .rs256: return handle.verifies(signature, of: message, digest: "SHA256")
            case .edDSA: return handle.verifies(signature, of: message, digest: nil)
            case .es256:
                guard let der = ECDSASignature.der(raw: signature) else { return false }
                return handle.verifies(der.span, of: message, digest: "SHA256")
            }
        }
    }

    private static func made(_ algorithm: SignatureAlgorithm, _ type: String, _ parameters: KeyParameters) -> PublicKey? {
        ErrorQueue.emptied {
            guard let handle = KeyHandle.publicKey(type, parameters) else { return nil }
            return PublicKey(algorithm, handle)
        }
    }
}
