package import SaleCore

/// Reads who is asking from header values, before anything is proven.
package enum Credentials {
    /// The token of an `Authorization` header.
    ///
    /// - Parameter values: every `Authorization` value of the request.
    package static func bearerToken(in values: some Collection<String>) throws(AuthFailure) -> String {
        guard let value = values.first else { throw .missingCredentials }
        guard values.count == 1 else { throw .malformedCredentials }
        return try bearerToken(in: value)
    }

    package static func bearerToken(in value: String) throws(AuthFailure) -> String {
        let bytes = value.utf8
        let scheme = "bearer".utf8
        guard
            bytes.count > scheme.count, zip(bytes, scheme).allSatisfy({ $0 | 0x20 == $1 }),
            bytes[bytes.index(bytes.startIndex, offsetBy: scheme.count)] == UInt8(ascii: " ")
        else { throw .malformedCredentials }
        let token = bytes.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
        guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformedCredentials }
        return String(Substring(token))
    }

    /// The user that a trusted gateway names.
    ///
    /// - Parameter values: every `X-User-Id` value of the request. Two are a sign that a client's
    ///   own header was not removed.
    package static func trustedUser(in values: some Collection<String>) throws(AuthFailure) -> UserID {
        guard let value = values.first else { throw .missingCredentials }
        guard values.count == 1, let user = UserID(value) else { throw .malformedCredentials }
        return user
    }
}
