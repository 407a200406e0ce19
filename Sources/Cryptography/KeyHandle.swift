import CCrypto

/// The one owner of an `EVP_PKEY`. Nothing changes one once it is made, and what libcrypto
/// remembers in it stands under its own lock, so any thread may use it.
@safe
struct KeyHandle: ~Copyable, Sendable {
    private nonisolated(unsafe) let key: OpaquePointer

    init(owning key: OpaquePointer) {
        unsafe self.key = key
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// A public key of `type`, such as `RSA`, from its numbers.
    ///
    /// - Returns: `nil` when it is none, such as a point that is not on the curve.
    static func publicKey(_ type: String, _ parameters: borrowing KeyParameters) -> KeyHandle? {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_fromdata_init(context) == 1 else { return nil }
        var key: OpaquePointer?
        let isMade = unsafe parameters.withPointer { parameters in
            unsafe EVP_PKEY_fromdata(context, &key, crypto_public_key, parameters) == 1
        }
        guard isMade, let key = unsafe key else { return nil }
        return unsafe KeyHandle(owning: key)
    }

    static func newEd25519() -> KeyHandle? {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "ED25519", nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key else { return nil }
        return unsafe KeyHandle(owning: key)
    }

    static func ed25519(seed: Span<UInt8>) -> KeyHandle? {
        let key = unsafe seed.withUnsafeBufferPointer { unsafe EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count) }
        guard let key = unsafe key else { return nil }
        return unsafe KeyHandle(owning: key)
    }

    var bits: Int { Int(unsafe EVP_PKEY_get_bits(key)) }

    /// The 32 bytes of an Ed25519 key's public half.
    var rawPublicKey: [UInt8]? {
        var count = 32
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == bytes.count else { return nil }
        return bytes
    }

    /// - Parameter digest: `nil` for what hashes by itself.
    func verifies(_ signature: Span<UInt8>, of message: Span<UInt8>, digest: String?) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit_ex(context, nil, digest, nil, nil, key, nil) == 1 else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                // "Returns 1 for success; any other value indicates failure", also a negative one.
                unsafe EVP_DigestVerify(context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
            }
        }
    }

    func sign(_ message: Span<UInt8>, signatureBytes: Int) -> [UInt8]? {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(context) }
        var count = signatureBytes
        var signature = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil) == 1 else { return nil }
        let isSigned = unsafe message.withUnsafeBufferPointer { unsafe EVP_DigestSign(context, &signature, &count, $0.baseAddress, $0.count) == 1 }
        return isSigned && count == signatureBytes ? signature : nil
    }
}
