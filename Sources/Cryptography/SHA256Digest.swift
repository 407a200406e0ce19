import CCrypto

/// SHA-256 (FIPS 180-4) of a message.
package struct SHA256Digest: Hashable, Sendable {
    package static let byteCount = 32

    /// The 32 bytes, in the order of memory.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(of message: Span<UInt8>) {
        words = ErrorQueue.emptied {
            var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            let isDone = unsafe message.withUnsafeBufferPointer { message in
                unsafe withUnsafeMutableBytes(of: &words) { digest in
                    // "EVP_Digest: wrapper around the Digest Init_ex, Update and Final_ex
                    // functions."
                    unsafe EVP_Digest(
                        message.baseAddress, message.count, digest.bindMemory(to: UInt8.self).baseAddress, nil, DigestAlgorithm.sha256, nil)
                }
            }
            // Nothing but a lack of memory makes it fail, and without a digest nobody can be told
            // from anybody.
            precondition(isDone == 1, "libcrypto could not hash")
            return words
        }
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for word in [words.0, words.1, words.2, words.3] {
            // `words` stand as they do in memory: the first byte is the lowest one on a
            // little-endian machine.
            for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word.littleEndian >> (8 * UInt64(index)))) }
        }
        return bytes
    }

    package static func == (a: Self, b: Self) -> Bool { a.words == b.words }
    /// One word of a digest is as good as all of them.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

enum DigestAlgorithm {
    /// Fetched once: a search among the providers takes longer than the hash of a token
    /// (https://docs.openssl.org/3.0/man7/crypto/#performance). Never freed, and constant: any
    /// thread may use it.
    @safe nonisolated(unsafe) static let sha256: OpaquePointer = {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("libcrypto has no SHA-256: its configuration leaves out the default provider")
        }
        return unsafe algorithm
    }()
}
