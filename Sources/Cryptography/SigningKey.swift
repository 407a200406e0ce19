/// A private key of Ed25519 (RFC 8032).
package final class SigningKey: Sendable {
    package static let seedByteCount = 32
    package static let signatureByteCount = 64

    private let handle: KeyHandle
    /// The 32 bytes that prove what this key signs: see `PublicKey.ed25519`.
    package let publicKey: [UInt8]

    /// A new key.
    package convenience init() {
        self.init { KeyHandle.newEd25519() }
    }

    /// The key of a seed that was kept.
    ///
    /// - Parameter seed: 32 bytes.
    package convenience init(seed: [UInt8]) {
        precondition(seed.count == Self.seedByteCount, "a seed of Ed25519 has 32 bytes")
        self.init { KeyHandle.ed25519(seed: seed.span) }
    }

    private init(_ make: () -> KeyHandle?) {
        guard let handle = ErrorQueue.emptied(make), let publicKey = ErrorQueue.emptied({ handle.rawPublicKey }) else {
            fatalError("libcrypto has no Ed25519, or no memory for a key")
        }
        self.publicKey = publicKey
        self.handle = handle
    }

    package func signature(of message: Span<UInt8>) -> [UInt8] {
        let signature = ErrorQueue.emptied { handle.sign(message, signatureBytes: Self.signatureByteCount) }
        guard let signature else { fatalError("libcrypto has no memory for a signature") }
        return signature
    }
}
