import CCrypto

/// A signature of ECDSA, from the form of JOSE (RFC 7518, section 3.4) to the one of libcrypto.
enum ECDSASignature {
    /// r and s of P-256.
    static let rawByteCount = 64

    /// The DER form (RFC 3279, section 2.2.3) of r and s, 32 bytes each.
    ///
    /// - Returns: `nil` for any other length; whether the numbers are fit is for the check to find.
    static func der(raw: Span<UInt8>) -> [UInt8]? {
        guard raw.count == rawByteCount, let signature = unsafe ECDSA_SIG_new() else { return nil }
        // "Calling ECDSA_SIG_free() frees r and s as well."
        defer { unsafe ECDSA_SIG_free(signature) }
        let isFilled = unsafe raw.withUnsafeBufferPointer { raw in
            let half = Int32(rawByteCount / 2)
            let (r, s) = unsafe (BN_bin2bn(raw.baseAddress, half, nil), BN_bin2bn(raw.baseAddress.map { unsafe $0 + Int(half) }, half, nil))
            // "Calling this function transfers the memory management of the values"; it takes
            // neither when one is missing.
            if unsafe ECDSA_SIG_set0(signature, r, s) == 1 { return true }
            unsafe BN_free(r)
            unsafe BN_free(s)
            return false
        }
        guard isFilled else { return nil }
        let count = unsafe i2d_ECDSA_SIG(signature, nil)
        guard count > 0 else { return nil }
        var der = [UInt8](repeating: 0, count: Int(count))
        let written = unsafe der.withUnsafeMutableBufferPointer { der in
            // "The pointer is incremented to point after the data just written": a copy of it,
            // therefore.
            var position = der.baseAddress
            return unsafe i2d_ECDSA_SIG(signature, &position)
        }
        return written == count ? der : nil
    }
}
