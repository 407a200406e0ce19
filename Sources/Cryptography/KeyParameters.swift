import CCrypto

/// What a key is made from, in libcrypto's form
/// (https://docs.openssl.org/3.0/man3/EVP_PKEY_fromdata/).
struct KeyParameters {
    private enum Form {
        case text, octets, number
    }

    /// Names and values, one after the other, so that all of them have addresses at once. Names and
    /// texts end with a zero.
    private var bytes: [UInt8] = []
    private var entries: [(name: Int, value: Range<Int>, form: Form)] = []

    private init() {}

    /// The modulus and the exponent, big-endian.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) -> KeyParameters {
        var parameters = KeyParameters()
        parameters.add(OSSL_PKEY_PARAM_RSA_N, native(modulus), .number)
        parameters.add(OSSL_PKEY_PARAM_RSA_E, native(exponent), .number)
        return parameters
    }

    /// The coordinates, big-endian.
    static func p256(x: [UInt8], y: [UInt8]) -> KeyParameters {
        var parameters = KeyParameters()
        parameters.add(OSSL_PKEY_PARAM_GROUP_NAME, Array("P-256".utf8) + [0], .text)
        // SEC 1, section 2.3.3: the form without compression.
        parameters.add(OSSL_PKEY_PARAM_PUB_KEY, [4] + x + y, .octets)
        return parameters
    }

    static func ed25519(_ publicKey: [UInt8]) -> KeyParameters {
        var parameters = KeyParameters()
        parameters.add(OSSL_PKEY_PARAM_PUB_KEY, publicKey, .octets)
        return parameters
    }

    /// - Parameter body: gets what ends with libcrypto's own end of a list, and must not keep it.
    func withPointer<Value>(_ body: (UnsafeMutablePointer<OSSL_PARAM>) -> Value) -> Value {
        var bytes = bytes
        return unsafe bytes.withUnsafeMutableBytes { bytes in
            let bytes = unsafe bytes.bindMemory(to: CChar.self)
            var parameters: [OSSL_PARAM] = unsafe entries.compactMap { entry in
                guard let start = bytes.baseAddress else { return nil }
                let (name, value) = unsafe (start + entry.name, start + entry.value.lowerBound)
                return switch entry.form {
                case .text: unsafe OSSL_PARAM_construct_utf8_string(name, value, 0)
                case .octets: unsafe OSSL_PARAM_construct_octet_string(name, value, entry.value.count)
                case .number:
                    unsafe OSSL_PARAM_construct_BN(name, UnsafeMutableRawPointer(value).assumingMemoryBound(to: UInt8.self), entry.value.count)
                }
            }
            unsafe parameters.append(OSSL_PARAM_construct_end())
            return unsafe parameters.withUnsafeMutableBufferPointer { parameters in
                // It holds at least the end.
                guard let first = parameters.baseAddress else { fatalError("a list with an end has a beginning") }
                return unsafe body(first)
            }
        }
    }

    private mutating func add(_ name: String, _ value: [UInt8], _ form: Form) {
        let start = bytes.count
        bytes += Array(name.utf8) + [0]
        entries.append((start, bytes.count..<bytes.count + value.count, form))
        bytes += value
    }

    /// "BN parameters are stored in native order."
    private static func native(_ bigEndian: [UInt8]) -> [UInt8] {
        #if _endian(little)
        Array(bigEndian.reversed())
        #else
        bigEndian
        #endif
    }
}
