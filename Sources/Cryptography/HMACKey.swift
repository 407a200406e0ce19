import CCrypto

/// A shared secret, for codes by HMAC-SHA-256 (RFC 2104).
package final class HMACKey: Sendable {
    package static let codeByteCount = 32

    private let start: CodeContext

    package init(_ secret: [UInt8]) {
        start = CodeContext(secret: secret)
    }

    /// The 32 bytes that prove `message`.
    package func code(of message: Span<UInt8>) -> [UInt8] {
        ErrorQueue.emptied { start.copy().finish(with: message) }
    }

    /// Takes as long for a wrong code as for the right one.
    package func isValid(_ code: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        let right = self.code(of: message)
        return ConstantTime.areEqual(code, right.span)
    }
}

package enum ConstantTime {
    /// Compares without telling by its time where two texts of one length differ. The length is no
    /// secret.
    package static func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0 }
        }
    }
}

/// The one owner of an `EVP_MAC_CTX`.
@safe
private struct CodeContext: ~Copyable, Sendable {
    /// Only `finish` changes it, and that consumes its owner.
    private nonisolated(unsafe) let context: OpaquePointer

    init(secret: [UInt8]) {
        // A key is filled up with zeros: one zero is the key of no bytes, and has an address.
        let secret = secret.isEmpty ? [0] : secret
        unsafe context = ErrorQueue.emptied {
            guard let algorithm = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil) else {
                fatalError("libcrypto has no HMAC: its configuration leaves out the default provider")
            }
            // "EVP_MAC_CTX_new: the reference count of the EVP_MAC is incremented."
            defer { unsafe EVP_MAC_free(algorithm) }
            var digest = Array("SHA256".utf8CString)
            let context = unsafe EVP_MAC_CTX_new(algorithm)
            let isReady = unsafe digest.withUnsafeMutableBufferPointer { digest in
                let parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return unsafe EVP_MAC_init(context, secret, secret.count, parameters)
            }
            guard isReady == 1, let context = unsafe context else { fatalError("libcrypto has no memory for a key") }
            return unsafe context
        }
    }

    private init(owning context: OpaquePointer) {
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    func copy() -> CodeContext {
        guard let copy = unsafe EVP_MAC_CTX_dup(context) else { fatalError("libcrypto has no memory for a code") }
        return unsafe CodeContext(owning: copy)
    }

    consuming func finish(with message: Span<UInt8>) -> [UInt8] {
        let isTaken = unsafe message.withUnsafeBufferPointer { unsafe EVP_MAC_update(context, $0.baseAddress, $0.count) }
        let code = unsafe [UInt8](unsafeUninitializedCapacity: HMACKey.codeByteCount) { code, count in
            guard unsafe EVP_MAC_final(context, code.baseAddress, &count, code.count) == 1 else { fatalError("libcrypto could not make a code") }
        }
        precondition(isTaken == 1, "libcrypto could not make a code")
        return code
    }
}
